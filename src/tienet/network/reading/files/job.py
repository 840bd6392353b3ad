"""Run long work on files: progress, interrupts, errors in one line, and a check that files do not change."""

from __future__ import annotations

import errno
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any, TypeAlias, TypeVar

import duckdb

from tienet.base.errors import DataError

OnProgress: TypeAlias = Callable[[float, str], None]
T = TypeVar("T")
QUIET = 2.0  # seconds before anything is shown
TICK = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class FileJob:
    """Runs queries on files: shows progress, and checks that the files do not change.

    Parameters
    ----------
    stamps
        Size and modification time of each file when it was opened.
    progress
        None shows a line on stderr after two seconds if that is a terminal, True always, False never; a callable gets the share that
        is done, 0 to 1, and what is being done.
    """

    connection: duckdb.DuckDBPyConnection
    stamps: dict[str, tuple[int, int]]
    progress: bool | OnProgress | None = field(default=None, repr=False)

    def run(self, work: Callable[[], T], what: str) -> T:
        """Run work on the connection and return its result; DataError if files cannot be read, or memory or disk space run out."""
        self.refuse_changed()
        try:
            result = _aside(work, self.connection, _teller(self.progress, what))
        except duckdb.OutOfMemoryException:
            raise DataError(f"{what}: out of memory or disk space; {MORE_ROOM}") from None
        except duckdb.Error as problem:
            self.refuse_changed()
            if not self.stamps:  # a frame held in DuckDB
                raise DataError(f"{what}: the rows cannot be taken apart; check the columns of the people") from None
            raise unreadable(tuple(self.stamps), problem) from None
        self.refuse_changed()
        return result

    def refuse_changed(self) -> None:
        """Raise a DataError if a file has changed since it was opened."""
        for name, stamp in self.stamps.items():
            now = stamp_of(name)
            if now != stamp:
                happened = "is gone" if now is None else "has changed"
                raise DataError(f"{Path(name).name!r} {happened} since it was first read; do not change the files, and read the log again")


def stamp_of(name: str) -> tuple[int, int] | None:
    """Size and modification time of a file; None if it is gone."""
    try:
        found = Path(name).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


MORE_ROOM = "raise memory_limit, or set spill to a larger disk"
# What engines say, and what it means: a pattern of their sentence, the cause in our words, and what to do.
_CHECK = "check that the file is complete and of the type its extension says"
_CAUSES = (
    ("state machine", "its lines cannot be told apart", "its line ends may be mixed: save it again with one kind of line end"),
    ("maximum line size", "one of its lines is longer than 2 MB", "a quote may be left open; check the delimiter and the quotes"),
    ("gzip|end-of-stream marker|decompress|zlib|deflate|zstd", "its compressed data end too early or are damaged", _CHECK),
    ("permission denied", "permission denied", "change its permissions, or copy it"),
    ("no such file|cannot open file|does not exist", "it is gone, or cannot be opened", "check the file and its permissions"),
    ("too many open files", "too many files are open", "close other programs, or put the tables into one file"),
    ("encrypted|encryption", "it is encrypted Parquet", "write it without encryption"),
    ("utf-?8|unicode|encod", "it does not read as utf-8", "set encoding='cp1252' (or another), or save it as UTF-8"),
    ("parquet|magic bytes|thrift|snappy", "it is not readable as Parquet, and may be damaged or incomplete", _CHECK),
    (
        "schema mismatch|missing column|column with name",
        "its columns are not those of the files with it",
        "give each file the same columns",
    ),
)


def lacks_room(problem: BaseException) -> bool:
    """Whether work stopped for want of memory or disk space, rather than for what is in a file."""
    if isinstance(problem, OSError) and problem.errno:
        return problem.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(problem, duckdb.OutOfMemoryException) or "no space left" in str(problem).lower()


def unreadable(files: Sequence[str], problem: Exception) -> DataError:
    """The error for a file that cannot be read, in one line and in our own words: an engine's sentence may quote rows and paths."""
    if lacks_room(problem):
        return DataError(f"cannot read {Path(files[0]).name!r}: out of memory or disk space; {MORE_ROOM}")
    said = str(problem)
    named = [(said.index(name), name) for name in files if len(files) > 1 and name in said]
    name = min(named)[1] if named else files[0]
    shown = Path(name).name
    if isinstance(problem, OSError) and problem.strerror and not isinstance(problem, PermissionError):
        return DataError(f"cannot read {shown!r}: {problem.strerror}; check the file and the disk that it is on")
    for pattern, cause, advice in _CAUSES:
        if re.search(pattern, said, re.IGNORECASE):
            return DataError(f"cannot read {shown!r}: {cause}; {advice}")
    return DataError(f"cannot read {shown!r}: its content is not as expected, and may be damaged or incomplete; {_CHECK}")


def _aside(work: Callable[[], T], connection: duckdb.DuckDBPyConnection, tell: Callable[[float], None]) -> T:
    """Work in another thread, so that this one can react to an interrupt at once."""
    held: dict[str, Any] = {}
    done = Event()

    def run() -> None:
        try:
            held["result"] = work()
        except BaseException as problem:  # raised again in the calling thread
            held["problem"] = problem
        finally:
            done.set()

    Thread(target=run, daemon=True).start()
    try:
        while not done.wait(TICK):
            tell(min(max(connection.query_progress() / 100.0, 0.0), 1.0))
    except BaseException:
        connection.interrupt()
        while not done.wait(TICK):  # the query may not have started yet
            connection.interrupt()
        raise
    finally:
        tell(1.0)
    if "problem" in held:
        raise held["problem"]
    result: T = held["result"]
    return result


def _teller(progress: bool | OnProgress | None, what: str) -> Callable[[float], None]:
    if callable(progress):
        return lambda share: progress(share, what)
    if progress is False or (progress is None and not sys.stderr.isatty()):
        return lambda _share: None
    start = time.monotonic()

    def show(share: float) -> None:
        if time.monotonic() - start > QUIET:
            sys.stderr.write(f"\r{what} {share:4.0%}" if share < 1.0 else f"\r{' ' * (len(what) + 5)}\r")
            sys.stderr.flush()

    return show
