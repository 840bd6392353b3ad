"""The card of a function: its numbers, and which headline they give. No sentences; these are in `tienet.study.words`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Card", "Estimate", "Line", "Lines", "OtherAnalysis", "Slopes", "StrengthLevels", "Support", "Turn", "Verdict"]


Verdict: TypeAlias = Literal[
    "same_sign",  # product clear; slopes at weak and strong ties clear, with the same sign
    "opposite_signs",  # product clear; both slopes clear, with opposite signs
    "only_weak",  # product clear; only the slope at weak ties clear
    "only_strong",  # product clear; only the slope at strong ties clear
    "neither",  # product clear; neither slope clear
    "mean_clear",  # product not clear; slope at the mean clear
    "open",  # product not clear; slope at the mean not clear
    "small",  # product not clear, and the interval of the difference within what the study calls important
    "scales_clear",  # product and second difference disagree; slope at the mean clear
    "scales_open",  # product and second difference disagree; slope at the mean not clear
    "too_few",  # not tested
]


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate in units of the outcome per tie, in percentage points of a probability, with its interval and t test.

    Parameters
    ----------
    estimate, std_error
        The estimate and its standard error.
    low, high
        The ends of the interval with coverage 1 - alpha of the study.
    p_value
        Two-sided p of the t test against zero, not corrected for the number of functions.
    df
        Degrees of freedom of t.
    """

    estimate: float
    std_error: float
    low: float
    high: float
    p_value: float
    df: float


@dataclass(frozen=True, slots=True)
class Slopes:
    """The slope of total ties at weak, mean and strong ties, and the slope at strong less that at weak ties."""

    weak: Estimate
    middle: Estimate
    strong: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class StrengthLevels:
    """Values of tie strength called weak and strong.

    Parameters
    ----------
    weak, middle, strong
        Tie strength on its own scale; `middle` is the mean.
    percentiles
        Whether weak and strong are the 16th and 84th percentile, because the mean - 1 SD or the mean + 1 SD lies outside the data.
    """

    weak: float
    middle: float
    strong: float
    percentiles: bool


@dataclass(frozen=True, slots=True)
class OtherAnalysis:
    """The same question asked of the same data in another way; all of the study but the named choice stays.

    Parameters
    ----------
    name
        The choice in words, such as "without squares" or "ties from 5 interactions".
    difference
        The difference between the slopes at its own strong and weak ties; None if it could not be estimated.
    found
        Whether p < alpha and the sign is that of the study.
    same_sign
        Whether the sign is that of the study.
    refused
        Why it could not be estimated, in one clause; else None.
    """

    name: str
    difference: Estimate | None
    found: bool
    same_sign: bool
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Where the curve of total ties turns; only if it turns inside the data (p < alpha) and has a bounded interval.

    Parameters
    ----------
    at, low, high
        The turning point and its Fieller interval, in ties.
    share_below
        Share of the people in the model with fewer ties than `at`, 0 to 1.
    highest
        Whether the outcome is highest there; else lowest.
    """

    at: float
    low: float
    high: float
    share_below: float
    highest: bool


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """How many people have each number of ties: for the columns below the figure.

    Parameters
    ----------
    ties
        (m,) numbers of ties on the axis that at least one person has, ascending.
    people
        (m,) people with that many. Counts under the study's floor must not be shown as numbers or as heights.
    """

    ties: NDArray[np.int64]
    people: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Predicted outcome along the grid, NaN where there are no people: (g,) fit, low and high end of the interval."""

    fit: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The lines of the interaction figure.

    Parameters
    ----------
    ties
        (g,) numbers of ties, from the smallest to the end of the axis, which holds 97% of the people.
    weak, strong
        The lines at weak and strong ties, with all other variables at their means.
    """

    ties: NDArray[np.float64]
    weak: Line
    strong: Line


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """What a study found about one function.

    Parameters
    ----------
    function, label
        The function in snake_case, and as the people table writes it.
    people
        People in the model.
    verdict
        Which headline the numbers give.
    levels
        The values of tie strength called weak and strong.
    weak, middle, strong
        Slope of total ties at weak, mean and strong ties, at the mean of total ties; None if not tested. With a link they are slopes of the
        expected outcome, averaged over the people.
    difference
        The slope at strong less the slope at weak ties: the product's coefficient times the difference in strength, with the t, df and p
        of the product; None if not tested. With a link the second difference.
    found_in, analyses
        The analyses that find the difference (p < alpha and the same sign), of all that could be estimated; the study itself counts.
    others
        The other analyses.
    turn
        Where the curve turns, or None.
    unseen
        With an open `difference`: the size of one that would be found with 80% power; else None.
    mean_ties
        The mean of total ties in the model.
    support
        People by number of ties, on the axis of the figure.
    outside
        People in the model with more ties than the axis shows; a count under the study's floor must not be shown as a number.
    lines
        The lines of the figure, or None.
    refused
        Why nothing was tested, in one clause; else None.
    link
        The estimates on the scale of the link, such as log odds, at the mean of total ties; None where the card itself has that scale.
    """

    function: str
    label: str
    people: int
    verdict: Verdict
    levels: StrengthLevels
    weak: Estimate | None
    middle: Estimate | None
    strong: Estimate | None
    difference: Estimate | None
    found_in: int
    analyses: int
    others: tuple[OtherAnalysis, ...]
    turn: Turn | None
    unseen: float | None
    mean_ties: float
    support: Support
    outside: int
    lines: Lines | None
    refused: str | None = None
    link: Slopes | None = None

    @property
    def product(self) -> Estimate | None:
        """The difference with the p of the product, which is tested first, on the scale of the link."""
        return self.difference if self.link is None else self.link.difference
