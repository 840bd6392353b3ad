"""Degrees of freedom of combinations of coefficients: the same for all, or different for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.record import Sealed

SmallSampleFactor: TypeAlias = float | tuple[float, ...]


class Degrees(Protocol):
    """Degrees of freedom that differ between combinations of rows."""

    def of(self, rows: Vector) -> Vector:
        """(r,) degrees of freedom of the t of each combination."""
        ...

    def along(self, rows: Vector) -> Degrees:
        """The same for combinations of these rows."""
        ...


class OwnDegrees(Degrees, Protocol):
    """Degrees of freedom of combinations of coefficients, and of several combinations tested together."""

    def along(self, rows: Vector) -> OwnDegrees:
        """The same for combinations of these rows."""
        ...

    def compact(self) -> Degrees:
        """A form that is fast for many combinations of few rows."""
        ...

    def joint(self, rows: Vector) -> tuple[float, float]:
        """The factor for F = Q / q, and df2, for the Wald statistic Q of q combinations; NaN if there is no test."""
        ...

    def joint_matrix(self, matrix: Vector) -> Vector:
        """The (q, q) covariance of a joint test of exactly these q combinations, if it is not their covariance `matrix`."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class SharedDegrees(Sealed):
    """The same degrees of freedom for every combination.

    Parameters
    ----------
    df
        n - k, or G - 1 after clustering.
    clustered
        Whether the covariance is computed from the scores of clusters. The scores of G clusters span at most G - 1 dimensions, so no more
        than G - 1 combinations can be tested together.
    """

    df: float
    clustered: bool = False

    def of(self, rows: Vector) -> Vector:
        """(r,) degrees of freedom of the t of each combination."""
        return np.full(len(rows), float(self.df))

    def along(self, rows: Vector) -> SharedDegrees:  # noqa: ARG002 - the same along any rows
        """The same for combinations of these rows."""
        return self

    def compact(self) -> SharedDegrees:
        """Itself: it needs no faster form."""
        return self

    def joint(self, rows: Vector) -> tuple[float, float]:
        """A factor of 1; NaN if there are more combinations than G - 1."""
        return float("nan") if self.clustered and len(rows) > self.df else 1.0, self.df

    def joint_matrix(self, matrix: Vector) -> Vector:
        """The covariance itself."""
        return matrix
