"""Unpack compressed files and ZIP archives into the private scratch folder, in pieces and within limits."""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import re
import shutil
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from tienet.base.errors import DataError
from tienet.network.reading.files.finding import is_set_aside
from tienet.network.reading.files.job import lacks_room
from tienet.network.reading.files.kinds import BZIP2, GZIP, HEAD, XZ, ZIP, ZSTD, Kind, kind_of_bytes

STRETCH = 1 << 20
# What unpacks to more than this, and to more than this many times its size, was made to fill disks.
BOMB = 1 << 30
BOMB_RATIO = 200
SPARE = 256 << 20  # bytes left free on the disk
DAMAGED = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, BadZipFile)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a ZIP archive: its name there, and its kind by its first bytes (None where it cannot be told without a password)."""

    info: ZipInfo
    kind: Kind

    @property
    def name(self) -> str:
        """Its name in the archive."""
        return self.info.filename


def unpacked(name: str, kind: Kind, folder: Path) -> str:
    """Unpack a compressed file into a folder and return the path of what was in it."""
    place = folder / safe_name(Path(name).stem if Path(name).suffix.lower() in (".gz", ".bz2", ".xz", ".zst", ".zstd") else Path(name).name)
    with reading(name, kind), opened(name, kind) as packed:
        _copy(packed, place, name, Path(name).stat().st_size)
    return str(place)


def copied(name: str, folder: Path) -> str:
    """Copy a file into a folder, under a name that says nothing of a compression, and return the path of the copy."""
    place = folder / safe_name(Path(name).stem)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(name, place)
    return str(place)


def first_bytes(name: str, kind: Kind) -> bytes:
    """The first bytes of what is in a compressed file."""
    with reading(name, kind), opened(name, kind) as packed:
        head: bytes = packed.read(HEAD)
        return head


def members(name: str) -> list[Member]:
    """The files in a ZIP archive, without hidden ones, each with its kind."""
    with reading(name, ZIP), ZipFile(name) as archive:
        found = []
        for info in archive.infolist():
            if info.is_dir() or is_set_aside(PurePosixPath(_slashed(info)).parts):
                continue
            if info.flag_bits & 1:
                raise DataError(f"cannot read {Path(name).name!r}: the ZIP has a password; unpack it, and pass the table in it")
            with archive.open(info) as packed:
                found.append(Member(info, kind_of_bytes(packed.read(HEAD))))
    return found


def extracted(name: str, member: Member, folder: Path) -> str:
    """Unpack one file of a ZIP archive into a folder, under a name that stays in it, and return its path."""
    # Folders such as channel=mail/ are columns.
    inside = [safe_name(part) for part in PurePosixPath(_slashed(member.info)).parent.parts if "=" in part]
    place = folder.joinpath(*inside, safe_name(PurePosixPath(_slashed(member.info)).name))
    place.parent.mkdir(parents=True, exist_ok=True)
    with reading(name, ZIP), ZipFile(name) as archive, archive.open(member.info) as packed:
        _copy(packed, place, name, max(member.info.compress_size, 1))
    return str(place)


def safe_name(name: str) -> str:
    """A name for a file of ours: the given one without what means other folders or is special to a file system."""
    return re.sub(r"[^\w.=%@+~ ()-]|^\.+", "_", name)[-100:].strip() or "table"


def _slashed(info: ZipInfo) -> str:
    """A name in an archive; some packers on Windows write its folders with backslashes."""
    return info.filename.replace("\\", "/")


@contextmanager
def reading(name: str, kind: Kind) -> Iterator[None]:
    """Say in one line why a packed file cannot be read."""
    shown = repr(Path(name).name)
    try:
        yield
    except DAMAGED:
        raise DataError(
            f"cannot read {shown}: its {kind.name} data end too early or are damaged; check that the file is complete and of the type "
            "its extension says"
        ) from None
    except (NotImplementedError, RuntimeError):
        raise DataError(
            f"cannot read {shown}: it is packed in a way that is not supported here; unpack it, and pass the table in it"
        ) from None
    except OSError as problem:
        raise _cannot_unpack(name, kind, problem) from None


def _cannot_unpack(name: str, kind: Kind, problem: OSError) -> DataError:
    shown = repr(Path(name).name)
    if lacks_room(problem):
        return DataError(f"cannot unpack {shown}: the disk with temporary files is full; set spill to a folder on a larger disk")
    if problem.errno:
        return DataError(f"cannot read {shown}: {problem.strerror}; check the file and its permissions")
    return DataError(  # bz2 and zstd say so without a number
        f"cannot read {shown}: its {kind.name} data are damaged; check that the file is complete and of the type its extension says"
    )


@contextmanager
def opened(name: str, kind: Kind) -> Iterator[IO[bytes]]:
    """Open a compressed file as the bytes that are in it."""
    with opener_of(name, kind) as handle:
        yield handle


def opener_of(name: str | IO[bytes], kind: Kind) -> Any:
    """A compressed file, or the stream of one, opened as the bytes that are in it."""
    if kind is GZIP:
        return gzip.open(name)
    if kind is BZIP2:
        return bz2.open(name)
    if kind is XZ:
        return lzma.open(name)
    if kind is not ZSTD:
        raise ValueError(f"{kind.name} is not a compression")
    if sys.version_info >= (3, 14):
        return import_module("compression.zstd").open(name)
    if find_spec("zstandard"):
        return import_module("zstandard").open(name, "rb")
    if find_spec("pyarrow"):
        return import_module("pyarrow").input_stream(name, compression="zstd")
    shown = repr(Path(name).name) if isinstance(name, str) else "a file of the archive"
    raise DataError(
        f"cannot read {shown}: to unpack zstd, this Python needs another package: install pyarrow or zstandard, or unpack it with zstd -d"
    )


def _copy(packed: IO[bytes], place: Path, name: str, size: int) -> None:
    """Copy in pieces; stop before the disk is full, or if a small file does not end."""
    written = 0
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as copy:
        while piece := packed.read(STRETCH):
            written += len(piece)
            if written > BOMB and written > BOMB_RATIO * size:
                raise DataError(
                    f"cannot read {Path(name).name!r}: it unpacks to more than {BOMB_RATIO} times its size, as if made to fill disks; "
                    "unpack it yourself if you trust it"
                )
            if written % (64 * STRETCH) < STRETCH and shutil.disk_usage(place.parent).free < SPARE:
                raise OSError(errno.ENOSPC, "no space left")
            copy.write(piece)
