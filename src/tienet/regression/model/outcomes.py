"""One specification fitted to several outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TypeAlias, get_args

from tienet.base.checks import choice, several
from tienet.base.errors import ArgumentError
from tienet.base.numbers import counted
from tienet.regression.core.formula import checked, parse_formula
from tienet.regression.core.model_frame import read_model_frames
from tienet.regression.model.family_arguments import refuse_family
from tienet.regression.model.fit import ModerationFit, estimate
from tienet.regression.model.moderation import Moderation, refuse_gaps, warn_few

__all__ = ["fit_outcomes"]


Rows: TypeAlias = Literal["common", "own"]


def fit_outcomes(model: Moderation, data: object, outcomes: Sequence[str], *, rows: Rows = "common") -> dict[str, ModerationFit]:
    r"""Fit one specification to several outcomes, :math:`b_m = (X'WX)^{-1} X'W y_m` for every outcome m.

    Parameters
    ----------
    model
        The specification; the outcomes replace the one in its formula.
    data
        Any data frame that narwhals supports.
    outcomes
        Names of the columns of outcomes.
    rows
        "common": all fits use the rows that are complete in the terms and in every outcome, so that they can be compared, and X is
        factorised once. "own": each fit uses the rows that are complete for it.

    Returns
    -------
    dict
        Fits by outcome, in the order given. `dropped` of each counts the missing values; under "common" also those of other outcomes.

    Raises
    ------
    ArgumentError
        If outcomes is not a list of different names, or `rows` is unknown.
    ModelError, DataError
        As in `Moderation.fit`.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"growth": [1.0, 2.1, 2.9, 4.2, 5.5], "quota": [0.9, None, 1.1, 1.0, 1.3], "ties": [1, 2, 3, 5, 6]}
    >>> fits = fit_outcomes(Moderation("growth ~ ties", covariance="classical"), data, ["growth", "quota"])
    >>> {name: (fit.n, round(float(fit.estimate[1]), 3)) for name, fit in fits.items()}
    {'growth': (4, 0.861), 'quota': (4, 0.059)}
    """
    choice("rows", rows, get_args(Rows))
    if not isinstance(model, Moderation):
        raise ArgumentError(f"the model must be a Moderation such as Moderation('y ~ x*z'), got {type(model).__name__}")
    if rows == "common":
        refuse_family(model, "fit_outcomes with rows='common'")
    models = {name: _for_outcome(model, name) for name in _named(outcomes)}
    if rows == "own":
        return {name: each.fit(data) for name, each in models.items()}
    formulas = [parse_formula(each.formula) for each in models.values()]
    fits: dict[str, ModerationFit] = {}
    first: ModerationFit | None = None
    for each, formula, sample in zip(
        models.values(), formulas, read_model_frames(data, formulas, model.cluster, model.weights), strict=True
    ):
        refuse_gaps(each, sample)
        fits[formula.outcome] = estimate(each, formula, sample, first)
        first = first or fits[formula.outcome]
    warn_few(fits[formulas[0].outcome])
    return fits


def _named(outcomes: Sequence[str]) -> list[str]:
    found = several(outcomes)
    if found is None or not all(isinstance(name, str) for name in found):
        raise ArgumentError(f"outcomes must be a list of names such as ['growth', 'quota'], got {outcomes!r}")
    if not found or len(set(found)) < len(found):
        raise ArgumentError(f"outcomes must name each outcome once, got {counted(len(set(found)), 'different name')} in {found!r}")
    return found


def _for_outcome(model: Moderation, outcome: str) -> Moderation:
    formula = parse_formula(model.formula)
    return replace(model, formula=str(checked(outcome, formula.terms, formula.columns)))
