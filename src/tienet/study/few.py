"""Parts of a study based on fewer people than its floor, which may reveal individuals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tienet.base.errors import SmallGroup, warn
from tienet.base.wording import column_label, lower
from tienet.network.reading.people import People
from tienet.regression.model.fit import ModerationFit


def few_people(fit: ModerationFit, people: People, functions: Sequence[str], floor: int) -> tuple[str, ...]:
    """Functions and groups with their own coefficient that have fewer people than the floor, in words."""
    small = [name for name in functions if np.sum(people.function == name) < floor]
    return (*(f"ties to {people.labels[name]}" for name in small), *_groups(fit, people, floor))


def warn_few_people(found: Sequence[str], floor: int) -> None:
    """Warn about these groups."""
    if found:
        small = f"fewer than {floor} people are behind {', '.join(found)}, so the numbers may reveal individuals"
        warn(f"{small}; merge small groups or leave them out", SmallGroup)


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
