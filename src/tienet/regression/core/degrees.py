"""Degrees of freedom of combinations of coefficients: shared by all of them, or each its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.record import Sealed

SmallSampleFactor: TypeAlias = float | tuple[float, ...]


class Degrees(Protocol):
    """What gives each combination of some rows its own degrees of freedom."""

    def of(self, rows: Vector) -> Vector:
        """(r,) degrees of freedom of the t of each combination."""
        ...

    def along(self, rows: Vector) -> Degrees:
        """The same for combinations of those rows."""
        ...


class OwnDegrees(Degrees, Protocol):
    """The same for all combinations of the coefficients, for a few of their directions, and for several tested at once."""

    def along(self, rows: Vector) -> OwnDegrees:
        """The same for combinations of some rows."""
        ...

    def compact(self) -> Degrees:
        """In a form made for many combinations of few rows."""
        ...

    def joint(self, rows: Vector) -> tuple[float, float]:
        """What F = Q / q is multiplied by, and its df2, for the Wald statistic Q of q combinations; NaN where there is no test."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class SharedDegrees(Sealed):
    """The same degrees of freedom for every combination.

    Parameters
    ----------
    df
        n - k, or G - 1 after clustering.
    clustered
        Whether the covariance is made of the scores of clusters: those of G clusters span at most G - 1 directions, so no more can be
        tested at once.
    """

    df: float
    clustered: bool = False

    def of(self, rows: Vector) -> Vector:
        """(r,) degrees of freedom of the t of each combination."""
        return np.full(len(rows), float(self.df))

    def along(self, rows: Vector) -> SharedDegrees:  # noqa: ARG002 - the same along any rows
        """The same for combinations of some rows."""
        return self

    def compact(self) -> SharedDegrees:
        """It is as compact as can be."""
        return self

    def joint(self, rows: Vector) -> tuple[float, float]:
        """F = Q / q as it is; NaN with more combinations than clusters less one."""
        return float("nan") if self.clustered and len(rows) > self.df else 1.0, self.df
