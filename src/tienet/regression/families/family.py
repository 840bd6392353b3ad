"""A family of outcomes: its link, its words, how it is estimated, and the maximum of its likelihood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.record import Fixed, Sealed
from tienet.regression.core.model_frame import Outcome
from tienet.regression.core.response import Response, link_named

Information: TypeAlias = Literal["", "expected", "observed"]
KINDS = ("classical", "HC0", "HC1", "CR0", "CR1")


@dataclass(frozen=True, slots=True, eq=False)
class Maximum(Sealed):
    """The maximum of a likelihood.

    Parameters
    ----------
    coefficients
        (k,) coefficients of the columns.
    own
        Parameters of the family itself, such as "alpha" of a negative binomial or the thresholds of an ordinal outcome.
    scores
        (n, p) derivatives of each row's log-likelihood: by the k coefficients, then by the own parameters that are estimated with them.
    information
        (p, p) information of the same parameters.
    log_likelihood
        Its value.
    parameters
        Number of parameters that AIC counts.
    mean
        (n,) expected outcome.
    dispersion
        Estimated dispersion; 1 where the family has none.
    settled
        Whether the last step was as small as rounding allows.
    doubted
        Whether it looks as if the likelihood may have no maximum.
    """

    coefficients: Vector
    own: Mapping[str, float]
    scores: Vector
    information: Vector
    log_likelihood: float
    parameters: int
    mean: Vector
    dispersion: float = 1.0
    settled: bool = True
    doubted: bool = False

    def doubtful(self, settled: bool) -> Maximum:
        """The same, marked for a look at whether there is a maximum at all."""
        return replace(self, settled=settled, doubted=True)


class Maximise(Protocol):
    """Maximises the likelihood of a family."""

    def __call__(self, columns: Vector, response: Vector, offset: Vector | None) -> Maximum:
        """The maximum for (n, k) well-scaled columns, the constant first, (n,) outcomes and the fixed part of eta."""


@dataclass(frozen=True, slots=True, eq=False)
class Family(Sealed):
    """A family of outcomes.

    Parameters
    ----------
    name
        The word for `Moderation(family=...)`.
    method
        What the model is called, such as "logistic regression".
    link
        Name of its link.
    on_link, on_response
        What both scales measure; `{outcome}` stands for the outcome.
    read
        Reads the outcome from the name of the event and a collected narwhals column, or refuses it in one line.
    maximise
        Estimates the model.
    receding
        Rows along which its likelihood may grow for ever, for (n, k) columns and (n,) outcomes: see `separation`. None if it cannot.
    in_statsmodels
        Makes statsmodels' family for given parameters of its own; None if its GLM has none.
    covariance
        Kind of the standard errors by default, without a cluster.
    information
        Which information the standard errors come from; "" where expected and observed are the same.
    counts
        Whether it takes an exposure.
    events
        Whether one of two categories can be named as the event.
    ordered
        Whether it has thresholds between ordered categories instead of an intercept.
    dispersion
        Whether its dispersion is estimated, which gives every t n - k degrees of freedom; otherwise the normal distribution applies.
    equidispersed
        Whether it takes the variance to be the mean, which counts seldom keep to.
    works
        Keys of `REFERENCES`.
    """

    name: str
    method: str
    link: str
    on_link: str
    on_response: str
    read: Callable[[object, Any], Outcome] = field(repr=False)
    maximise: Maximise = field(repr=False)
    receding: Callable[[Vector, Vector], tuple[Vector, Vector]] | None = field(default=None, repr=False)
    in_statsmodels: Callable[[Mapping[str, float]], Any] | None = field(default=None, repr=False)
    covariance: str = "classical"
    information: Information = ""
    counts: bool = False
    events: bool = False
    ordered: bool = False
    dispersion: bool = False
    equidispersed: bool = False
    works: tuple[str, ...] = ()

    def response(self, outcome: str, offset: Vector | None = None) -> Response:
        """The outcome's scale. With an exposure a value of eta without its offset is the log of a rate."""
        return Response(link_named(self.link), self.words(outcome, offset is not None), self.on_response.format(outcome=outcome), offset)

    def words(self, outcome: str, exposed: bool = False) -> str:
        """What coefficients and slopes are measured in: "log odds of won"."""
        return ("log rate of {outcome}" if exposed else self.on_link).format(outcome=outcome)

    def null(self, response: Vector, offset: Vector | None) -> Maximum:
        """The maximum with an intercept alone."""
        return self.maximise(np.ones((len(response), 1)), response, offset)


NOTHING_OF_ITS_OWN: Mapping[str, float] = Fixed({})
