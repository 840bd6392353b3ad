"""Cautions about the standard errors and tests of a fit: who must not be comforted by a small p-value, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ExactFit, TienetWarning, WeakIdentification, warn
from tienet.base.numbers import listed
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.design import Design
from tienet.regression.core.least_squares import Solution
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.covariance.held import shown_terms
from tienet.regression.model.specification import Specification

COLLINEAR = 1e6  # variance inflation above which terms are nearly collinear: three digits of a thousand are left of an error


class Caution(NamedTuple):
    """A sentence, the class of its warning, the terms it is about (empty: all), and whether their p-values mean nothing."""

    text: str
    kind: type[TienetWarning]
    terms: tuple[str, ...] = ()
    void: bool = False

    def concerns(self, terms: Iterable[str]) -> bool:
        """Whether it is about one of these terms."""
        return not self.terms or not set(self.terms).isdisjoint(terms)


class WithSample(Protocol):
    """What a fit by least squares must have."""

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        ...

    @property
    def dfs(self) -> Vector:
        """Degrees of freedom of the t of each."""
        ...

    @property
    def sample(self) -> ModelFrame:
        """The rows used."""
        ...

    @property
    def design(self) -> Design:
        """Terms and variables."""
        ...

    @property
    def solution(self) -> Solution:
        """The fit centred at the means."""
        ...

    @property
    def back(self) -> Vector:
        """(k, k) map from the coordinates of the solution to the coefficients."""
        ...

    @property
    def model(self) -> Specification:
        """The specification."""
        ...

    @property
    def covariance(self) -> Covariance:
        """Covariance of the coefficients."""
        ...

    @property
    def outcome(self) -> str:
        """Name of the outcome."""
        ...


def warn_of(cautions: Iterable[Caution]) -> None:
    """Issue the warning of each."""
    for caution in cautions:
        warn(caution.text, caution.kind)


def without_void(
    cautions: Iterable[Caution], terms: Sequence[str], p_value: Vector, said: Callable[[str], str] = str
) -> tuple[Vector, str]:
    """The p-values with NaN where they mean nothing, and "; no test of t, see cautions" that names those terms."""
    void = {term for caution in cautions if caution.void for term in caution.terms}
    named = listed(map(said, shown_terms([term for term in terms if term in void])))
    return np.where([term in void for term in terms], np.nan, p_value), f"; no test of {named}, see cautions" if named else ""


def general_cautions(fit: WithSample) -> Iterator[Caution]:
    """A fit without residuals, and terms that are nearly collinear."""
    if fit.solution.exact:
        yield Caution(
            f"the model reproduces {fit.outcome} without residuals, so its standard errors are rounding errors and nothing can be tested; "
            f"is {fit.outcome} computed from the terms?",
            ExactFit,
        )
    factors = fit.solution.inflation
    worst = int(factors.argmax()) if len(factors) else 0
    if len(factors) and factors[worst] > COLLINEAR:
        yield Caution(
            f"{fit.terms[worst + 1]} is nearly a linear combination of other terms (variance inflation {factors[worst]:.0e}), so its "
            "coefficient depends on the last digits of the data; drop one of them, or use their difference",
            WeakIdentification,
            tuple(term for term, factor in zip(fit.terms[1:], factors, strict=True) if factor > COLLINEAR),
        )
