"""Check of a linear interaction: slopes in bins of the moderator, their test, and a smoothly varying slope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.checks import whole
from tienet.base.errors import ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import counted, number, p_text, statistic_text
from tienet.base.record import locked
from tienet.regression.checks._shared import Extended, bin_codes, cut_points, extended, needs_cases, one_way, wald
from tienet.regression.checks._varying import Smooth, smooth_slope
from tienet.regression.core.least_squares import lincom, t_critical
from tienet.regression.core.polynomial import Variable
from tienet.regression.core.wald import why_none
from tienet.regression.covariance.sandwich import sandwich_of
from tienet.regression.model.fit import ModerationFit
from tienet.regression.probes.probe import Probe, common, held_values, level, pair, standing, tested_with

__all__ = ["LinearityCheck", "linearity_check"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class LinearityCheck(Probe):
    """Slopes of the focal variable in r bins of the moderator, compared with the straight line of the model.

    Parameters
    ----------
    bin_low, bin_high
        (r,) limits of each bin; right-closed, and the first includes the lowest value.
    cases
        (r,) number of observations in each bin.
    at
        (r,) median of the moderator in each bin, at which the slope is evaluated.
    estimate, std_error, statistic, dfs, p_value, conf_low, conf_high
        (r,) each: slope in the bin, not bound to the line, under the fit's kind of covariance.
    linear
        (r,) slope of the model at the same value.
    f, df1, df2, linearity_p
        Wald F test that the bins add nothing to the linear interaction. NaN without more clusters than added terms.
    line_at, line, line_low, line_high
        (g,) slope of the model over the observed range, with its pointwise band.
    smooth, smooth_low, smooth_high
        (g,) slope of a local linear regression at the same values, with its pointwise band; NaN if too few observations are near.
    bandwidth
        Standard deviation of the Gaussian window, in the moderator's units.
    moderator_observed
        (n,) observed values of the moderator.
    """

    bin_low: Vector
    bin_high: Vector
    cases: NDArray[np.int64]
    at: Vector
    estimate: Vector
    std_error: Vector
    statistic: Vector
    dfs: Vector
    p_value: Vector
    conf_low: Vector
    conf_high: Vector
    linear: Vector
    f: float
    df1: int
    df2: float
    linearity_p: float
    line_at: Vector
    line: Vector
    line_low: Vector
    line_high: Vector
    smooth: Vector
    smooth_low: Vector
    smooth_high: Vector
    bandwidth: float
    moderator_observed: Vector

    @property
    def chi_square(self) -> float:
        """The test as a chi-square with df1 degrees of freedom: F times df1."""
        return self.f * self.df1

    def _works(self) -> tuple[str, ...]:
        return ("hainmueller_et_al_2019", *self.covariance._works())

    def _columns(self) -> Columns:
        return {
            "bin_low": self.bin_low,
            "bin_high": self.bin_high,
            "cases": self.cases,
            "at": self.at,
            **self._tests(),
            "linear": self.linear,
        }

    @property
    def sentence(self) -> str:
        """What was found, without outcome, errors and sample."""
        parts = [
            f"{number(b)} at {number(at)} (SE {number(s)}; linear: {number(line)}; {counted(int(n), 'observation')})"
            for at, b, s, line, n in zip(self.at, self.estimate, self.std_error, self.linear, self.cases, strict=True)
        ]
        return f"Slope of {self._focal} in bins of {self._moderator}: {'; '.join(parts)}. {self._verdict()}"

    def _verdict(self) -> str:
        if np.isnan(self.f):
            return f"The {self.df1} terms that the bins add cannot be tested: {why_none(self.df1, self.covariance)}."
        test = f"{statistic_text('F', self.f, self.df1, self.df2)}, {p_text(self.linearity_p)}"
        if self.linearity_p < self.alpha:
            return f"The bins depart from a linear interaction ({test}): do not rely on the line alone."
        return f"The bins do not depart significantly from a linear interaction ({test})."


def linearity_check(
    fit: ModerationFit,
    focal: str,
    moderator: str,
    *,
    bins: int | Sequence[float] = 3,
    bandwidth: float | None = None,
    points: int = 50,
    alpha: float | None = None,
) -> LinearityCheck:
    r"""Compare the linear interaction with slopes in bins of the moderator and with a smoothly varying slope.

    With D the focal variable, X the moderator, G_j the bins and x_j their medians, the binning estimator is

    .. math:: Y = \sum_j \left\{\mu_j + \alpha_j D + \eta_j (X - x_j) + \beta_j (X - x_j) D\right\} G_j + \gamma' Z + \varepsilon

    and :math:`\alpha_j` is the slope at :math:`x_j`; in a bin in which X is constant, as where many X are 0, there is no :math:`\eta_j` and
    :math:`\beta_j`. Z are all other terms of the model. Three bins add 8 terms to the linear interaction;
    the Wald test is that all are zero. In a weighted fit the bins have about equal numbers of observations, and the slopes are weighted.

    Parameters
    ----------
    fit
        The fit.
    focal, moderator
        Names of variables whose product is in the model. The moderator must be numeric, with more values than bins.
    bins
        Number of bins of about equal size (terciles by default), or the edges between them. Bins are right-closed, and the first includes
        the lowest value; edges that coincide (many equal values) are merged.
    bandwidth
        Standard deviation of the Gaussian window of the smooth slope, in the moderator's units; by default the one with the smallest
        leave-one-out prediction error among several (0.25 to 2 SD of the moderator).
    points
        Grid points of the line and of the smooth slope over the observed range.
    alpha
        Significance level of intervals and bands; by default the model's.

    Returns
    -------
    LinearityCheck
        Bins, the test, the line and the smooth slope. The smooth slope comes from local linear regressions on D, X and DX of the outcome
        minus the part that the binned model gives to all other terms; its band takes that part and the bandwidth as known.

    Raises
    ------
    ModelError
        If the moderator has only two values (its interaction is always linear), or the focal variable does not vary in a bin.
    ArgumentError
        If the bins are not valid.

    References
    ----------
    Hainmueller, J., Mummolo, J. & Xu, Y. (2019). How much should we trust estimates from multiplicative interaction models? Political
    Analysis 27, 163-192.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> rng = np.random.default_rng(1)
    >>> x, z = rng.normal(size=(2, 200))
    >>> data = {"y": x * z**2 + rng.normal(size=200), "x": x, "z": z}
    >>> check = linearity_check(Moderation("y ~ x*z").fit(data), "x", "z")
    >>> check.df1, check.linearity_p < 0.001
    (8, True)
    """
    fitted = one_way(needs_cases(fit)).polynomial
    first, second = pair(fitted, focal, moderator)
    _check_moderator(first, second, points)
    edges = cut_points(second, bins)
    codes = _checked_bins(first, second, edges)
    added = _bin_columns(first, second, codes)
    found = extended(fit, added.columns, added.names)
    spots = np.array([np.median(second.values[codes == j]) for j in range(len(edges) - 1)])
    grid = np.linspace(second.low, second.high, points)
    chosen = level(fitted, alpha)
    test = wald(found, len(added.names))
    smooth = smooth_slope(_partial(fit, found, first, second), grid, bandwidth, fit.sample.clusters)
    shared = sandwich_of(fit.covariance).df(
        fit.solution, fit.sample.clusters
    )  # not a combination of coefficients, so it has no df of its own
    t = t_critical(chosen, float(shared))
    return LinearityCheck(
        **common(fitted, first.name, second.name, alpha, _held(fit, first, second)),
        bin_low=locked(edges[:-1]),
        bin_high=locked(edges[1:]),
        cases=locked(np.bincount(codes, minlength=len(edges) - 1), np.int64),
        at=locked(spots),
        **_bin_slopes(fit, found, (first, second), (spots, added), chosen),
        linear=locked(_line_rows(fit, first, second, spots) @ fitted.estimate),
        f=test.f,
        df1=test.df1,
        df2=test.df2,
        linearity_p=test.p_value,
        **_line(fit, first, second, grid, chosen),
        smooth=locked(smooth.slope),
        smooth_low=locked(smooth.slope - t * smooth.std_error),
        smooth_high=locked(smooth.slope + t * smooth.std_error),
        bandwidth=smooth.bandwidth,
        moderator_observed=second.values,
    )


def _check_moderator(focal: Variable, moderator: Variable, points: int) -> None:
    if focal.name == moderator.name:
        raise ModelError(f"{focal.name} is both focal and moderator; for a curve, use u_test")
    if moderator.kind == "binary":
        raise ModelError(f"{moderator.name} has only two values, so an interaction with it is always linear; there is nothing to check")
    whole("points", points, 2, 10_000)


def _checked_bins(focal: Variable, moderator: Variable, edges: Vector) -> NDArray[np.int64]:
    """Bin of each observation; refuses bins that cannot carry a line of their own."""
    if len(edges) < 3:
        raise ModelError(f"{moderator.name} has too many equal values for bins of equal size; give the edges, bins=[...]")
    codes = bin_codes(moderator.values, edges)
    for j, (low, high) in enumerate(pairwise(edges)):
        if len(np.unique(focal.values[codes == j])) < 2:
            raise ModelError(
                f"{focal.name} does not vary in the bin of {moderator.name} from {low:g} to {high:g}, so it has no slope there; use fewer "
                "bins, or other edges, bins=[...]"
            )
    return codes


class _Added(NamedTuple):
    """Columns that the bins add, their names, and for each bin the places of its own D and XD among them, if it has them."""

    columns: Vector
    names: list[str]
    slopes: list[tuple[int | None, int | None]]


def _bin_columns(focal: Variable, moderator: Variable, codes: NDArray[np.int64]) -> _Added:
    """G_j, G_j D, G_j X, G_j X D for every bin but one: the terms that the bins add to a linear interaction.

    A bin in which X is constant has no line along X, only G_j and G_j D. The bin without terms of its own is the first in which X varies;
    if it varies in none, the first two bins determine the linear interaction.
    """
    D, X = focal.values - focal.mean, moderator.values - moderator.mean
    bins = int(codes.max()) + 1
    varies = [bool(np.ptp(X[codes == j]) > 0) for j in range(bins)]
    base = {varies.index(True)} if any(varies) else {0, 1}
    columns: list[Vector] = []
    names: list[str] = []
    slopes: list[tuple[int | None, int | None]] = []
    for j in range(bins):
        G = np.asarray(codes == j, dtype=float)
        parts = [(G, ""), (G * D, f":{focal.name}"), (G * X, f":{moderator.name}"), (G * X * D, f":{moderator.name}:{focal.name}")]
        own = [] if j in base else parts if varies[j] else parts[:2]
        slopes.append((len(names) + 1 if own else None, len(names) + 3 if len(own) == 4 else None))
        columns += [column for column, _ in own]
        names += [f"bin {j + 1}{name}" for _, name in own]
    return _Added(np.column_stack(columns), names, slopes)


def _line_rows(fit: ModerationFit, focal: Variable, moderator: Variable, values: Vector) -> Vector:
    """(r, k) rows of the model's slope at values of the moderator, with everything else at its mean."""
    surface = fit.polynomial
    point = standing(surface, {focal.name: focal.mean}, moderator.name)
    away = values - surface.centers[moderator.name]
    return np.asarray(np.vander(away, 3, increasing=True) @ surface.slope_rows(focal.name, moderator.name, point))


