"""Heteroscedasticity-consistent covariances, HC0 to HC5 and HC4m: each row has its own error variance."""

from __future__ import annotations

import numpy as np

from tienet.base.arrays import Codes, Vector
from tienet.base.errors import ModelError
from tienet.base.numbers import listed, rows_text
from tienet.regression.core.least_squares import Solution
from tienet.regression.covariance.held import shown_terms, terms_along
from tienet.regression.covariance.sandwich import Sandwich

FULL_LEVERAGE = 1 - 1e-8


class Heteroscedastic(Sandwich):
    r"""Errors with unequal variances: :math:`W = B' \operatorname{diag}(w) B`, with weights w computed from squared residuals."""

    def weights(self, squares: Vector, leverage: Vector, k: int) -> Vector:
        """(..., n) weights for squared residuals and leverages of the same shape, in a model with k coefficients."""
        raise NotImplementedError

    def factor(self, n: int, k: int) -> float:  # noqa: ARG002 - for children
        """The small-sample factor included in the weights."""
        return 1.0

    def meat(self, solution: Solution, codes: Codes | None = None, *, rows: Codes | None = None) -> tuple[Vector, float]:  # noqa: ARG002
        """B' diag(w) B."""
        n = len(solution.residuals)
        k = n - solution.df
        if self.divides_by_leverage:
            self._refuse_full(solution, rows)
        weights = self.weights(solution.residuals**2, solution.leverage, k)
        return (solution.basis * weights[:, None]).T @ solution.basis, self.factor(n, k)

    def _refuse_full(self, solution: Solution, rows: Codes | None) -> None:
        """Refuse rows with leverage 1, whose weight is 0/0. HC0 and HC1 are not suggested, since their error is far too small."""
        full = np.flatnonzero(solution.leverage > FULL_LEVERAGE)
        if full.size:
            numbers = (full if rows is None else rows[full]) + 1
            held = terms_along(solution, solution.basis[full])
            raise ModelError(
                f"{self.name} is not defined: {rows_text(numbers.tolist(), 8)} (counted from 1) alone "
                f"determine{'s' if full.size == 1 else ''} {listed(shown_terms(held)) if held else 'a coefficient'} (leverage 1), so its "
                "residual is 0 whatever its error; drop that term or merge that category, or assume errors with equal variance: "
                "covariance='classical'"
            )


class HC0(Heteroscedastic):
    """White's estimator: the squared residuals."""

    name = "HC0"
    works = ("white_1980",)
    with_instruments = True

    def weights(self, squares: Vector, leverage: Vector, k: int) -> Vector:  # noqa: ARG002
        """e^2."""
        return squares


class HC1(HC0):
    """HC0 times n / (n - k)."""

    name = "HC1"
    works = ("mackinnon_white_1985",)

    def factor(self, n: int, k: int) -> float:
        """N / (n - k)."""
        return n / (n - k)

    def weights(self, squares: Vector, leverage: Vector, k: int) -> Vector:  # noqa: ARG002
        """e^2 n / (n - k)."""
        return self.factor(squares.shape[-1], k) * squares


class Leverage(Heteroscedastic):
    r"""Squared residuals corrected for leverage, :math:`e^2 / (1 - h)^p`."""

    divides_by_leverage = True

    def exponent(self, leverage: Vector, k: int) -> Vector:
        """(..., n) exponents p for leverages of the same shape."""
        raise NotImplementedError

    def weights(self, squares: Vector, leverage: Vector, k: int) -> Vector:
        """e^2 / (1 - h)^p."""
        return np.asarray(squares / (1 - leverage) ** self.exponent(leverage, k))


class HC2(Leverage):
    """p = 1: unbiased if the errors have equal variance."""

    name = "HC2"
    works = ("mackinnon_white_1985",)
    with_instruments = True

    def exponent(self, leverage: Vector, k: int) -> Vector:  # noqa: ARG002
        """1."""
        return np.ones_like(leverage)


class HC3(HC2):
    """p = 2: close to the jackknife."""

    name = "HC3"

    def exponent(self, leverage: Vector, k: int) -> Vector:  # noqa: ARG002
        """2."""
        return np.full_like(leverage, 2.0)


class HC4(Leverage):
    r"""p = min(4, nh/k).

    References
    ----------
    Cribari-Neto, F. (2004). Computational Statistics & Data Analysis 45, 215-233.
    """

    name = "HC4"
    works = ("cribari_neto_2004",)

    def exponent(self, leverage: Vector, k: int) -> Vector:
        """min(4, nh/k)."""
        return np.minimum(4.0, _relative(leverage, k))


class HC4m(Leverage):
    r"""p = min(1, nh/k) + min(1.5, nh/k).

    References
    ----------
    Cribari-Neto, F. & da Silva, W. B. (2011). AStA Advances in Statistical Analysis 95, 129-146.
    """

    name = "HC4m"
    works = ("cribari_neto_da_silva_2011",)

    def exponent(self, leverage: Vector, k: int) -> Vector:
        """min(1, nh/k) + min(1.5, nh/k)."""
        ratio = _relative(leverage, k)
        return np.asarray(np.minimum(1.0, ratio) + np.minimum(1.5, ratio))


class HC5(Leverage):
    r"""p = min(nh/k, max(4, 0.7 n h_max / k)) / 2.

    References
    ----------
    Cribari-Neto, F., Souza, T. C. & Vasconcellos, K. L. P. (2007). Communications in Statistics - Theory and Methods 36, 1877-1888.
    """

    name = "HC5"
    works = ("cribari_neto_et_al_2007",)

    def exponent(self, leverage: Vector, k: int) -> Vector:
        """Half of min(nh/k, max(4, 0.7 n h_max / k))."""
        ratio = _relative(leverage, k)
        return np.asarray(np.minimum(ratio, np.maximum(4.0, 0.7 * ratio.max(axis=-1, keepdims=True))) / 2)


def _relative(leverage: Vector, k: int) -> Vector:
    """Leverages divided by their mean, nh/k."""
    return np.asarray(leverage.shape[-1] * leverage / k)
