"""Read the sentences of the page from the file of a language, and fill in their placeholders."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from tienet.base.numbers import count, listed

LANGUAGE = "english"


def say(key: str, **values: object) -> str:
    """A sentence of the page.

    Parameters
    ----------
    key
        Where it stands in the file: its table and name, with a dot between.
    values
        Values of its placeholders. Texts stay as they are, whatever is in them.

    Returns
    -------
    str
        The sentence, with ``**`` around what is set in bold.

    Raises
    ------
    KeyError
        If the file has no such sentence, or one of its placeholders has no value.

    Examples
    --------
    >>> say("chip.open")
    'Open'
    """
    found = _found(key)
    if not isinstance(found, str):
        raise KeyError(key)
    return found.format_map(values)


def say_counted(key: str, n: float, **values: object) -> str:
    """A sentence about a count, in the singular or plural; its placeholder ``{n}`` is the count.

    Examples
    --------
    >>> say_counted("unit.tie", 1), say_counted("unit.tie", 1204)
    ('1 tie', '1,204 ties')
    """
    return say(f"{key}.{'one' if n == 1 else 'other'}", n=count(n), **values)


def holds(key: str) -> bool:
    """Whether the file has a sentence.

    Examples
    --------
    >>> holds("chip.open"), holds("chip.shut")
    (True, False)
    """
    try:
        return isinstance(_found(key), str)
    except KeyError:
        return False


def enumerated(names: Iterable[object], word: str = "and") -> str:
    """Names as a list within a sentence, with "and" or "or" before the last.

    Examples
    --------
    >>> enumerated(["tenure", "region", "team"])
    'tenure, region and team'
    """
    return listed(names, say(f"unit.{word}"))


def _found(key: str) -> Any:
    place: Any = _sentences()
    for part in key.split("."):
        if not isinstance(place, Mapping) or part not in place:
            raise KeyError(key)
        place = place[part]
    return place


@cache
def _sentences() -> Mapping[str, Any]:
    return tomllib.loads((files("tienet.study.language") / f"{LANGUAGE}.toml").read_text(encoding="utf-8"))


def table(key: str) -> dict[str, Any]:
    """A table of sentences as it stands in the file, for a script that fills in the placeholders itself.

    Parameters
    ----------
    key
        Its name, with dots between.

    Returns
    -------
    dict
        Name -> sentence.

    Examples
    --------
    >>> table("word")["weak"]
    'Weak ties'
    """
    found = _found(key)
    if not isinstance(found, Mapping):
        raise KeyError(key)
    return dict(found)
