"""Network autocorrelation: a regression with correlated outcomes, or errors, among tied people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_level, choice
from tienet.base.errors import ModelError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, number, p_text
from tienet.base.record import Record, locked
from tienet.regression.core.least_squares import sandwich, t_critical, t_ratio, two_sided
from tienet.regression.core.polynomial import recentring
from tienet.regression.dependence._weights import Weights, eigenvalues, refuse_saturated, valid_interval, weights_of
from tienet.regression.model.fit import ModerationFit

__all__ = ["NetworkAutocorrelation", "network_autocorrelation"]


LagKind: TypeAlias = Literal["lag", "error"]
_GRID = 400


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NetworkAutocorrelation(Record):
    """A linear model with autocorrelation on a network, by maximum likelihood.

    Parameters
    ----------
    outcome
        Name of the outcome.
    kind
        "lag" or "error".
    terms
        "rho", then the terms of the model.
    estimate, std_error
        (k + 1,) estimates and errors of rho (no unit) and the coefficients (units of the outcome per unit).
    covariance_matrix
        (k + 1, k + 1) asymptotic covariance, from the expected information.
    sigma2
        Maximum-likelihood variance of the errors, with divisor n.
    log_likelihood, log_likelihood_ols
        Log-likelihood with rho, and with rho = 0.
    bounds
        Open interval of the possible values of rho.
    n, isolates
        Number of observations, and of those without neighbours.
    normalised
        Whether the weights were row-normalised.
    alpha
        Significance level of the intervals.
    backend
        Kind of data frame that `frame` returns.
    """

    outcome: str
    kind: str
    terms: tuple[str, ...]
    estimate: Vector
    std_error: Vector
    covariance_matrix: Vector
    sigma2: float
    log_likelihood: float
    log_likelihood_ols: float
    bounds: tuple[float, float]
    n: int
    isolates: int
    normalised: bool
    alpha: float
    backend: Backend = "pandas"

    @property
    def rho(self) -> float:
        """Autocorrelation."""
        return float(self.estimate[0])

    @property
    def statistic(self) -> Vector:
        """(k + 1,) z ratios."""
        return t_ratio(self.estimate, self.std_error)

    @property
    def p_value(self) -> Vector:
        """(k + 1,) two-sided p-values from the normal distribution, valid in large samples."""
        return two_sided(self.statistic, np.inf)

    @property
    def likelihood_ratio(self) -> float:
        """Twice the increase in log-likelihood over rho = 0."""
        return max(2 * (self.log_likelihood - self.log_likelihood_ols), 0.0)

    @property
    def likelihood_ratio_p(self) -> float:
        """P-value of the likelihood ratio, chi-square with 1 degree of freedom."""
        from scipy.stats import chi2

        return float(chi2.sf(self.likelihood_ratio, 1))

    def _columns(self) -> Columns:
        half = t_critical(self.alpha, np.inf) * self.std_error
        return {
            "term": np.array(self.terms, dtype=object),
            "estimate": self.estimate,
            "std_error": self.std_error,
            "statistic": self.statistic,
            "df": np.full(len(self.terms), np.inf),
            "p_value": self.p_value,
            "conf_low": self.estimate - half,
            "conf_high": self.estimate + half,
        }

    def _works(self) -> tuple[str, ...]:
        return ("leenders_2002", "ord_1975")

    def __str__(self) -> str:
        what = f"{self.outcome} of neighbours" if self.kind == "lag" else "errors of neighbours"
        scale = "row-normalised weights" if self.normalised else "weights as given"
        return (
            f"{self.outcome} in {counted(self.n, 'observation')} ({self.isolates:,} without neighbours): rho = {number(self.rho)} "
            f"(SE {number(float(self.std_error[0]))}) on the {what}, {scale}; likelihood ratio against rho = 0 "
            f"{number(self.likelihood_ratio, 2)}, {p_text(self.likelihood_ratio_p)}. Maximum likelihood with normal errors of equal "
            "variance, asymptotic standard errors, z."
        )


def network_autocorrelation(
    fit: ModerationFit, network: Any, *, kind: LagKind = "lag", row_normalise: bool = True, alpha: float | None = None
) -> NetworkAutocorrelation:
    r"""Refit a model with correlated outcomes, or errors, among tied people.

    .. math:: \text{lag: } y = \rho W y + X b + e, \qquad \text{error: } y = X b + u, \; u = \rho W u + e, \qquad e \sim N(0, \sigma^2 I)

    .. math:: \ell(\rho) = -\tfrac{n}{2} \left( \log 2\pi + 1 + \log \hat\sigma^2(\rho) \right) + \sum_i \log |1 - \rho \omega_i|

    with :math:`\omega_i` the eigenvalues of W. This profile likelihood is maximised over the interval around 0 in which
    :math:`I - \rho W` can be inverted. Standard errors come from the expected information, as in spatialreg (lnam of sna uses the observed
    information). z and its normal p-value hold in large samples; elsewhere the library uses t. Errors are assumed to have equal variance,
    so the covariance of the fit (HC3, clusters) is not used.

    Parameters
    ----------
    fit
        The model without autocorrelation.
    network
        (n, n) array, sparse matrix, or an object with an ``adjacency()``: rows in the order of the *data* of the fit, weights of at least
        0, zero diagonal. A fit to some of the people needs the part of the network among them, in their order:
        ``ties.adjacency(of=data["ego"])``. This drops ties through people who are not in the data, such as colleagues in other functions.
        Rows that the fit dropped for missing values are dropped here too, before normalising.
    kind
        "lag" or "error".
    row_normalise
        Divide each row by its sum, so that Wy is the weighted mean of the neighbours. Rows without neighbours stay zero and are counted.
    alpha
        Significance level of the intervals; by default the model's.

    Returns
    -------
    NetworkAutocorrelation
        Coefficients in the centring of the fit. Under "lag" they are not the whole slopes of y: x is also related to y through the
        neighbours' outcomes.

    Raises
    ------
    DataError
        If the network is not square, does not match the rows of the data, has negative or missing weights, or ties no two observations.
    ModelError
        If the likelihood is highest at an end of the interval, or rho cannot be separated from the other terms.
    ArgumentError
        If an option is not valid.

    References
    ----------
    Ord, K. (1975). Journal of the American Statistical Association 70, 120-126.
    Leenders, R. Th. A. J. (2002). Social Networks 24, 21-47.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> rng = np.random.default_rng(1)
    >>> ring = np.roll(np.eye(60), 1, axis=1) + np.roll(np.eye(60), -1, axis=1)
    >>> x, noise = rng.normal(size=(2, 60))
    >>> y = np.linalg.solve(np.eye(60) - 0.25 * ring, x + noise)
    >>> found = network_autocorrelation(Moderation("y ~ x").fit({"y": y, "x": x}), ring)
    >>> found.terms, bool(0.3 < found.rho < 0.7)
    (('rho', '(Intercept)', 'x'), True)
    """
    choice("kind", kind, get_args(LagKind))
    weights = weights_of(fit, network, row_normalise)
    refuse_saturated(fit)
    # an orthonormal basis of the columns, mapped back at the end, keeps all digits whatever the scale and centre of a variable
    found = maximum_likelihood(fit.sample.response, fit.solution.basis, weights, kind)
    back = np.eye(len(fit.estimate) + 1)
    back[1:, 1:] = recentring(fit.design.terms, fit.design.means, fit.design.centers) @ fit.solution.back
    matrix = sandwich(back, found.covariance)
    return NetworkAutocorrelation(
        outcome=fit.outcome,
        kind=kind,
        terms=("rho", *fit.terms),
        estimate=locked(back @ np.append(found.rho, found.coordinates)),
        std_error=locked(np.sqrt(np.diag(matrix))),
        covariance_matrix=locked(matrix),
        sigma2=found.sigma2,
        log_likelihood=found.log_likelihood,
        log_likelihood_ols=found.log_likelihood_ols,
        bounds=found.bounds,
        n=fit.n,
        isolates=weights.isolates,
        normalised=row_normalise,
        alpha=checked_level(fit.alpha if alpha is None else alpha),
        backend=fit.backend,
    )


class Likelihood(NamedTuple):
    """Maximum of the likelihood: rho and the (k,) coordinates with their (k + 1, k + 1) covariance."""

    rho: float
    coordinates: Vector
    covariance: Vector
    sigma2: float
    log_likelihood: float
    log_likelihood_ols: float
    bounds: tuple[float, float]


class _Profile(NamedTuple):
    """Input of the profile likelihood: response and columns, raw and lagged by W, and the eigenvalues of W."""

    y: Vector
    lagged_outcome: Vector
    X: Vector
    lagged_columns: Vector
    eigenvalues: Any

    def fitted(self, rho: float) -> tuple[Vector, Vector, Vector]:
        """Coordinates, errors e, and minus the derivative of e with respect to rho, at one rho."""
        X = self.X - rho * self.lagged_columns
        filtered = self.y - rho * self.lagged_outcome
        coordinates: Vector = np.linalg.lstsq(X, filtered, rcond=None)[0].astype(np.float64)
        return coordinates, filtered - X @ coordinates, self.lagged_outcome - self.lagged_columns @ coordinates

    def log_likelihood(self, rho: float) -> float:
        n, errors = len(self.y), self.fitted(rho)[1]
        return float(-n / 2 * (np.log(2 * np.pi) + 1 + np.log(errors @ errors / n)) + np.log(np.abs(1 - rho * self.eigenvalues)).sum())

    def score(self, rho: float) -> float:
        _, errors, lagged = self.fitted(rho)
        return float(len(self.y) * (errors @ lagged) / (errors @ errors) - np.real(self.eigenvalues / (1 - rho * self.eigenvalues)).sum())


def maximum_likelihood(y: Vector, basis: Vector, weights: Weights, kind: LagKind) -> Likelihood:
    """Maximise the profile likelihood over rho.

    Parameters
    ----------
    y
        (n,) outcome.
    basis
        (n, k) orthonormal columns of the model.
    weights
        Weights among the n observations.
    kind
        "lag" or "error".

    Raises
    ------
    ModelError
        If there is no maximum inside the valid interval, or no information about rho.
    """
    W = weights.matrix
    values = eigenvalues(weights)
    bounds = valid_interval(values, W)
    profile = _Profile(y, W @ y, basis, W @ basis if kind == "error" else np.zeros_like(basis), values)
    rho = _highest(profile, bounds)
    coordinates, errors, _ = profile.fitted(rho)
    sigma2 = float(errors @ errors / len(y))
    covariance = _covariance(profile, W, rho, coordinates, sigma2, kind)
    return Likelihood(rho, coordinates, covariance, sigma2, profile.log_likelihood(rho), profile.log_likelihood(0.0), bounds)


def _highest(profile: _Profile, bounds: tuple[float, float]) -> float:
    """Bracket the maximum on a grid that is finer toward the ends, then solve for the zero of the score."""
    from scipy.optimize import brentq

    _refuse_shared(profile)
    steps = (1 - np.cos(np.linspace(0, np.pi, _GRID + 2)[1:-1])) / 2
    grid = bounds[0] + (bounds[1] - bounds[0]) * steps
    best = int(np.argmax([profile.log_likelihood(rho) for rho in grid]))
    if best in (0, _GRID - 1):
        raise ModelError(
            f"the likelihood is highest at an end of the possible interval of rho, ({number(bounds[0])}, {number(bounds[1])}): the network "
            "cannot be separated from the terms, or its weights fit the outcome badly; use other weights, or fewer terms"
        )
    return float(brentq(profile.score, grid[best - 1], grid[best + 1], xtol=1e-15, rtol=1e-14))


def _refuse_shared(profile: _Profile) -> None:
    _, errors, lagged = profile.fitted(0.0)
    apart = lagged - profile.X @ (profile.X.T @ lagged)
    if apart @ apart <= 1e-18 * (profile.lagged_outcome @ profile.lagged_outcome) or errors @ errors == 0:
        raise ModelError("the neighbours' mean is a linear combination of the model's terms, so rho cannot be estimated; drop a term")


def _covariance(profile: _Profile, W: Vector, rho: float, coordinates: Vector, sigma2: float, kind: LagKind) -> Vector:
    """Inverse of the expected information of (rho, coordinates, sigma2), without its last row and column."""
    n, k = profile.X.shape
    G = np.linalg.solve((np.eye(n) - rho * W).T, W.T).T
    filtered = profile.X - rho * profile.lagged_columns
    moved = G @ (profile.X @ coordinates) if kind == "lag" else np.zeros(n)
    information = np.zeros((k + 2, k + 2))
    information[0, 0] = np.sum(G * G.T) + np.sum(G * G) + moved @ moved / sigma2
    information[0, 1:-1] = information[1:-1, 0] = filtered.T @ moved / sigma2
    information[1:-1, 1:-1] = filtered.T @ filtered / sigma2
    information[0, -1] = information[-1, 0] = np.trace(G) / sigma2
    information[-1, -1] = n / (2 * sigma2**2)
    scale = 1 / np.sqrt(np.diag(information))
    inverse = np.linalg.inv(information * scale * scale[:, None]) * scale * scale[:, None]
    return np.asarray(inverse[:-1, :-1])
