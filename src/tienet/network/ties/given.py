"""Tie strength that is not computed from a log: survey answers, or a strength calibrated on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Answers", "GivenStrength"]


SurveyDesign: TypeAlias = Literal["roster", "name_generator"]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Survey answers about ties, one entry per respondent and colleague.

    Parameters
    ----------
    respondent, colleague
        (n,) roster positions of the person who answered and the person asked about.
    items
        The k items.
    values
        (n, k) answers rescaled to 0 (weak) .. 1 (strong), with reversed items turned round.
    names
        (n,) whether the answer names a tie.
    design
        "roster": people rated a list, so a missing answer is unknown. "name_generator": people named colleagues, so everyone else was
        not named.
    """

    respondent: NDArray[np.int64]
    colleague: NDArray[np.int64]
    items: tuple[str, ...]
    values: NDArray[np.float64]
    names: NDArray[np.bool_]
    design: SurveyDesign

    @property
    def score(self) -> NDArray[np.float64]:
        """The mean over the items of each answer, 0 to 1."""
        mean: NDArray[np.float64] = self.values.mean(axis=1)
        return mean


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GivenStrength:
    """The strength of each tie, as each of its two ends sees it.

    Parameters
    ----------
    name
        Its name as a `strength` of `measure_egos`, such as "survey".
    as_a, as_b
        (m,) strength as seen by the `a` end and by the `b` end, 0 to 1.
    sentence
        A sentence that says where the strength comes from.
    answers
        The survey answers behind it, or None.
    ties_too
        Whether the ties are given as well, instead of built from a log by a tie rule; `sentence` then says what makes a tie.
    """

    name: str
    as_a: NDArray[Any]
    as_b: NDArray[Any]
    sentence: str
    answers: Answers | None = None
    ties_too: bool = False

    @property
    def stated(self) -> bool:
        """Whether no tie rule made the ties: they are those of a survey, or of another source that states them."""
        return self.answers is not None or self.ties_too

    @property
    def both(self) -> NDArray[np.float64]:
        """The mean of the two ends."""
        mean: NDArray[np.float64] = (self.as_a + self.as_b) / 2.0
        return mean
