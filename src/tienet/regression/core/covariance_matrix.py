"""A covariance as an object that knows its kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.frames import Backend, Columns
from tienet.base.record import Record
from tienet.regression.core.degrees import SmallSampleFactor

__all__ = ["Covariance"]


_WORKS: dict[str, tuple[str, ...]] = {
    "HC0": ("white_1980",),
    "HC1": ("mackinnon_white_1985",),
    "HC2": ("mackinnon_white_1985",),
    "HC3": ("mackinnon_white_1985",),
    "HC4": ("cribari_neto_2004",),
    "HC4m": ("cribari_neto_da_silva_2011",),
    "HC5": ("cribari_neto_et_al_2007",),
    "CR0": ("liang_zeger_1986",),
    "CR1": ("cameron_miller_2015",),
    "CR2": ("bell_mccaffrey_2002", "pustejovsky_tipton_2018"),
    "CR3": ("bell_mccaffrey_2002",),
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Covariance(Record):
    """A covariance that knows its kind; every result made from a fit carries it.

    Parameters
    ----------
    kind
        "classical", "HC0" to "HC5", "HC4m", "CR0" to "CR3".
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
    """

    kind: str
    matrix: Vector
    df: float
    clusters: int | tuple[int, ...] | None
    factor: SmallSampleFactor
    terms: tuple[str, ...]
    cluster: str | tuple[str, ...] | None = None
    backend: Backend = "pandas"

    def _columns(self) -> Columns:
        names = np.array(self.terms, dtype=object)
        k = len(names)
        return {"term": np.repeat(names, k), "other": np.tile(names, k), "covariance": self.matrix.ravel()}

    def _works(self) -> tuple[str, ...]:
        two_way = ("cameron_gelbach_miller_2011", "petersen_2009") if isinstance(self.clusters, tuple) else ()
        return (*_WORKS.get(self.kind, ()), *two_way)

    @property
    def label(self) -> str:
        """How a note under a table says it."""
        if self.clusters is None:
            return f"{self.kind} standard errors"
        if isinstance(self.clusters, tuple):
            by, groups = (" and ".join(map(str, parts)) for parts in (self.cluster or (), self.clusters))
            return f"{self.kind} standard errors clustered by {by} ({groups} clusters)"
        return f"{self.kind} standard errors clustered by {self.cluster} ({self.clusters} clusters)"

    @property
    def own_df(self) -> bool:
        """Whether each combination of coefficients has its own, Satterthwaite's, degrees of freedom."""
        return self.kind == "CR2" or self.kind.startswith("random intercept")

    def __str__(self) -> str:
        return f"{self.label}, Satterthwaite df from {self.df:.1f}" if self.own_df else f"{self.label}, df = {self.df:g}"
