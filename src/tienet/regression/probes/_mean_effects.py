r"""Effects on the scale of the expected outcome, averaged over the observations, in functions of arrays.

With :math:`\mu = g(\eta)` and :math:`\eta = x'b` the slope of a number x at an observation is :math:`g'(\eta)\,\eta_x`, that of a
two-valued variable :math:`g(\eta_1) - g(\eta_0)`. An average over n rows is a function of b; its gradient gives the delta-method error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.record import Sealed
from tienet.regression.core.formula import Term
from tienet.regression.core.polynomial import Polynomial, Variable, columns_of

Setting = Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class EffectPart(Sealed):
    r"""A summand of an effect: weight times :math:`g(\eta)` or one of its derivatives times derivatives of :math:`\eta`.

    Parameters
    ----------
    weight
        1 or -1.
    rows
        (n, k) design rows at which :math:`\eta` is taken.
    slopes
        Design rows differentiated by each variable: none for :math:`g(\eta)`, one for :math:`g' \eta_x`, three (by x, z and both) for the
        cross-partial :math:`g'' \eta_x \eta_z + g' \eta_{xz}`.
    """

    weight: float
    rows: Vector
    slopes: tuple[Vector, ...] = ()


def known_rows(surface: Polynomial) -> dict[str, Vector]:
    """The (n,) observed values of every variable, or (m n,) those of all m imputations; raises for a model without them."""
    found = {name: variable.spread for name, variable in surface.variables.items()}
    if not found or any(len(values) == 0 for values in found.values()) or len({len(values) for values in found.values()}) > 1:
        raise ModelError(
            "scale='response' averages effects over the observations, but this model came without them; use scale='link', or give the data"
        )
    return found


def effect_parts(surface: Polynomial, focal: Variable, fixed: Setting, weight: float = 1.0) -> list[EffectPart]:
    """The slope of the focal variable with the variables in `fixed` set to a value for all rows; all others keep their own."""
    values = _with(known_rows(surface), fixed)
    if focal.kind == "binary":
        return [
            EffectPart(weight * sign, _rows(surface, _with(values, only_at(surface, focal, end))))
            for sign, end in ((1.0, focal.high), (-1.0, focal.low))
        ]
    return [EffectPart(weight, _rows(surface, values), (_slope(surface, values, (focal.name,)),))]


def difference_parts(surface: Polynomial, focal: Variable, high: Setting, low: Setting) -> list[EffectPart]:
    """The slope of the focal variable in one setting minus that in another."""
    return [*effect_parts(surface, focal, high), *effect_parts(surface, focal, low, -1.0)]


def cross_parts(surface: Polynomial, focal: Variable, moderator: Variable, fixed: Setting) -> list[EffectPart]:
    """The cross-partial of two numbers at every row's own values."""
    values = _with(known_rows(surface), fixed)
    names = ((focal.name,), (moderator.name,), (focal.name, moderator.name))
    return [EffectPart(1.0, _rows(surface, values), tuple(_slope(surface, values, each) for each in names))]


def effects(surface: Polynomial, parts: Sequence[EffectPart], b: Vector | None = None) -> Vector:
    """(n,) values, one a row; (d, n) for (d, k) coefficients."""
    coefficients = surface.estimate if b is None else b
    return np.asarray(sum(_values(surface, part, coefficients) for part in parts))


def gradient(surface: Polynomial, parts: Sequence[EffectPart]) -> Vector:
    """(k,) gradient of the average effect in the coefficients."""
    return np.asarray(sum(_gradient(surface, part) for part in parts))


def _values(surface: Polynomial, part: EffectPart, b: Vector) -> Vector:
    link, eta = surface.response.link, _eta(surface, part, b)
    if not part.slopes:
        return part.weight * link.mean(eta)
    first = b @ part.slopes[0].T
    if len(part.slopes) == 1:
        return np.asarray(part.weight * link.first(eta) * first)
    second, both = b @ part.slopes[1].T, b @ part.slopes[2].T
    return np.asarray(part.weight * (link.second(eta) * first * second + link.first(eta) * both))


