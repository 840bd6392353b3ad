"""Slopes and regions pooled over imputations."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

import tienet as tn

TITLE = "Imputations"
DATA = """y = 1 + 0.5 x + 0.3 z + 0.3 xz + e, n = 100; z is missing for a quarter, more often where x is high. It is imputed 5 or 20
times from its distribution given x and y (drawn in proportion to the likelihood of y, so that the product is in the imputation model). The
slope of x is 0 at z = -5/3: there a region covers if it leaves that point out."""
GRID = np.linspace(-4, 4, 161)


def rows(draws: int) -> Iterator[tuple[str, float, float, int]]:
    """Cases with the share covered."""
    for imputations in (5, 20):
        rng = np.random.default_rng(imputations)
        inside = np.zeros((draws, 3))
        for draw in range(draws):
            pooled = _one(rng, imputations)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                slopes = tn.simple_slopes(pooled, focal="x", moderator="z", at=[-5 / 3, 0.0, 1.0]).frame
            truth = np.array([0.0, 0.5, 0.8])
            inside[draw] = (slopes.conf_low <= truth) & (truth <= slopes.conf_high)
        for which, name in enumerate(("edge of the region (z = -5/3)", "slope at z = 0", "slope at z = 1")):
            yield f"{imputations} imputations, {name}", float(inside[:, which].mean()), 0.95, draws


def _one(rng: np.random.Generator, imputations: int) -> Any:
    n = 100
    x, z = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], size=n).T
    y = 1 + 0.5 * x + 0.3 * z + 0.3 * x * z + rng.normal(size=n)
    gone = rng.uniform(size=n) < 1 / (1 + np.exp(1.2 - x))
    fits = []
    for _ in range(imputations):
        filled = z.copy()
        # a draw of the parameters from the complete rows, then z given x and y on a grid
        rows = np.flatnonzero(~gone)
        rows = rows[rng.integers(len(rows), size=len(rows))]
        X = np.column_stack([np.ones(len(rows)), x[rows], z[rows], x[rows] * z[rows]])
        b = np.linalg.lstsq(X, y[rows], rcond=None)[0]
        s2 = np.sum((y[rows] - X @ b) ** 2) / (len(rows) - 4)
        W = np.column_stack([np.ones(len(rows)), x[rows]])
        a = np.linalg.lstsq(W, z[rows], rcond=None)[0]
        t2 = np.sum((z[rows] - W @ a) ** 2) / (len(rows) - 2)
        xs, ys = x[gone][:, None], y[gone][:, None]
        log = -((ys - b[0] - b[1] * xs - b[2] * GRID - b[3] * xs * GRID) ** 2) / (2 * s2) - (GRID - a[0] - a[1] * xs) ** 2 / (2 * t2)
        weight = np.cumsum(np.exp(log - log.max(axis=1, keepdims=True)), axis=1)
        pick = (rng.uniform(size=(len(weight), 1)) * weight[:, -1:] > weight).sum(axis=1)
        filled[gone] = GRID[pick] + rng.uniform(-0.025, 0.025, size=gone.sum())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fits.append(tn.Moderation("y ~ x*z", covariance="classical").fit({"y": y, "x": x, "z": filled}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tn.pool(fits)
