"""A table for print as text cells: every digit is decided here, so that all four outputs show the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tienet.base.errors import ArgumentError
from tienet.base.numbers import level_text
from tienet.base.wording import column_label, lower, term_label

STARS = (0.05, 0.01, 0.001)


@dataclass(frozen=True, slots=True)
class Grid:
    """Text cells of a table, ready to be written.

    Parameters
    ----------
    title
        What stands over the table.
    header
        c column heads.
    rows
        Rows of c cells; "" is blank.
    note
        Sentences under the table.
    align
        c letters, "l" or "r".
    foot
        The row before which a rule is drawn; None for no such rule.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: tuple[str, ...] = ()
    align: str = ""
    foot: int | None = None


def clean(text: object) -> str:
    """Text on one line, without the control characters that files of Word cannot hold."""
    return " ".join(re.sub(r"[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", " ", str(text)).split())


def starred(p: float, levels: Sequence[float]) -> str:
    """One star for each level that p is below.

    Examples
    --------
    >>> starred(0.03, (0.05, 0.01)), starred(0.05, (0.05, 0.01)), starred(0.0001, (0.05, 0.01))
    ('*', '', '**')
    """
    return "*" * sum(p < level for level in levels)


def legend(levels: Sequence[float]) -> tuple[str, ...]:
    """What the stars mean, as a sentence of the note; none without stars.

    Examples
    --------
    >>> legend((0.05, 0.01))
    ('* p < .05, ** p < .01',)
    """
    said = [f"{'*' * (place + 1)} {level_text(level)}" for place, level in enumerate(levels)]
    return (", ".join(said),) if said else ()


def checked_stars(stars: Iterable[float]) -> tuple[float, ...]:
    """Levels of the stars from the largest to the smallest, refused unless they lie between 0 and 1."""
    try:
        levels = tuple(sorted(map(float, stars), reverse=True))
    except (TypeError, ValueError):
        levels = (-1.0,)
    if not all(0 < level < 1 for level in levels):
        raise ArgumentError(f"stars={stars!r} are not levels between 0 and 1; write (0.05, 0.01, 0.001), or () for none")
    return levels


def checked_digits(digits: int) -> int:
    """Decimals, refused unless they are a number from 0 to 10."""
    if isinstance(digits, bool) or not isinstance(digits, int | np.integer) or not 0 <= digits <= 10:
        raise ArgumentError(f"digits={digits!r} is not a number of decimals from 0 to 10")
    return int(digits)


def label_of(term: str, labels: Mapping[str, str]) -> str:
    """A term in words: its own label, else one made of the labels of its variables.

    Examples
    --------
    >>> label_of("ties_it:age^2", {"ties_it": "Ties, IT"}), label_of("total_ties_it", {}), label_of("region[north]", {"region": "Area"})
    ('Ties, IT × age²', 'Total ties to it', 'Area: north')
    """
    if term in labels:
        return clean(labels[term])
    parts = re.split(r":(?![^\[]*\])", term)  # a colon inside brackets belongs to the name of a category
    named = [_of_variable(part, labels) for part in parts]
    if not any(named):
        return clean(term_label(term))
    heads = [name or lower(column_label(part)) for name, part in zip(named, parts, strict=True)]
    return clean(" × ".join([named[0] or column_label(parts[0]), *heads[1:]]))


def _of_variable(part: str, labels: Mapping[str, str]) -> str:
    """A factor of a term under its label, "" where there is none."""
    name, _, power = part.partition("^")
    raised = {"": "", "2": "²", "3": "³"}.get(power, f"^{power}")
    level = re.fullmatch(r"(?P<factor>[^\[]+)\[(?P<level>.*)\]", name)
    if name in labels:
        return labels[name] + raised
    return f"{labels[level['factor']]}: {level['level']}{raised}" if level and level["factor"] in labels else ""
