"""The files of an export: in a folder, in a ZIP archive, or one file that may be compressed. They are streamed and never unpacked to disk.

Names of files inside an export can be content (a channel, a mailbox), so messages give their numbers.
"""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from os import fspath
from pathlib import Path, PurePosixPath
from typing import IO, Any
from zipfile import ZipFile, ZipInfo

from tienet.base.errors import ArgumentError, DataError, InputNotFound, file_name
from tienet.base.paths import PathSpec, is_path
from tienet.network.reading.files.kinds import BZIP2, GZIP, XZ, ZIP, ZSTD, kind_of_bytes
from tienet.network.reading.files.packed import DAMAGED, opener_of, reading

__all__ = ["Export", "ExportFile", "open_export"]

MOST_FILES = 1_000_000
MOST_BYTES = 1 << 38  # 256 GiB unpacked, all files together
RATIO = 500  # no text packs to less than 1/500 of its size without being made so; small files may
SMALL = 1 << 26
_TITLES = {"mail": "mail", "calendar": "calendar", "attendance": "attendance", "hubspot": "HubSpot", "xes": "XES", "ocel": "OCEL"}
_PACKED = (".gz", ".bz2", ".xz", ".zst")
_PACKINGS = (GZIP, BZIP2, XZ, ZSTD)
STRETCH = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class ExportFile:
    """A file of an export.

    Parameters
    ----------
    number
        Its place among the files in the order of their names, from 1; messages name it by this number.
    name
        Its path inside the export, with slashes. It can be content and is never shown.
    size
        Its size in bytes, unpacked; for one compressed file, the compressed size.
    opener
        A function that opens it.
    """

    number: int
    name: str
    size: int
    opener: Callable[[], IO[bytes]]

    @property
    def suffix(self) -> str:
        """The ending of its name in lower case, without that of a compression."""
        name = self.name.rpartition("/")[2].lower()
        stem, ending = os.path.splitext(name)  # noqa: PTH122 - paths take longer, and there may be many files
        return os.path.splitext(stem)[1] if ending in _PACKED else ending  # noqa: PTH122

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open it as a stream of bytes; damage found while it is read is told in one line."""
        try:
            with self._opened() as stream:
                yield stream
        except _BombError:
            raise DataError(
                f"file {self.number:,} of the export unpacks to far more than its size, as if made to fill disks; unpack it yourself if "
                "you trust it"
            ) from None
        except DAMAGED:
            raise DataError(f"file {self.number:,} of the export is damaged or ends too early; export it again") from None
        except OSError as problem:
            reason = problem.strerror or "its data are damaged"
            raise DataError(f"cannot read file {self.number:,} of the export: {reason}") from None

    def _opened(self) -> IO[bytes]:
        # How a file is packed is looked at when it is opened; later errors of these types are not about that.
        try:
            return self.opener()
        except (NotImplementedError, RuntimeError):
            raise DataError(f"file {self.number:,} of the export is packed in a way that is not supported; unpack the export") from None

    def head(self, size: int = 1 << 16) -> bytes:
        """Its first bytes."""
        with self.open() as stream:
            return stream.read(size)


@dataclass(frozen=True, slots=True, eq=False)
class Export:
    """The files of an export, by name, and the kind that it is read as."""

    kind: str
    files: tuple[ExportFile, ...]

    @property
    def where(self) -> str:
        """What messages call it."""
        return f"the {titled(self.kind)} export"

    def find(self, pattern: str) -> tuple[ExportFile, ...]:
        """The files whose whole name inside the export matches a regular expression, whatever the case."""
        matches = re.compile(pattern, re.IGNORECASE | re.DOTALL).fullmatch
        return tuple(file for file in self.files if matches(file.name))

    def pages_and_tables(self, is_table: Callable[[ExportFile], bool]) -> tuple[tuple[ExportFile, ...], tuple[ExportFile, ...]]:
        """The files of JSON, by their endings, and the tables; the only file of an export may be JSON without an ending."""
        tables = tuple(file for file in self.files if file.suffix in (".csv", ".tsv", ".txt") and is_table(file))
        pages = self.find(r".*\.(json|jsonl|ndjson)(\.\w+)?")
        if not tables and not pages and len(self.files) == 1 and not self.files[0].suffix:
            pages = self.files
        return pages, tables


def open_export(path: PathSpec, *, kind: str, hidden: bool = False) -> Export:
    """Open an export: a folder, a ZIP archive, or one file, which may be compressed.

    Parameters
    ----------
    path
        Its path. Hidden files are passed over, and so are empty ones.
    kind
        The kind of reader, for messages.
    hidden
        Whether hidden files and folders belong to the export, such as ``.Sent`` in a maildir. Those that macOS adds never do.

    Raises
    ------
    InputNotFound
        There is no such file or folder.
    DataError
        The archive is damaged, has a password, or holds what no export holds: files outside of it, links, a name twice, files that
        unpack to far more than their size, or too many files.

    Examples
    --------
    >>> export = open_export("data/samples", kind="table")
    >>> [file.suffix for file in export.find("people.*")]
    ['.csv']
    """
    if not is_path(path):
        raise ArgumentError(f"the path of {a_titled(kind)} export must be a string; got a {type(path).__name__}")
    place = Path(fspath(path))
    try:
        if place.is_dir():
            found = list(_in_folder(place, hidden))
        elif place.is_file():
            found = list(_in_file(place, hidden))
        else:
            raise InputNotFound.path(place)
    except PermissionError:
        raise DataError(f"cannot read {file_name(place)!r}: permission denied; change its permissions, or copy it") from None
    except (OSError, ValueError) as problem:
        if isinstance(problem, DataError | InputNotFound):
            raise
        raise InputNotFound.path(place) from None
    if not found:
        raise DataError(f"{file_name(place)!r} holds no file with content; pass the folder or archive that the system wrote")
    if len(found) > MOST_FILES:
        raise DataError(f"{file_name(place)!r} holds more than {MOST_FILES:,} files; pass a part of it")
    ordered = sorted(found, key=lambda one: one[0])
    return Export(kind, tuple(ExportFile(at, name, size, opener) for at, (name, size, opener) in enumerate(ordered, 1)))


def titled(kind: str) -> str:
    """The name of a system for messages: "Slack", "XES", "mail"."""
    return _TITLES.get(kind, kind.capitalize())


def a_titled(kind: str) -> str:
    """The same with its article: "a Slack", "an XES"."""
    title = titled(kind)
    return f"{'an' if title[0].lower() in 'aeio' or title == 'XES' else 'a'} {title}"


def _is_passed_over(parts: Sequence[str], hidden: bool) -> bool:
    """Whether a file is one that computers put beside those of an export. A name that begins with "_" may be a channel or a mailbox."""
    if hidden:
        return any(part.startswith("._") or part in (".DS_Store", "__MACOSX") for part in parts)
    return any(part == "__MACOSX" or (part.startswith(".") and part != "..") for part in parts)


def _in_folder(place: Path, hidden: bool) -> Iterator[tuple[str, int, Callable[[], IO[bytes]]]]:
    folders = [(str(place), "")]
    while folders:
        folder, above = folders.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if _is_passed_over((entry.name,), hidden):
                    continue
                if entry.is_symlink():
                    raise DataError(
                        f"{file_name(place)!r} holds a link; an export holds its files themselves, so replace the link by what it means"
                    )
                inside = f"{above}{entry.name}"
                if entry.is_dir():
                    folders.append((entry.path, f"{inside}/"))
                elif entry.is_file() and (size := entry.stat().st_size):
                    yield inside, size, _opener(entry.path)


def _in_file(place: Path, hidden: bool) -> Iterator[tuple[str, int, Callable[[], IO[bytes]]]]:
    with place.open("rb") as handle:
        head = handle.read(1 << 10)
    # A file that begins as a ZIP and cannot be opened as one is a damaged archive, not another kind of file.
    if kind_of_bytes(head) is ZIP or head[:4] == b"PK\x03\x04":
        yield from _in_archive(place, hidden)
    elif size := place.stat().st_size:
        yield place.name, size, _opener(str(place))


def _opener(place: str) -> Callable[[], IO[bytes]]:
    return partial(_open_file, place)  # smaller than a function for each file; there may be many


def _open_file(place: str) -> IO[bytes]:
    handle = Path(place).open("rb")  # noqa: SIM115 - whoever opens it closes it
    head = handle.peek(1 << 10)
    kind = kind_of_bytes(head[: 1 << 10]) if head[:2] == b"\x1f\x8b" or place.lower().endswith(_PACKED) else None
    if kind not in _PACKINGS:
        return handle
    handle.close()
    return _limited(opener_of(place, kind), Path(place).stat().st_size)


def _in_archive(place: Path, hidden: bool) -> Iterator[tuple[str, int, Callable[[], IO[bytes]]]]:
    shown = repr(file_name(place))
    with reading(str(place), ZIP):
        archive = ZipFile(place)
    seen: set[str] = set()
    whole = 0
    if len(archive.infolist()) > MOST_FILES:
        raise DataError(f"{shown} holds more than {MOST_FILES:,} files; pass a part of it")
    for info in archive.infolist():
        name = info.filename.replace("\\", "/")
        if name.startswith("/") or re.match("[a-zA-Z]:", name) or ".." in PurePosixPath(name).parts:
            raise DataError(f"{shown} holds a file that would lie outside of it; it was not written by the system, so export it again")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise DataError(f"{shown} holds a link; an export holds its files themselves, so export it again")
        if info.flag_bits & 1:
            raise DataError(f"{shown} has a password; unpack it, and pass the folder")
        if info.is_dir() or _is_passed_over(PurePosixPath(name).parts, hidden) or not info.file_size:
            continue
        if name in seen:
            raise DataError(f"{shown} holds two files of one name; one of them is not of the export, so export it again")
        seen.add(name)
        whole += info.file_size
        # Parts of an archive may overlap, so that the sum of their packed sizes says nothing.
        packed = min(info.compress_size, place.stat().st_size)
        if _is_bomb(info.file_size, packed) or _is_bomb(whole, place.stat().st_size) or whole > MOST_BYTES:
            raise DataError(f"{shown} unpacks to far more than its size, as if made to fill disks; unpack it yourself if you trust it")
        yield name, info.file_size, _packed_member(archive, info) if name.lower().endswith(_PACKED) else _member(archive, info)


def _member(archive: ZipFile, info: ZipInfo) -> Callable[[], IO[bytes]]:
    return partial(archive.open, info)


def _packed_member(archive: ZipFile, info: ZipInfo) -> Callable[[], IO[bytes]]:
    """The opener of a compressed file in an archive, which is unpacked while it is read."""

    def open_it() -> IO[bytes]:
        with archive.open(info) as stream:
            kind = kind_of_bytes(stream.read(1 << 10))
        if kind not in _PACKINGS:
            return archive.open(info)
        return _limited(opener_of(archive.open(info), kind), info.file_size)

    return open_it


def _is_bomb(unpacked: int, packed: int) -> bool:
    return unpacked > SMALL and unpacked > RATIO * max(packed, 1)


def _limited(stream: IO[bytes], packed: int) -> IO[bytes]:
    """A stream that stops if it unpacks to far more than its packed size."""
    return io.BufferedReader(_Limited(stream, packed), STRETCH)


class _BombError(Exception):
    """A compressed file unpacks to far more than its size."""


class _Limited(io.RawIOBase):
    def __init__(self, stream: IO[bytes], packed: int) -> None:
        self._stream, self._packed, self._unpacked = stream, packed, 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, into: Any) -> int:
        """Fill a buffer."""
        piece = self._stream.read(len(into))
        into[: len(piece)] = piece
        self._unpacked += len(piece)
        if _is_bomb(self._unpacked, self._packed):
            raise _BombError
        return len(piece)

    def close(self) -> None:
        """Close it and what it reads."""
        self._stream.close()
        super().close()
