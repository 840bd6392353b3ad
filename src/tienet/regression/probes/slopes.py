"""Simple slopes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, overload

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.frames import Columns
from tienet.base.numbers import number, p_range_text, p_text
from tienet.base.record import locked
from tienet.regression.core.least_squares import t_critical, t_ratio, two_sided
from tienet.regression.core.polynomial import Model, Polynomial, Variable, surface_of
from tienet.regression.core.response import Scale
from tienet.regression.probes._error_bounds import error_bounds
from tienet.regression.probes._levels import Levels, at_level, levels_of, number_levels, place_label, split_at, spots
from tienet.regression.probes.effects_at_values import AverageEffects, average_effects
from tienet.regression.probes.probe import Probe, Values, common, held_values, level, on_response, only_errors, tested
from tienet.regression.probes.products import ProductTest, after, product_test

__all__ = ["BoundedSlopes", "SimpleSlopes", "simple_slopes"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class SimpleSlopes(Probe):
    """Slopes of the focal variable, one for each of r values of the moderator (times those of further variables).

    Parameters
    ----------
    at
        (r,) values of the moderator, on its own scale (NaN without a moderator and for categories).
    label
        r labels: "-1 SD", "mean", "+1 SD", "16th percentile", the value, or the category.
    others
        (r,) values of each further variable that was given several values.
    estimate, std_error, statistic, p_value, conf_low, conf_high
        (r,) each, in units of the outcome per unit of the focal variable.
    dfs
        (r,) degrees of freedom of each t.
    product
        Test whether the slope depends on the moderator at all: look at it first. One significant slope and one that is not do not show
        a difference. None without a moderator, or if the errors of the products are not known.
    """

    at: Vector
    label: tuple[str, ...]
    others: Mapping[str, Vector]
    estimate: Vector
    std_error: Vector
    statistic: Vector
    p_value: Vector
    conf_low: Vector
    conf_high: Vector
    dfs: Vector
    product: ProductTest | None = None

    def _works(self) -> tuple[str, ...]:
        tested = ("gelman_stern_2006",) if self.product else ()
        return ("aiken_west_1991", *tested, *self.covariance._works())

    def _columns(self) -> Columns:
        return {
            "label": np.array(self.label, dtype=object),
            "at": self.at,
            **self._tests(),
        }

    def _under_table(self) -> str:
        return after(self.product, f"Slopes of {self._focal}{self._on}. {self.setting}.")

    @property
    def sentence(self) -> str:
        """What was found, without outcome, errors and sample."""
        where = f" at {self._moderator}" if self.moderator else ""
        parts = [
            f"{at_level(label, m)}: {number(b)} ({_error(s)}, {p_text(p)})"
            for label, m, b, s, p in zip(self.label, self.at, self.estimate, self.std_error, self.p_value, strict=True)
        ]
        return after(self.product, f"Slope of {self._focal}{self._on}{where} {'; '.join(parts)}.")


def _error(std_error: float) -> str:
    return "SE not known" if np.isnan(std_error) else f"SE {number(std_error)}"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class BoundedSlopes(SimpleSlopes):
    """Simple slopes of a model published with standard errors but without the covariances between its coefficients.

    If an error is not known exactly, `std_error`, `statistic` and `p_value` are NaN, and the interval is the widest possible one.

    Parameters
    ----------
    std_error_low, std_error_high
        (r,) smallest and largest error that any covariance could give; equal if it is known.
    p_low, p_high
        (r,) the corresponding p-values.
    """

    std_error_low: Vector
    std_error_high: Vector
    p_low: Vector
    p_high: Vector

    def _columns(self) -> Columns:
        more = {name: getattr(self, name) for name in ("std_error_low", "std_error_high", "p_low", "p_high")}
        return {**SimpleSlopes._columns(self), **more}

    @property
    def sentence(self) -> str:
        """What was found, without outcome, errors and sample."""
        where = f" at {self._moderator}" if self.moderator else ""
        parts = [f"{label}: {number(b)} ({self._error(i)})" for i, (label, b) in enumerate(zip(self.label, self.estimate, strict=True))]
        return after(
            self.product,
            f"Slope of {self._focal}{self._on}{where} {'; '.join(parts)}. The covariances of the coefficients are not given, so each "
            f"error is only known to lie in a range, and the intervals are the widest possible.",
        )

    def _error(self, i: int) -> str:
        if np.isfinite(self.std_error[i]):
            return f"SE {number(self.std_error[i])}, {p_text(self.p_value[i])}"
        low, high = number(self.std_error_low[i]), number(self.std_error_high[i])
        return f"SE between {low} and {high}, {p_range_text(self.p_low[i], self.p_high[i])}"


@overload
def simple_slopes(
    model: Model,
    *,
    focal: str,
    moderator: str | None = None,
    at: Values = None,
    alpha: float | None = None,
    scale: Literal["link"] = "link",
) -> SimpleSlopes: ...
@overload
def simple_slopes(
    model: Model,
    *,
    focal: str,
    moderator: str | None = None,
    at: Values = None,
    alpha: float | None = None,
    scale: Scale,
) -> SimpleSlopes | AverageEffects: ...
def simple_slopes(
    model: Model,
    *,
    focal: str,
    moderator: str | None = None,
    at: Values = None,
    alpha: float | None = None,
    scale: Scale = "link",
) -> SimpleSlopes | AverageEffects:
    r"""Compute the slope of the focal variable at chosen values of the moderator.

    For :math:`y = b_0 + b_1 x + b_2 z + b_3 xz` it is :math:`b_1 + b_3 z` with variance :math:`V_{11} + 2 z V_{13} + z^2 V_{33}`;
    squares and further products enter the same way.

    Parameters
    ----------
    model
        A fit, or a model rebuilt from a published table.
    focal, moderator
        Names of variables. Without a moderator there is one slope, with all others at their means. A categorical moderator gives one slope
        for each of its categories, including the base.
    at
        Values of the moderator on its own scale, the name of a rule, or a mapping {variable: value, values or rule} (several variables give
        every combination). The rules: "sd" (the default), the mean and one SD (n - 1) to either side, over the rows used; "percentiles",
        the 16th, 50th and 84th by linear interpolation (type 7 of Hyndman and Fan, numpy's default); "process", the same at p (n + 1)
        (type 6), as in the PROCESS macro. A two-valued variable takes its two values, a factor its categories or those named. Other
        variables that matter for the slope (including the focal one if it is squared) are held at their means unless given; a category
        can be given by name.
    alpha
        Significance level of the intervals; by default the model's.
    scale
        "link": slopes of :math:`\eta`, such as log odds. "response": average effects on the expected outcome, as `average_effects` gives
        them. For a linear model both are the same.

    Returns
    -------
    SimpleSlopes
        One entry per value, in the order given. If the model has standard errors but not the covariances needed, a `BoundedSlopes`:
        bounds for each error and its p. On the response scale of a model with a link, `AverageEffects`.

    Raises
    ------
    ModelError
        If a variable is not in the model, or the slope does not depend on the moderator.

    Warns
    -----
    OutsideSupport
        If a value lies outside the observed range.

    References
    ----------
    Aiken, L. S. & West, S. G. (1991). Multiple Regression: Testing and Interpreting Interactions.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 3.0, 2.0, 7.0, 4.0, 9.5], "x": [1, 2, 3, 4, 5, 6], "z": [0, 1, 0, 1, 0, 1]}
    >>> slopes = simple_slopes(Moderation("y ~ x*z", covariance="classical").fit(data), focal="x", moderator="z")
    >>> slopes.label, slopes.estimate.round(3)
    (('0', '1'), array([0.75 , 1.625]))
    """
    surface = surface_of(model)
    if on_response(surface, scale):
        return average_effects(model, focal=focal, moderator=moderator, at=at, alpha=alpha)
    first = surface.column(focal)
    axes, mine = _axes(surface, first, moderator, at)
    several = [name for name, levels in axes.items() if len(levels.label) > 1 and name != mine]
    points, places = spots(surface, first, axes)
    rows = np.array([surface.slope_row(first.name, point) for point in points])
    touched = {name for level_ in (mine, *several) if level_ for name in axes[level_].points[0]}
    held = held_values(surface, first.name, None, points[0])
    order = list(axes)
    slopes = SimpleSlopes(
        **common(surface, first.name, mine, alpha, {name: value for name, value in held.items() if name not in touched}),
        at=locked([axes[mine].at[place[order.index(mine)]] if mine else np.nan for place in places]),
        label=tuple(place_label(axes, place, mine, several) or "mean" for place in places),
        others={name: locked([axes[name].at[place[order.index(name)]] for place in places]) for name in several},
        **tested(surface, rows, level(surface, alpha)),
        product=product_test(surface, first.name, mine, level(surface, alpha)) if mine else None,
    )
    return bounded_slopes(slopes, surface, rows) if only_errors(surface, rows) else slopes


def _axes(surface: Polynomial, focal: Variable, moderator: str | None, at: Values) -> tuple[dict[str, Levels], str | None]:
    """Levels of the moderator and of the other variables given, and the moderator's name in the model."""
    own, others = split_at(surface, moderator, at)
    axes = {name: number_levels(surface.column(name), values) for name, values in others.items()}
    if moderator is None:
        return axes, None
    levels = levels_of(surface, focal, moderator, own)
    return {levels.name: levels, **axes}, levels.name


