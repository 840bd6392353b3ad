"""Interactions within persons, person and month effects absorbed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np

import tienet as tn

TITLE = "Absorbed effects"
DATA = """Persons in 4 to 7 of 7 months, x and z with levels of their own; y = x + z + 0.3 xz + a level of the person, related to x, + one
of the month + errors that follow one another within a person (AR(1) with 0.6) and are larger where x is far from 0. Person and month
effects are absorbed, errors clustered by person. The slope of x is counted at z = 1."""


def rows(draws: int) -> Iterator[tuple[str, float, float, int]]:
    """Cases with the share covered."""
    for persons in (10, 20, 60):
        rng = np.random.default_rng(persons)
        kinds = ("CR1", "CR2")
        inside = np.zeros((draws, len(kinds), 2))
        for draw in range(draws):
            data = _sample(rng, persons)
            for which, kind in enumerate(kinds):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    fit = tn.Moderation("y ~ x*z", absorb=("person", "month"), cluster="person", covariance=kind).fit(data)
                    slope = tn.simple_slopes(fit, focal="x", moderator="z", at=[1.0])
                low, high = fit._columns()["conf_low"][-1], fit._columns()["conf_high"][-1]
                inside[draw, which] = low <= 0.3 <= high, slope.conf_low[0] <= 1.3 <= slope.conf_high[0]
        for which, kind in enumerate(kinds):
            for part, name in enumerate(("x:z", "slope at z = 1")):
                yield f"{persons} persons, {kind}, {name}", float(inside[:, which, part].mean()), 0.95, draws


def _sample(rng: np.random.Generator, persons: int) -> dict[str, np.ndarray]:
    months = 7
    person, month = np.repeat(np.arange(persons), months), np.tile(np.arange(months), persons)
    level = rng.normal(size=persons)
    x, z = (0.7 * level[person] + rng.normal(size=len(person)) for _ in range(2))
    errors = np.empty((persons, months))
    errors[:, 0] = rng.normal(size=persons)
    for at in range(1, months):
        errors[:, at] = 0.6 * errors[:, at - 1] + 0.8 * rng.normal(size=persons)
    y = x + z + 0.3 * x * z + level[person] + rng.normal(size=months)[month] + errors.ravel() * (1 + 0.4 * np.abs(x))
    keep = rng.uniform(size=(persons, months)).argsort(axis=1) < rng.integers(4, months + 1, persons)[:, None]
    return {name: values[keep.ravel()] for name, values in {"person": person, "month": month, "x": x, "z": z, "y": y}.items()}
