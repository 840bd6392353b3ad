"""What the SQL of the engines calls differently, so that one text of rules serves all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tienet.network.reading.sql import quoted


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the SQL of an engine calls differently.

    Parameters
    ----------
    let
        From an expression, a name, and the SQL that uses the name: the SQL with the expression evaluated once.
    group
        How a replacement names the group with a number.
    replaced, matches
        Replacing every match, and whether there is one.
    split
        A text split at bars, and the part at a place from 1 on.
    part
        The part of such a list.
    clock
        Microseconds of a text "2024-07-02 15:04:00.000000", NULL if it is not a time.
    placed
        Microseconds UTC of a clock in the zone with this name.
    """

    let: Callable[[str, str, Callable[[str], str]], str]
    group: str
    replaced: Callable[[str, str, str], str]
    matches: Callable[[str, str], str]
    split: str
    part: str
    clock: Callable[[str], str]
    placed: Callable[[str, str], str]


DUCKDB = Dialect(
    let=lambda value, name, body: f"list_transform([{value}], lambda {name}: {body(name)})[1]",
    group="\\{}",
    replaced=lambda text, pattern, by: f"regexp_replace({text}, {quoted(pattern)}, {quoted(by)}, 'g')",
    matches=lambda text, pattern: f"regexp_matches({text}, {quoted(pattern)})",
    split="string_split({}, '|')",
    part="{}[{}]",
    clock=lambda text: f"epoch_us(try_cast({text} as timestamp))",
    placed=lambda clock, zone: f"epoch_us(timezone({zone}, make_timestamp({clock})))",
)
