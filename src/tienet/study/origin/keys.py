"""The secret key behind the pseudonyms, in a file that only its owner can read."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path

from tienet.base.errors import ArgumentError, InputNotFound, OutputError, file_name
from tienet.base.paths import PathSpec
from tienet.base.writing import refused
from tienet.network.privacy import KEY_BYTES
from tienet.network.privacy.pseudonyms_of_people import pseudonym_key

MOST_BYTES = 64  # of a key of BLAKE2b


def write_key(path: PathSpec) -> Path:
    """Write a new key of 32 random bytes to a file that does not exist yet; only its owner can read it.

    Raises
    ------
    OutputError
        The file exists, since the old key could be needed again, or it cannot be written.
    """
    with refused(path) as place:
        try:
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except FileExistsError:
            raise OutputError(f"{file_name(place)} exists already, and the old key may be needed again; choose another name") from None
        with os.fdopen(handle, "wb") as file:
            file.write(pseudonym_key())
    return place


def read_key(given: PathSpec | bytes | None) -> bytes | None:
    """A key from its file; bytes and None as they are.

    Raises
    ------
    InputNotFound
        There is no such file.
    ArgumentError
        The file is no key: it must hold 32 to 64 bytes.
    """
    if given is None or isinstance(given, bytes):
        return given
    place = Path(given)
    try:
        with place.open("rb") as file:
            key = file.read(MOST_BYTES + 1)
    except OSError as problem:
        if isinstance(problem, FileNotFoundError | IsADirectoryError | NotADirectoryError):
            raise InputNotFound(f"key: no file {file_name(place)}; make one with `tienet key {file_name(place)}`") from None
        raise InputNotFound(f"key: {file_name(place)} cannot be read: {(problem.strerror or 'not readable').lower()}") from None
    if not KEY_BYTES <= len(key) <= MOST_BYTES:
        raise ArgumentError(
            f"key: {file_name(place)} must hold {KEY_BYTES} to {MOST_BYTES} secret bytes, as `tienet key` writes them; "
            f"it holds {'more' if len(key) > MOST_BYTES else len(key)}"
        )
    return key


def fingerprint(key: bytes) -> str:
    """Eight hexadecimal digits of the hash of a key (BLAKE2b), from which the key cannot be found.

    Examples
    --------
    >>> len(fingerprint(bytes(32)))
    8
    """
    return blake2b(key, digest_size=4).hexdigest()
