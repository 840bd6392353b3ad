"""Second differences of a logit, for two-valued variables and for numbers."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np

import tienet as tn
from tienet.base.errors import ModelError

TITLE = "Interactions on the response scale"
DATA = """A logit of x, z and their product. "two-valued": the second difference of two dummies; "numbers": the average slope of x at z = 1
less that at z = -1. The truth is that of the observations drawn, since intervals take the covariates as fixed. Samples whose outcome is
separated are left out."""


def rows(draws: int) -> Iterator[tuple[str, float, float, int]]:
    """Cases with the share covered."""
    for n in (100, 200, 500):
        for binary in (True, False):
            yield from _case(n, binary, draws)


def _case(n: int, binary: bool, draws: int) -> Iterator[tuple[str, float, float, int]]:
    rng = np.random.default_rng([n, binary])
    inside = []
    for _ in range(draws):
        x, z = (rng.integers(0, 2, size=(2, n)) if binary else rng.normal(size=(2, n))).astype(float)
        chance = _chance(x, z)
        data = {"won": (rng.uniform(size=n) < chance).astype(int), "x": x, "z": z}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                fit = tn.Moderation("won ~ x*z", family="logit").fit(data)
                at = None if binary else {"z": [-1.0, 1.0]}
                found = tn.second_difference(fit, focal="x", moderator="z", at=at, draws=300 if n < 150 else 0)
            except ModelError:
                continue
        truth = _second(x, binary)
        ends = [(found.conf_low[-1], found.conf_high[-1])] + ([(found.boot_low[-1], found.boot_high[-1])] if n < 150 else [])
        inside.append([low <= truth <= high for low, high in ends])
    shares = np.mean(inside, axis=0)
    kind = "two-valued" if binary else "numbers"
    for name, share in zip(("delta", "percentile bootstrap"), shares, strict=False):
        yield f"{kind}, n = {n}, {name}", float(share), 0.95, len(inside)


def _chance(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(0.5 - 0.6 * x - 0.4 * z - 0.4 * x * z))


def _second(x: np.ndarray, binary: bool) -> float:
    if binary:
        one, none = np.ones_like(x), np.zeros_like(x)
        return float(np.mean(_chance(one, one) - _chance(none, one) - _chance(one, none) + _chance(none, none)))
    high, low = (_chance(x, np.full_like(x, z)) for z in (1.0, -1.0))
    return float(np.mean(high * (1 - high) * (0.6 + 0.4) - low * (1 - low) * (0.6 - 0.4)))
