"""Moderation of a curve: the shift of its turning point, and its flattening or steepening."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError, ModelError, OutsideSupport
from tienet.base.frames import Columns
from tienet.base.numbers import number, p_text
from tienet.base.record import locked
from tienet.regression.core.least_squares import lincom, t_ratio, two_sided
from tienet.regression.core.polynomial import Model, Polynomial, Variable, surface_of
from tienet.regression.core.wald import joint_text, joint_works
from tienet.regression.probes._flip import Flip, direction, flip_of, set_text, within
from tienet.regression.probes._levels import at_level
from tienet.regression.probes.differences import joint_test_of
from tienet.regression.probes.predicted_surfaces import Surface, predict_surface
from tienet.regression.probes.probe import (
    Probe,
    Values,
    chosen_values,
    common,
    held_values,
    level,
    pair,
    partners,
    placed,
    split_values,
    standing,
    tested,
    tested_with,
)
from tienet.regression.probes.products import ProductTest, after, product_test
from tienet.regression.probes.turning_points import Curvature

__all__ = ["Curvatures", "CurveModeration", "curve_moderation"]


Steepness: TypeAlias = Literal["flatter", "steeper", "unclear", "not in the model"]


class Curvatures(NamedTuple):
    """Second derivative of the curve, 2 (b2 + b4 z), at r values of the moderator with its test, (r,) each."""

    estimate: Vector
    std_error: Vector
    statistic: Vector
    df: Vector
    p_value: Vector
    conf_low: Vector
    conf_high: Vector


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class CurveModeration(Probe):
    """How the curve of the focal variable changes with the moderator.

    Parameters
    ----------
    at, label
        (r,) values of the moderator and their labels.
    turning_point
        (r,) turning point at each value.
    estimate, std_error, statistic, p_value, conf_low, conf_high, dfs
        (r,) each: shift of the turning point per unit of the moderator at each value, with delta-method errors.
    curvatures
        Curvature at each value, :math:`2 (b_2 + b_4 z)`, with its test: above zero for a U, below for an inverted U.
    curvature
        Shape at the mean of the moderator, "U" or "inverted U".
    steepness
        Whether the curve (of the shape at the mean) is "flatter" or "steeper" at larger values of the moderator, at the model's level;
        "unclear" if the test is not significant, "not in the model" without the product of the square.
    bend, bend_std_error, bend_statistic, bend_df, bend_p_value
        Coefficient of that product, and its test.
    flip
        Value of the moderator at which the shape changes; None without the product of the square.
    joint_statistic, joint_df1, joint_df2, joint_p_value
        F test that the moderator neither shifts nor bends the curve.
    product
        The same test, with its terms; of the product alone if the model has only one.
    curves
        Fitted curves at the lowest and highest value, for a figure; None if the range is not known.
    """

    at: Vector
    label: tuple[str, ...]
    turning_point: Vector
    estimate: Vector
    std_error: Vector
    statistic: Vector
    p_value: Vector
    conf_low: Vector
    conf_high: Vector
    dfs: Vector
    curvatures: Curvatures
    curvature: Curvature
    steepness: Steepness
    bend: float
    bend_std_error: float
    bend_statistic: float
    bend_df: float
    bend_p_value: float
    flip: Flip | None
    joint_statistic: float
    joint_df1: int
    joint_df2: float
    joint_p_value: float
    curves: Surface | None
    product: ProductTest | None = None

    def _works(self) -> tuple[str, ...]:
        return (
            "haans_et_al_2016",
            *(("fieller_1954",) if self.flip else ()),
            *self.covariance._works(),
            *joint_works(self.covariance, self.joint_df1),
        )

    def _columns(self) -> Columns:
        return {
            "label": np.array(self.label, dtype=object),
            "at": self.at,
            "turning_point": self.turning_point,
            **self._tests(),
            **{f"curvature_{name}": values for name, values in self.curvatures._asdict().items()},
        }

    @property
    def sentence(self) -> str:
        """What was found, without outcome, errors and sample."""
        parts = [self._shift(place) for place in range(len(self.at))]
        joint = joint_text(self.joint_statistic, self.joint_df1, self.joint_df2, self.joint_p_value, self.covariance)
        both = "" if self.product else f" Both kinds of moderation together: {joint}."
        outcome = self._measured or self._outcome
        return after(
            self.product,
            f"Turning point of {outcome} over {self._focal}, per unit of {self._moderator}: {'; '.join(parts)}. {self._curves()} "
            f"{self._bends()} {self._flips()}".rstrip()
            + both,
        )

    @property
    def turns(self) -> NDArray[np.bool_]:
        """(r,) whether the curvature differs from zero at each value; near the flip it does not, and no turning point is defined."""
        known = self.flip is not None and np.isfinite(self.flip.estimate)
        return ~within(self.flip, self.at) if self.flip and known else np.ones(len(self.at), dtype=bool)

    def _shift(self, place: int) -> str:
        label, value = self.label[place], self.at[place]
        where = f"at {at_level(label, float(value))}"
        if not self.turns[place]:
            return f"{where} the curve is too near a straight line for a turning point to be defined"
        shift = f"{number(self.estimate[place])} (SE {number(self.std_error[place])}, {p_text(self.p_value[place])})"
        return f"{where} it turns at {number(self.turning_point[place])} and shifts by {shift}"

    def _curves(self) -> str:
        """The curvature at each value, or once if it is the same everywhere."""
        shown = range(len(self.at)) if self.flip else range(1)
        said = [
            f"{number(self.curvatures.estimate[i])} (SE {number(self.curvatures.std_error[i])}, {p_text(self.curvatures.p_value[i])})"
            + (f" at {self.label[i]}" if self.flip else "")
            for i in shown
        ]
        return f"Curvature: {'; '.join(said)}."

    def _bends(self) -> str:
        test = f"{number(self.bend)}, SE {number(self.bend_std_error)}, {p_text(self.bend_p_value)}"
        article = "a" if self.curvature == "U" else "an"
        if self.steepness == "not in the model":
            return f"The model keeps the curvature the same at all values of {self._moderator} (no {self.focal}^2:{self.moderator})."
        if self.steepness == "unclear":
            return (
                f"The data do not show whether the curve, {article} {self.curvature}, "
                f"is flatter or steeper at higher {self._moderator} ({test})."
            )
        return f"At higher {self._moderator} the curve, {article} {self.curvature}, is {self.steepness} ({test})."

    def _flips(self) -> str:
        if self.flip is None or not np.isfinite(self.flip.estimate):
            return ""
        place = "inside" if self.flip.inside else "outside"
        where = f"{self._moderator} = {number(self.flip.estimate)}, {place} the observed range ({set_text(self.flip, self.alpha)})"
        return f"As {self._moderator} rises it changes {direction(self.bend)} at {where}. "


def curve_moderation(model: Model, *, focal: str, moderator: str, at: Values = None, alpha: float | None = None) -> CurveModeration:
    r"""Test how a quadratic changes with a moderator: the shift of its turning point, and its flattening or steepening.

    For :math:`y = b_0 + b_1 x + b_2 x^2 + b_3 xz + b_4 x^2 z + b_5 z` the curve turns at :math:`x^*(z) = -(b_1 + b_3 z)/(2 (b_2 + b_4 z))`
    and :math:`dx^*/dz = (b_1 b_4 - b_2 b_3)/(2 (b_2 + b_4 z)^2)`, with delta-method errors from the four coefficients. The test of
    :math:`b_4` shows whether it becomes flatter or steeper; at :math:`z = -b_2/b_4` it changes from a U to an inverted U or back. The two
    kinds of moderation are different questions; the joint test is that of :math:`b_3 = b_4 = 0`.

    Parameters
    ----------
    model
        A fit, or a model rebuilt from a published table. Without the product of the square, :math:`b_4` is 0.
    focal
        A variable whose square is in the model.
    moderator
        A numeric or two-valued variable that interacts with it and is not squared in any product with it.
    at
        Values of the moderator, the name of a rule as in `simple_slopes`, or a mapping that also holds other variables; by default its mean
        and one SD to either side.
    alpha
        Significance level; by default the model's.

    Returns
    -------
    CurveModeration
        The flip has a delta interval and a Fieller set, the values at which the curvature does not differ from zero. At a value inside
        that set `turns` is False: the frame has the numbers, but no turning point is defined there.

    Raises
    ------
    ModelError
        If a variable, its square or the product is not in the model, or the moderator is squared.

    Warns
    -----
    OutsideSupport
        If the shape changes inside the observed range of the moderator, or a value lies outside it.

    References
    ----------
    Haans, R. F. J., Pieters, C. & He, Z.-L. (2016). Strategic Management Journal 37, 1177-1195.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [9.1, 3.9, 1.2, 0.1, 0.8, 4.2, 8.9, 12.0], "z": [0.1, 0.9, 0.3, 0.5, 0.8, 0.2, 0.7, 0.4], "x": list(range(8))}
    >>> found = curve_moderation(Moderation("y ~ x*z + x^2", covariance="classical").fit(data), focal="x", moderator="z")
    >>> found.curvature, found.steepness
    ('U', 'not in the model')
    """
    surface = surface_of(model)
    first, second = _both(surface, focal, moderator)
    own, others = split_values(surface, second.name, at)
    if first.name in others:
        raise ArgumentError(f"at: the curve runs over {first.name}, so it cannot be held; hold only other variables")
    given = placed(surface, others)
    values, label = chosen_values(second, own)
    a = level(surface, alpha)
    point = standing(surface, {first.name: first.mean, second.name: second.mean, **given})
    rows, center = _coefficient_rows(surface, first, second, point), surface.centers[second.name]
    b = lincom(rows, surface.estimate, surface.matrix)[0]
    bent = bool(rows[3].any())
    away = values - center
    curvature = b[1] + b[3] * away
    if (curvature == 0).any():
        raise ModelError(
            f"the curve over {first.name} is straight at one of these values of {second.name}, so it has no turning point there"
        )
    statistic, df1, df2, p = joint_test_of(surface, rows[2:] if bent else rows[2:3])
    middle = b[1] + b[3] * (second.mean - center)
    held = held_values(surface, first.name, second.name, point)
    return CurveModeration(
        **common(surface, first.name, second.name, alpha, {name: value for name, value in held.items() if name != first.name}),
        at=locked(values),
        label=label,
        turning_point=locked(surface.centers[first.name] - (b[0] + b[2] * away) / (2 * curvature)),
        **_shifts(surface, rows, b, away, a),
        curvatures=_curvatures(surface, 2 * (rows[1] + away[:, None] * rows[3]), a),
        curvature="U" if middle > 0 else "inverted U",
        **_bending(surface, rows[3], middle, a),
        flip=flip_of(surface, rows, second, a) if bent else None,
        joint_statistic=statistic,
        joint_df1=df1,
        joint_df2=df2,
        joint_p_value=p,
        curves=_curves(model, first, second, given, values, alpha),
        product=product_test(surface, first.name, second.name, a),
    )


def _both(surface: Polynomial, focal: str, moderator: str) -> tuple[Variable, Variable]:
    first, second = pair(surface, focal, moderator)
    if first.name == second.name:
        raise ModelError(f"{first.name} is both focal and moderator; name another moderator, or use turning_point for the curve alone")
    if first.name not in partners(surface, first.name):
        raise ModelError(
            f"{first.name}^2 is not in this model of {surface.outcome}, so there is no curve to moderate; add it to the formula"
        )
    if any(term.power(first.name) and term.power(second.name) > 1 for term in surface.terms):
        raise ModelError(f"{first.name} is multiplied by {second.name}^2 here; curve_moderation needs a moderator that is not squared")
    return first, second


def _coefficient_rows(surface: Polynomial, first: Variable, second: Variable, point: dict[str, float]) -> Vector:
    """(4, k) rows of b1, b2, b3, b4 around the model's centers, with other variables at the point."""
    center = surface.centers[second.name]
    here = surface.slope_rows(first.name, first.name, {**point, second.name: center})
    there = surface.slope_rows(first.name, first.name, {**point, second.name: center + 1.0})
    return np.array([here[0], here[1] / 2, there[0] - here[0], (there[1] - here[1]) / 2])


