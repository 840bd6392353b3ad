"""Any object with named coefficients and their covariance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tienet.base.errors import ArgumentError
from tienet.regression.foreign.readers.shared import NORMAL
from tienet.regression.foreign.reading import ForeignErrors, ForeignResult

READS = "any object with named params and their covariance"
_READ_OTHERWISE = ("statsmodels", "linearmodels", "pyfixest")
_ASKED = "normal distribution because the result does not say which one it uses"


def takes(result: Any) -> bool:
    """Whether it has named coefficients and is none of the packages read otherwise, whose further models have several equations."""
    modules = {type(one).__module__.partition(".")[0] for one in (result, getattr(result, "model", result))}
    return not modules & set(_READ_OTHERWISE) and bool(_named(result))


def read(result: Any) -> ForeignResult:
    """What is taken from it; tests use t with `df_resid` if `use_t` says so, otherwise the normal distribution."""
    coefficients = _named(result)
    what = type(result).__name__
    matrix = _first(result, ("cov_params", "cov", "vcov", "covariance"))
    if matrix is None:
        raise ArgumentError(f"from_statsmodels: this {what} has coefficients but no covariance of them; it needs cov_params() or cov")
    names = tuple(coefficients)
    if hasattr(matrix, "loc") and set(map(str, getattr(matrix, "index", ()))) == set(names):
        matrix = matrix.set_axis(list(map(str, matrix.index)), axis=0).set_axis(list(map(str, matrix.columns)), axis=1)
        matrix = matrix.loc[list(names), list(names)]
    n = _first(result, ("nobs", "n"))
    if n is None:
        raise ArgumentError(f"from_statsmodels: this {what} does not say how many rows it used; it needs nobs")
    df, use_t = _first(result, ("df_resid",)), getattr(result, "use_t", None)
    errors = ForeignErrors(
        str(getattr(result, "cov_type", "printed")),
        float(df) if use_t and df is not None else NORMAL,
        asked=_ASKED if use_t is None else "",
    )
    package = type(result).__module__.partition(".")[0]
    return ForeignResult(
        package=what if package in ("__main__", "types", "builtins") else package,
        method=what,
        names=names,
        estimate=np.array(list(coefficients.values()), dtype=float),
        matrix=np.asarray(matrix, dtype=float),
        errors=errors,
        n=int(n),
        outcome=str(_first(result, ("outcome", "endog_names", "depvar")) or "y"),
    )


def _named(result: Any) -> dict[str, float]:
    """Coefficients by name, from a series, a mapping, or arrays with `names`; empty if there are none."""
    found = _first(result, ("params", "coef", "coefficients"))
    if found is None or isinstance(found, str):
        return {}
    if isinstance(found, Mapping):
        return {str(name): value for name, value in found.items()}
    names = getattr(found, "index", None)
    if names is None or callable(names):
        names = _first(result, ("names", "exog_names"))
    if names is None or np.ndim(found) != 1 or len(names) != len(found):
        return {}
    return dict(zip(map(str, names), np.asarray(found).tolist(), strict=True))


def _first(result: Any, names: tuple[str, ...]) -> Any:
    """The first attribute that the object has, called if it is a method."""
    for name in names:
        found = getattr(result, name, None)
        if found is not None:
            return found() if callable(found) else found
    return None
