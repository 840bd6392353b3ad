"""Predicted outcomes along the focal variable, one line for each value of the moderator: the numbers behind the interaction figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.checks import choice, real, whole
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import counted, n_text, number, range_text
from tienet.base.record import locked
from tienet.regression.core.least_squares import f_critical, lincom, t_critical
from tienet.regression.core.polynomial import Model, Polynomial, Variable, surface_of
from tienet.regression.core.response import Scale
from tienet.regression.probes._category_axis import category_inside, category_points, category_rows, focal_dummy, refuse_range
from tienet.regression.probes._hull import hull_of
from tienet.regression.probes._levels import Levels, at_level, is_factor, levels_of, split_at
from tienet.regression.probes._second import NO_LEVELS, combined, second_levels
from tienet.regression.probes.probe import Probe, Values, common, level, on_response, placed, shown_values, standing

__all__ = ["Surface", "predict_surface"]


_NAMED = 6  # with more, the variables held are counted and not named
BandKind: TypeAlias = Literal["pointwise", "simultaneous"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Surface(Probe):
    """Predicted outcomes along the focal variable for m values of the moderator, with pointwise bands; see `band` for simultaneous ones.

    Parameters
    ----------
    focal_values
        (points,) values of the focal variable, on its own scale; 0, 1, 2, ... for categories.
    moderator_values
        (m,) values of the moderator; NaN for categories and without a moderator.
    label
        m labels: "-1 SD", "+1 SD", "16th percentile", the value, or the category.
    categories
        Categories of the focal variable, the base first; empty for a number. Each "line" then is a predicted mean for each of them.
    second, second_values, second_label
        Second moderator, with its value and label for each of the m lines; None and empty without one.
    estimate, std_error, conf_low, conf_high
        (m, points) each, in units of the outcome: expected mean and its pointwise interval.
    support
        (m, points) whether the focal value lies within the observed range.
    inside
        (m, points) whether the point lies among the observations: within the convex hull of focal variable and moderator, or for a category
        within the range of its own observations. Without a moderator or without data, the same as `support`.
    simultaneous
        (m, points) half-width, in standard errors, of a band that holds for all lines over all values at once.
    focal_observed, moderator_observed
        (n,) observed values, for a rug plot; empty without data.
    focal_range
        Observed range of the focal variable.
    relative
        True if the level is not known (a published model without its intercept, or with variables whose means are not given): the
        heights then include only what depends on the two variables, and there are no bands.
    on_link
        (m, points) estimate and standard error on the scale of the link, if the numbers are on that of the expected outcome.
    level_of
        What the level is, if it is not that of an outcome, as with absorbed effects; the bands are then of the difference from there.
    """

    focal_values: Vector
    moderator_values: Vector
    label: tuple[str, ...]
    estimate: Vector
    std_error: Vector
    conf_low: Vector
    conf_high: Vector
    support: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    simultaneous: Vector
    focal_observed: Vector
    moderator_observed: Vector
    focal_range: tuple[float, float]
    relative: bool = False
    on_link: tuple[Vector, Vector] | None = None
    level_of: str = ""

    second: str | None = None
    second_values: Vector = field(default_factory=lambda: locked((), float))
    second_label: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def _works(self) -> tuple[str, ...]:
        return ("mccabe_et_al_2018", *(("dawson_richter_2006",) if self.second else ()), *self.covariance._works())

    def _columns(self) -> Columns:
        points = len(self.focal_values)
        return {
            "label": np.repeat(np.array(self.label, dtype=object), points),
            "at": np.repeat(self.moderator_values, points),
            **self._second_columns(points),
            **({"category": np.tile(np.array(self.categories, dtype=object), len(self.label))} if self.categories else {}),
            "value": np.tile(self.focal_values, len(self.label)),
            "estimate": self.estimate.ravel(),
            "std_error": self.std_error.ravel(),
            "conf_low": self.conf_low.ravel(),
            "conf_high": self.conf_high.ravel(),
            "support": self.support.ravel(),
            "inside": self.inside.ravel(),
        }

    def _second_columns(self, points: int) -> Columns:
        if not self.second:
            return {}
        label = np.array(self.second_label, dtype=object)
        return {"second_label": np.repeat(label, points), "second_at": np.repeat(self.second_values, points)}

    def band(self, kind: BandKind = "pointwise") -> tuple[Vector, Vector]:
        r"""Return the limits of the bands.

        Parameters
        ----------
        kind
            "pointwise": each point on its own, `conf_low` and `conf_high`. "simultaneous": all lines over all values at once,
            :math:`\pm \sqrt{r F(r, df)}` standard errors with r the number of coefficients, or combinations of them, that move the
            lines (Working-Hotelling for one line, Scheffe for several); approximate under CR2.

        Returns
        -------
        tuple
            (m, points) lower and upper limits.

        References
        ----------
        Working, H. & Hotelling, H. (1929). Journal of the American Statistical Association 24, 73-85.
        """
        choice("band", kind, get_args(BandKind))
        if kind == "pointwise":
            return self.conf_low, self.conf_high
        estimate, std_error = self.on_link or (self.estimate, self.std_error)
        low, high = estimate - self.simultaneous * std_error, estimate + self.simultaneous * std_error
        return (self.response.link.mean(low), self.response.link.mean(high)) if self.on_link else (low, high)

    @property
    def sentence(self) -> str:
        """What is expected, with errors and sample."""
        lines = [f"{self._line(i)}: {self._course(row)}" for i, row in enumerate(self.estimate)]
        span = "" if self.categories else f" in {range_text(*self.focal_values[[0, -1]])}"
        few = 0 < len(self.held) <= _NAMED
        kept = f" ({self.held_words if few else counted(len(self.held), 'other variable')})" if self.held else ""
        bands = "" if np.isfinite(self.std_error).any() else ", no bands because not all covariances of the coefficients are known"
        label = self.covariance.label
        note = f"{label[:1].upper()}{label[1:]}, {n_text(self.n)}{bands}, other variables at their means unless given{kept}"
        less = " (up to an unknown constant)" if self.relative else f" ({self.level_of})" if self.level_of else ""
        exposed = " at an exposure of 1" if self.on_link and self.response.offset is not None else ""
        return f"{self._expected}{less}{exposed} over {self._focal}{span}; {'; '.join(lines)}. {note}."

    def __str__(self) -> str:
        return self.sentence

    def _course(self, row: Vector) -> str:
        """The values at the two ends of a line; of one that turns in between, the lowest and the highest value and their places."""
        if self.categories:
            return ", ".join(f"{number(value)} in {category}" for category, value in zip(self.categories, row, strict=True))
        lowest, highest = int(np.argmin(row)), int(np.argmax(row))
        if {lowest, highest} <= {0, len(row) - 1}:
            return f"from {number(row[0])} to {number(row[-1])}"
        low, high = (f"{number(row[place])} at {number(self.focal_values[place])}" for place in (lowest, highest))
        return f"lowest {low}, highest {high}"

    def _line(self, i: int) -> str:
        """'z at -1 SD (1.5), w at 3'."""
        if self.moderator is None:
            return "all else at its mean"
        own = _at(self._moderator, self.label[i], float(self.moderator_values[i]))
        return f"{own}, {_at(self._word(self.second), self.second_label[i], float(self.second_values[i]))}" if self.second else own


def _at(variable: str, label: str, value: float) -> str:
    return f"{variable} at {at_level(label, value)}"


def predict_surface(
    model: Model,
    *,
    focal: str,
    moderator: str | None = None,
    second: str | None = None,
    at: Values = None,
    moderator_at: Values = None,
    points: int = 101,
    over: tuple[float, float] | None = None,
    alpha: float | None = None,
    scale: Scale = "link",
) -> Surface:
    r"""Predict the outcome along the focal variable at values of the moderator.

    Parameters
    ----------
    model
        A fit, or a model rebuilt from a published table.
    focal, moderator
        Names of variables. Without a moderator there is one line. A categorical focal variable gives predicted means by category.
    second
        A second moderator, for the lines of a three-way interaction: one for each combination of values, the moderator's fastest.
    at
        Values at which to hold other variables, {variable: value}; a sequence of numbers is read as values of the moderator. All others are
        held at their means, and the dummies of a factor at their shares, so the lines describe an average observation. Several values for
        one other variable make it the second moderator: ``at={"tenure": [1, 3]}``.
    moderator_at
        Values of the moderator, or the name of a rule as in `simple_slopes`: "sd" (the default; here one SD to either side without the
        mean), "percentiles" or "process". A two-valued variable takes its two values, a factor its categories.
    points
        Points along the focal variable; a two-valued variable has two.
    over
        Range of the focal variable, (low, high); by default the observed one, or one SD to either side of the mean if that is not known.
    alpha
        Significance level of the bands; by default the model's.
    scale
        "link": lines of :math:`\eta`, such as log odds. "response": expected outcomes :math:`g(\eta)`, with the bands of :math:`\eta` taken
        through g, so that they stay within the possible values; with an exposure, at an exposure of 1. A linear model has the same on both.

    Returns
    -------
    Surface
        Numbers only; `plot` draws them.

    Raises
    ------
    ModelError
        If a variable is not in the model, or the slope does not depend on the moderator.

    References
    ----------
    McCabe, C. J., Kim, D. S. & King, K. M. (2018). Advances in Methods and Practices in Psychological Science 1, 147-165.
    Dawson, J. F. & Richter, A. W. (2006). Journal of Applied Psychology 91, 917-926.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 3.0, 2.0, 7.0, 4.0, 9.5], "x": [1, 2, 3, 4, 5, 6], "z": [0, 1, 0, 1, 0, 1]}
    >>> surface = predict_surface(Moderation("y ~ x*z", covariance="classical").fit(data), focal="x", moderator="z", points=2)
    >>> surface.estimate.round(3)
    array([[0.833, 4.583],
           [1.625, 9.75 ]])
    """
    fitted = surface_of(model)
    factor = focal if is_factor(fitted, focal) else None
    first = focal_dummy(fitted, factor, moderator) if factor else fitted.column(focal)
    own, others = split_at(fitted, moderator, at)
    if moderator is not None and moderator == focal:
        raise ModelError(f"{first.name} is both focal and moderator; leave the moderator out to predict the curve")
    chosen = moderator_at if moderator_at is not None else own
    mine = levels_of(fitted, first, moderator, chosen, whole=False) if moderator else NO_LEVELS
    third, rest = second_levels(fitted, first, mine, second, others)
    given = placed(fitted, rest)
    levels, second_values, second_label = combined(mine, third)
    # the focal variable is given a value too, so that the other dummies of its factor are 0
    stands = [standing(fitted, {first.name: first.mean, **given, **point}) for point in levels.points]
    named, spots = category_points(fitted, factor) if factor else ((), [{first.name: 0.0}])
    shown = (*spots[0], *levels.points[0])
    if factor:
        refuse_range(factor, over)
    along = np.arange(len(named), dtype=float) if factor else _along(first, points, over)
    inside = np.tile(category_inside(fitted, factor, mine), (len(third.label), 1)) if factor else None
    predicted = Surface(
        **common(fitted, factor or first.name, levels.name or None, alpha, _others(fitted, stands[0], shown)),
        moderator_values=levels.at,
        label=levels.label,
        second=third.name or None,
        second_values=second_values,
        second_label=second_label,
        categories=named,
        moderator_observed=levels.values,
        inside=locked(_inside(fitted, first, mine, along, len(third.label)) if inside is None else inside, bool),
        **_lines(*levelled(fitted, shown, stands), first, along, stands, level(fitted, alpha), factor),
    )
    return _responded(predicted) if on_response(fitted, scale) else predicted


def _responded(surface: Surface) -> Surface:
    """The same lines on the scale of the expected outcome."""
    if surface.relative:
        raise ModelError(
            f"the level of {surface.outcome} is not known, so lines of its expected value cannot be drawn; use scale='link', or for "
            "ordered categories choose one, with fit.at_least(category)"
        )
    g = surface.response.link
    return replace(
        surface,
        scale="response",
        estimate=locked(g.mean(surface.estimate)),
        std_error=locked(g.first(surface.estimate) * surface.std_error),
        conf_low=locked(g.mean(surface.conf_low)),
        conf_high=locked(g.mean(surface.conf_high)),
        on_link=(surface.estimate, surface.std_error),
    )


def curve_over(fitted: Polynomial, focal: Variable, point: dict[str, float], over: tuple[float, float], alpha: float | None) -> Surface:
    """Predict one curve through a point, for results that include it for their figure."""
    return Surface(
        **common(fitted, focal.name, None, alpha, _others(fitted, point, (focal.name,))),
        moderator_values=locked([np.nan]),
        label=("mean",),
        moderator_observed=locked((), float),
        inside=locked(_supported(focal, np.linspace(*over, 101))[None], bool),
        **_lines(*levelled(fitted, (focal.name,), [point]), focal, np.linspace(*over, 101), [point], level(fitted, alpha)),
    )


def _others(fitted: Polynomial, point: dict[str, float], shown: tuple[str, ...]) -> dict[str, float]:
    used = {name for each in shown for name in fitted.moved_by(each)}
    return shown_values(fitted, {name: value for name, value in point.items() if name in fitted.variables and name not in used}, point)


def _along(focal: Variable, points: int, over: tuple[float, float] | None) -> Vector:
    if over is not None and not (isinstance(over, tuple | list) and len(over) == 2):
        raise ArgumentError(f"over={over!r} must be a range, over=(low, high)")
    whole("points", points, 2, 10_000)
    low, high = (
        (real("over", end) for end in over)
        if over
        else ((focal.mean - focal.sd, focal.mean + focal.sd) if np.isnan(focal.low) else (focal.low, focal.high))
    )
    if not np.isfinite([low, high]).all():
        raise ModelError(f"the range of {focal.name} is not known; give over=(low, high)")
    if not low < high:
        raise ArgumentError(f"over={over!r}: low must be below high")
    return np.array([low, high]) if focal.kind == "binary" and over is None else np.linspace(low, high, points)


def _supported(focal: Variable, values: Vector) -> NDArray[np.bool_]:
    return np.asarray(~((values < focal.low) | (values > focal.high)))


def _inside(fitted: Polynomial, focal: Variable, levels: Levels, along: Vector, times: int = 1) -> NDArray[np.bool_]:
    """Whether each point of each line lies among the observations; `times` over, once for each value of a second moderator."""
    if times > 1:
        return np.tile(_inside(fitted, focal, levels, along), (times, 1))
    within = np.tile(_supported(focal, along), (len(levels.points), 1))
    if not levels.name or len(focal.values) == 0:
        return within
    if levels.categorical:
        return within & np.stack([_reached(fitted, focal, point, along) for point in levels.points])
    spots = np.column_stack([np.tile(along, len(levels.at)), np.repeat(levels.at, len(along))])
    return hull_of(focal, fitted.column(levels.name), spots).inside.reshape(within.shape)


def _reached(fitted: Polynomial, focal: Variable, point: Mapping[str, float], along: Vector) -> NDArray[np.bool_]:
    """Whether each value lies within the range of the focal variable in a category."""
    own = focal.values[np.all([fitted.variables[name].values == value for name, value in point.items()], axis=0)]
    return np.asarray((along >= own.min(initial=np.inf)) & (along <= own.max(initial=-np.inf)))


def levelled(fitted: Polynomial, shown: tuple[str, ...], stands: list[dict[str, float]]) -> tuple[Polynomial, bool]:
    """Return the surface, reduced to the terms of the variables shown if the level is not known, and whether it was reduced."""
    moved = {name for one in shown for name in fitted.moved_by(one)}
    kept = np.array([any(map(term.power, moved)) for term in fitted.terms])
    unknown = np.isnan(fitted.estimate)
    for j in np.flatnonzero(kept & unknown):
        if fitted.level:
            raise ModelError(
                f"no line can be drawn: {fitted.terms[j]} is swallowed by the absorbed effects, so the distance between lines is not "
                "known; simple_slopes and johnson_neyman give the slopes"
            )
        raise ModelError(f"the coefficient of {fitted.terms[j]} is not known, so no line can be drawn; give it")
    known = (not unknown.any() or (fitted.level and not _touched(fitted, unknown, stands))) and all(
        np.isfinite(point[name]) for point in stands for term in fitted.terms for name in term.names if name not in moved
    )
    if known and any(term.order == 0 for term in fitted.terms):
        return fitted, False
    terms = tuple(term for term, yes in zip(fitted.terms, kept, strict=True) if yes)
    matrix = np.full((len(terms), len(terms)), np.nan)
    return replace(fitted, terms=terms, estimate=fitted.estimate[kept], matrix=matrix), True


def _touched(fitted: Polynomial, unknown: NDArray[np.bool_], stands: list[dict[str, float]]) -> bool:
    """Whether a coefficient that is not known has a part in the level: one held at its center has none."""
    return bool(np.any([fitted.value_row(point)[unknown] for point in stands]))


def _lines(
    fitted: Polynomial,
    relative: bool,
    focal: Variable,
    along: Vector,
    stands: list[dict[str, float]],
    alpha: float,
    factor: str | None = None,
) -> dict[str, Any]:
    """Fields of `Surface` along the focal variable: a line for each point, its band and its support."""
    if factor:
        rows, known, observed = category_rows(fitted, factor, stands), np.ones(len(along), bool), locked((), float)
        ends = float(along[0]), float(along[-1])
    else:
        rows = np.concatenate([fitted.value_rows(focal.name, along, point) for point in stands])
        known, observed, ends = _supported(focal, along), focal.values, (focal.low, focal.high)
    shape = (len(stands), len(along))
    estimate, std_error = (values.reshape(shape) for values in lincom(rows, fitted.estimate, fitted.matrix))
    df = fitted.df_of(rows)
    half = t_critical(alpha, df).reshape(shape) * std_error
    return {
        "focal_values": locked(along),
        "focal_observed": observed,
        "focal_range": ends,
        "relative": relative,
        "level_of": fitted.level,
        "support": locked(np.tile(known, (len(stands), 1)), bool),
        "estimate": locked(estimate),
        "std_error": locked(std_error),
        "conf_low": locked(estimate - half),
        "conf_high": locked(estimate + half),
        "simultaneous": locked(_scheffe(rows, df, alpha).reshape(shape)),
    }


def _scheffe(rows: Vector, df: Vector, alpha: float) -> Vector:
    """Critical value for all combinations of the rows at once: sqrt(r F(r, df)), with r independent rows."""
    used = rows[:, rows.any(axis=0)]
    free = int(np.linalg.matrix_rank(used / np.linalg.norm(used, axis=0)))
    return np.asarray(np.sqrt(free * f_critical(alpha, free, df)))
