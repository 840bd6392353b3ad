"""Intervals of a product corrected for errors in one of its variables."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np

import tienet as tn

TITLE = "Errors in variables"
DATA = "y = 1 + 0.5 x + 0.3 z + 0.3 xz + e; x is observed with the reliability named. The interval is that of the product."


def rows(draws: int) -> Iterator[tuple[str, float, float, int]]:
    """Cases with the share covered."""
    for n in (80, 150, 300):
        for reliability in (0.8, 0.6):
            yield from _case(n, reliability, draws)


def _case(n: int, reliability: float, draws: int) -> Iterator[tuple[str, float, float, int]]:
    rng = np.random.default_rng([n, int(100 * reliability)])
    inside = np.zeros((draws, 2))
    for draw in range(draws):
        true, z = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], size=n).T
        y = 1 + 0.5 * true + 0.3 * z + 0.3 * true * z + rng.normal(size=n)
        x = true + rng.normal(size=n) * ((1 - reliability) / reliability) ** 0.5
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = tn.Moderation("y ~ x*z").fit({"y": y, "x": x, "z": z})
            found = tn.errors_in_variables(fit, {"x": reliability}, draws=400)
        frame = found.frame.iloc[3]
        inside[draw, 0] = frame.conf_low <= 0.3 <= frame.conf_high
        inside[draw, 1] = frame.boot_low <= 0.3 <= frame.boot_high if found.draws else np.nan
    for which, name in enumerate(("sandwich", "percentile bootstrap")):
        used = inside[~np.isnan(inside[:, which]), which]  # unstable samples have no bootstrap, and say so
        yield f"n = {n}, reliability {reliability}, {name}", float(used.mean()), 0.95, len(used)
