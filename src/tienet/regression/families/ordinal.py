r"""Ordered categories on the scale of log odds (proportional odds).

With thresholds :math:`\tau_1 < \dots < \tau_{J-1}` and no intercept, :math:`P(y > j) = \Lambda(x'b - \tau_j)`: one set of coefficients for
every way of splitting the categories into lower and higher ones.

References
----------
McCullagh, P. (1980). Journal of the Royal Statistical Society B 42, 109-142.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.numbers import as_typed, counted
from tienet.base.record import Fixed
from tienet.regression.core.cells import MISSING, Labels, read_labels, read_numbers_or_labels
from tienet.regression.core.model_frame import Outcome
from tienet.regression.core.response import link_named
from tienet.regression.families.family import Family, Maximum

_CLOSE = 1e-12
_STEPS = 100
_MOST = 20
_EDGE = 1e-8
_LOGISTIC = link_named("logit")
_NOWHERE = (-np.inf, np.empty((0, 0)), np.empty((0, 0)))


def read_ordered(event: object, column: Any) -> Outcome:  # noqa: ARG001 - categories have no event
    """The outcome as the position of each category: numbers by size, categories of a declared order."""
    declared = _declared(column)
    found = read_labels(column) if declared else read_numbers_or_labels(column, number=False, category=False)
    if isinstance(found, Labels):
        if not declared:
            raise ModelError(
                f"{column.name} is text, whose order is not known; declare it with an ordered pandas Categorical or a Polars Enum, or "
                "number the categories"
            )
        there = [level for level in declared if level in found.levels]
        place = np.array([there.index(level) for level in found.levels] or [0])
        codes = np.where(found.codes == MISSING, np.nan, place[found.codes])
    else:
        values = np.unique(found[~np.isnan(found)])
        there = [as_typed(value) for value in values]
        codes = np.where(np.isnan(found), np.nan, np.searchsorted(values, found))
    if not 3 <= len(there) <= _MOST:
        few = "use family='logit'" if len(there) < 3 else "use least squares, or join categories"
        raise ModelError(f"{column.name} has {counted(len(there), 'different value')}; family='ordinal' takes 3 to {_MOST}: {few}")
    return Outcome(codes, tuple(there))


def _declared(column: Any) -> tuple[str, ...]:
    """The categories of a column with a declared order, lowest first; empty without one."""
    import narwhals.stable.v2 as nw

    ordered = column.dtype == nw.Enum or bool(getattr(getattr(column.to_native(), "dtype", None), "ordered", False))
    return tuple(map(str, column.cat.get_categories().to_list())) if ordered else ()


def maximise(columns: Vector, response: Vector, offset: Vector | None) -> Maximum:  # noqa: ARG001 - categories have no exposure
    """The maximum over the coefficients without a constant, and the thresholds, by Newton's steps; the log-likelihood is concave."""
    X, codes = columns[:, 1:], response.astype(np.int64)
    shares = np.cumsum(np.bincount(codes))[:-1] / len(codes)
    found = np.concatenate([np.zeros(X.shape[1]), np.log(shares / (1 - shares))])
    value, scores, information = _likelihood(X, codes, found)
    settled = False
    for _ in range(_STEPS):
        step = _step(information, scores.sum(axis=0))
        while not (tried := _likelihood(X, codes, found + step))[0] >= value - 1e-9 * abs(value):
            step = step / 2
        found, (value, scores, information) = found + step, tried
        settled = bool(np.abs(step).max() <= _CLOSE * max(1.0, float(np.abs(found).max())))
        if settled:
            break
    k = X.shape[1]
    made = Maximum(
        coefficients=found[:k],
        own=Fixed({str(place): float(threshold) for place, threshold in enumerate(found[k:])}),
        scores=scores,
        information=information,
        log_likelihood=value,
        parameters=len(found),
        mean=X @ found[:k],
    )
    above = _LOGISTIC.mean((X @ found[:k])[:, None] - found[k:])
    near = bool((np.minimum(above, 1 - above).min(axis=0) < _EDGE).any())
    return made if settled and not near else made.doubtful(settled)


def _step(information: Vector, slope: Vector) -> Vector:
    try:
        return np.asarray(np.linalg.solve(information, slope))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(information, slope, rcond=None)[0])


def _likelihood(X: Vector, codes: NDArray[np.int64], found: Vector) -> tuple[float, Vector, Vector]:
    r"""Log-likelihood, (n, p) scores and (p, p) observed information.

    With :math:`u = \tau_j - x'b` and :math:`l = \tau_{j-1} - x'b` each row adds :math:`\log(\Lambda(u) - \Lambda(l))`.
    """
    k = X.shape[1]
    tau = np.concatenate([[-np.inf], found[k:], [np.inf]])
    if not (np.diff(tau) > 0).all():
        return _NOWHERE
    eta, marks = X @ found[:k], np.eye(len(tau))[:, 1:-1]
    scores, bent = np.zeros((len(X), len(found))), np.zeros((len(found), len(found)))
    upper, lower = tau[codes + 1] - eta, tau[codes] - eta
    with np.errstate(all="ignore"):
        # of two values close to 1, the difference is taken between their complements
        side = np.where(lower > 0, -1.0, 1.0)
        share = np.abs(_LOGISTIC.mean(side * upper) - _LOGISTIC.mean(side * lower))
        value = np.log(share)
        for sign, bound, place in ((1.0, upper, codes + 1), (-1.0, lower, codes)):
            by = np.hstack([-X, marks[place]])  # derivative of the bound by every parameter
            scores += (sign * _LOGISTIC.first(bound) / share)[:, None] * by
            bent += (by * (sign * _curve(bound) / share)[:, None]).T @ by
    return (float(value.sum()), scores, scores.T @ scores - bent) if np.isfinite(value).all() else _NOWHERE


def _curve(bound: Vector) -> Vector:
    """Second derivative of the logistic function, 0 at infinity."""
    return np.where(np.isinf(bound), 0.0, _LOGISTIC.second(np.where(np.isinf(bound), 0.0, bound)))


def receding(columns: Vector, response: Vector) -> tuple[Vector, Vector]:
    """Rows along which the likelihood may grow for ever: above the threshold below, and under the one above. Thresholds come first."""
    codes = response.astype(np.int64)
    X, levels = columns[:, 1:], int(codes.max())
    marks = np.eye(levels)
    over, under = codes > 0, codes < levels
    rows = [np.hstack([-marks[codes[over] - 1], X[over]]), np.hstack([marks[codes[under]], -X[under]])]
    return np.vstack(rows), np.empty((0, levels + X.shape[1]))


FAMILY = Family(
    name="ordinal",
    method="ordinal logistic regression (proportional odds)",
    link="logit",
    on_link="log odds of a higher {outcome}",
    on_response="probability of a higher {outcome}",
    read=read_ordered,
    maximise=maximise,
    receding=receding,
    information="observed",
    ordered=True,
    works=("mccullagh_1980",),
)
