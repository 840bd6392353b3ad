"""A categorical focal variable: predicted means by category instead of a line."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError
from tienet.regression.core.polynomial import Polynomial, Variable
from tienet.regression.probes._levels import Levels, categories
from tienet.regression.probes.probe import partners


def focal_dummy(surface: Polynomial, factor: str, moderator: str | None) -> Variable:
    """A dummy of the factor: one that interacts with the moderator, if any does."""
    dummies = surface.dummies(factor)
    names = {moderator, *(dummy.name for dummy in surface.dummies(moderator or ""))}
    return next((dummy for dummy in dummies if names & set(partners(surface, dummy.name))), dummies[0])


def category_points(surface: Polynomial, factor: str) -> tuple[tuple[str, ...], list[dict[str, float]]]:
    """The categories, the base first, and the dummies of each."""
    found, dummies = categories(surface, factor), surface.dummies(factor)
    return found, [{dummy.name: float(dummy.name == f"{factor}[{category}]") for dummy in dummies} for category in found]


def category_rows(surface: Polynomial, factor: str, stands: list[dict[str, float]]) -> Vector:
    """(len(stands) c, k) rows of the surface in each of c categories, with the others at each point."""
    spots = category_points(surface, factor)[1]
    return np.array([surface.value_row({**stand, **spot}) for stand in stands for spot in spots])


def category_inside(surface: Polynomial, factor: str, levels: Levels) -> NDArray[np.bool_]:
    """(m, c) whether each level of the moderator lies among the observations of each category."""
    spots = category_points(surface, factor)[1]
    sizes = len(levels.points), len(spots)
    if not levels.name or not len(surface.dummies(factor)[0].values):
        return np.ones(sizes, dtype=bool)
    inside = np.zeros(sizes, dtype=bool)
    for j, spot in enumerate(spots):
        mine = np.all([surface.variables[name].values == value for name, value in spot.items()], axis=0)
        for i, level in enumerate(levels.points):
            own = [(surface.variables[name].values[mine], value) for name, value in level.items()]
            inside[i, j] = bool(mine.any()) and (
                np.all([values == value for values, value in own], axis=0).any()
                if levels.categorical
                else all(values.min() <= value <= values.max() for values, value in own)
            )
    return inside


def refuse_range(factor: str, over: object) -> None:
    """A category has no range."""
    if over is not None:
        raise ArgumentError(f"over: {factor} is categorical, so it has no range; leave it out")
