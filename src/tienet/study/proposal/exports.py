"""Find the exports among files and in folders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tienet.base.errors import InputNotFound
from tienet.base.paths import PathSpec
from tienet.network.sources.exports.files import open_export
from tienet.network.sources.exports.recognition import recognise
from tienet.study.proposal.looking import set_aside

DEEPEST = 3  # folders within folders that are looked into
ALIKE = 40  # files of a folder that are looked at
# Kinds whose export is a folder of files with names that the system gives.
STRUCTURED = ("slack", "salesforce")
_OBJECT = re.compile(r"[A-Z]\w*\.csv")  # of Salesforce: Task.csv, EventRelation.csv
_MAILDIR = re.compile(r"(?:.*/)?(?:cur|new|tmp)/[^/]*")


@dataclass(frozen=True, slots=True)
class SeenExport:
    """An export that was recognised: a file, an archive or a folder, and the kind of its reader."""

    path: Path
    kind: str

    @property
    def named(self) -> str:
        """The export in words."""
        return f"{self.path.name or 'this folder'} ({self.kind})"

    def holds(self, file: Path) -> bool:
        """Whether a file is the export or a part of it; the tables of a study may lie beside the files of an export."""
        if file == self.path or self.path not in file.parents:
            return file == self.path
        own = file.suffix.lower() == ".json" or (self.kind == "salesforce" and bool(_OBJECT.fullmatch(file.name)))
        return own or file.parent != self.path or self.kind not in STRUCTURED


def find_exports(paths: Sequence[PathSpec]) -> list[SeenExport]:
    """The exports among files, and in folders and theirs.

    Raises
    ------
    InputNotFound
        A path does not exist.
    """
    found: list[SeenExport] = []
    for path in map(Path, paths):
        if not path.exists():
            raise InputNotFound.path(path)
        found += _in(path, DEEPEST)
    return sorted(set(found), key=lambda one: (one.kind, str(one.path)))


def _in(path: Path, deepest: int) -> Iterator[SeenExport]:
    if path.is_file():
        kind = recognise(path)
        if kind:
            yield SeenExport(path, kind)
        return
    kind = _of_folder(path)
    if kind:
        yield SeenExport(path, kind)
        return
    for inside in sorted(path.iterdir()) if deepest else ():
        if not set_aside(inside, path) and not inside.is_symlink():
            yield from _in(inside, deepest - 1)


def _of_folder(folder: Path) -> str | None:
    """The kind of a folder that is one export: by the names that the system gives, or because all of its files are of one kind."""
    kind = recognise(folder)
    if kind is None:
        return None
    names = [file.name for file in open_export(folder, kind=kind).files]
    if kind in STRUCTURED or (kind == "mail" and all(map(_MAILDIR.fullmatch, names))):
        return kind
    kinds = {name: recognise(folder / name) for name in names[:ALIKE]}
    # JSON that no reader knows by itself may be a part, such as a list of owners.
    alike = all(one == kind or (one is None and name.lower().endswith(".json")) for name, one in kinds.items())
    return kind if alike and len(names) > 1 else None
