"""What to do about rows that could not be read, in words made from the first bad values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tienet.base.frames import is_spark
from tienet.network.reading.cells.canonical import Mapped, Readings, own_columns, time_source
from tienet.network.reading.cells.numeric import number_sql, number_texts_of
from tienet.network.reading.cells.time_hints import hint_for, hint_in
from tienet.network.reading.sql import identifier

_NUMBER_LIKE = re.compile(r"[-+]?[\d.,' \u00a0\u202f\u2019]*\d[\d.,' \u00a0\u202f\u2019]*[%€$£]?")


def repairs(frame: Any, mapped: Mapped, how: Readings, counts: Mapping[str, int]) -> str:
    """The end of a message about rejected rows, for the reason with most rows among those that a setting can repair; "" for others."""
    repairable = {code: counts[code] for code in ("bad_time", "bad_weight", "bad_size") if counts.get(code)}
    if not repairable or is_spark(frame):
        return "; set time_format to how times are written" if "bad_time" in repairable else ""
    code = max(repairable, key=lambda one: repairable[one])
    own = mapped[code.removeprefix("bad_")]
    if code != "bad_time":
        return _number_hint(_bad_numbers(frame, own_columns(own)[0], how), own_columns(own)[0], how)
    if frame.implementation.is_duckdb():
        relation = frame.to_native()
        return hint_in(relation, *time_source(relation, own, how), how.formats)
    return hint_for(frame, own_columns(own), how.formats)


def _bad_numbers(frame: Any, own: str, how: Readings) -> list[str]:
    """The first texts of a column that are not numbers."""
    if not frame.implementation.is_duckdb():
        return number_texts_of(frame, own, how.decimal)
    relation, column = frame.to_native(), identifier(own)
    kind = dict(zip(relation.columns, map(str, relation.types), strict=True))[own]
    rows = relation.select(f"cast({column} as varchar) as v, {number_sql(column, kind, how.decimal)} as n").filter("n = -1").limit(200)
    return [text for text, _ in rows.fetchall()]


def _number_hint(bad: list[str], own: str, how: Readings) -> str:
    """Numbers that could not be read are shown if they look like numbers."""
    shown = [text.strip() for text in bad if _NUMBER_LIKE.fullmatch(text.strip())]
    if not shown:
        return ""
    first = next((text for text in shown if "," in text), shown[0])
    said = f"; {first[:40]!r} in column {own!r}"
    if how.decimal is None and "," in first:
        if re.fullmatch(r"[-+]?\d{1,3},\d{3}", first):
            return f"{said} can be a decimal or thousands: set decimal=',' or decimal='.'"
        return f"{said} has a decimal comma: set decimal=','"
    if how.decimal is not None and ("." in first or "," in first):
        return f"{said} does not fit decimal={how.decimal!r}"
    return f"{said} is not valid"
