"""How times are written in a column, judged by its values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import product

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?)?\s*(Z|[+-]\d\d(:?\d\d)?)?")
_ZONED = re.compile(r".*\d\d?:\d\d.*(Z|[+-]\d\d:?\d\d|\b(UTC|GMT|CES?T)\b.*)\s*")
_MAIL = re.compile(r"([A-Z][a-z]{2},? )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(:\d\d)? ([+-]\d{4}|[A-Z]{2,4}).*")
_CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d)?( ?[AaPp][Mm])?")
_EPOCHS = {10: "epoch", 13: "epoch_ms", 16: "epoch_us", 19: "epoch_ns"}
_DAYS = (
    *("%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y-%m-%d"),
    *("%Y%m%d", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y"),
)
_CLOCKS = ("", "%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p", "%H:%M:%S.%f", "%H.%M")
_BETWEEN = (" ", ", ", "T")
PATTERNS = tuple(
    dict.fromkeys(
        f"{day}{between if clock else ''}{clock}{zone}" for day, clock, between in product(_DAYS, _CLOCKS, _BETWEEN) for zone in ("", " %z")
    )
)


@dataclass(frozen=True, slots=True)
class Written:
    """How times are written.

    Parameters
    ----------
    patterns
        The patterns that read all values; empty if they are ISO 8601 and need none.
    zoned
        Whether the times state their zone.
    sure
        False if another pattern reads all values too, so that day and month may be swapped.
    """

    patterns: tuple[str, ...]
    zoned: bool
    sure: bool = True


def times_written(values: Iterable[str], *, named: bool) -> Written | None:
    """Judge how times are written; None if the values are not times.

    Parameters
    ----------
    values
        Values that are not missing.
    named
        Whether the name of the column says that it holds times: numbers are taken for times only then.

    Examples
    --------
    >>> times_written(["13.02.2025 09:15", "01.03.2025 10:00"], named=True).patterns
    ('%d.%m.%Y %H:%M',)
    >>> times_written(["01/02/2025", "03/04/2025"], named=True)
    Written(patterns=('%d/%m/%Y',), zoned=False, sure=False)
    """
    texts = [text.strip() for text in values][:2_000]
    if not texts or not all(any(sign.isdigit() for sign in text) for text in texts[:50]):
        return None
    if all(map(_ISO.fullmatch, texts)):
        return Written((), all(map(_ZONED.fullmatch, texts)))
    if all(re.fullmatch(r"\d+(\.\d+)?", text) for text in texts):
        return _numbers(texts) if named else None
    if all(map(_MAIL.fullmatch, texts)):
        return Written((), zoned=True)
    return _by_patterns(texts)


def is_clock(values: Iterable[str]) -> bool:
    """Whether values are times of day, such as 09:15."""
    texts = list(values)[:200]
    return bool(texts) and all(_CLOCK.fullmatch(text.strip()) for text in texts)


def _numbers(texts: Sequence[str]) -> Written | None:
    digits = {len(text.partition(".")[0]) for text in texts}
    if len(digits) == 1 and (epoch := _EPOCHS.get(digits.pop())):
        return Written((epoch,), zoned=True)
    if all(20_000 < float(text) < 80_000 for text in texts):  # days since 1900: 1954 to 2119
        return Written(("excel",), zoned=False)
    return None


def _by_patterns(texts: Sequence[str]) -> Written | None:
    """The pattern that reads all values, or the few that do together."""
    left, rivals = list(dict.fromkeys(texts)), 0
    chosen: list[str] = []
    while left and len(chosen) < 3:
        able = reading_patterns(left[0])
        if not able:
            return None
        read = {pattern: sum(_reads(pattern, text) for text in left) for pattern in able}
        best = max(able, key=lambda pattern: read[pattern])
        rivals += sum(count == read[best] and _days_first(pattern) != _days_first(best) for pattern, count in read.items())
        chosen.append(best)
        left = [text for text in left if not _reads(best, text)]
    return None if left else Written(tuple(chosen), all("%z" in pattern for pattern in chosen), not rivals)


def _days_first(pattern: str) -> bool:
    return pattern.find("%d") < max(pattern.find("%m"), pattern.find("%b"), pattern.find("%B"))


def _shape(written: str) -> str:
    """Numbers as 9 and words as a: patterns are tried only on texts of their shape, since trying them all takes seconds."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", written))


_SHAPES = {pattern: _shape(re.sub(r"%[bBp]", "x", re.sub(r"%[dmyYHIMSf]", "9", pattern.removesuffix(" %z")))) for pattern in PATTERNS}
_SHAPES = {pattern: re.sub("99+", "9", shape) for pattern, shape in _SHAPES.items()}


def reading_patterns(text: str) -> list[str]:
    """The patterns that read a text."""
    shape = _shape(text)
    unzoned = re.sub(r" ([+-]9(:9)?|a)$", "", shape)
    return [
        pattern for pattern, like in _SHAPES.items() if like == (unzoned if pattern.endswith("%z") else shape) and _reads(pattern, text)
    ]


def _reads(pattern: str, text: str) -> bool:
    with suppress(ValueError):
        datetime.strptime(text, pattern)
        return True
    return False
