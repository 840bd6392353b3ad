"""Sentences of the report: period, sample, findings, and column names in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tienet.base.numbers import counted
from tienet.base.time import day_text
from tienet.base.wording import lower, term_label
from tienet.network.privacy.floors import FLOOR, count_at_least
from tienet.network.ties.network import Ties

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings

_TWO_LINES = "run the two-lines test"


def label(result: StudyFindings, term: str) -> str:
    """A term in words, with function labels from the people table."""
    return term_label(term, result.people.labels)


def spoken(result: StudyFindings, text: str) -> str:
    """A sentence of a result, with column and function names replaced by words."""
    fit = result.fit
    text = text.replace("run the two-lines test, two_lines(...)", _TWO_LINES)
    for name in sorted({fit.outcome, *fit.variables}, key=len, reverse=True):
        text = text.replace(name, lower(label(result, name)))
    return text[:1].upper() + text[1:]


def ties_each(ties: Ties, floor: int = FLOOR) -> str:
    """A sentence on the distribution of ties per person."""
    degree = np.bincount(np.concatenate([ties.a, ties.b]), minlength=len(ties.people))
    low, middle, high = np.quantile(degree, [0.25, 0.5, 0.75])
    none = int(np.sum(degree == 0))
    return f"Half of all people have between {low:g} and {high:g} ties; the median is {middle:g}; {count_at_least(none, floor)} have none."


def period(result: StudyFindings) -> str:
    """The first and last day."""
    window = result.ties.window
    if result.log is None:
        return "answers of a survey"
    if window is None:
        return "log without times"
    return f"{day_text(window.start)} to {day_text(window.end - 1)}"


def sample(result: StudyFindings) -> list[str]:
    """Account for everyone, from the people in the function to those in the model."""
    cases, fit = result.cases, result.fit
    lines = [f"{cases.egos:,} people in {result.label(result.egos.of)}."]
    without = {result.label(name): count_at_least(count, result.study.floor) for name, count in cases.no_ties.items() if count}
    lines += [f"{told.capitalize()} without any tie to {name}." for name, told in without.items()]
    if cases.without_outcome:
        lines.append(f"{cases.without_outcome:,} without a row in the outcomes table.")
    if cases.outcomes_of_others:
        lines.append(f"{counted(cases.outcomes_of_others, 'row')} of the outcomes table about people not studied here.")
    gaps = ", ".join(f"{lower(label(result, name))} ({count:,})" for name, count in fit.dropped.items())
    left = f"; {counted(fit.n_dropped, 'person', 'people')} left out for a missing value in {gaps}" if gaps else ""
    lines.append(f"{counted(fit.n, 'person', 'people')} in the model{left}.")
    return lines


def summary(result: StudyFindings) -> list[str]:
    """The findings in words that claim association only."""
    lines = []
    outcome = result.study.outcome.replace("_", " ")
    for name, probes in result.probes.items():
        slopes = probes.slopes
        low, high = (_leaning(slopes.estimate[at], slopes.p_value[at], result.study.alpha) for at in (0, -1))
        if low == high:
            found = f"whether ties are weak or strong, one more tie goes with {low} {outcome}"
        else:
            found = f"where ties are weak, one more tie goes with {low} {outcome}; where they are strong, with {high}"
        lines.append(f"{result.label(name)}: {found}.")
    return lines


def _leaning(slope: float, p: float, alpha: float) -> str:
    if p >= alpha:
        return "neither clearly higher nor clearly lower"
    return "higher" if slope > 0 else "lower"
