"""Sentences that account for everyone in the function studied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tienet.base.numbers import counted
from tienet.base.wording import bare, lower
from tienet.network.privacy.floors import count_at_least
from tienet.study.words.written import begun

if TYPE_CHECKING:
    from tienet.study.page.material import Material


def sample(material: Material) -> list[str]:
    """Account for everyone, from the people in the function to those in the model; a count of few people is not given."""
    result = material.result
    cases, fit, floor = result.cases, result.fit, result.study.floor
    lines = [f"{cases.egos:,} people in {result.label(result.egos.of)}."]
    lines += [
        f"{begun(count_at_least(count, floor))} without any tie to {result.label(name)}." for name, count in cases.no_ties.items() if count
    ]
    if cases.without_outcome:
        lines.append(f"{begun(count_at_least(cases.without_outcome, floor))} without a row in the outcomes table.")
    if cases.outcomes_of_others:
        lines.append(f"{counted(cases.outcomes_of_others, 'row')} of the outcomes table about people not studied here.")
    gaps = ", ".join(f"{lower(material.name(bare(name)))} ({count_at_least(count, floor)})" for name, count in fit.dropped.items())
    left = f"; {count_at_least(fit.n_dropped, floor)} left out for a missing value in {gaps}" if gaps else ""
    lines.append(f"{counted(fit.n, 'person', 'people')} in the model{left}.")
    return lines
