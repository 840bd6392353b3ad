"""A strength that ties bring along instead of taking it from a log: the survey's answers, or one calibrated on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Answers", "GivenStrength"]


SurveyDesign: TypeAlias = Literal["roster", "name_generator"]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What people answered about each other, one entry per respondent and colleague.

    Attributes
    ----------
    respondent, colleague : (n,) int array
        Roster positions of who answered and about whom.
    items : tuple of str
        The k items.
    values : (n, k) array
        Answers rescaled to 0 (the weak end) .. 1 (the strong end), reversed items turned round.
    names : (n,) bool array
        Whether the answer names a tie.
    design : str
        "roster": people rated a list, so a colleague without an answer is not known about. "name_generator": people named
        colleagues, so a colleague left out is one not named.
    """

    respondent: NDArray[np.int64]
    colleague: NDArray[np.int64]
    items: tuple[str, ...]
    values: NDArray[np.float64]
    names: NDArray[np.bool_]
    design: SurveyDesign

    @property
    def score(self) -> NDArray[np.float64]:
        """The mean of the items of each answer, 0 to 1."""
        mean: NDArray[np.float64] = self.values.mean(axis=1)
        return mean


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GivenStrength:
    """The strength of each tie as its two ends see it.

    Attributes
    ----------
    name : str
        What `measure_egos` calls it: the name of its entry among the strengths, such as "survey".
    as_a, as_b : (m,) array
        Strength as the `a` end and as the `b` end sees it, 0 to 1.
    sentence : str
        Where it comes from, in words.
    answers : Answers or None
        The survey behind it.
    """

    name: str
    as_a: NDArray[Any]
    as_b: NDArray[Any]
    sentence: str
    answers: Answers | None = None

    @property
    def both(self) -> NDArray[np.float64]:
        """The mean of the two ends."""
        mean: NDArray[np.float64] = (self.as_a + self.as_b) / 2.0
        return mean
