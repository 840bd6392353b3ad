"""Results of pyfixest: feols, fepois, feglm and instruments."""

from __future__ import annotations

from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.regression.foreign.readers.shared import NORMAL, response_of
from tienet.regression.foreign.reading import ForeignErrors, ForeignResult

READS = "pyfixest (feols, fepois)"
_LINKS = {"fepois": "log", "feglm-logit": "logit", "feglm-probit": "probit", "feglm-gaussian": "identity"}


def takes(result: Any) -> bool:
    """Whether it is one result of pyfixest."""
    return type(result).__module__.startswith("pyfixest.") and hasattr(result, "_vcov") and hasattr(result, "coef")


def read(result: Any) -> ForeignResult:
    """What is taken from it: t with its own df for least squares, normal otherwise, as pyfixest prints."""
    coefficients = result.coef()
    method, absorbed = str(result._method), bool(result._has_fixef)
    names = tuple(map(str, coefficients.index))
    columns = None if absorbed else getattr(result, "_X_untransformed", None)  # with absorbed effects it is demeaned
    columns = None if columns is None else np.asarray(columns, dtype=float)
    return ForeignResult(
        package="pyfixest",
        method=method + (f" with {result._fixef.replace('+', ' and ')} absorbed" if absorbed else ""),
        names=names,
        estimate=np.asarray(coefficients, dtype=float),
        matrix=np.asarray(result._vcov, dtype=float),
        errors=_errors(result, NORMAL if method in _LINKS else float(result._df_t)),
        n=int(result._N),
        outcome=str(result._depvar),
        columns=columns if columns is not None and columns.shape == (result._N, len(names)) else None,
        frame=getattr(result, "_data", None),
        response=response_of(_LINKS.get(method, "identity"), str(result._depvar), _offset(result)),
        anchored=not absorbed,
    )


def _errors(result: Any, df: float) -> ForeignErrors:
    kind = str(result._vcov_type_detail)
    kind = {"iid": "classical", "hetero": "HC1"}.get(kind, kind)
    factor = np.ravel(result._ssc)
    one = float(factor[0]) if factor.size == 1 else float("nan")
    if not result._is_clustered:
        return ForeignErrors(kind, df, factor=one)
    by = [str(name) for name in result._clustervar]
    counts = tuple(int(result._cluster_df[name].nunique()) for name in by)  # `_G` has the smaller one for both
    return ForeignErrors(kind.replace("CRV", "CR"), df, counts[0] if len(by) == 1 else counts, " and ".join(by), one)


def _offset(result: Any) -> Vector | None:
    given = getattr(result, "_offset", None)
    return None if given is None else np.asarray(given, dtype=float).ravel()
