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
from tienet.network.sources.register import readers
from tienet.study.proposal.looking import set_aside

DEEPEST = 3  # folders within folders that are looked into
ALIKE = 40  # files of a folder that are looked at


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
        """Whether a file is the export or a part of it; tables beside the files of an export are not part of it."""
        return file == self.path or (self.path in file.parents and (file.parent != self.path or file.suffix.lower() == ".json"))


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
    """The kind of a folder that is one export: a file of it has the name that the system gives, or all of its files are of one kind."""
    kind = recognise(folder)
    if kind is None:
        return None
    names = [file.name for file in open_export(folder, kind=kind).files]
    if any(re.fullmatch(pattern, name, re.IGNORECASE | re.DOTALL) for pattern in readers()[kind].names for name in names):
        return kind
    kinds = {recognise(folder / name) for name in names[:ALIKE]}
    return kind if kinds == {kind} and len(names) > 1 else None
