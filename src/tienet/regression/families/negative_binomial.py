r"""Counts that vary more than a Poisson, on the scale of logs: the variance is :math:`\mu + \alpha\mu^2` (NB2)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.record import Fixed
from tienet.regression.families import poisson
from tienet.regression.families.counts import read_count, receding
from tienet.regression.families.family import Family, Maximum

_CLOSE = 1e-12
_STEPS = 50


def maximise(columns: Vector, response: Vector, offset: Vector | None) -> Maximum:
    """The maximum of the likelihood over the coefficients and alpha together, with their observed information.

    Raises
    ------
    ModelError
        If alpha is at 0, its lowest possible value: the counts vary no more than a Poisson.
    """
    plain = poisson.maximise(columns, response, offset)
    if not plain.settled:
        return plain
    excess = np.square(response - plain.mean) - response
    if excess.sum() <= 0:  # the slope of the log-likelihood in alpha at 0, times two
        raise ModelError(
            "the counts vary no more than a Poisson around their expected values, so alpha is 0 and the negative binomial is a Poisson; "
            "use family='poisson'"
        )
    model, found = _started(columns, response, offset, plain, float(excess.sum() / np.square(plain.mean).sum()))
    found, settled = _polished(model, found)
    information = -np.asarray(model.hessian(found))
    fixed = columns @ found[:-1]
    made = Maximum(
        coefficients=found[:-1],
        own=Fixed({"alpha": float(found[-1])}),
        scores=np.asarray(model.score_obs(found)),
        information=information,
        log_likelihood=float(model.loglike(found)),
        parameters=len(found),
        mean=np.exp(fixed if offset is None else fixed + offset),
    )
    return made if settled and not plain.doubted else made.doubtful(settled)


def _started(columns: Vector, response: Vector, offset: Vector | None, plain: Maximum, alpha: float) -> tuple[Any, Vector]:
    """Statsmodels' model, and its parameters by BFGS from the Poisson ones."""
    from statsmodels.discrete.discrete_model import NegativeBinomial

    model = NegativeBinomial(response, columns, offset=offset)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        fitted = model.fit(start_params=np.append(plain.coefficients, alpha), method="bfgs", maxiter=500, disp=0, skip_hessian=True)
    return model, np.asarray(fitted.params, dtype=float)


def _polished(model: Any, found: Vector) -> tuple[Vector, bool]:
    """The parameters after Newton's steps, and whether the last one was below 1e-12 of them."""
    for _ in range(_STEPS):
        try:
            step = np.linalg.solve(np.asarray(model.hessian(found)), np.asarray(model.score(found)))
        except np.linalg.LinAlgError:
            return found, False
        while found[-1] - step[-1] <= 0:
            step = step / 2
        found = found - step
        if np.abs(step).max() <= _CLOSE * max(1.0, float(np.abs(found).max())):
            return found, True
    return found, False


def in_statsmodels(own: Mapping[str, float]) -> Any:
    """Statsmodels' family, with alpha as estimated."""
    import statsmodels.api as sm

    return sm.families.NegativeBinomial(alpha=own["alpha"])


FAMILY = Family(
    name="negative_binomial",
    method="negative binomial regression",
    link="log",
    on_link="log of expected {outcome}",
    on_response="expected {outcome}",
    read=read_count,
    maximise=maximise,
    in_statsmodels=in_statsmodels,
    receding=receding,
    information="observed",
    counts=True,
    works=("cameron_trivedi_2013",),
)
