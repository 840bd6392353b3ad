"""Refits of a model on the same rows: without some terms, or on z-scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import flag, names
from tienet.base.record import Fixed, locked
from tienet.regression.core.formula import Term, parse_term
from tienet.regression.core.model_frame import Factor
from tienet.regression.model.fit import ModerationFit, estimate, least_squares_fit
from tienet.regression.model.generalised import GeneralisedFit
from tienet.regression.model.maximising import maximise

__all__ = ["drop_terms", "standardize", "without_quadratics"]


def drop_terms(fit: ModerationFit | GeneralisedFit, terms: Iterable[str]) -> ModerationFit | Any:
    """Refit the model without some terms, on exactly the same rows.

    Parameters
    ----------
    fit
        The larger model, also one with a family.
    terms
        Terms of its formula, such as ``["ties^2"]``; name a category without its levels.

    Returns
    -------
    ModerationFit or GeneralisedFit
        Estimated again from the stored rows; rows dropped for missing values in the dropped terms do not return.

    Raises
    ------
    ModelError
        If a term is not in the model, or a product would lose its lower-order terms.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> fit = Moderation("y ~ x + x^2").fit({"y": [1.0, 4.2, 8.9, 16.1, 25.2], "x": [1, 2, 3, 4, 5]})
    >>> drop_terms(fit, ["x^2"]).terms
    ('(Intercept)', 'x')
    """
    gone = names("terms", terms, single=True)
    _refuse_others(fit, "drop_terms")
    formula = fit.formula.without(parse_term(term) for term in gone)
    center = fit.model.center
    if isinstance(center, Mapping):
        center = {name: value for name, value in center.items() if name in formula.names}
    steps = fit.model.steps
    if steps is not None:
        kept = {name: [term for term in terms if parse_term(term) in formula.terms] for name, terms in steps.items()}
        steps = {name: terms for name, terms in kept.items() if terms}
    model = replace(fit.model, formula=str(formula), center=center, steps=steps)
    if isinstance(fit, GeneralisedFit):
        return maximise(model, formula, fit.family, fit.sample)
    return estimate(model, formula, fit.sample)


def standardize(fit: ModerationFit, *, binary: bool = False) -> ModerationFit:
    r"""Refit a model on z-scores and their squares and products, for standardised coefficients.

    .. math:: z_y = \beta_0 + \sum_j \beta_j \prod_v z_v^{p_{jv}} + e, \qquad z_v = (v - \bar v) / s_v

    A "Beta" computed from the standard deviation of a product column depends on the zero point of each variable; this one does not. The
    coefficient of a product is the change, in standard deviations of the outcome, in one variable's slope over one standard deviation of
    the other. Standard errors and intervals take the standard deviations as known; for strong relations they are too wide (Jones & Waller
    2015).

    Parameters
    ----------
    fit
        The model; its covariance, cluster and weights are kept.
    binary
        Whether two-valued numeric variables become z-scores too. By default they stay as they are, because the standard deviation of a
        two-valued variable means little. Categories always stay 0 and 1.

    Returns
    -------
    ModerationFit
        A refit with the same terms. Means and standard deviations (n - 1) are those of the rows used, without weights. Its probes use
        values in standard deviations.

    References
    ----------
    Friedrich, R. J. (1982). American Journal of Political Science 26, 797-833.
    Jones, J. A. & Waller, N. G. (2015). Psychometrika 80, 365-378.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> fit = Moderation("y ~ x", covariance="classical").fit({"y": [1.0, 2.1, 2.9, 4.2, 4.8, 6.1], "x": [1, 2, 3, 4, 5, 6]})
    >>> round(float(standardize(fit).estimate[1]), 4) == round(fit.r_squared**0.5, 4)
    True
    """
    sample = least_squares_fit(fit, "standardize").sample
    flag("binary", binary)
    numbers = {name: column for name, column in sample.columns.items() if not isinstance(column, Factor)}
    scored = {name: locked(_z_scores(column)) for name, column in numbers.items() if binary or fit.variables[name].kind != "binary"}
    columns = Fixed({**sample.columns, **scored})
    moved = replace(sample, response=locked(_z_scores(sample.response)), columns=columns, standardised=True)
    return estimate(replace(fit.model, center="none"), fit.formula, moved)


def _z_scores(values: Vector) -> Vector:
    away = values - values.mean()
    away -= away.mean()
    return np.asarray(away / away.std(ddof=1))


def without_quadratics(fit: ModerationFit | GeneralisedFit) -> ModerationFit | Any:
    """Refit the model on the same rows without any term that has a square.

    Squares and products of correlated variables can replace one another, so report both specifications.

    Parameters
    ----------
    fit
        The larger model.

    Returns
    -------
    ModerationFit or GeneralisedFit
        The smaller model.

    References
    ----------
    Ganzach, Y. (1997). Psychological Methods 2, 235-247.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> fit = Moderation("y ~ x + x^2").fit({"y": [1.0, 4.2, 8.9, 16.1, 25.2], "x": [1, 2, 3, 4, 5]})
    >>> without_quadratics(fit).terms
    ('(Intercept)', 'x')
    """
    _refuse_others(fit, "without_quadratics")
    return drop_terms(fit, [str(term) for term in fit.formula.terms if _has_square(term)])


def _refuse_others(fit: object, what: str) -> None:
    if not isinstance(fit, GeneralisedFit):
        least_squares_fit(fit, what)


def _has_square(term: Term) -> bool:
    return any(power > 1 for _, power in term.powers)
