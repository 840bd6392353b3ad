r"""The scale of an outcome: its link, the words for both scales, and the offset of each row.

A fitted polynomial lives on the scale of the link, :math:`\eta = x'b`. The expected outcome is :math:`\mu = g(\eta)`; for a linear model
both are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.base.errors import ArgumentError
from tienet.base.record import Sealed
from tienet.base.wording import lower

Curve: TypeAlias = Callable[[Vector], Vector]
Scale: TypeAlias = Literal["link", "response"]


@dataclass(frozen=True, slots=True, eq=False)
class Link(Sealed):
    r"""A link, through its inverse :math:`\mu = g(\eta)` and three derivatives of it.

    Parameters
    ----------
    name
        "identity", "log", "logit", "probit".
    mean, first, second, third
        g and its derivatives, each a function of (n,) values of eta.
    """

    name: str
    mean: Curve
    first: Curve
    second: Curve
    third: Curve

    @property
    def is_identity(self) -> bool:
        """Whether both scales are the same."""
        return self.name == "identity"

    @property
    def scale(self) -> str:
        """'log-odds scale', 'log scale' or 'probit scale'; empty for the identity."""
        return "" if self.is_identity else {"logit": "log-odds scale"}.get(self.name, f"{self.name} scale")

    def __repr__(self) -> str:
        return f"<Link: {self.name}>"


@dataclass(frozen=True, slots=True, eq=False)
class Reestimation(Sealed):
    """How to estimate the coefficients again with other weights of the rows, for a bootstrap.

    Parameters
    ----------
    coefficients
        A function of (d, n) weights that returns (d, k) coefficients around the same centers, NaN where there is no maximum.
    clusters
        (n,) codes of groups of rows that are drawn together, or None.
    """

    coefficients: Curve
    clusters: Codes | None = None

    def __repr__(self) -> str:
        return "<Reestimation>"


@dataclass(frozen=True, slots=True, eq=False)
class Response(Sealed):
    """The outcome's scale.

    Parameters
    ----------
    link
        The link.
    on_link
        What a slope on the scale of the link is measured in, such as "log odds of won"; empty for the identity.
    on_response
        What the expected outcome is, such as "probability of won" or "expected deals"; empty for the identity.
    offset
        (n,) part of eta with a fixed coefficient of 1, such as the log of the exposure, or (m n,) those of all m imputations; None
        without one.
    refit
        How to estimate the coefficients again, for bootstrap intervals of small samples; None if that is not possible.
    """

    link: Link
    on_link: str = ""
    on_response: str = ""
    offset: Vector | None = None
    refit: Reestimation | None = None

    def __repr__(self) -> str:
        return f"<Response: {self.link.name}{'' if self.offset is None else ', with an offset'}>"


def _logistic(eta: Vector) -> Vector:
    from scipy.special import expit

    return np.asarray(expit(eta))


def _logistic_first(eta: Vector) -> Vector:
    p = _logistic(eta)
    return p * _logistic(-eta)


def _logistic_second(eta: Vector) -> Vector:
    return _logistic_first(eta) * (1 - 2 * _logistic(eta))


def _logistic_third(eta: Vector) -> Vector:
    first = _logistic_first(eta)
    return first * (1 - 6 * first)


def _normal(eta: Vector) -> Vector:
    from scipy.special import ndtr

    return np.asarray(ndtr(eta))


def _density(eta: Vector) -> Vector:
    return np.asarray(np.exp(-np.square(eta) / 2) / np.sqrt(2 * np.pi))


def _density_first(eta: Vector) -> Vector:
    return np.asarray(-eta * _density(eta))


def _density_second(eta: Vector) -> Vector:
    return np.asarray((np.square(eta) - 1) * _density(eta))


LINKS = {
    link.name: link
    for link in (
        Link("identity", np.asarray, np.ones_like, np.zeros_like, np.zeros_like),
        Link("log", np.exp, np.exp, np.exp, np.exp),
        Link("logit", _logistic, _logistic_first, _logistic_second, _logistic_third),
        Link("probit", _normal, _density, _density_first, _density_second),
    )
}


def labelled(measured: str, outcome: str, label: str) -> str:
    """What numbers measure with the outcome by its label.

    Examples
    --------
    >>> labelled("probability of y", "y", "A deal won"), labelled("probability of grade >= 3", "grade", "school grade")
    ('probability of a deal won', 'probability of school grade >= 3')
    """
    before, found, after = measured.rpartition(f" {outcome}")  # the outcome comes last, and may be a part of the words before it
    return f"{before} {lower(label)}{after}" if found and label != outcome else measured


LINEAR = Response(LINKS["identity"])


def link_named(name: str) -> Link:
    """Return a link by name; raises for an unknown one."""
    if name not in LINKS:
        raise ArgumentError.not_one_of("link", name, tuple(LINKS))
    return LINKS[name]
