"""What of a study rests on fewer people than its floor: numbers about so few tell about each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tienet.base.errors import SmallGroup, warn
from tienet.base.wording import column_label, lower
from tienet.network.reading.people import People
from tienet.regression.model.fit import ModerationFit


def few_people(fit: ModerationFit, people: People, functions: Sequence[str], floor: int) -> tuple[str, ...]:
    """Functions that ties go to, and groups set apart by a coefficient, with fewer people than the floor, in words."""
    small = [name for name in functions if np.sum(people.function == name) < floor]
    return (*(f"ties to {people.labels[name]}" for name in small), *_groups(fit, people, floor))


def warn_few_people(found: Sequence[str], floor: int) -> None:
    """Say which these are."""
    if found:
        told = f"fewer than {floor} people stand behind {', '.join(found)}: such numbers tell about each of them"
        warn(f"{told}; put small groups together, or leave them out", SmallGroup)


def _groups(fit: ModerationFit, people: People, floor: int) -> Iterator[str]:
    bases: dict[str, float] = {}
    for name, variable in fit.variables.items():
        if variable.kind != "binary":
            continue
        high = float(np.sum(variable.values == variable.high))
        if variable.factor is not None:
            base = f"{variable.factor}[{variable.base}]"
            bases[base] = bases.get(base, float(fit.n)) - high
        if (high if variable.factor is not None else min(high, fit.n - high)) < floor:
            yield lower(column_label(name, people.labels))
    yield from (lower(column_label(base, people.labels)) for base, count in bases.items() if count < floor)
