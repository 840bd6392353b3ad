"""A covariance as an object that knows how it was estimated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import df_text, listed
from tienet.base.record import Record
from tienet.regression.core.degrees import SmallSampleFactor

__all__ = ["Covariance"]


class CovarianceEstimator:
    """How a covariance was estimated: what its results say and cite. One child for each kind, without state.

    Attributes
    ----------
    works
        The works that define it: keys of `REFERENCES`, or full references.
    df_name
        Whose degrees of freedom each combination of coefficients has, such as "Satterthwaite"; None where all share n - k or G - 1.
    joint_test
        What a test of several coefficients is called: "F" where it is exact under the model's assumptions, "Wald F", or a name of its own.
    joint_works
        The works behind a test of several coefficients that has degrees of freedom of its own.
    equal_variance
        Whether it takes the errors for independent and of one variance.
    """

    works: tuple[str, ...] = ()
    df_name: str | None = None
    joint_test: str = "Wald F"
    joint_works: tuple[str, ...] = ()
    equal_variance: bool = False

    def label(self, covariance: Covariance) -> str:
        """How a note under a table says it: 'HC3 standard errors'."""
        said, by, groups = f"{covariance.kind} standard errors", covariance.cluster, covariance.clusters
        if groups is None:
            return said
        if isinstance(groups, tuple):
            return f"{said} clustered by {listed(by or ())} ({listed(groups)} clusters)"
        return f"{said} clustered by {by} ({groups} clusters)"


_NOT_SAID = CovarianceEstimator()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Covariance(Record):
    """A covariance that knows its kind; every result made from a fit carries it.

    Parameters
    ----------
    kind
        "classical", "HC0" to "HC5", "HC4m", "CR0" to "CR3", or the name of a kind that was registered.
    matrix
        (k, k), in the order of `terms`.
    df
        n - k, or G - 1 after clustering (two-way: of the smaller G). Under CR2 every combination of coefficients has its own; this is
        then the smallest among the coefficients.
    clusters
        Their number G, both numbers for two-way clusters, or None.
    factor
        The small-sample factor that is already in the matrix (1 when there is none, as in CR3, which others multiply by (G - 1)/G). Two-way
        clusters have one for each part, first, second and both together: G/(G-1) (n-1)/(n-k) with the part's own G, the convention of
        Petersen (2009) and Stata; some packages use that of the smaller G throughout.
    terms
        k names.
    cluster
        The column that groups the rows, a pair of them, or None.
    backend
        The kind of frame `frame` gives.
    estimator
        How it was estimated: what results say of it and cite.
    """

    kind: str
    matrix: Vector
    df: float
    clusters: int | tuple[int, ...] | None
    factor: SmallSampleFactor
    terms: tuple[str, ...]
    cluster: str | tuple[str, ...] | None = None
    backend: Backend = "pandas"
    estimator: CovarianceEstimator = _NOT_SAID

    def _columns(self) -> Columns:
        names = np.array(self.terms, dtype=object)
        k = len(names)
        return {"term": np.repeat(names, k), "other": np.tile(names, k), "covariance": self.matrix.ravel()}

    def _works(self) -> tuple[str, ...]:
        two_way = ("cameron_gelbach_miller_2011", "petersen_2009") if isinstance(self.clusters, tuple) else ()
        return (*self.estimator.works, *two_way)

    @property
    def label(self) -> str:
        """How a note under a table says it."""
        return self.estimator.label(self)

    @property
    def own_df(self) -> bool:
        """Whether each combination of coefficients has degrees of freedom of its own, such as Satterthwaite's."""
        return self.estimator.df_name is not None

    def __str__(self) -> str:
        df = f"{self.estimator.df_name} df from {df_text(self.df)}" if self.own_df else f"df = {df_text(self.df)}"
        return f"{self.label}, {df}"
