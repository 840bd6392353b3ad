"""The sentences of the page, with marks for bold turned into HTML."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

from tienet.base.numbers import count
from tienet.base.wording import visible

__all__ = ["rich", "say", "say_counted"]


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files("tienet.study.page").joinpath("english.toml").read_text(encoding="utf-8"))


def say(key: str, **values: object) -> str:
    found: Any = _file()
    for part in key.split("."):
        found = found[part]
    if not isinstance(found, str):
        raise KeyError(key)
    return found.format_map(values)


def say_counted(key: str, n: float, **values: object) -> str:
    return say(f"{key}.{'one' if n == 1 else 'other'}", n=count(n), **values)