def _shifts(surface: Polynomial, rows: Vector, b: Vector, away: Vector, alpha: float) -> dict[str, Any]:
    """dx*/dz at each value, tested with its gradient over b1 to b4."""
    curvature = b[1] + b[3] * away
    top = b[0] * b[3] - b[1] * b[2]
    scale, pull = 1 / (2 * curvature**2), top / curvature**3
    gradient = np.column_stack([b[3] * scale, -b[2] * scale - pull, -b[1] * scale, b[0] * scale - away * pull])
    combined = gradient @ rows
    error = lincom(combined, surface.estimate, surface.matrix)[1]
    return tested_with(top * scale, error, surface.df_of(combined), alpha)


def _curvatures(surface: Polynomial, rows: Vector, alpha: float) -> Curvatures:
    """Test the second derivative at each value."""
    found = tested(surface, rows, alpha)
    return Curvatures(**{{"dfs": "df"}.get(name, name): values for name, values in found.items()})


def _bending(surface: Polynomial, row: Vector, middle: float, alpha: float) -> dict[str, Any]:
    """Test b4; `middle` is the curvature at the mean of the moderator."""
    if not row.any():
        nothing = dict.fromkeys(("bend_std_error", "bend_statistic", "bend_df", "bend_p_value"), float("nan"))
        return {"steepness": "not in the model", "bend": 0.0, **nothing}
    rows = row[None, :]
    estimate, error = lincom(rows, surface.estimate, surface.matrix)
    statistic, df = t_ratio(estimate, error), surface.df_of(rows)
    p = float(two_sided(statistic, df)[0])
    grows = "steeper" if (estimate[0] > 0) == (middle > 0) else "flatter"
    return {
        "steepness": grows if p < alpha else "unclear",
        "bend": float(estimate[0]),
        "bend_std_error": float(error[0]),
        "bend_statistic": float(statistic[0]),
        "bend_df": float(df[0]),
        "bend_p_value": p,
    }


def _curves(
    model: Model, first: Variable, second: Variable, given: dict[str, float], values: Vector, alpha: float | None
) -> Surface | None:
    if not np.isfinite([first.low, first.high]).all():
        return None
    ends = np.unique([values.min(), values.max()])
    with warnings.catch_warnings():  # the caller has already warned about all the values
        warnings.simplefilter("ignore", OutsideSupport)
        return predict_surface(model, focal=first.name, moderator=second.name, moderator_at=ends, at=given or None, alpha=alpha)