def _held(fit: ModerationFit, focal: Variable, moderator: Variable) -> dict[str, float]:
    point = standing(fit.polynomial, {focal.name: focal.mean}, moderator.name)
    return held_values(fit.polynomial, focal.name, moderator.name, point)


def _bin_slopes(
    fit: ModerationFit, found: Extended, both: tuple[Variable, Variable], bins: tuple[Vector, _Added], alpha: float
) -> dict[str, Any]:
    """Slope at the median of each bin: the model's part plus the bin's."""
    spots, added = bins
    rows = np.zeros((len(spots), len(found.matrix)))
    k = len(fit.terms)
    rows[:, :k] = _line_rows(fit, *both, spots)
    for row, spot, (level_, tilt) in zip(rows, spots, added.slopes, strict=True):
        if level_ is not None:
            row[k + level_] = 1.0
        if tilt is not None:
            row[k + tilt] = spot - both[1].mean
    return tested_with(*lincom(rows, found.solution.estimate, found.matrix), found.degrees.of(rows), alpha)


def _line(fit: ModerationFit, focal: Variable, moderator: Variable, grid: Vector, alpha: float) -> dict[str, Any]:
    surface = fit.polynomial
    rows = _line_rows(fit, focal, moderator, grid)
    estimate, std_error = lincom(rows, surface.estimate, surface.matrix)
    half = t_critical(alpha, surface.df_of(rows)) * std_error
    return {
        "line_at": locked(grid),
        "line": locked(estimate),
        "line_low": locked(estimate - half),
        "line_high": locked(estimate + half),
    }


def _partial(fit: ModerationFit, found: Extended, focal: Variable, moderator: Variable) -> Smooth:
    """Outcome minus the terms that are not in the local regressions, with D and X for these."""
    own = [set(term.names) <= {focal.name, moderator.name} and term.power(focal.name) < 2 for term in fit.design.terms]
    others = np.flatnonzero(~np.array(own))
    given = fit.design.columns(fit.design.means)[:, others - 1] @ found.solution.estimate[others]
    weights = np.ones(fit.n) if fit.sample.weights is None else fit.sample.weights / fit.sample.weights.mean()
    return Smooth(fit.sample.response - given, focal.values - focal.mean, moderator.values, weights, focal.sd, moderator.sd)
