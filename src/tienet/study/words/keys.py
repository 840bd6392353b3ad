"""The five key numbers at the top of the page, and the period of the study."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from tienet.base.numbers import count
from tienet.study.language.reading import enumerated, say
from tienet.study.words.written import fixed, name, observed_outcome, people_word, share_words, short_outcome

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings


FEW_FUNCTIONS = 2  # of more, the range is given


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """A number with what it counts.

    Parameters
    ----------
    number, beside
        The number as text, and what stands smaller beside it, such as "of 120"; may be empty.
    phrase
        What it is.
    """

    number: str
    phrase: str
    beside: str = ""


def key_numbers(result: StudyFindings, thinnest: tuple[str, str, float] | None = None) -> tuple[KeyNumber, ...]:
    """The key numbers of a study: people, ties, ties to each function, the thinnest pair, and what the model explains.

    Parameters
    ----------
    result
        The results of the study.
    thinnest
        The labels of the two functions with the fewest ties for their size, and the ratio to the ties expected; None leaves it out.
    """
    pair = () if thinnest is None else (_thinnest(*thinnest),)
    return (_people(result), _ties(result), _each(result), *pair, _explained(result))


def period(result: StudyFindings) -> str:
    """The first and last day of the log as people write them, in the time zone of the log; of a survey, that it is one."""
    window = result.ties.window
    if result.log is None:
        return say("period.survey")
    if window is None:
        return say("period.untimed")
    return period_words(*(_day(moment, result.log.timezone) for moment in (window.start, window.end - 1)))


def period_words(start: date, end: date) -> str:
    """A period as people write it.

    Examples
    --------
    >>> period_words(date(2025, 1, 6), date(2025, 7, 4)), period_words(date(2024, 12, 30), date(2025, 1, 3))
    ('6 January to 4 July 2025', '30 December 2024 to 3 January 2025')
    """
    if start == end:
        return _date_words("day", end)
    key = "day" if start.year != end.year else "day_of_year" if start.month != end.month else "day_of_month"
    return say("period.days", start=_date_words(key, start), end=_date_words("day", end))


def _day(moment: int, timezone: str) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)).astimezone(ZoneInfo(timezone)).date()


def _date_words(key: str, day: date) -> str:
    return say(f"period.{key}", day=day.day, month=say(f"month.m{day.month}"), year=day.year)


def _people(result: StudyFindings) -> KeyNumber:
    studied, there = result.fit.n, result.cases.egos
    beside = say("key.studied_of", n=count(there)) if there > studied else ""
    return KeyNumber(count(studied), say("key.studied", people=people_word(result.study, studied)), beside)


def _ties(result: StudyFindings) -> KeyNumber:
    ties = result.ties
    degree = np.bincount(np.concatenate([ties.a, ties.b]), minlength=len(ties.people))
    low, high = (count(float(end)) for end in np.quantile(degree, [0.25, 0.75], method="inverted_cdf"))
    phrase = say("key.ties_same", low=low) if low == high else say("key.ties", low=low, high=high)
    return KeyNumber(count(len(ties.a)), phrase)


def _each(result: StudyFindings) -> KeyNumber:
    functions, person = result.egos.functions, people_word(result.study, 1)
    means = [result.fit.polynomial.variable(f"total_ties_{function}").mean for function in functions]
    if len(functions) > FEW_FUNCTIONS:
        span = say("key.range", low=fixed(min(means), 1), high=fixed(max(means), 1))
        return KeyNumber(span, say("key.each_range", person=person, n=len(functions)))
    told = enumerated(name(result.label(function)) for function in functions)
    return KeyNumber(enumerated(fixed(mean, 1) for mean in means), say("key.each", functions=told, person=person))


def _thinnest(a: str, b: str, ratio: float) -> KeyNumber:
    return KeyNumber(fixed(ratio, 2), say("key.thinnest", a=name(a), b=name(b)))


def _explained(result: StudyFindings) -> KeyNumber:
    family, values = result.study.fitted_family, result.fit.sample.response
    if family is not None:  # there is no share explained; what the outcome is like instead
        told = observed_outcome(result.study)
        if family.ordered:
            return KeyNumber(count(len(result.fit.sample.levels)), say("key.categories", outcome=told))
        if family.events:
            event = "" if result.study.event is None else f": {name(str(result.study.event))}"
            return KeyNumber(share_words(float(values.mean())), say("key.event", outcome=f"{told}{event}"))
        return KeyNumber(fixed(float(values.mean()), 1), say("key.average", outcome=told))
    return KeyNumber(share_words(max(result.fit.adj_r_squared, 0.0)), say("key.explained", short=short_outcome(result.study)))
