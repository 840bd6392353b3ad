"""A private folder to spill into: removed with its owner, and by the next one where the owner was killed."""

from __future__ import annotations

import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path

AGE = 3600.0  # seconds: a folder as young as this may be about to be locked


def claim(within: str | os.PathLike[str] | None = None) -> tuple[Path, Callable[[], None]]:
    """A new folder within another (the system's temporary one), and what removes it; OSError where none can be made.

    Its owner holds a lock on it, which the system takes back however the owner ends. Without locks (Windows) nothing else is removed.
    """
    # Locks may not reach from machine to machine, so each looks after its own.
    prefix = f"tienet-{re.sub(r'[^A-Za-z0-9]', '_', platform.node())}-"
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
    lock = _locked(folder)
    for left in folder.parent.glob(f"{prefix}*"):
        _remove_abandoned(left)
    return folder, partial(_remove, folder, lock, os.getpid())


def _locked(folder: Path) -> int | None:
    """An open lock on a folder; None where somebody holds it, or there are no locks."""
    if not find_spec("fcntl"):
        return None
    import fcntl

    held = None
    try:
        held = os.open(folder, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        if held is not None:
            os.close(held)
        return None
    return held


def _remove_abandoned(folder: Path) -> None:
    with suppress(OSError):
        if time.time() - folder.stat().st_mtime > AGE and (lock := _locked(folder)) is not None:
            _remove(folder, lock, os.getpid())


def _remove(folder: Path, lock: int | None, owner: int) -> None:
    if os.getpid() != owner:  # a fork that ends leaves its parent's folder alone
        return
    shutil.rmtree(folder, ignore_errors=True)
    if lock is not None:
        os.close(lock)
