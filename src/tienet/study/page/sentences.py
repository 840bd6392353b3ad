"""Sentences of the page: the period, the sample, what the figures show, and names of columns in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tienet.base.numbers import counted
from tienet.base.time import day_text
from tienet.base.wording import lower, term_label
from tienet.network.ties.network import Ties

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings

_TWO_LINES = "see also whether two straight lines, one on each side of the turn, slope in opposite directions"


def label(result: StudyFindings, term: str) -> str:
    """A term in words, functions as the people table writes them."""
    return term_label(term, result.people.labels)


def spoken(result: StudyFindings, text: str) -> str:
    """A sentence of a result with the names of columns, and of what a programmer would call next, in words."""
    fit = result.fit
    text = text.replace("run the two-lines test, two_lines(...)", _TWO_LINES)
    for name in sorted({fit.outcome, *fit.variables}, key=len, reverse=True):
        text = text.replace(name, lower(label(result, name)))
    return text[:1].upper() + text[1:]


def ties_each(ties: Ties) -> str:
    """The distribution of ties per person in a sentence."""
    degree = np.bincount(np.concatenate([ties.a, ties.b]), minlength=len(ties.people))
    low, middle, high = np.quantile(degree, [0.25, 0.5, 0.75])
    none = int(np.sum(degree == 0))
    return f"Half of all people have between {low:g} and {high:g} ties, the one in the middle {middle:g}; {none:,} have none."


def period(result: StudyFindings) -> str:
    """First and last day."""
    window = result.ties.window
    if window is None:
        return "a log without times"
    return f"{day_text(window.start)} to {day_text(window.end - 1)}"


def sample(result: StudyFindings) -> list[str]:
    """From everyone in the function to the cases of the model, nobody lost."""
    cases, fit = result.cases, result.fit
    lines = [f"{cases.egos:,} people in {result.label(result.egos.of)}."]
    lines += [f"{count:,} without any tie to {result.label(name)}." for name, count in cases.no_ties.items() if count]
    if cases.without_outcome:
        lines.append(f"{cases.without_outcome:,} without a row in the outcomes table.")
    if cases.outcomes_of_others:
        lines.append(f"{counted(cases.outcomes_of_others, 'row')} of the outcomes table about people who are not studied here.")
    gaps = ", ".join(f"{lower(label(result, name))} ({count:,})" for name, count in fit.dropped.items())
    left = f"; {counted(fit.n_dropped, 'person', 'people')} left out for a missing value in {gaps}" if gaps else ""
    lines.append(f"{counted(fit.n, 'person', 'people')} in the model{left}.")
    return lines


def summary(result: StudyFindings) -> list[str]:
    """What the figures show, in words that claim no more than a going together."""
    lines = []
    outcome = result.study.outcome.replace("_", " ")
    for name, probes in result.probes.items():
        slopes = probes.slopes
        low, high = (_leaning(slopes.estimate[at], slopes.p_value[at], result.study.alpha) for at in (0, -1))
        if low == high:
            found = f"at weak and at strong ties alike, one more tie goes with {low} {outcome}"
        else:
            found = f"where ties are weak, one more tie goes with {low} {outcome}; where they are strong, with {high}"
        lines.append(f"{result.label(name)}: {found}.")
    return lines


def _leaning(slope: float, p: float, alpha: float) -> str:
    if p >= alpha:
        return "neither clearly higher nor clearly lower"
    return "higher" if slope > 0 else "lower"
