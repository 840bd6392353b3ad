"""Products of deviations from the means of persons, for effects within persons only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tienet.base.errors import ModelError
from tienet.base.record import Fixed, locked
from tienet.regression.core.formula import Formula
from tienet.regression.core.model_frame import Factor, ModelFrame, numbers_of
from tienet.regression.core.within import ALONE, group_means, nested


def deviating(sample: ModelFrame, formula: Formula, unit: str) -> tuple[ModelFrame, tuple[str, ...]]:
    r"""Replace the numbers in products and squares by their deviations from the means of the first absorbed column.

    A number that is constant within its groups stays as it is: a product with it has one deviation only, which is the ordinary product
    after absorption. If every product is such a one, nothing changes.

    Parameters
    ----------
    sample
        The rows used, with their absorbed effects.
    formula
        The terms.
    unit
        Name of the first absorbed column, for messages.

    Returns
    -------
    tuple
        The rows, and the names of the columns that are deviations now.

    Raises
    ------
    ModelError
        If a category that changes within groups is in a product.

    References
    ----------
    Giesselmann, M. & Schmidt-Catran, A. W. (2022). Sociological Methods & Research 51, 1100-1127.
    """
    codes = np.asarray(sample.effects)[:, 0]
    made: dict[str, np.ndarray] = {}
    for name in dict.fromkeys(name for term in formula.terms if term.order > 1 for name in term.names):
        column = sample.columns[name]
        if isinstance(column, Factor):
            if not nested(codes, column.codes):
                raise ModelError(f"double_demeaned: {name} is a category that changes within {unit}; give it as 0/1 columns")
            continue
        values = numbers_of(column) - numbers_of(column).mean()
        away = values - group_means(values[:, None], codes)[codes, 0]
        if away @ away > ALONE * (values @ values):
            made[name] = away - away.mean()
    if not any(sum(power for name, power in term.powers if name in made) > 1 for term in formula.terms):
        return sample, ()
    return replace(sample, columns=Fixed({**sample.columns, **{name: locked(values) for name, values in made.items()}})), tuple(made)
