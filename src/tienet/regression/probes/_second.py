"""The second moderator of predicted lines: a line for each combination of the values of two moderators."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.record import locked
from tienet.regression.core.polynomial import Polynomial, Variable
from tienet.regression.probes._levels import Levels, is_factor, levels_of, number_levels
from tienet.regression.probes.probe import Values

NO_LEVELS = Levels("", ("mean",), locked([np.nan]), ({},), locked((), float))


def second_levels(
    surface: Polynomial, focal: Variable, moderator: Levels, second: str | None, others: Mapping[str, Values]
) -> tuple[Levels, dict[str, Values]]:
    """Levels of the second moderator, named or with several values in `others`, and the variables that are held.

    Raises
    ------
    ArgumentError
        If several variables have several values.
    ModelError
        If the second moderator is one of the other two variables.
    """
    if not moderator.name:
        if second is not None:
            raise ArgumentError(f"second={second!r} needs a first moderator; name it, moderator=...")
        return NO_LEVELS, dict(others)
    if second is not None and is_factor(surface, second):
        return levels_of(surface, focal, second, others.get(second)), {name: value for name, value in others.items() if name != second}
    several = [name for name, values in others.items() if isinstance(values, str) or np.size(values) > 1]
    named = surface.variable(second).name if second is not None else None
    if len({*several, named} - {None}) > 1:
        first, other = list(dict.fromkeys(filter(None, [named, *several])))[:2]
        raise ArgumentError(f"at: {first} and {other} both have several values; only one variable besides the moderator can")
    chosen = named or (several[0] if several else None)
    if chosen is None:
        return NO_LEVELS, dict(others)
    if chosen == focal.name or chosen in moderator.points[0]:
        raise ModelError(f"{chosen} is already {'the focal variable' if chosen == focal.name else 'the moderator'}; name a third variable")
    held = {name: value for name, value in others.items() if name != chosen}
    return number_levels(surface.variables[chosen], others.get(chosen), whole=False), held


def combined(moderator: Levels, second: Levels) -> tuple[Levels, Vector, tuple[str, ...]]:
    """One level for each line, the moderator's fastest, with the value and the label of the second moderator at each."""
    if not second.name:
        return moderator, locked((), float), ()
    lines, times = len(moderator.label), len(second.label)
    points = tuple({**own, **other} for other in second.points for own in moderator.points)
    levels = Levels(moderator.name, moderator.label * times, locked(np.tile(moderator.at, times)), points, moderator.values)
    return levels, locked(np.repeat(second.at, lines)), tuple(np.repeat(np.array(second.label, dtype=object), lines))
