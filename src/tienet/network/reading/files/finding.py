"""Find the files that a path, a folder or a pattern means. A name is literal wherever a file of that name exists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from glob import escape, glob, has_magic
from os import scandir
from pathlib import Path
from typing import Literal

from tienet.base.errors import DataError, InputNotFound
from tienet.network.reading.files.connections import shown_place

# In folders and archives, what is text is told from what is a table by its ending.
_TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".tab", ".psv", ".dat", ".xls")
_PACKED_ENDINGS = (".gz", ".bz2", ".xz", ".zst", ".zstd")


@dataclass(frozen=True, slots=True)
class Found:
    """The files that a path means, in the order of their names, and how they were found.

    Parameters
    ----------
    files
        Absolute paths, without empty files.
    root
        The folder below which the names of folders may be columns.
    by
        Whether the path is a file, a folder or a pattern.
    """

    files: tuple[str, ...]
    root: Path
    by: Literal["file", "folder", "pattern"]

    def stated(self, name: str) -> tuple[str, ...]:
        """The parts of a file's path below the root that are written column=value."""
        return tuple(part for part in Path(name).relative_to(self.root).parent.parts if "=" in part)


def find_files(path: str) -> Found:
    """The files that a path means.

    Raises
    ------
    InputNotFound
        There is no such file.
    DataError
        The files are empty, or the folder may not be read.
    """
    if not path:
        raise InputNotFound("the path is empty; give the path of a file or folder")
    place = Path(path).absolute()
    if re.match("[a-zA-Z][a-zA-Z0-9+.-]+:/", path) and not Path(path.partition(":")[0] + ":").exists():
        raise InputNotFound(f"{shown_place(path)!r} is an address, and files are read from this computer only; download the file first")
    try:
        found = _found(path, place)
    except PermissionError:
        raise DataError(f"cannot read {shown_place(place)!r}: permission denied; change its permissions, or copy it") from None
    except (OSError, ValueError):  # a name that no file can have: too long, or with a NUL
        raise InputNotFound.path(shown_place(path)) from None
    if not found.files:
        raise InputNotFound.path(shown_place(path))
    sized = tuple(name for name in found.files if Path(name).stat().st_size > 0)
    if not sized:
        raise DataError.no_rows(shown_place(found.files[0] if len(found.files) == 1 else path), "the file is empty")
    return Found(sized, found.root, found.by)


def _found(path: str, place: Path) -> Found:
    if place.is_dir():
        with scandir(place):  # a folder without rights would look empty
            pass
        there = (inside for inside in sorted(place.rglob("*")) if not is_set_aside(inside.relative_to(place).parts))
        return Found(tuple(str(inside) for inside in there if inside.is_file()), place, "folder")
    if has_magic(path) and not place.exists():
        root = next(parent for parent in place.parents if parent.exists())
        pattern = str(Path(escape(str(root)), place.relative_to(root)))
        names = sorted(name for name in glob(pattern, recursive=True) if Path(name).is_file())  # noqa: PTH207 - patterns with **
        return Found(tuple(names), root, "pattern")
    if not place.is_file():
        return Found((), place.parent, "file")
    with place.open("rb") as handle:  # says so if it may not be read
        handle.read(1)
    return Found((str(place),), place.parent, "file")


def is_set_aside(parts: Iterable[str]) -> bool:
    """Whether a name marks a file as temporary or hidden, as in Hive, Spark, Arrow and macOS: _temporary/, ._copy, .hidden/."""
    return any(part.startswith((".", "_")) and "=" not in part and part != ".." for part in parts)


def is_named_as_text(name: str) -> bool:
    """Whether the name of a file in a folder is that of a table of text."""
    lowered = Path(name).name.lower()
    for ending in _PACKED_ENDINGS:
        lowered = lowered.removesuffix(ending)
    return lowered.endswith(_TEXT_ENDINGS) or lowered.startswith("part-")
