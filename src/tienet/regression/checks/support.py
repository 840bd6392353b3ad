"""Common support: the range of the focal variable observed at each level of the moderator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.frames import Columns
from tienet.base.numbers import as_typed, counted, n_text, number, percent, value_text
from tienet.base.record import locked
from tienet.regression.checks._shared import bin_codes, cut_points, needs_cases
from tienet.regression.core.polynomial import Variable
from tienet.regression.model.fit import ModerationFit
from tienet.regression.probes.probe import Probe, common, pair, usual_values

__all__ = ["CommonSupport", "common_support"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class CommonSupport(Probe):
    """Observed range of the focal variable in each of r bins (or levels) of the moderator.

    Parameters
    ----------
    label
        r labels of the bins, such as "[1.5, 2.8]"; a moderator with few values has one bin per value.
    bin_low, bin_high
        (r,) limits of each bin, in the moderator's units; right-closed, and the first includes the lowest value.
    cases
        (r,) number of observations in each bin.
    focal_low, focal_high
        (r,) smallest and largest value of the focal variable in the bin, in its own units.
    share_outside
        (r,) share of the whole observed range of the focal variable beyond the observations of the bin, over which a line for this bin
        would extrapolate.
    line_label, line_at, line_bin
        (m,) lines of the usual interaction figure: their labels, values of the moderator, and bins (-1: outside all bins).
    l_kurtosis
        L-kurtosis of the moderator: 0.12 for a normal and 0 for a uniform variable, close to 1 if a few observations lie far out.
    focal_observed, moderator_observed
        (n,) observed values.
    """

    label: tuple[str, ...]
    bin_low: Vector
    bin_high: Vector
    cases: NDArray[np.int64]
    focal_low: Vector
    focal_high: Vector
    share_outside: Vector
    line_label: tuple[str, ...]
    line_at: Vector
    line_bin: NDArray[np.int64]
    l_kurtosis: float
    focal_observed: Vector
    moderator_observed: Vector

    @property
    def line_share_outside(self) -> Vector:
        """(m,) share of each line of the figure that extrapolates; 1 if its value of the moderator lies outside the data."""
        return np.array([1.0 if place < 0 else self.share_outside[place] for place in self.line_bin])

    def _works(self) -> tuple[str, ...]:
        return ("hainmueller_et_al_2019",)

    def _columns(self) -> Columns:
        return {
            "bin": np.array(self.label, dtype=object),
            "bin_low": self.bin_low,
            "bin_high": self.bin_high,
            "cases": self.cases,
            "share": self.cases / self.n,
            "focal_low": self.focal_low,
            "focal_high": self.focal_high,
            "share_outside": self.share_outside,
        }

    def __str__(self) -> str:
        parts = [
            f"{self._bin(place)} ({counted(int(self.cases[place]), 'observation')}): from {value_text(self.focal_low[place])} to "
            f"{value_text(self.focal_high[place])}"
            for place in range(len(self.label))
        ]
        lines = ", ".join(f"{percent(share, 0)} at {label}" for label, share in zip(self.line_label, self.line_share_outside, strict=True))
        return (
            f"Observed values of {self._focal}, by {self._moderator}, {'; '.join(parts)}; {n_text(self.n)}. "
            f"Share of each line of the interaction figure that lies beyond the data: {lines}."
        )

    def _bin(self, place: int) -> str:
        low, high = self.bin_low[place], self.bin_high[place]
        if low == high:
            return f"at {self.label[place]}"
        return f"{'from' if place == 0 else 'above'} {number(low)} {'to' if place == 0 else 'and up to'} {number(high)}"


def common_support(fit: ModerationFit, focal: str, moderator: str, *, bins: int | Sequence[float] = 3) -> CommonSupport:
    r"""Find the range of the focal variable observed in each bin of the moderator.

    A line of the interaction figure rests on data only over the values of the focal variable observed near that value of the moderator;
    beyond them it extrapolates.

    Parameters
    ----------
    fit
        The fit.
    focal, moderator
        Names of variables whose product is in the model.
    bins
        Number of bins of about equal size (terciles by default), or the edges between them. A moderator with no more values than
        bins has one bin per value.

    Returns
    -------
    CommonSupport
        One entry per bin, and the share of the lines at one SD to either side of the mean that extrapolates.

    Raises
    ------
    ModelError
        If a variable is not in the model, or the slope does not depend on the moderator.
    ArgumentError
        If the bins are not valid.

    References
    ----------
    Hainmueller, J., Mummolo, J. & Xu, Y. (2019). Political Analysis 27, 163-192.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 3.0, 2.0, 7.0, 4.0, 9.5], "x": [1, 2, 3, 4, 5, 6], "z": [0, 1, 0, 1, 0, 1]}
    >>> found = common_support(Moderation("y ~ x*z", covariance="classical").fit(data), "x", "z")
    >>> found.label, found.focal_low, found.share_outside
    (('0', '1'), array([1., 2.]), array([0.2, 0.2]))
    """
    fitted = needs_cases(fit).polynomial
    first, second = pair(fitted, focal, moderator)
    labels, low, high, codes = _bins(second, bins)
    inside = [first.values[codes == code] for code in range(len(labels))]
    focal_low, focal_high = np.array([each.min() for each in inside]), np.array([each.max() for each in inside])
    at, line_label = usual_values(second, whole=False)
    return CommonSupport(
        **common(fitted, first.name, second.name, None, {}),
        label=labels,
        bin_low=locked(low),
        bin_high=locked(high),
        cases=locked([len(each) for each in inside], np.int64),
        focal_low=locked(focal_low),
        focal_high=locked(focal_high),
        share_outside=locked(1 - (focal_high - focal_low) / (first.high - first.low)),
        line_label=line_label,
        line_at=locked(at),
        line_bin=locked([_bin_of(value, low, high) for value in at], np.int64),
        l_kurtosis=l_kurtosis(second.values),
        focal_observed=first.values,
        moderator_observed=second.values,
    )


def _bins(variable: Variable, bins: int | Sequence[float]) -> tuple[tuple[str, ...], Vector, Vector, NDArray[np.int64]]:
    """Labels and limits of the bins, and the bin of each observation; a moderator with few values has one bin per value."""
    levels, codes = np.unique(variable.values, return_inverse=True)
    edges = cut_points(variable, bins)
    if isinstance(bins, int | np.integer) and len(levels) <= bins:
        return tuple(map(as_typed, levels)), levels, levels, codes
    names = [f"{'[' if i == 0 else '('}{low:.4g}, {high:.4g}]" for i, (low, high) in enumerate(pairwise(edges))]
    found = bin_codes(variable.values, edges)
    kept, again = np.unique(found, return_inverse=True)  # an edge given by the user may leave a bin without observations
    return tuple(names[i] for i in kept), edges[:-1][kept], edges[1:][kept], again


def _bin_of(value: float, low: Vector, high: Vector) -> int:
    inside = np.flatnonzero((value <= high) & (value >= low))
    return int(inside[0]) if inside.size else -1


def l_kurtosis(values: Vector) -> float:
    r"""Compute the L-kurtosis :math:`\tau_4 = l_4 / l_2` from unbiased probability-weighted moments.

    Parameters
    ----------
    values
        (n,) numbers. The result is NaN for fewer than four, or if all are equal.

    References
    ----------
    Hosking, J. R. M. (1990). Journal of the Royal Statistical Society B 52, 105-124.

    Examples
    --------
    >>> round(l_kurtosis(np.array([1.0, 2.0, 3.0, 4.0, 5.0])), 12)
    0.0
    """
    n = len(values)
    if n < 4 or np.ptp(values) == 0:
        return float("nan")
    ordered = np.sort(values) - np.mean(values)
    i = np.arange(n)
    weights = [np.ones(n), i / (n - 1), i * (i - 1) / ((n - 1) * (n - 2)), i * (i - 1) * (i - 2) / ((n - 1) * (n - 2) * (n - 3))]
    b0, b1, b2, b3 = (float(np.mean(weight * ordered)) for weight in weights)
    return (20 * b3 - 30 * b2 + 12 * b1 - b0) / (2 * b1 - b0)
