"""Put a finished set of files into a folder: all of them or none, beside whatever else is in it."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp

from tienet.base.errors import FilesKept, OutputError, file_name, warn
from tienet.base.numbers import listed
from tienet.base.paths import PathSpec
from tienet.base.writing import refused

RECORD = "provenance.json"  # names the files of a run, with their hashes
_PART, _TURN = ".tienet-part-", ".tienet-turn"
_STALE = 24 * 60 * 60  # seconds; a part that old was left by a run that was killed
_PATIENCE = 15.0  # seconds; moving the files takes a fraction of one


def refuse_folder(folder: PathSpec) -> None:
    """Raise an error if the folder cannot be written to; nothing is created."""
    with refused(folder) as place:
        near = next(one for one in (place.absolute(), *place.absolute().parents) if one.exists())
        if not near.is_dir():
            raise OutputError(f"cannot write into {file_name(place)}: {file_name(near)} is a file, not a folder; choose another folder")
        if not os.access(near, os.W_OK | os.X_OK):
            raise OutputError.cannot_write(place, "permission denied")


@contextmanager
def replacing(folder: PathSpec) -> Iterator[Path]:
    """Where to write the files of a run; once all are written, they take the place of those of the last run.

    Files of the last run are those in its record whose bytes are still as it wrote them. A file that stands where a new one belongs and
    is not one of them is kept under another name, with a warning; other files stay as they are.
    """
    with refused(folder) as place:
        made = _make(place)
        _remove_stale(place)
        part = Path(mkdtemp(prefix=_PART, dir=place))
        try:
            yield part
            _move(part, place)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            for one in made:
                with suppress(OSError):  # not empty
                    one.rmdir()
            raise
        shutil.rmtree(part, ignore_errors=True)


def names_in(folder: Path) -> list[str]:
    """The files in a folder and its folders, as "figures/ties.svg", sorted."""
    return sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())


def hash_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as handle:
        return file_digest(handle, "sha256").hexdigest()


def _make(place: Path) -> list[Path]:
    """Make a folder, and tell which ones had to be made, the innermost first."""
    missing = [one for one in (place, *place.parents) if not one.exists()]
    place.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_stale(place: Path) -> None:
    for one in place.glob(f"{_PART}*"):
        if time.time() - one.stat().st_mtime > _STALE:
            shutil.rmtree(one, ignore_errors=True)


def _move(part: Path, place: Path) -> None:
    with _turn(part, place) as last:
        new = names_in(part)
        others = [name for name in new if os.path.lexists(place / name) and not _is_last(place / name, name, last)]
        same = [name for name in others if _is_same(place / name, part / name)]  # such as the study file itself
        kept = [name for name in others if name not in same]
        for name in kept:
            _keep(place / name)
        for name in sorted(set(new) - set(same), key=lambda one: (one == RECORD, one)):  # the record comes last
            (place / name).parent.mkdir(exist_ok=True)
            (part / name).replace(place / name)
        for name in set(last) - set(new):
            if _is_last(place / name, name, last):
                (place / name).unlink()
        for one in {place / name for name in last if name not in new}:
            if one.parent != place:
                with suppress(OSError):  # not empty
                    one.parent.rmdir()
    if kept:
        said = "was not as tienet wrote it and is" if len(kept) == 1 else "were not as tienet wrote them and are"
        warn(f"{listed(kept[:3])}{' and others' if len(kept) > 3 else ''} {said} kept, with .kept in the name", FilesKept)


@contextmanager
def _turn(part: Path, place: Path) -> Iterator[Mapping[str, set[str]]]:
    """Wait until no other run moves its files here; gives the files of earlier runs, name -> hashes."""
    turn, end = place / _TURN, time.monotonic() + _PATIENCE
    last = _recorded(place / RECORD, {})
    while True:
        try:
            turn.mkdir()
            break
        except FileExistsError:
            if time.monotonic() < end:
                time.sleep(0.05)
                continue
            # A run was killed while it moved its files: some of them are in place, and its record is here.
            last = _recorded(turn / RECORD, last)
            shutil.rmtree(turn, ignore_errors=True)
            end = time.monotonic() + _PATIENCE
    try:
        last = _recorded(place / RECORD, last)
        if (part / RECORD).exists():
            shutil.copyfile(part / RECORD, turn / RECORD)
        yield last
    finally:
        shutil.rmtree(turn, ignore_errors=True)


def _recorded(record: Path, known: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The files that a record names, added to those known; a record that cannot be read names none."""
    found = {name: set(hashes) for name, hashes in known.items()}
    try:
        outputs = json.loads(record.read_text(encoding="utf-8"))["outputs"]
        pairs = [(str(one["name"]), str(one["sha256"])) for one in outputs]
        found.setdefault(RECORD, set()).add(hash_of(record))
    except (OSError, ValueError, KeyError, TypeError):
        return found
    for name, digest in pairs:
        path = PurePosixPath(name)
        if len(path.parts) <= 2 and ".." not in path.parts and not path.is_absolute():
            found.setdefault(name, set()).add(digest)
    return found


def _is_last(path: Path, name: str, last: Mapping[str, set[str]]) -> bool:
    """Whether a file is as a run wrote it."""
    return path.is_file() and not path.is_symlink() and name in last and hash_of(path) in last[name]


def _is_same(path: Path, new: Path) -> bool:
    return path.is_file() and path.stat().st_size == new.stat().st_size and path.read_bytes() == new.read_bytes()


def _keep(path: Path) -> None:
    """Give a file that is in the way another name."""
    endings = ("", *(f"-{at}" for at in range(2, 1000)))
    path.rename(next(one for ending in endings if not os.path.lexists(one := path.with_name(f"{path.stem}.kept{ending}{path.suffix}"))))