def _gradient(surface: Polynomial, part: EffectPart) -> Vector:
    link, b = surface.response.link, surface.estimate
    eta, n = _eta(surface, part, b), len(part.rows)
    if not part.slopes:
        return part.weight * (link.first(eta) @ part.rows) / n
    X_x = part.slopes[0]
    first = X_x @ b
    if len(part.slopes) == 1:
        return np.asarray(part.weight * ((link.second(eta) * first) @ part.rows + link.first(eta) @ X_x) / n)
    X_z, X_xz = part.slopes[1:]
    second, both = X_z @ b, X_xz @ b
    d1, d2, d3 = link.first(eta), link.second(eta), link.third(eta)
    total = (d3 * first * second + d2 * both) @ part.rows + (d2 * second) @ X_x + (d2 * first) @ X_z + d1 @ X_xz
    return np.asarray(part.weight * total / n)


def _eta(surface: Polynomial, part: EffectPart, b: Vector) -> Vector:
    eta = b @ part.rows.T
    offset = surface.response.offset
    return np.asarray(eta if offset is None else eta + offset)


def _with(values: Mapping[str, Vector], fixed: Setting) -> dict[str, Vector]:
    n = len(next(iter(values.values())))
    return {name: np.full(n, float(fixed[name])) if name in fixed else column for name, column in values.items()}


def only_at(surface: Polynomial, variable: Variable, value: float) -> dict[str, float]:
    """A value of a two-valued variable; the other dummies of its factor are 0, since an observation has one category."""
    others = surface.dummies(variable.factor) if variable.factor else []
    return {**{dummy.name: 0.0 for dummy in others}, variable.name: value}


def _rows(surface: Polynomial, values: Mapping[str, Vector]) -> Vector:
    return columns_of(surface.terms, values, surface.centers)


def _slope(surface: Polynomial, values: Mapping[str, Vector], names: Sequence[str]) -> Vector:
    """(n, k) design rows differentiated once by each of the names."""
    n = len(next(iter(values.values())))
    away = {name: column - surface.centers[name] for name, column in values.items()}
    columns = np.zeros((n, len(surface.terms)), order="F")
    for at, term in enumerate(surface.terms):
        factor, powers = _differentiated(term, names)
        if factor:
            columns[:, at] = factor
            for name, power in powers.items():
                if power:
                    columns[:, at] *= away[name] ** power
    return columns


def _differentiated(term: Term, names: Sequence[str]) -> tuple[float, dict[str, int]]:
    factor, powers = 1.0, dict(term.powers)
    for name in names:
        power = powers.get(name, 0)
        factor *= power
        if not factor:
            return 0.0, {}
        powers[name] = power - 1
    return factor, powers


def settings(axes: Sequence[Sequence[Setting]]) -> list[dict[str, float]]:
    """Every combination of one setting of each axis."""
    return [{name: value for one in chosen for name, value in one.items()} for chosen in product(*axes)]


def require_level(surface: Polynomial) -> None:
    """Refuse a model whose expected outcome has no level: without an intercept, under a link, or with terms that were absorbed."""
    if surface.level and np.isnan(surface.estimate).any():
        gone = surface.terms[int(np.argmax(np.isnan(surface.estimate)))]
        raise ModelError(
            f"averages over rows are not known: {gone} has no coefficient within the absorbed effects; ask simple_slopes at values"
        )
    if not surface.response.link.is_identity and all(term.order for term in surface.terms):
        raise ModelError(
            f"the model of {surface.outcome} has no intercept, so its expected outcome is not known; for ordered categories choose one, "
            "with fit.at_least(category), or use scale='link'"
        )


def high_less_low(surface: Polynomial, focal: Variable, moderator: Variable) -> tuple[float, Vector] | None:
    """The average slope at a high less that at a low value of the moderator, with its gradient; None if it is not known.

    The values are one SD to either side of the mean, or both values of a two-valued moderator.
    """
    link, values = surface.response.link, [len(one.values) for one in surface.variables.values()]
    if link.is_identity or not all(values) or len(set(values)) > 1 or all(term.order for term in surface.terms):
        return None
    spread = moderator.sd if moderator.kind == "continuous" else 0.0
    ends = (moderator.low, moderator.high) if moderator.kind == "binary" else (moderator.mean - spread, moderator.mean + spread)
    if moderator.transform or focal.transform or not np.isfinite(ends).all():
        return None
    low, high = (only_at(surface, moderator, end) for end in ends)
    parts = difference_parts(surface, focal, high, low)
    return float(effects(surface, parts).mean()), gradient(surface, parts)
