"""A table as formatted text cells, so that all four output formats show the same digits."""

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
    """The text cells of a table.

    Parameters
    ----------
    title
        Title over the table.
    header
        c column headers.
    rows
        Rows of c cells; "" for a blank cell.
    note
        Sentences under the table.
    align
        c letters, "l" or "r", the alignment of each column.
    foot
        The row before which a rule is drawn; None for no rule.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: tuple[str, ...] = ()
    align: str = ""
    foot: int | None = None


def clean(text: object) -> str:
    """Text on one line, without control characters, which Word files cannot contain and terminals obey."""
    return " ".join(re.sub(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", " ", str(text)).split())


def starred(p: float, levels: Sequence[float]) -> str:
    """Return one star for each level above p.

    Examples
    --------
    >>> starred(0.03, (0.05, 0.01)), starred(0.05, (0.05, 0.01)), starred(0.0001, (0.05, 0.01))
    ('*', '', '**')
    """
    return "*" * sum(p < level for level in levels)


def legend(levels: Sequence[float]) -> tuple[str, ...]:
    """The explanation of the stars for the note; empty without stars.

    Examples
    --------
    >>> legend((0.05, 0.01))
    ('* p < .05, ** p < .01',)
    """
    said = [f"{'*' * (place + 1)} {level_text(level)}" for place, level in enumerate(levels)]
    return (", ".join(said),) if said else ()


def checked_stars(stars: Iterable[float]) -> tuple[float, ...]:
    """Check that the star levels lie between 0 and 1, and sort them from largest to smallest."""
    try:
        levels = tuple(sorted(map(float, stars), reverse=True))
    except (TypeError, ValueError):
        levels = (-1.0,)
    if not all(0 < level < 1 for level in levels):
        raise ArgumentError(f"stars must be levels between 0 and 1, such as (0.05, 0.01, 0.001), or () for none, got {stars!r}")
    return levels


def checked_digits(digits: int) -> int:
    """Check that the number of decimals is from 0 to 10."""
    if isinstance(digits, bool) or not isinstance(digits, int | np.integer) or not 0 <= digits <= 10:
        raise ArgumentError(f"digits must be a number of decimals from 0 to 10, got {digits!r}")
    return int(digits)


def label_of(term: str, labels: Mapping[str, str]) -> str:
    """A term in words: its own label, else one made from the labels of its variables.

    Examples
    --------
    >>> label_of("ties_it:age^2", {"ties_it": "Ties, IT"}), label_of("total_ties_it", {}), label_of("region[north]", {"region": "Area"})
    ('Ties, IT × age²', 'Total ties to it', 'Area: north')
    """
    if term in labels:
        return clean(labels[term])
    parts = re.split(r":(?![^\[]*\])", term)  # a colon inside brackets is part of a category name
    named = [_of_variable(part, labels) for part in parts]
    if not any(named):
        return clean(term_label(term))
    heads = [name or lower(column_label(part)) for name, part in zip(named, parts, strict=True)]
    return clean(" × ".join([named[0] or column_label(parts[0]), *heads[1:]]))


def _of_variable(part: str, labels: Mapping[str, str]) -> str:
    """The label of one factor of a term, "" if it has none."""
    name, _, power = part.partition("^")
    raised = {"": "", "2": "²", "3": "³"}.get(power, f"^{power}")
    level = re.fullmatch(r"(?P<factor>[^\[]+)\[(?P<level>.*)\]", name)
    if name in labels:
        return labels[name] + raised
    call = re.fullmatch(r"(?P<function>[a-z]\w*)\((?P<inside>.+)\)", name)
    if call and call["inside"] in labels:
        return f"{call['function']}({labels[call['inside']]}){raised}"
    return f"{labels[level['factor']]}: {level['level']}{raised}" if level and level["factor"] in labels else ""
