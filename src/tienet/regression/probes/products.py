"""The test whether a slope depends on a moderator at all: of the product, or of all products of both variables together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tienet.base.frames import Backend, Columns
from tienet.base.numbers import listed, number, p_text
from tienet.base.record import Record
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.least_squares import lincom, t_ratio, two_sided
from tienet.regression.core.polynomial import Polynomial
from tienet.regression.core.response import labelled
from tienet.regression.core.wald import joint_text, joint_works
from tienet.regression.probes._mean_effects import high_less_low
from tienet.regression.probes.differences import joint_test_of

__all__ = ["ProductTest"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class ProductTest(Record):
    """Test that the slope of the focal variable does not depend on the moderator: all their products are zero.

    Parameters
    ----------
    focal, moderator
        Names; the same name twice for a curve, whose square is tested.
    terms
        The q terms tested: ``x:z``; ``x:z`` and ``x^2:z``; the products with all dummies of a category.
    estimate, std_error
        Coefficient of the only term and its error; NaN with several terms.
    statistic, df1, df2, p_value
        t with df2 degrees of freedom of the only term (df1 is 1), or F of several. NaN if errors or covariances are not known, or if there
        is no joint test.
    alpha, covariance
        Significance level of the sentence, and the covariance of the model.
    backend
        Kind of data frame that `frame` returns.
    scale
        The scale of the link, "log-odds scale"; empty for a linear model.
    response_estimate, response_p_value, measured
        The second difference on the scale of the expected outcome, its p, and what that measures: the average slope one SD of the moderator
        above its mean less that one SD below, or between its two values. NaN for a linear model, or if it is not known.

    References
    ----------
    Gelman, A. & Stern, H. (2006). The American Statistician 60, 328-331.
    """

    focal: str
    moderator: str
    terms: tuple[str, ...]
    estimate: float
    std_error: float
    statistic: float
    df1: int
    df2: float
    p_value: float
    alpha: float
    covariance: Covariance
    backend: Backend = "pandas"
    scale: str = ""
    response_estimate: float = float("nan")
    response_p_value: float = float("nan")
    measured: str = ""

    def _works(self) -> tuple[str, ...]:
        return ("gelman_stern_2006", *self.covariance._works(), *joint_works(self.covariance, self.df1))

    def _columns(self) -> Columns:
        second = ("response_estimate", "response_p_value") if self.measured else ()
        numbers = ("estimate", "std_error", "statistic", "df1", "df2", "p_value", *second)
        return {
            "terms": np.array([" + ".join(self.terms)], dtype=object),
            **{name: np.array([getattr(self, name)]) for name in numbers},
        }

    @property
    def word(self) -> str:
        """'Product', 'Products' or 'Square'."""
        if self.focal == self.moderator:
            return "Square"
        return "Product" if len(self.terms) == 1 else "Products"

    @property
    def note(self) -> str:
        """'Product p = .390', for the note of a figure."""
        link = f"{self.word} {p_text(self.p_value)}"
        on = f" on the {self.scale}" if self.scale else ""
        return f"{link}{on}{f', {p_text(self.response_p_value)} on the {self.measured}' if self.measured else ''}"

    def plain(self, scale: str) -> str:
        """'Product ties:strength = 0.071 (SE 0.050, p = .155) on the log-odds scale'."""
        on = f" on the {scale}" if scale else ""
        return f"{self.word} {self._numbers()}{on}"

    def _numbers(self) -> str:
        name = self.covariance.names.spoken
        terms = [name(term) for term in self.terms]
        if len(terms) == 1:
            return f"{terms[0]} = {number(self.estimate)} (SE {number(self.std_error)}, {p_text(self.p_value)})"
        return f"{listed(terms)}: {joint_text(self.statistic, self.df1, self.df2, self.p_value, self.covariance)}"

    def __str__(self) -> str:
        name = self.covariance.names.spoken
        said = self._numbers()
        if self.measured:
            other = f"{number(self.response_estimate)} ({p_text(self.response_p_value)}) on the {self.measured}"
            return f"{self.word} {said} on the {self.scale}, second difference {other}"
        curve = f"the line over {name(self.focal)} bends"
        slope = curve if self.focal == self.moderator else f"the slope of {name(self.focal)} depends on {name(self.moderator)}"
        plain = self.plain(self.scale)
        if self.p_value < self.alpha:
            return f"{plain}: {slope}"
        return f"{plain}: these data do not tell whether {slope}"


def product_test(surface: Polynomial, focal: str, moderator: str, alpha: float) -> ProductTest | None:
    """Test the terms that hold the focal variable and a moderator (a variable or a factor); None if nothing is known of their errors."""
    # a column also moves the variables made from it, x the log(x)
    moved = set(surface.moved_by(focal))
    inside = set(surface.moved_by(moderator)) or {dummy.name for dummy in surface.dummies(moderator)}
    places = [
        j
        for j, term in enumerate(surface.terms)
        if (term.power(focal) > 1 if moderator == focal else moved & set(term.names) and inside & set(term.names))
    ]
    rows = np.eye(len(surface.terms))[places]
    if not places or not np.isfinite(surface.matrix[np.ix_(places, places)]).all():
        return None
    single = len(places) == 1
    if single:
        estimate, error = lincom(rows, surface.estimate, surface.matrix)
        t, df = t_ratio(estimate, error), surface.df_of(rows)
        statistic, df1, df2, p = float(t[0]), 1, float(df[0]), float(two_sided(t, df)[0])
    else:
        statistic, df1, df2, p = joint_test_of(surface, rows)
    on_response = _second(surface, focal, moderator)
    return ProductTest(
        **on_response,
        scale=surface.response.link.scale,
        focal=focal,
        moderator=moderator,
        terms=tuple(str(surface.terms[j]) for j in places),
        estimate=float(estimate[0]) if single else float("nan"),
        std_error=float(error[0]) if single else float("nan"),
        statistic=statistic,
        df1=df1,
        df2=df2,
        p_value=p,
        alpha=alpha,
        covariance=surface.covariance,
        backend=surface.backend,
    )


def _second(surface: Polynomial, focal: str, moderator: str) -> dict[str, Any]:
    """Fields of the second difference on the scale of the expected outcome, if the model has another scale and it is known."""
    if focal == moderator or moderator not in surface.variables or focal not in surface.variables:
        return {}
    found = high_less_low(surface, surface.variables[focal], surface.variables[moderator])
    if found is None:
        return {}
    rows = found[1][None]
    error = lincom(rows, surface.estimate, surface.matrix)[1]
    p = two_sided(t_ratio(np.array([found[0]]), error), surface.df_of(rows))
    measured = labelled(surface.response.on_response, surface.outcome, surface.covariance.names.spoken(surface.outcome))
    return {"response_estimate": found[0], "response_p_value": float(p[0]), "measured": measured}


def after(product: ProductTest | None, sentence: str) -> str:
    """A sentence with that of the product before it."""
    return sentence if product is None else f"{product}. {sentence}"
