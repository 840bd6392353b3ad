"""The outcome of an earlier period among the terms of a model with absorbed person effects."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tienet.base.numbers import number
from tienet.regression.core.model_frame import Factor
from tienet.regression.model.absorbed_fit import AbsorbedFit

_MOSTLY = 0.9  # share of rows in which a lag equals the outcome of the row before


def lagged_outcomes(fit: AbsorbedFit) -> Iterator[str]:
    r"""A warning for each column that is the outcome of the row before, by its name or its values.

    With few periods T its coefficient :math:`\rho` is biased by about :math:`-(1 + \rho) / (T - 1)`, however many persons there are
    (Nickell 1981, Econometrica 49, 1417-1426).
    """
    codes, outcome = np.asarray(fit.sample.effects)[:, 0], fit.sample.response
    order = np.argsort(codes, kind="stable")
    later = np.flatnonzero(codes[order][1:] == codes[order][:-1]) + 1
    before = outcome[order[later - 1]]
    periods = fit.n / fit.groups[0]
    for name, column in fit.sample.columns.items():
        if isinstance(column, Factor) or name not in fit.terms or fit.variables[name].kind == "binary":
            continue
        if _called(name, fit.outcome) or np.mean(column[order[later]] == before) >= _MOSTLY:
            rho = float(fit.estimate[fit.terms.index(name)])
            yield (
                f"{name} is the outcome of an earlier row: with {fit.absorbed[0]} effects and {periods:.1f} rows each, its coefficient "
                f"({number(rho)}) is too small by about {number((1 + rho) / (periods - 1), 2)}, and others are off too (Nickell 1981); "
                "leave it out, or use many more periods"
            )


def _called(name: str, outcome: str) -> bool:
    """Whether a name is that of a lagged outcome: sales_lag1, lag_sales, lagged_sales."""
    lowered, own = name.lower(), outcome.lower()
    return own in lowered and "lag" in lowered.replace(own, "")
