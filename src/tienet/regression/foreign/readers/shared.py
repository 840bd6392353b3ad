"""What readers of statsmodels results share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.base.record import Fixed
from tienet.regression.core.degrees import SmallSampleFactor
from tienet.regression.core.response import LINEAR, Response, link_named
from tienet.regression.foreign.reading import ForeignErrors, ForeignResult

NORMAL = float("inf")
_KINDS = {"nonrobust": "classical", "cluster": "CR1"}
_WORDS = {
    "log": ("log of expected {0}", "expected {0}"),
    "logit": ("log odds of {0}", "probability of {0}"),
    "probit": ("probit index of {0}", "probability of {0}"),
}


def is_model(result: Any, names: Sequence[str]) -> bool:
    """Whether the result is one of a statsmodels model with one of these names, or of a subclass."""
    kinds = type(getattr(result, "model", None)).__mro__
    return hasattr(result, "params") and any(kind.__name__ in names and kind.__module__.startswith("statsmodels.") for kind in kinds)


def reading_of(
    result: Any,
    method: str,
    *,
    errors: ForeignErrors | None = None,
    response: Response = LINEAR,
    matrix: Vector | None = None,
    anchored: bool = True,
    units: Codes | None = None,
    beside: Mapping[str, float] | None = None,
    remark: str = "",
) -> ForeignResult:
    """Take from a statsmodels result what all of them have; the coefficients are those of the columns of its design.

    Parameters
    ----------
    result
        The result.
    method, errors, response, matrix, anchored, units, beside, remark
        As in `ForeignResult`; by default errors and covariance of the result itself, and all further parameters beside.
    """
    model = result.model
    data = model.data
    every = np.asarray(result.params, dtype=float)
    exog = getattr(model, "exog", None)
    names = tuple(map(str, model.exog_names))
    k = len(names) if exog is None else int(exog.shape[1])
    further = dict(zip(names[k:], every[k:].tolist(), strict=False))
    missing = getattr(data, "missing_row_idx", None)
    return ForeignResult(
        package="statsmodels",
        method=method,
        names=names[:k],
        estimate=every[:k],
        matrix=np.asarray(result.cov_params(), dtype=float)[:k, :k] if matrix is None else matrix,
        errors=errors or errors_of(result),
        n=int(result.nobs) if hasattr(result, "nobs") else len(model.endog),
        outcome=outcome_of(model),
        columns=None if exog is None else np.asarray(exog, dtype=float),
        frame=getattr(data, "frame", None),
        dropped=None if missing is None else np.asarray(missing, dtype=np.int64),
        labels=getattr(data, "row_labels", None),
        formula=getattr(data, "frame", None) is not None or hasattr(model, "formula"),
        response=response,
        anchored=anchored,
        units=units,
        beside=Fixed(further if beside is None else beside),
        remark=remark or _unconverged(result),
    )


def outcome_of(model: Any) -> str:
    """Name of the outcome; of several columns, as of successes and failures, the first."""
    named = model.endog_names
    return named if isinstance(named, str) else str(named[0])


def errors_of(result: Any) -> ForeignErrors:
    """Kind of the covariance, its clusters, and the distribution that the result uses for its tests."""
    given = str(getattr(result, "cov_type", "nonrobust"))
    kind = _KINDS.get(given, given)
    options = getattr(result, "cov_kwds", None) or {}
    df = float(getattr(result, "df_resid_inference", None) or result.df_resid) if getattr(result, "use_t", False) else NORMAL
    if given != "cluster":
        plain = 1.0 if kind in ("classical", "HC0", "HC2", "HC3") else float("nan")
        return ForeignErrors(kind, df, factor=float(result.nobs / result.df_resid) if kind == "HC1" else plain)
    groups = options.get("groups")
    codes = np.asarray(groups)
    counts = [len(np.unique(column)) for column in codes.reshape(len(codes), -1).T]
    corrected = bool(options.get("use_correction", True))
    name = getattr(groups, "name", None)
    n, k = float(result.nobs), len(np.asarray(result.params))
    factors = [g / (g - 1) * (n - 1) / (n - k) if corrected else 1.0 for g in counts]
    factor: SmallSampleFactor = factors[0] if len(factors) == 1 else float("nan")
    clusters = counts[0] if len(counts) == 1 else tuple(counts)
    return ForeignErrors("CR1" if corrected else "CR0", df, clusters, name if isinstance(name, str) else None, factor)


def response_of(link: str, outcome: str, offset: Vector | None = None) -> Response:
    """The scale of an outcome with one of the library's links."""
    if link == "identity":
        return LINEAR
    on_link, on_response = (words.format(outcome) for words in _WORDS[link])
    if link == "log" and offset is not None:  # without its offset, eta is the log of a rate
        on_link = f"log rate of {outcome}"
    return Response(link_named(link), on_link, on_response, offset)


def offset_of(model: Any) -> Vector | None:
    """(n,) offset plus log exposure, None without either. Statsmodels keeps the logarithm of an exposure."""
    n = len(model.endog)
    total = np.zeros(n)
    for name in ("offset", "exposure"):
        given = getattr(model, name, None)
        if given is not None:
            total = total + np.asarray(given, dtype=float)
    return total if total.any() else None


def _unconverged(result: Any) -> str:
    settled = getattr(result, "converged", None)
    if settled is None:
        returned = getattr(result, "mle_retvals", None)
        settled = returned.get("converged") if isinstance(returned, Mapping) else None
    return "statsmodels says that it did not converge" if settled is False or (settled is not None and not settled) else ""
