"""Levels of a moderator: values of a number, or categories of a factor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError, ModelError, offer
from tienet.base.numbers import as_typed, value_text
from tienet.base.record import locked
from tienet.regression.core.polynomial import Polynomial, Variable
from tienet.regression.probes.probe import Values, chosen_values, pair, partners, split_values, standing


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Levels of one moderator.

    Parameters
    ----------
    name
        The moderator: a variable, or a factor with three or more categories.
    label
        v labels: "-1 SD", "16th percentile", the number, or the category.
    at
        (v,) values on the moderator's own scale; NaN for categories.
    points
        v points: the values that each level sets.
    values
        (n,) observed values of the moderator; empty for categories and without data.
    """

    name: str
    label: tuple[str, ...]
    at: Vector
    points: tuple[Mapping[str, float], ...]
    values: Vector

    @property
    def categorical(self) -> bool:
        """Whether the levels are categories."""
        return bool(np.isnan(self.at).all())


def is_factor(surface: Polynomial, name: str) -> bool:
    """Whether a name is a factor with three or more categories (a factor with two is its one dummy)."""
    return isinstance(name, str) and name not in surface.variables and len(surface.dummies(name)) > 1


def levels_of(surface: Polynomial, focal: Variable, moderator: str, values: Values, whole: bool = True) -> Levels:
    """Return the levels of a moderator of the focal variable.

    Raises
    ------
    ModelError
        If the slope of the focal variable does not depend on the moderator.
    """
    if is_factor(surface, moderator):
        return _categories(surface, focal, moderator, values)
    second = pair(surface, focal.name, moderator, columns=True)[1]
    return number_levels(second, values, whole)


def number_levels(variable: Variable, values: Values, whole: bool = True) -> Levels:
    """Levels of a numeric variable."""
    found, label = chosen_values(variable, values, whole)
    return Levels(variable.name, label, locked(found), tuple({variable.name: float(value)} for value in found), variable.values)


def split_at(surface: Polynomial, moderator: str | None, at: Values) -> tuple[Values, dict[str, Values]]:
    """Split `at` into the part for the moderator (which may be a factor) and the part for the other variables."""
    if moderator is None or not is_factor(surface, moderator):
        return split_values(surface, surface.column(moderator).name if moderator is not None else None, at)
    if not isinstance(at, Mapping):
        return at, {}
    return at.get(moderator), split_values(surface, None, {name: value for name, value in at.items() if name != moderator})[1]


def spots(surface: Polynomial, focal: Variable, axes: Mapping[str, Levels]) -> tuple[list[dict[str, float]], list[tuple[int, ...]]]:
    """Every combination of levels as a point of all variables, with the focal one at its mean, and the positions of its levels."""
    places = places_of(axes)
    given = [
        {name: value for levels, i in zip(axes.values(), place, strict=True) for name, value in levels.points[i].items()}
        for place in places
    ]
    return [standing(surface, {focal.name: focal.mean, **point}) for point in given], places


def places_of(axes: Mapping[str, Levels]) -> list[tuple[int, ...]]:
    """The positions of every combination of levels, the last axis moving fastest."""
    return list(product(*(range(len(levels.label)) for levels in axes.values())))


def place_label(axes: Mapping[str, Levels], place: tuple[int, ...], moderator: str | None, several: list[str]) -> str:
    """Label of the moderator's level, and of the levels of other variables that vary; empty without any."""
    texts = [
        levels.label[i] if name == moderator else f"{name} = {levels.label[i]}"
        for (name, levels), i in zip(axes.items(), place, strict=True)
        if name == moderator or name in several
    ]
    return ", ".join(texts)


def at_level(label: str, value: float) -> str:
    """A level in a sentence: '-1 SD (2.023)', or only the value or the category."""
    return label if np.isnan(value) or label == as_typed(value) else f"{label} ({value_text(value)})"


def categories(surface: Polynomial, factor: str) -> tuple[str, ...]:
    """Categories of a factor, the base first."""
    dummies = surface.dummies(factor)
    return (dummies[0].base or "base", *(dummy.name[len(factor) + 1 : -1] for dummy in dummies))


def _categories(surface: Polynomial, focal: Variable, factor: str, values: Values) -> Levels:
    if not {dummy.name for dummy in surface.dummies(factor)} & set(partners(surface, focal.name)):
        raise ModelError(
            f"the slope of {focal.name} does not depend on {factor} in this model of {surface.outcome}; "
            f"add {focal.name}:{factor} to the formula, or choose another moderator"
        )
    return category_levels(surface, factor, values)


def category_levels(surface: Polynomial, factor: str, values: Values) -> Levels:
    """Levels of a factor: all its categories or those named."""
    dummies, known = surface.dummies(factor), categories(surface, factor)
    chosen = known if values is None else (values,) if isinstance(values, str) else tuple(values)
    for label in chosen:
        if label not in known:
            raise ArgumentError(f"at: {factor} has no category {label!r}{offer(str(label), known)}")
    points = tuple({dummy.name: float(dummy.name == f"{factor}[{label}]") for dummy in dummies} for label in chosen)
    return Levels(factor, chosen, locked(np.full(len(chosen), np.nan)), points, locked((), float))
