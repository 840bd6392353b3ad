"""Joint tests of several coefficients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tienet.base.checks import names
from tienet.base.errors import ModelError, offer
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import n_text, p_text, statistic_text
from tienet.base.record import Record
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.formula import parse_term
from tienet.regression.core.least_squares import f_tail
from tienet.regression.core.polynomial import recentring, surface_of
from tienet.regression.core.wald import joint_works, wald_f
from tienet.regression.model.fit import ModerationFit

__all__ = ["JointTest", "joint_test"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class JointTest(Record):
    """Test that several coefficients are all zero.

    Parameters
    ----------
    terms
        The q coefficients tested.
    statistic, df1, df2, p_value
        F with q and df2 degrees of freedom; NaN if there are too few clusters for so many coefficients.
    test
        "F" under the classical covariance and for a random intercept, "HTZ" under CR2, else "Wald F" (a registered covariance may say).
    outcome, n, covariance
        Of the model.
    backend
        Kind of data frame that `frame` returns.
    """

    terms: tuple[str, ...]
    statistic: float
    df1: int
    df2: float
    p_value: float
    test: str
    outcome: str
    n: int
    covariance: Covariance
    backend: Backend = "pandas"

    def _works(self) -> tuple[str, ...]:
        return (*self.covariance._works(), *joint_works(self.covariance, self.df1))

    def _columns(self) -> Columns:
        return {
            "terms": np.array([" + ".join(self.terms)], dtype=object),
            "test": np.array([self.test], dtype=object),
            "statistic": np.array([self.statistic]),
            "df1": np.array([self.df1]),
            "df2": np.array([self.df2]),
            "p_value": np.array([self.p_value]),
        }

    def __str__(self) -> str:
        named = ", ".join(self.terms)
        note = f"Outcome {self.outcome}, {self.covariance.label}, {n_text(self.n)}"
        if np.isnan(self.statistic):
            return f"No joint test of {named}: there are too few clusters for {self.df1} coefficients at once. {note}."
        test = statistic_text(self.test, self.statistic, self.df1, self.df2)
        return f"Joint test of {named}: {test}, {p_text(self.p_value)}. {note}."


def joint_test(fit: ModerationFit, terms: Iterable[str]) -> JointTest:
    r"""Test that several coefficients are all zero, under the covariance of the fit.

    With b the q coefficients and V their covariance, :math:`F = b' V^{-1} b / q` has q and df degrees of freedom. Under CR2 it is the
    Hotelling T-squared test with Zhang's degrees of freedom (HTZ), :math:`F = b' V^{-1} b (\eta - q + 1) / (\eta q)` with q and
    :math:`\eta - q + 1`, where :math:`\eta` comes from the variance of V itself; for one coefficient it is the squared Satterthwaite t.
    For a random intercept df2 is that of Fai and Cornelius, as in lmerTest.

    Parameters
    ----------
    fit
        A fitted model, also with a family, a random intercept or instruments.
    terms
        Coefficients as in `fit.terms`, ``["x:z", "x^2:z"]``, or terms of the formula; the name of a category means all its levels. The
        meaning of lower-order coefficients, and of their test, depends on the centring.

    Returns
    -------
    JointTest
        F, its degrees of freedom and p-value.

    Raises
    ------
    ModelError
        If a term is not in the model, or there are none.

    References
    ----------
    Tipton, E. & Pustejovsky, J. E. (2015). Journal of Educational and Behavioral Statistics 40, 604-634.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 3.0, 2.0, 7.0, 4.0, 9.5, 8.0], "x": [1, 2, 3, 4, 5, 6, 7], "z": [0, 1, 0, 1, 0, 1, 0]}
    >>> test = joint_test(Moderation("y ~ x*z", covariance="classical").fit(data), ["x", "x:z"])
    >>> test.test, test.df1, test.df2, round(test.statistic, 2)
    ('F', 2, 3, 26.68)
    """
    surface_of(fit)
    chosen = _places(fit, names("terms", terms, single=True))
    covariance = fit.covariance
    move = recentring(fit.design.terms, fit.design.means, fit.design.centers)[-len(fit.terms) :, -len(fit.terms) :][chosen]
    matrix, degrees = covariance.matrix[np.ix_(chosen, chosen)], fit.polynomial.degrees.along(move)
    statistic, df1, df2 = wald_f(fit.estimate[chosen], matrix, degrees)
    return JointTest(
        terms=tuple(fit.terms[place] for place in chosen),
        statistic=statistic,
        df1=df1,
        df2=df2,
        p_value=f_tail(statistic, df1, df2),
        test=covariance.estimator.joint_test,
        outcome=fit.outcome,
        n=fit.n,
        covariance=covariance,
        backend=fit.backend,
    )


def _places(fit: ModerationFit, terms: list[str]) -> list[int]:
    """Positions of the coefficients, each once, in the order of the fit."""
    if not terms:
        raise ModelError("terms is empty; name at least one coefficient to test, such as 'x:z'")
    found: set[int] = set()
    # ordered categories have no intercept
    own_terms, sources = (places[-len(fit.terms) :] for places in (fit.design.terms, fit.design.sources))
    for text in terms:
        term = own_terms[fit.terms.index(text)] if text in fit.terms else parse_term(text)
        here = [i for i, own in enumerate(zip(own_terms, sources, strict=True)) if term in own]
        if not here:
            raise ModelError(f"the model has no term {text!r}{offer(text, fit.terms)}")
        found |= set(here)
    return sorted(found)
