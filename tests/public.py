"""Find public objects by name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tienet.base.lazy import public_names

PLACES = public_names("tienet")
PUBLIC = sorted(PLACES)


def public(name: str) -> Any:
    """What a public name stands for, as users reach it: by its place."""
    return getattr(import_module(PLACES[name]), name)
