"""A remark on an outcome that a line does not suit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tienet.base.numbers import count, number
from tienet.regression.model.fit import ModerationFit


def outcome_troubles(fit: ModerationFit) -> Iterator[str]:
    """A remark if the outcome is 0 or 1, or a count that the fit predicts below zero; nothing for other outcomes."""
    observed, fitted, name = fit.sample.response, fit.fitted, fit.outcome
    if np.isin(observed, (0.0, 1.0)).all():
        outside = int(np.sum((fitted < 0) | (fitted > 1)))
        far = f", and predicts {number(fitted.min(), 2)} to {number(fitted.max(), 2)}, outside it in {_rows(outside, fit.n)}"
        yield (
            f"{name} is 0 or 1, and least squares fits a line to it{far if outside else ''}; family='logit' fits probabilities, "
            "family='linear' keeps the line"
        )
    elif observed.min() == 0 and (observed == np.floor(observed)).all() and (fitted < 0).any():
        below = int(np.sum(fitted < 0))
        yield (
            f"{name} looks like a count, whole numbers from 0, and the line predicts it below zero in {_rows(below, fit.n)}, to "
            f"{number(fitted.min(), 2)}; family='poisson' or 'negative_binomial' fits counts, family='linear' keeps the line"
        )


def _rows(some: int, n: int) -> str:
    return f"{count(some)} of {count(n)} rows"