def bounded_slopes(slopes: SimpleSlopes, surface: Polynomial, rows: Vector) -> BoundedSlopes:
    """Return the same slopes with bounds for their errors."""
    low, high = error_bounds(rows, surface.matrix)
    exact = np.where(low == high, high, np.nan)
    half = t_critical(slopes.alpha, slopes.dfs) * high
    kept = {field.name: getattr(slopes, field.name) for field in fields(SimpleSlopes)}
    told = {
        "std_error": exact,
        "statistic": t_ratio(slopes.estimate, exact),
        "p_value": two_sided(t_ratio(slopes.estimate, exact), slopes.dfs),
        "conf_low": slopes.estimate - half,
        "conf_high": slopes.estimate + half,
        "std_error_low": low,
        "std_error_high": high,
        "p_low": _p(slopes.estimate, low, slopes.dfs),
        "p_high": _p(slopes.estimate, high, slopes.dfs),
    }
    return BoundedSlopes(**{**kept, **{name: locked(values) for name, values in told.items()}})


def _p(estimate: Vector, std_error: Vector, df: Vector) -> Vector:
    """P-value of a slope with that error; 0 for a nonzero slope without error."""
    none = np.where(estimate == 0, 1.0, 0.0)
    return np.where(std_error > 0, two_sided(t_ratio(estimate, std_error), df), none)
