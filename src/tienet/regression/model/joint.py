"""Joint tests of several coefficients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import names
from tienet.base.errors import ExactFit, FewClusters, ModelError, offer
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import n_text, p_text, statistic_text
from tienet.base.record import Record
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.formula import parse_term
from tienet.regression.core.least_squares import f_tail
from tienet.regression.core.polynomial import recentring, surface_of
from tienet.regression.core.wald import joint_works, nothing_text, says_nothing, wald_f, why_none
from tienet.regression.model.absorbed_fit import AbsorbedFit
from tienet.regression.model.cautions import Caution, warn_of
from tienet.regression.model.fit import ModerationFit, cautions_of
from tienet.regression.model.generalised import GeneralisedFit
from tienet.regression.model.pooling import PooledFit

__all__ = ["JointTest", "joint_test"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class JointTest(Record):
    """Test that several coefficients are all zero.

    Parameters
    ----------
    terms
        The q coefficients tested.
    statistic, df1, df2, p_value
        F with q and df2 degrees of freedom; NaN if there is no test, see `reason`.
    test
        "F" under the classical covariance and for a random intercept, "HTZ" under CR2 and CR3, else "Wald F" (a registered covariance may
        say).
    outcome, n, covariance
        Of the model.
    backend
        Kind of data frame that `frame` returns.
    cautions
        What limits this test: few clusters, or terms that rest on few of them; as in `ModerationFit.cautions`.
    reason
        Why there is no test; empty if there is one.
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
    cautions: tuple[str, ...] = ()
    reason: str = ""

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
        told = "".join(f" Caution: {caution}." for caution in self.cautions)
        if np.isnan(self.statistic):
            return f"No joint test of {named}: {self.reason}. {note}.{told}"
        test = statistic_text(self.test, self.statistic, self.df1, self.df2)
        return f"Joint test of {named}: {test}, {p_text(self.p_value)}. {note}.{told}"


def joint_test(fit: ModerationFit | AbsorbedFit, terms: Iterable[str]) -> JointTest:
    r"""Test that several coefficients are all zero, under the covariance of the fit.

    With b the q coefficients and V their covariance, :math:`F = b' V^{-1} b / q` has q and df degrees of freedom. Under CR2 and CR3 it
    is the Hotelling T-squared test with Zhang's degrees of freedom (HTZ), :math:`F = b' V^{-1} b (\eta - q + 1) / (\eta q)` with q and
    :math:`\eta - q + 1`, where :math:`\eta` comes from the variance of V itself; for one coefficient it is the squared Satterthwaite t.
    For a random intercept df2 is that of Fai and Cornelius, as in lmerTest.

    Parameters
    ----------
    fit
        A fitted model, also with a family, a random intercept, absorbed effects or instruments, or of another package.
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

    Warns
    -----
    FewClusters, FewRows, ExactFit
        What the fit warned of, where it concerns these terms; and if they are as many as clusters less one.

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
    asked = names("terms", terms, single=True)
    chosen = _places(fit, asked) if hasattr(fit, "design") else _places_by_name(fit, asked)
    if not chosen:
        raise ModelError("terms is empty; name at least one coefficient to test, such as 'x:z'")
    covariance = fit.covariance
    move = _moves(fit)[chosen]
    matrix, degrees = covariance.matrix[np.ix_(chosen, chosen)], fit.polynomial.degrees.along(move)
    statistic, df1, df2 = wald_f(fit.estimate[chosen], matrix, degrees)
    cautions, reason = _cautions(fit, [fit.terms[place] for place in chosen]), ""
    if any(caution.kind is ExactFit for caution in cautions):
        statistic, reason = float("nan"), "the model has no residuals"
    elif np.isnan(statistic):
        reason = why_none(df1, covariance)
    warn_of(cautions)
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
        cautions=tuple(caution.text for caution in cautions),
        reason=reason,
    )


def _cautions(fit: object, terms: list[str]) -> list[Caution]:
    """Those of the fit that concern these terms, and that as many terms as clusters less one cannot be tested."""
    if isinstance(fit, ModerationFit):
        told = cautions_of(fit)
    elif isinstance(fit, AbsorbedFit | GeneralisedFit):
        told = fit._cautions()
    else:
        return []
    found = [caution for caution in told if caution.concerns(terms)]
    if says_nothing(len(terms), fit.covariance):
        found.append(Caution(nothing_text(fit.covariance), FewClusters, tuple(terms)))
    return found


def _moves(fit: ModerationFit | AbsorbedFit | PooledFit) -> Vector:
    """Rows from the coefficients of the surface to those of the fit; ordered categories have no intercept in either."""
    if isinstance(fit, AbsorbedFit | PooledFit):
        return fit._moves()
    if not hasattr(fit, "design"):  # the coefficients of another package are those of its surface, or share their degrees of freedom
        return np.eye(len(fit.terms))
    return recentring(fit.design.terms, fit.design.means, fit.design.centers)[-len(fit.terms) :, -len(fit.terms) :]


def _places(fit: ModerationFit | AbsorbedFit, terms: list[str]) -> list[int]:
    """Positions of the coefficients, each once, in the order of the fit."""
    found: set[int] = set()
    # ordered categories have no intercept, and terms that absorbed effects have swallowed no coefficient
    pairs = [own for own in zip(fit.design.terms, fit.design.sources, strict=True) if str(own[0]) in fit.terms]
    for text in terms:
        term = pairs[fit.terms.index(text)][0] if text in fit.terms else parse_term(text)
        here = [i for i, own in enumerate(pairs) if term in own]
        if not here:
            raise ModelError(f"the model has no term {text!r}{offer(text, fit.terms)}")
        found |= set(here)
    return sorted(found)


def _places_by_name(fit: Any, terms: list[str]) -> list[int]:
    """The same for a fit without a design of its own, such as that of another package: coefficients have only their names."""
    if not isinstance(fit.covariance, Covariance):
        raise ModelError(f"a joint test needs a fit; a {type(fit).__name__} has no covariance of all its coefficients")
    for text in terms:
        if text not in fit.terms:
            raise ModelError(f"the model has no term {text!r}{offer(text, fit.terms)}")
    return sorted({fit.terms.index(text) for text in terms})
