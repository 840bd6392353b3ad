"""Standard errors of a likelihood: from its information, or robust to what the family gets wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.numbers import listed
from tienet.base.record import Sealed
from tienet.regression.core.covariance_matrix import Covariance, CovarianceEstimator
from tienet.regression.core.degrees import SmallSampleFactor
from tienet.regression.core.least_squares import Solution
from tienet.regression.covariance.register import estimator_of
from tienet.regression.families.family import KINDS, Family, Maximum

_CLUSTERED = ("CR0", "CR1")
_NO_FORM = {
    "HC": "leverage corrections (HC2 to HC5) come from least squares",
    "CR": "CR2 and CR3 have no agreed form outside least squares",
}


class FromInformation(CovarianceEstimator):
    """Inverse information of the likelihood."""

    infinite_df = "normal distribution"
    said = ""

    def label(self, covariance: Covariance) -> str:
        """'model-based standard errors', or 'HC1 standard errors'; with the information if expected and observed differ."""
        plain = CovarianceEstimator.label(self, covariance).replace("classical", "model-based")
        return f"{plain} ({self.said})" if self.said else plain


class FromExpectedInformation(FromInformation):
    """The same where expected and observed information differ: the expected one, as in R."""

    said = "expected information"


class FromObservedInformation(FromInformation):
    """The same with the observed information, the second derivatives of the log-likelihood."""

    said = "observed information"


_ESTIMATORS = {"": FromInformation, "expected": FromExpectedInformation, "observed": FromObservedInformation}


@dataclass(frozen=True, slots=True, eq=False)
class Errors(Sealed):
    """Covariance of the parameters of a `Maximum`.

    Parameters
    ----------
    matrix
        (p, p), in the order of its scores.
    factor
        The small-sample factor, already included.
    df
        G - 1 with clusters, n - k if the dispersion is estimated, otherwise infinite.
    """

    matrix: Vector
    factor: SmallSampleFactor
    df: float


def chosen_kind(family: Family, name: str | None, cluster: str | tuple[str, str] | None) -> str:
    """The kind given, or the family's own for None. A kind that has no form for a likelihood, or does not fit the cluster, is refused."""
    if name is None:
        return "CR1" if cluster else family.covariance
    allowed = listed(_CLUSTERED if cluster else KINDS[:3], "or")
    if name not in KINDS:
        estimator_of(name)  # refuses a misspelt one
        why = next((reason for start, reason in _NO_FORM.items() if name.startswith(start)), "it is defined for least squares")
        raise ArgumentError(f"covariance={name!r} cannot be used with family={family.name!r}: {why}; use {allowed}")
    if (name in _CLUSTERED) != bool(cluster):
        repair = f"with a cluster use {allowed}" if cluster else "set `cluster` to the column that groups the rows"
        raise ArgumentError(f"covariance={name!r} cannot be used with cluster={cluster!r}; {repair}")
    return name


def errors_of(maximum: Maximum, family: Family, kind: str, codes: Codes | None) -> Errors:
    r"""Compute the covariance of the parameters.

    "classical" is the inverse information :math:`I^{-1}`; the others are :math:`I^{-1} M I^{-1}` with M from the scores s of rows or
    clusters: HC0 :math:`\sum_i s_i s_i'`, HC1 the same times n/(n-k), CR0 the sum over clusters, CR1 times G/(G-1) (n-1)/(n-k).

    Parameters
    ----------
    maximum
        The estimates.
    family
        Its family.
    kind
        One of `KINDS`.
    codes
        (n,) cluster of each row, (n, 2) for two-way clusters, or None.
    """
    try:
        back = np.linalg.inv(np.linalg.cholesky(maximum.information)).T
    except np.linalg.LinAlgError:
        raise ModelError(
            "the likelihood is flat in some direction, so its coefficients have no standard errors; leave out terms or join categories"
        ) from None
    n, k = maximum.scores.shape
    # A least-squares problem with these scores: every meat that needs no leverage is then the right one.
    solution = Solution(maximum.scores @ back, back, np.zeros(k), np.ones(n), np.zeros(n))
    middle, factor = (np.eye(k), 1.0) if kind == "classical" else estimator_of(kind).meat(solution, codes)
    matrix = back @ middle @ back.T
    free = float(n - len(maximum.coefficients)) if family.dispersion else float("inf")
    return Errors((matrix + matrix.T) / 2, factor, free if codes is None else float(codes.max(axis=0).min()))


def estimator_for(family: Family) -> CovarianceEstimator:
    """The wording of its standard errors."""
    return _ESTIMATORS[family.information]()
