"""Degrees of freedom that belong to a combination of coefficients, not to the model."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from tienet.base.arrays import Vector

SmallSampleFactor: TypeAlias = float | tuple[float, ...]


class Degrees(Protocol):
    """What gives each combination of some rows its own degrees of freedom."""

    def of(self, rows: Vector) -> Vector:
        """(r,) degrees of freedom of the t of each combination."""
        ...

    def along(self, rows: Vector) -> Degrees:
        """The same for combinations of those rows."""
        ...


class JointDegrees(Protocol):
    """What gives several combinations, tested at once, their degrees of freedom."""

    def joint(self, rows: Vector) -> tuple[float, float]:
        """What F = Q / q is multiplied by, and its df2, for the Wald statistic Q of q combinations; NaN where there is no test."""
        ...


class OwnDegrees(Degrees, JointDegrees, Protocol):
    """The same for all combinations of the coefficients, and for a few of their directions."""

    def along(self, rows: Vector) -> OwnDegrees:
        """The same for combinations of some rows."""
        ...

    def compact(self) -> Degrees:
        """In a form made for many combinations of few rows."""
        ...
