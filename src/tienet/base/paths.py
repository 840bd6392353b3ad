"""Paths, as callers give them."""

from __future__ import annotations

from os import PathLike
from typing import TypeAlias

PathSpec: TypeAlias = str | PathLike[str]


def is_path(data: object) -> bool:
    """Whether the caller gave a path rather than a frame."""
    return isinstance(data, str | PathLike)
