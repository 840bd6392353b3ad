"""Pseudonyms made with a secret key."""

from __future__ import annotations

import secrets
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by
from tienet.base.errors import ArgumentError
from tienet.base.record import locked
from tienet.base.wording import visible
from tienet.network.reading.people import People

__all__ = ["pseudonym_key", "pseudonyms"]

KEY_BYTES = 32
_LABEL = 24


def pseudonym_key() -> bytes:
    """Generate a secret key of 32 random bytes.

    Returns
    -------
    bytes
        Store it apart from the results as long as pseudonyms must be resolved, or delete it so that they never can be.

    Examples
    --------
    >>> len(pseudonym_key())
    32
    """
    return secrets.token_bytes(KEY_BYTES)


def pseudonyms(people: People, key: bytes) -> NDArray[Any]:
    r"""Give everyone a pseudonym of function and number, such as "Sales 07".

    Within a function, people are numbered in the order of the BLAKE2b hash of their id under the key,

    .. math:: h_i = \mathrm{BLAKE2b}_{key}(id_i),

    so the numbers do not depend on the order of the roster or of the ids, and cannot be computed from a list of ids without the key.

    Parameters
    ----------
    people
        From `read_people`.
    key
        At least 32 bytes, from `pseudonym_key`. The same key gives the same pseudonyms.

    Returns
    -------
    (n,) array of str
        In roster order, all different.

    Raises
    ------
    ArgumentError
        The key is too short or not bytes.

    References
    ----------
    Saarinen, M.-J. & Aumasson, J.-P. (2015). The BLAKE2 Cryptographic Hash and Message Authentication Code. RFC 7693.

    Examples
    --------
    >>> import tienet as tn
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> sorted(tn.network.privacy.pseudonyms(people, tn.network.privacy.pseudonym_key()).tolist())
    ['Marketing 1', 'Sales 1', 'Sales 2']
    """
    made_by("read_people", People, people=people)
    if not isinstance(key, bytes) or len(key) < KEY_BYTES:
        raise ArgumentError(f"key must be at least {KEY_BYTES} secret bytes, such as those from pseudonym_key()")
    digests = np.array([blake2b(str(one).encode(), key=key[:64], digest_size=32).hexdigest() for one in people.person], dtype=object)
    names = np.empty(len(people), dtype=object)
    labels = _short_labels(people)
    for function in people.functions:
        holders = np.flatnonzero(people.function == function)
        wide = len(str(len(holders)))
        for place, person in enumerate(holders[np.argsort(digests[holders])], start=1):
            names[person] = f"{labels[function]} {place:0{wide}d}"
    return locked(names)


def _short_labels(people: People) -> dict[str, str]:
    """A short, unique label for each function."""
    labels: dict[str, str] = {}
    for function in people.functions:
        label = visible(people.labels[function], _LABEL)
        labels[function] = label if label not in labels.values() else f"{label} ({len(labels) + 1})"
    return labels
