"""Panels and instruments of linearmodels."""

from __future__ import annotations

from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.regression.foreign.readers.shared import NORMAL
from tienet.regression.foreign.reading import ForeignErrors, ForeignResult

READS = "linearmodels (panels, IV)"


def takes(result: Any) -> bool:
    """Whether it is a linear result of linearmodels with one equation."""
    return type(result).__module__.startswith(("linearmodels.panel.", "linearmodels.iv.")) and hasattr(result, "params")


def read(result: Any) -> ForeignResult:
    """What is taken from it: its debiased results use t, the others the normal distribution."""
    model = result.model
    names = tuple(map(str, result.params.index))
    debiased = bool(getattr(result, "_debiased", False))
    kind = {"unadjusted": "classical", "homoskedastic": "classical"}.get(str(result._cov_type).lower(), str(result._cov_type).lower())
    columns = _columns(model, names, int(result.nobs))
    method = str(getattr(result, "name", None) or getattr(result, "_method", type(model).__name__))
    absorbed = any(getattr(model, name, False) for name in ("entity_effects", "time_effects", "other_effects"))
    level = not absorbed and type(model).__name__ not in ("FirstDifferenceOLS", "AbsorbingLS")
    return ForeignResult(
        package="linearmodels",
        method=method + (" with absorbed effects" if absorbed else ""),
        names=names,
        estimate=np.asarray(result.params, dtype=float),
        matrix=np.asarray(result.cov, dtype=float),
        errors=ForeignErrors(
            kind, float(result.df_resid) if debiased else NORMAL, factor=float(result.nobs / result.df_resid) if debiased else 1.0
        ),
        n=int(result.nobs),
        outcome=str(_pandas(model.dependent).columns[0]),
        columns=columns,
        formula=getattr(model, "formula", None) is not None,
        labels=None if columns is None else _pandas(model.exog).index,
        anchored=level,
    )


def _pandas(data: Any) -> Any:
    return data.dataframe if hasattr(data, "dataframe") else data.pandas


def _columns(model: Any, names: tuple[str, ...], n: int) -> Vector | None:
    """(n, k) columns of the rows used: the exogenous and, with instruments, the endogenous ones."""
    found: dict[str, Vector] = {}
    for part in ("exog", "endog"):
        data = getattr(model, part, None)
        if data is not None:
            table = _pandas(data)
            found |= {str(name): np.asarray(table[name], dtype=float) for name in table.columns}
    if not set(names) <= set(found) or any(len(found[name]) != n for name in names):
        return None
    return np.column_stack([found[name] for name in names])
