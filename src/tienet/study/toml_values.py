"""Values as a study file writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def in_toml(value: Any) -> str:
    """A value in TOML; None is "none", as in the tie rule.

    Examples
    --------
    >>> in_toml(["To", "Cc"]), in_toml(None), in_toml(True)
    ('["To", "Cc"]', '"none"', 'true')
    """
    if value is None or value is ...:
        return '"none"' if value is None else '"..."'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{in_key(str(name))} = {in_toml(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(in_toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def in_key(name: str) -> str:
    """A key in TOML, in quotes unless it consists of letters, digits, - and _."""
    return name if name.isascii() and name.replace("_", "").replace("-", "").isalnum() else in_toml(name)
