"""The two-lines test of a U shape: an interrupted regression with one slope on each side of a break."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import real
from tienet.base.errors import ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import counted, listed, number, p_text, percent, range_text, value_text
from tienet.base.record import locked
from tienet.regression.core.formula import Term, checked
from tienet.regression.core.least_squares import lincom, sandwich, solve, t_critical
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.core.polynomial import Variable
from tienet.regression.covariance.classical import Classical
from tienet.regression.covariance.register import estimator_of
from tienet.regression.model.fit import ModerationFit, estimate, least_squares_fit
from tienet.regression.probes.probe import Probe, common, level, standing, tested

__all__ = ["TwoLines", "two_lines"]


LinesVerdict: TypeAlias = Literal["U", "inverted U", "neither"]
BreakRule: TypeAlias = Literal["given", "robin_hood"]
_KNOTS = (0.05, 0.275, 0.5, 0.725, 0.95)
_MIDDLE = (0.1, 0.9)
_POINTS = 41
_MANY = 0.02  # from this share of observations at the break on, it matters to which line they belong


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class TwoLines(Probe):
    """Slopes below and above a break.

    Parameters
    ----------
    break_at
        The break, on the focal variable's own scale; an observation exactly at the break belongs to the line below.
    rule
        "given", or "robin_hood" if the rule derived it from a flexible fit.
    label
        Names of the two stretches.
    estimate, std_error, statistic, p_value, conf_low, conf_high, dfs
        (2,) each: slope below and above the break, in units of the outcome per unit of the focal variable.
    share
        (2,) share of the observations on each side.
    verdict
        "U" or "inverted U" if the two slopes have opposite signs and both differ from zero, else "neither".
    left_out
        Products of the focal variable with others, which the two lines leave out.
    line_values, line_estimate, line_low, line_high
        (2, points) each: the two lines over the observed range with pointwise bands, other variables at their means.
    smooth_values, smooth
        (points,) each: the flexible fit, other variables at their means.
    focal_observed
        (n,) observed values.
    """

    break_at: float
    rule: BreakRule
    label: tuple[str, str]
    estimate: Vector
    std_error: Vector
    statistic: Vector
    p_value: Vector
    conf_low: Vector
    conf_high: Vector
    dfs: Vector
    share: Vector
    verdict: LinesVerdict
    left_out: tuple[str, ...]
    line_values: Vector
    line_estimate: Vector
    line_low: Vector
    line_high: Vector
    smooth_values: Vector
    smooth: Vector
    focal_observed: Vector

    def _works(self) -> tuple[str, ...]:
        return ("simonsohn_2018", *self.covariance._works())

    def _columns(self) -> Columns:
        return {
            "label": np.array(self.label, dtype=object),
            **self._tests(),
            "share": self.share,
        }

    @property
    def sentence(self) -> str:
        """What was found, without outcome, errors and sample."""
        found = "no U in either direction" if self.verdict == "neither" else f"{'a' if self.verdict == 'U' else 'an'} {self.verdict}"
        parts = [
            f"{label} the slope is {number(b)} (SE {number(s)}, {p_text(p)}; {percent(share, 1)} of the observations)"
            for label, b, s, p, share in zip(self.label, self.estimate, self.std_error, self.p_value, self.share, strict=True)
        ]
        how = "given" if self.rule == "given" else "by the Robin Hood rule"
        left = f" Products left out: {', '.join(map(self._word, self.left_out))}." if self.left_out else ""
        return f"Two lines over {self._focal} show {found}: {listed(parts)} (break {how}).{self._ties()}{left}"

    def _ties(self) -> str:
        there = int(np.sum(self.focal_observed == self.break_at))
        if there < _MANY * len(self.focal_observed):
            return ""
        return (
            f" {counted(there, 'observation')} exactly at the break count as below it; to count them as above, set break_at just under it."
        )


def two_lines(
    fit: ModerationFit, *, focal: str, break_at: float | None = None, covariance: str | None = None, alpha: float | None = None
) -> TwoLines:
    r"""Test for a U shape with two straight lines (Simonsohn).

    With break c the regression is :math:`y = a + b\,x_{low} + d\,x_{high} + e\,[x > c] + controls` with :math:`x_{low} = (x - c)[x \le c]`
    and :math:`x_{high} = (x - c)[x > c]`. A U needs b and d of opposite signs, both different from zero. Unlike the quadratic, the test
    does not find a U in curves that merely level off.

    Parameters
    ----------
    fit
        A fit. The two lines are estimated on its rows and replace all terms with the focal variable; its other terms are controls.
    focal
        A numeric variable of the model.
    break_at
        The break, inside the observed range; by default found by the Robin Hood rule, see Notes.
    covariance
        By default that of the fit, including its clusters; the original uses "HC3".
    alpha
        Significance level; by default the model's.

    Returns
    -------
    TwoLines
        Both slopes with their tests, and the verdict.

    Raises
    ------
    ModelError
        If the variable is not in the model or has too few values, or if one side of the break has fewer than two different values.

    Notes
    -----
    The Robin Hood rule: (1) fit a restricted cubic spline with knots at the quantiles .05, .275, .5, .725 and .95 of the focal variable
    (the original uses a penalised spline) and the controls; (2) find its highest point within the middle 80% of the observations, or its
    lowest if the quadratic falls at the lowest value; (3) keep the observations of that middle whose fitted value, with its standard error
    added, reaches that point; (4) fit two lines with the break at their median; (5) set the break to the quantile
    :math:`|t_2| / (|t_1| + |t_2|)` of the observations kept, which gives more observations to the line with less evidence.

    Observations exactly at the break belong to the line below in both slopes. The original program estimates the slope above again with
    them on its side, which differs if many observations share that value, as counts do. The sentence then reports how many there are; a
    ``break_at`` just below that value gives that slope.

    References
    ----------
    Simonsohn, U. (2018). Advances in Methods and Practices in Psychological Science 1, 538-555.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> x = [0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    >>> y = [8.2, 6.9, 6.1, 4.8, 4.1, 4.9, 6.2, 7.0, 7.9, 9.1]
    >>> found = two_lines(Moderation("y ~ x + x^2").fit({"y": y, "x": x}), focal="x", break_at=4)
    >>> found.verdict, found.label
    ('U', ('x up to 4', 'x above 4'))
    """
    variable = _number(least_squares_fit(fit, "two_lines"), focal)
    a = level(fit.polynomial, alpha)
    values, smooth, smooth_error = _flexible(fit, variable)
    chosen = _robin_hood(fit, variable, smooth, smooth_error, covariance) if break_at is None else real("break_at", break_at)
    lines = _interrupted(fit, variable, chosen, covariance)
    surface, names = lines.polynomial, _names(focal)
    slopes = tested(surface, np.array([surface.slope_row(name, standing(surface, {})) for name in names[:2]]), a)
    order = np.unique(variable.values, return_index=True)[1]
    below = float(np.mean(variable.values <= chosen))
    return TwoLines(
        **common(surface, focal, None, alpha, {}),
        break_at=chosen,
        rule="robin_hood" if break_at is None else "given",
        label=(f"{focal} up to {value_text(chosen)}", f"{focal} above {value_text(chosen)}"),
        **slopes,
        share=locked([below, 1 - below]),
        verdict=_verdict(slopes["estimate"], slopes["p_value"], a),
        left_out=tuple(str(term) for term in fit.formula.terms if term.power(focal) and len(term.powers) > 1),
        **_drawn(lines, variable, chosen, a),
        smooth_values=locked(values[order]),
        smooth=locked(smooth[order]),
        focal_observed=variable.values,
    )


def restricted_spline(values: Vector, knots: Vector) -> Vector:
    r"""(n, len(knots) - 1) columns of a cubic spline that is straight beyond its outer knots: x, then the K - 2 bent ones.

    With knots :math:`t_1 < \dots < t_K` and :math:`d_j(x) = ((x - t_j)_+^3 - (x - t_K)_+^3) / (t_K - t_j)` the bent columns are
    :math:`d_j(x) - d_{K-1}(x)`, here over the squared span of the knots so that they have the unit of x.
    """
    last = knots[-1]

    def d(knot: float) -> Vector:
        return np.asarray((np.maximum(values - knot, 0.0) ** 3 - np.maximum(values - last, 0.0) ** 3) / (last - knot))

    span = (last - knots[0]) ** 2
    return np.column_stack([values, *((d(knot) - d(knots[-2])) / span for knot in knots[:-2])])


def _number(fit: ModerationFit, focal: str) -> Variable:
    variable = fit.polynomial.variable(focal)
    if variable.name != focal or variable.kind == "binary":
        raise ModelError(f"{focal} must be a numeric variable with many values, but it has two values or categories")
    return variable


def _names(focal: str) -> tuple[str, str, str]:
    return f"{focal}__low", f"{focal}__high", f"{focal}__above"


def _controls(fit: ModerationFit, focal: str) -> tuple[Term, ...]:
    return tuple(term for term in fit.formula.terms if not term.power(focal))


def _interrupted(fit: ModerationFit, variable: Variable, break_at: float, covariance: str | None) -> ModerationFit:
    """Fit the interrupted regression on the same rows, so that it can use any covariance of the library."""
    away, above = variable.values - break_at, variable.values > break_at
    _check_sides(variable, break_at)
    names = _names(variable.name)
    parts = (np.where(above, 0.0, away), np.where(above, away, 0.0), above.astype(float))
    terms = (*(Term(((name, 1),)) for name in names), *_controls(fit, variable.name))
    kept = {name for term in terms for name in term.names}
    formula = checked(fit.formula.outcome, terms, fit.formula.columns)
    columns = {**{name: locked(part, float) for name, part in zip(names, parts, strict=True)}, **fit.sample.columns}
    sample: ModelFrame = replace(fit.sample, columns={name: column for name, column in columns.items() if name in kept})
    model = replace(fit.model, formula=str(formula), center="none")
    if covariance is not None:
        clustered = estimator_of(covariance).clustered
        model = replace(model, covariance=covariance, cluster=model.cluster if clustered else None)
        sample = sample if clustered else replace(sample, clusters=None)
    return estimate(model, formula, sample)


def _check_sides(variable: Variable, break_at: float) -> None:
    below = len(np.unique(variable.values[variable.values <= break_at]))
    above = len(np.unique(variable.values[variable.values > break_at]))
    if min(below, above) < 2:
        raise ModelError(
            f"the break {value_text(break_at)} leaves {below} different values of {variable.name} below it and {above} above; "
            f"two lines need two on each side; give break_at inside {range_text(variable.low, variable.high)}"
        )


def _flexible(fit: ModerationFit, variable: Variable) -> tuple[Vector, Vector, Vector]:
    """Observed values, the spline at them with the controls at their means, and its standard error."""
    x = (variable.values - variable.mean) / variable.sd
    knots = np.unique(np.quantile(x, _KNOTS))
    bent = restricted_spline(x, knots) if len(knots) > 2 else np.column_stack([x, x**2])
    others = _control_columns(fit, variable.name)
    columns = np.column_stack([bent, others])
    names = [f"{variable.name} (spline {j + 1})" for j in range(columns.shape[1])]
    solution = solve(columns, fit.sample.response, names, fit.sample.weights)
    rows = np.column_stack([np.ones(len(x)), bent, np.tile(others.mean(axis=0), (len(x), 1))])
    smooth, error = lincom(rows, solution.estimate, sandwich(solution.back, Classical().meat(solution)[0]))
    return variable.values, smooth, error


def _control_columns(fit: ModerationFit, focal: str) -> Vector:
    kept = [not source.power(focal) for source in fit.design.sources[1:]]
    return fit.design.columns(fit.design.means)[:, kept]


def _robin_hood(fit: ModerationFit, variable: Variable, smooth: Vector, error: Vector, covariance: str | None) -> float:
    x = variable.values
    low, high = np.quantile(x, _MIDDLE)
    middle = (x > low) & (x < high)
    middle = middle if middle.any() else (x >= low) & (x <= high)
    side = -1.0 if _falls_first(fit, variable) else 1.0
    flat = x[middle & (side * smooth + error > (side * smooth)[middle].max())]
    first = _interrupted(fit, variable, float(np.median(flat)), covariance)
    rows = np.array([first.polynomial.slope_row(name, standing(first.polynomial, {})) for name in _names(variable.name)[:2]])
    t = np.abs(tested(first.polynomial, rows, fit.alpha)["statistic"])
    return float(np.quantile(flat, t[1] / t.sum()))


def _falls_first(fit: ModerationFit, variable: Variable) -> bool:
    """Whether the quadratic, with the controls, falls at the lowest value: the test then looks for a U, else for an inverted U."""
    x = (variable.values - variable.mean) / variable.sd
    columns = np.column_stack([x, x**2, _control_columns(fit, variable.name)])
    b = solve(columns, fit.sample.response, [variable.name] * columns.shape[1], fit.sample.weights).estimate
    return bool(b[1] + 2 * b[2] * x.min() <= 0)


def _verdict(slopes: Vector, p: Vector, alpha: float) -> LinesVerdict:
    if not (p < alpha).all() or slopes[0] * slopes[1] >= 0:
        return "neither"
    return "U" if slopes[0] < 0 else "inverted U"


def _drawn(lines: ModerationFit, variable: Variable, break_at: float, alpha: float) -> dict[str, Any]:
    """Both lines and their bands over the observed range."""
    surface, (low, high, above) = lines.polynomial, _names(variable.name)
    values = np.array([np.linspace(variable.low, break_at, _POINTS), np.linspace(break_at, variable.high, _POINTS)])
    points = [standing(surface, {low: 0.0, high: 0.0, above: side}) for side in (0.0, 1.0)]
    rows = np.concatenate(
        [surface.value_rows(name, side - break_at, point) for name, side, point in zip((low, high), values, points, strict=True)]
    )
    estimate_, error = lincom(rows, surface.estimate, surface.matrix)
    half = t_critical(alpha, surface.df_of(rows)) * error
    shaped = {"line_estimate": estimate_, "line_low": estimate_ - half, "line_high": estimate_ + half}
    return {"line_values": locked(values), **{name: locked(each.reshape(values.shape)) for name, each in shaped.items()}}
