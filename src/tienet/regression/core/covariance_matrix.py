"""A covariance matrix of coefficients, with the kind of estimator behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.frames import Backend, Columns
from tienet.base.naming import UNNAMED, Names
from tienet.base.numbers import df_text, listed
from tienet.base.record import Record
from tienet.regression.core.degrees import SmallSampleFactor

__all__ = ["Covariance"]


class CovarianceEstimator:
    """How a covariance was estimated: the wording and references of results. One subclass per kind, without state.

    Attributes
    ----------
    works
        Works that define it: keys of `REFERENCES`, or full references.
    df_name
        Name of the degrees of freedom if they differ between combinations of coefficients, such as "Satterthwaite"; None if all share
        n - k or G - 1.
    joint_test
        Name of a joint test of coefficients: "F" if it is exact under the model's assumptions, otherwise "Wald F" or a special name.
    joint_works
        Works that define a joint test with its own degrees of freedom.
    equal_variance
        Whether it assumes independent errors with equal variance.
    infinite_df
        What infinite degrees of freedom mean: "normal distribution" where theory has no t, with a reason where df are only unknown.
    """

    works: tuple[str, ...] = ()
    df_name: str | None = None
    joint_test: str = "Wald F"
    joint_works: tuple[str, ...] = ()
    equal_variance: bool = False
    infinite_df: str = "normal distribution because df is not known"

    def label(self, covariance: Covariance) -> str:
        """The text for the note under a table, such as 'HC3 standard errors'."""
        said, by, groups = f"{covariance.kind} standard errors", covariance.cluster, covariance.clusters
        if groups is None:
            return said
        if isinstance(groups, tuple):
            return f"{said} clustered by {listed(by or ())} ({listed(groups)} clusters)"
        return f"{said} clustered by {by} ({groups} clusters)"


_NOT_SAID = CovarianceEstimator()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Covariance(Record):
    """The covariance matrix of the coefficients and how it was estimated. Every result of a fit carries one.

    Parameters
    ----------
    kind
        "classical", "HC0" to "HC5", "HC4m", "CR0" to "CR3", or the name of a registered kind.
    matrix
        (k, k), in the order of `terms`.
    df
        n - k, or G - 1 with clusters (two-way: with the smaller G). Under CR2 and CR3 each combination of coefficients has its own degrees
        of freedom, and this is the smallest among the coefficients.
    clusters
        Number of clusters G, both numbers for two-way clusters, or None.
    factor
        The small-sample factor, already included in the matrix; 1 if there is none, as in CR3, which some packages multiply by (G - 1)/G.
        Two-way clusters have three, for the first, the second and their intersections: G/(G-1) (n-1)/(n-k) with the part's own G, the
        convention of Petersen (2009) and Stata. Some packages use the smaller G throughout.
    terms
        k names.
    cluster
        The column that groups the rows, a pair of them, or None.
    backend
        The kind of frame that `frame` returns.
    estimator
        How it was estimated: the wording and references of results.
    names
        Labels and units of the model's columns, which figures and tables of every result use.
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
    names: Names = UNNAMED

    def _columns(self) -> Columns:
        names = np.array(self.terms, dtype=object)
        k = len(names)
        return {"term": np.repeat(names, k), "other": np.tile(names, k), "covariance": self.matrix.ravel()}

    def _works(self) -> tuple[str, ...]:
        two_way = ("cameron_gelbach_miller_2011", "petersen_2009") if isinstance(self.clusters, tuple) else ()
        return (*self.estimator.works, *two_way)

    @property
    def label(self) -> str:
        """The text for the note under a table."""
        return self.estimator.label(self)

    @property
    def own_df(self) -> bool:
        """Whether degrees of freedom differ between combinations of coefficients, as Satterthwaite's do."""
        return self.estimator.df_name is not None

    @property
    def df_note(self) -> str:
        """'df = 96', 'Satterthwaite df from 7.1', or 'normal distribution'."""
        if self.own_df:
            return f"{self.estimator.df_name} df from {df_text(self.df)}"
        return f"df = {df_text(self.df)}" if np.isfinite(self.df) else self.estimator.infinite_df

    def __str__(self) -> str:
        return f"{self.label}, {self.df_note}"
