"""Private temporary folders, removed with their owner, or by a later process if the owner was killed."""

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

AGE = 3600.0  # seconds: a younger folder may be about to be locked


def claim(within: str | os.PathLike[str] | None = None) -> tuple[Path, Callable[[], None]]:
    """Create a folder (by default in the system's temporary one), and return it with a function that removes it; OSError if it fails.

    The owner holds a lock, which the system releases however the process ends. Without locks (Windows) no abandoned folders are removed.
    """
    # Locks may not work between machines, so each machine removes only its own folders.
    prefix = f"tienet-{re.sub(r'[^A-Za-z0-9]', '_', platform.node())}-"
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
    lock = _locked(folder)
    for left in folder.parent.glob(f"{prefix}*"):
        _remove_abandoned(left)
    return folder, partial(_remove, folder, lock, os.getpid())


def _locked(folder: Path) -> int | None:
    """Lock a folder; None if another process holds the lock, or there are no locks."""
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
    if os.getpid() != owner:  # a forked process must not remove its parent's folder
        return
    shutil.rmtree(folder, ignore_errors=True)
    if lock is not None:
        os.close(lock)
