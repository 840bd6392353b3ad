"""The verdict on a study: which findings of a check are fine, which to look at, and what keeps the study from running."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tienet.study.check import Finding

__all__ = ["Verdict", "verdicts"]


State: TypeAlias = Literal["fine", "look at this", "cannot run"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a finding means for the study.

    Parameters
    ----------
    state
        "fine", "look at this" or "cannot run".
    topic
        What it is about, such as "rows" or "unknown people".
    text
        The reason, without names of people; empty if it is fine.
    """

    state: State
    topic: str
    text: str = ""

    def __str__(self) -> str:
        return f"{self.state:<14}{self.topic}{': ' if self.text else ''}{self.text}"


def verdicts(findings: Iterable[Finding], problem: Exception | str | None = None) -> tuple[Verdict, ...]:
    """Judge the findings of a check, in their order.

    Parameters
    ----------
    findings
        The findings of `check_study`.
    problem
        The error with which the check ended, if it did.

    Returns
    -------
    tuple of Verdict
        "look at this" for each notable part of a finding (more than 1% of the rows rejected, more than 10% that name nobody in the people
        table, a log without sizes, fewer than 10 cases for each coefficient, ...), else "fine" for the finding. The error comes last.

    Examples
    --------
    >>> import tienet as tn
    >>> from tienet.study.check import check_study
    >>> firm = tn.simulate_firm(n_people=400, seed=1)
    >>> study = tn.Study(log=firm.log, people=firm.people, outcomes=firm.outcomes, no_ties="drop")
    >>> print(verdicts(check_study(study))[3])
    fine          rows
    """
    found = [one for finding in findings for one in _judged(finding)]
    return tuple(found if problem is None else [*found, Verdict("cannot run", "study", str(problem))])


def _judged(finding: Finding) -> list[Verdict]:
    return [Verdict("look at this", topic, text) for topic, text in finding.notable] or [Verdict("fine", finding.topic)]
