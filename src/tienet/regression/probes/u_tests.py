"""The U test (Sasabuchi; Lind & Mehlum)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError, ModelError, OutsideSupport, warn
from tienet.base.frames import Columns
from tienet.base.numbers import number, p_range_text, p_text, percent, range_text, value_text
from tienet.base.record import locked
from tienet.regression.core.least_squares import lincom, t_ratio
from tienet.regression.core.polynomial import Model, Polynomial, Variable, surface_of
from tienet.regression.probes._along import moments, slope_along
from tienet.regression.probes._critical import critical_along
from tienet.regression.probes._error_bounds import error_bounds
from tienet.regression.probes.predicted_surfaces import Surface, curve_over
from tienet.regression.probes.probe import Probe, Values, common, held_values, only_errors, pair, single, warn_outside
from tienet.regression.probes.turning_points import Curvature, curvature_of

__all__ = ["UBounds", "UTest", "u_test"]


_SMALL_ARM = 0.05
_UNKNOWN = np.full((3, 3), np.nan)


class UBounds(NamedTuple):
    """What standard errors alone tell of a U test: the smallest and largest error and one-sided p at both ends, (2,) each."""

    std_error_low: Vector
    std_error_high: Vector
    p_low: Vector
    p_high: Vector

    @property
    def p_value(self) -> tuple[float, float]:
        """Between which values the p of the test lies: the larger of those of both ends."""
        return float(self.p_low.max()), float(self.p_high.max())


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class UTest(Probe):
    """Result of testing whether a curve has opposite slopes at the two ends of an interval.

    Parameters
    ----------
    shape
        The shape tested, "U" or "inverted U": that of the fitted curve.
    interval
        The two ends.
    slope, std_error, end_statistic, end_p_value, dfs
        (2,) each, at the low and the high end. The p-values are one-sided, in the direction of the shape; `dfs` are degrees of freedom.
    statistic, p_value
        Result of the test: that of the end with the larger p-value.
    extremum
        Turning point of the fitted curve.
    trivial
        True if it lies outside the interval, so that the test fails trivially.
    share_low, share_high
        Share of the observations in the interval below and above the extremum; NaN without data.
    curve
        Fitted curve between the two ends, for a figure.
    bounds
        Bounds of errors and p-values for a model published with standard errors only; the errors, statistics and p-values that it does not
        settle are then NaN. None otherwise.
    """

    shape: Curvature
    interval: tuple[float, float]
    slope: Vector
    std_error: Vector
    end_statistic: Vector
    end_p_value: Vector
    dfs: Vector
    statistic: float
    p_value: float
    extremum: float
    trivial: bool
    share_low: float
    share_high: float
    curve: Surface
    bounds: UBounds | None = None

    def _works(self) -> tuple[str, ...]:
        return ("lind_mehlum_2010", "sasabuchi_1980", *self.covariance._works())

    def _columns(self) -> Columns:
        return {
            "end": np.array(["low", "high", "overall"], dtype=object),
            "value": np.array([*self.interval, np.nan]),
            "estimate": np.array([*self.slope, np.nan]),
            "std_error": np.array([*self.std_error, np.nan]),
            "statistic": np.array([*self.end_statistic, self.statistic]),
            "df": np.array([*self.dfs, self.dfs[int(np.argmax(self.end_p_value))]]),
            "p_value": np.array([*self.end_p_value, self.p_value]),
            **self._bound_columns(),
            "share": np.array([self.share_low, self.share_high, self.share_low + self.share_high]),
        }

    def _bound_columns(self) -> Columns:
        if self.bounds is None:
            return {}
        low, high = self.bounds.p_value
        errors = {name: np.array([*getattr(self.bounds, name), np.nan]) for name in ("std_error_low", "std_error_high")}
        return {**errors, "p_low": np.array([*self.bounds.p_low, low]), "p_high": np.array([*self.bounds.p_high, high])}

    @property
    def sentence(self) -> str:
        """What was found, without outcome, errors and sample."""
        low, high = (self._course(place) for place in (0, 1))
        return f"{self._finding()} {low[0].upper()}{low[1:]}; {high}."

    def _course(self, place: int) -> str:
        """The direction of the curve at one end; "still" or "already" if it is not that of the shape tested."""
        slope, wanted = self.slope[place], (self.shape == "U") == (place == 1)
        against = "" if (slope > 0) == wanted else ("already ", "still ")[place]
        course = f"{against}{'rises' if slope > 0 else 'falls'}" if slope else "is flat"
        test = f"slope {number(slope)}, one-sided {self._end_p(place)}"
        return f"at {self._focal} = {value_text(self.interval[place])} the curve {course} ({test})"

    def _end_p(self, place: int) -> str:
        if self.bounds is None or np.isfinite(self.end_p_value[place]):
            return p_text(self.end_p_value[place])
        low, high = number(self.bounds.std_error_low[place]), number(self.bounds.std_error_high[place])
        return f"{p_range_text(self.bounds.p_low[place], self.bounds.p_high[place])}, SE between {low} and {high}"

    def _bounded_finding(self, bounds: UBounds, article: str) -> str:
        low, high = bounds.p_value
        p, turns = p_range_text(low, high), f"turning at {number(self.extremum)}"
        if high < self.alpha:
            return f"The curve is consistent with {article} {self.shape} whatever the covariances of the coefficients are ({p}), {turns}."
        if low >= self.alpha:
            return f"The curve does not show {article} {self.shape}, whatever the covariances of the coefficients are ({p})."
        return (
            f"Whether the curve is consistent with {article} {self.shape}, {turns}, cannot be settled ({p}), because the covariances of "
            "the coefficients are not given."
        )

    def _finding(self) -> str:
        article = "a" if self.shape == "U" else "an"
        if self.trivial:
            return (
                f"No evidence of {article} {self.shape}{self._on}: the turning point ({number(self.extremum)}) lies outside the interval "
                f"{range_text(*self.interval)}, so the slope keeps its sign there."
            )
        if self.bounds is not None:
            return self._bounded_finding(self.bounds, article)
        verdict = "is consistent with" if self.p_value < self.alpha else "does not show"
        cases = (
            ""
            if np.isnan(self.share_low)
            else f", with {percent(self.share_low, 1)} of the observations before it and {percent(self.share_high, 1)} after"
        )
        test = f"t = {number(self.statistic, 2)}, {p_text(self.p_value)}"
        warning = " A quadratic can show this for curves that only level off: run the two-lines test, two_lines(...)."
        caution = warning if self.p_value < self.alpha and not self.measured else ""
        return f"The curve{self._on} {verdict} {article} {self.shape} ({test}), turning at {number(self.extremum)}{cases}.{caution}"


def u_test(
    model: Model, *, focal: str, low: float | None = None, high: float | None = None, at: Values = None, alpha: float | None = None
) -> UTest:
    r"""Test for a U (or an inverted U) on an interval (Sasabuchi; Lind & Mehlum).

    The alternative is :math:`s(low) < 0 < s(high)` for a U and the reverse for an inverted U. The overall p is the larger of the two
    one-sided p-values, and the statistic the smaller t in the direction of the shape.

    Parameters
    ----------
    model
        A fit, or a model rebuilt from a published table.
    focal
        A variable whose square is in the model.
    low, high
        Ends of the interval; by default the observed range.
    at
        Values at which to hold the variables that interact with it, {variable: value}; by default their means.
    alpha
        Significance level used in the sentence; by default the model's.

    Returns
    -------
    UTest
        `trivial` if the curve turns outside the interval; p is then above .5.

    Raises
    ------
    ModelError
        If the variable or its square is not in the model, or its range is not known.

    Warns
    -----
    OutsideSupport
        If fewer than 5% of the observations lie on one side of the extremum, or an end lies outside the data.

    References
    ----------
    Sasabuchi, S. (1980). Biometrika 67, 429-439.
    Lind, J. T. & Mehlum, H. (2010). Oxford Bulletin of Economics and Statistics 72, 109-118.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> fit = Moderation("y ~ x + x^2", covariance="classical").fit({"y": [9.1, 3.9, 1.2, 0.1, 0.8, 4.2, 8.9], "x": [0, 1, 2, 3, 4, 5, 6]})
    >>> test = u_test(fit, focal="x")
    >>> test.shape, test.trivial, test.p_value < 0.001
    ('U', False, True)
    """
    surface = surface_of(model)
    variable, _ = pair(surface, focal, focal)
    polynomial, point = slope_along(surface, variable, variable, at)
    bounded = only_errors(surface, polynomial)
    slope, covariance = (polynomial @ np.nan_to_num(surface.estimate), _UNKNOWN) if bounded else moments(surface, variable, polynomial)
    ends = _interval(variable, low, high)
    center = surface.centers[variable.name]
    rows = np.array([[1.0, end - center, 0.0] for end in ends])
    estimate, error = lincom(rows, slope, covariance)
    df = critical_along(surface, polynomial, surface.alpha).df_of(rows)
    shape = curvature_of(slope)
    wanted = np.array((-1.0, 1.0) if shape == "U" else (1.0, -1.0))
    bounds = _bounds(surface, rows @ polynomial, estimate * wanted, df) if bounded else None
    if bounds is not None:
        error = np.where(bounds.std_error_low == bounds.std_error_high, bounds.std_error_high, np.nan)
    directed = t_ratio(estimate, error) * wanted
    p = _one_sided(directed, df)
    extremum = float(center - slope[0] / slope[1]) if slope[1] else float("nan")
    trivial = not ends[0] < extremum < ends[1]
    below, above = _arms(variable, ends, extremum)
    if not trivial and min(below, above) < _SMALL_ARM:
        warn(
            f"only {percent(min(below, above), 1)} of the observations lie on one side of the turning point over {variable.name} "
            f"({number(extremum)}), so the slope there rests on few people",
            OutsideSupport,
        )
    return UTest(
        **common(surface, variable.name, None, alpha, held_values(surface, variable.name, variable.name, point)),
        shape=shape,
        interval=ends,
        slope=locked(estimate),
        std_error=locked(error),
        end_statistic=locked(t_ratio(estimate, error)),
        end_p_value=locked(p),
        dfs=locked(df),
        statistic=float(directed[int(np.argmax(p))]),
        p_value=float(p.max()),
        extremum=extremum,
        trivial=trivial,
        share_low=below,
        share_high=above,
        curve=curve_over(surface, variable, point, ends, alpha),
        bounds=bounds,
    )


def _bounds(surface: Polynomial, rows: Vector, directed: Vector, df: Vector) -> UBounds:
    """Bounds of the errors at both ends and of the one-sided p-values; a slope in the direction of the shape has its smallest p first."""
    low, high = error_bounds(rows, surface.matrix)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.sort([_one_sided(np.nan_to_num(directed / error), df) for error in (low, high)], axis=0)
    return UBounds(low, high, p[0], p[1])


def _one_sided(directed: Vector, df: Vector) -> Vector:
    from scipy.special import stdtr

    return np.asarray(stdtr(df, -directed), dtype=float)


def _end(variable: Variable, observed: float, asked: float | None) -> float:
    return observed if asked is None else single(variable.name, asked)


def _interval(variable: Variable, low: float | None, high: float | None) -> tuple[float, float]:
    ends = _end(variable, variable.low, low), _end(variable, variable.high, high)
    if not np.isfinite(ends).all():
        raise ModelError(f"the range of {variable.name} is not known; give low and high")
    if not ends[0] < ends[1]:
        raise ArgumentError(f"low must be below high for the interval of {variable.name}, got low={ends[0]:g}, high={ends[1]:g}")
    warn_outside(variable, ends)
    return ends


def _arms(variable: Variable, ends: tuple[float, float], extremum: float) -> tuple[float, float]:
    inside = variable.values[(variable.values >= ends[0]) & (variable.values <= ends[1])]
    if len(inside) == 0:
        return float("nan"), float("nan")
    return float(np.mean(inside < extremum)), float(np.mean(inside >= extremum))
