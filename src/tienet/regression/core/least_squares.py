"""Least squares on centred and scaled columns, linear combinations of coefficients, and their tests, in functions of arrays.

All computations use an orthonormal basis B of the columns, with the constant first. The coordinates are B'y, the meat of every
sandwich is B' diag(w) B, and one triangular map converts both to the coefficients. The scale and location of a variable therefore
cost no precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.numbers import listed
from tienet.base.record import Sealed

_EPS = float(np.finfo(float).eps)
_EXACT = 1e-14  # residuals relatively smaller than this are rounding errors
_ROUNDED = 1e-13  # a residual on the others relatively smaller than this is a rounding error
_WHOLE = 2.0**53  # larger whole numbers are rounded as floats
_SHARED = 1e-9  # a column whose residual on the others is relatively smaller than this is a linear combination of them


@dataclass(frozen=True, slots=True, eq=False)
class Solution(Sealed):
    r"""A least-squares fit in its orthonormal basis.

    With weights w, the rows of the basis, the residuals and the outcome are already multiplied by :math:`\sqrt w`. Everything computed
    from these arrays (meats, leverages, sums of squares) is therefore weighted. Residuals on the outcome's own scale are
    ``residuals / sqrt(w)``.

    Parameters
    ----------
    basis
        (n, k) orthonormal columns, the constant first.
    back
        (k, k) map from coordinates to coefficients: b = back @ coordinates, the intercept first.
    coordinates
        (k,) B'y.
    residuals, leverage
        (n,) each; the leverage is the diagonal of BB'.
    names
        k names of the coefficients, for messages; empty where `back` is not the map to coefficients.
    swept
        Number of further coefficients counted in n - k and in small-sample factors: those of effects taken out of all columns before. The
        basis then has no constant.
    """

    basis: Vector
    back: Vector
    coordinates: Vector
    residuals: Vector
    leverage: Vector
    swept: int = 0
    names: tuple[str, ...] = ()

    @property
    def estimate(self) -> Vector:
        """(k,) coefficients, the intercept first."""
        return self.back @ self.coordinates

    @property
    def df(self) -> int:
        """Rows minus coefficients, n - k, those of effects taken out included."""
        return len(self.residuals) - len(self.coordinates) - self.swept

    @property
    def exact(self) -> bool:
        """Whether the residuals are no more than rounding errors."""
        return bool(np.linalg.norm(self.residuals) <= _EXACT * np.linalg.norm(self.coordinates))

    @property
    def inflation(self) -> Vector:
        """(k - 1,) variance inflation factors of the columns: squared lengths of the rows of `back`, times those of the columns."""
        back = self.back[1:, 1:]
        return np.asarray(np.sum(back**2, axis=1) * np.sum(np.linalg.inv(back) ** 2, axis=0))


def solve(columns: Vector, response: Vector, names: Sequence[str], weights: Vector | None = None) -> Solution:
    r"""Least squares of the response on a constant and the columns, :math:`\min_b \sum_i w_i (y_i - x_i'b)^2`.

    Parameters
    ----------
    columns
        (n, k - 1), without the constant.
    response
        (n,).
    names
        k - 1 names of the columns, for messages.
    weights
        (n,) positive weights, proportional to the inverse variance of the errors; None for equal weights.

    Raises
    ------
    ModelError
        If there are no more rows than coefficients, or if a column is constant or a linear combination of others. The message names the
        columns.

    References
    ----------
    Golub, G. H. & Van Loan, C. F. (2013). Matrix Computations, 4th ed., sections 5.3 and 6.1.

    Examples
    --------
    >>> solve(np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 3.0, 5.0, 7.0]), ["x"]).estimate.round(9)
    array([1., 2.])
    """
    n, q = columns.shape
    if n <= q + 1:
        raise ModelError(f"n = {n} usable {'row is' if n == 1 else 'rows are'} too few for {q + 1} coefficients; drop terms or add rows")
    root = np.ones(n) if weights is None else np.sqrt(weights)
    total = float(root @ root)
    means, scaled, scale = _standardised(columns, root, names)
    Q, R = np.linalg.qr(scaled)
    _check_rank(R, _noise(columns, scale, total), names)
    found = project(np.column_stack([root * total**-0.5, Q]), _map_back(R, means, scale, total), response)
    return replace(found, names=("(Intercept)", *names))


def solve_swept(columns: Vector, response: Vector, names: Sequence[str], noise: float, swept: int) -> Solution:
    """Least squares without a constant, of columns from which effects have been taken out.

    Parameters
    ----------
    columns, response
        (n, p) and (n,), multiplied by the roots of the weights if there are any.
    names
        p names of the columns, for messages.
    noise
        A bound on the rounding error of the columns, relative to what is left of them.
    swept
        Number of coefficients of the effects.

    Raises
    ------
    ModelError
        If a column is a linear combination of others.
    """
    scale = np.sqrt(np.einsum("ij,ij->j", columns, columns))
    basis, R = np.linalg.qr(columns / scale)
    _check_rank(R, noise, names)
    coordinates = basis.T @ response
    back = np.linalg.solve(R, np.eye(len(scale))) / scale[:, None]
    return Solution(basis, back, coordinates, response - basis @ coordinates, np.einsum("ij,ij->i", basis, basis), swept)


def project(basis: Vector, back: Vector, response: Vector) -> Solution:
    """Least squares of another response in the basis of a `Solution`, without another factorisation.

    Parameters
    ----------
    basis, back
        (n, k) and (k, k), from a `Solution`.
    response
        (n,) on its own scale, without weights.
    """
    root = basis[:, 0] / back[0, 0]
    mean = _mean(root, response[:, None])
    deviation = root * (response - mean)
    inside = basis[:, 1:].T @ deviation
    coordinates = np.concatenate([mean / back[0, 0], inside])
    leverage = np.einsum("ij,ij->i", basis, basis)
    return Solution(basis, back, coordinates, deviation - basis[:, 1:] @ inside, leverage)


def _mean(root: Vector, columns: Vector) -> Vector:
    """Weighted means. A second pass removes the rounding error of a mean far from zero."""
    share = root**2 / (root @ root)
    first = share @ columns
    return np.asarray(first + share @ (columns - first))


def _standardised(columns: Vector, root: Vector, names: Sequence[str]) -> tuple[Vector, Vector, Vector]:
    """Means, the columns centred, weighted and scaled to length 1, and their lengths before scaling."""
    means = _mean(root, columns)
    centred = columns - means
    centred -= _mean(root, centred)
    centred *= root[:, None]
    scale = np.sqrt(np.einsum("ij,ij->j", centred, centred))
    size = _largest(columns) * np.linalg.norm(root)
    for name, flat, column in zip(names, scale <= 8 * _EPS * size, columns.T, strict=True):
        if flat:
            raise ModelError(flat_text(name, column))
    centred /= scale
    return means, centred, scale


def flat_text(name: str, values: Vector) -> str:
    """Why a column cannot be used: it is constant, or its values differ by less than floats can tell apart."""
    if np.ptp(values) == 0 and abs(values[0]) < _WHOLE:
        return f"{name} is constant in the rows used, so it cannot be separated from the intercept; drop it"
    return (
        f"the values of {name}, near {values[0]:.3g}, cannot be told apart with the 16 digits of a float; subtract a constant from them "
        "before you fit, or drop it if it is constant"
    )


def _largest(columns: Vector) -> Vector:
    return np.asarray(np.maximum(columns.max(axis=0), -columns.min(axis=0)))


def _noise(columns: Vector, scale: Vector, total: float) -> float:
    """A bound on the rounding error of the columns, relative to their spread."""
    return float(np.max(_EPS * _largest(columns) * total**0.5 / scale))


def _check_rank(R: Vector, noise: float, names: Sequence[str]) -> None:
    """Refuse the first column in the span of those before it; |R_jj| is the length of its residual on them."""
    limit = max(_SHARED, 8 * noise)
    for j in np.flatnonzero(np.abs(np.diag(R)) <= limit)[:1]:
        shares = np.linalg.solve(R[:j, :j], R[:j, j])
        partners = listed([names[i] for i in range(j) if abs(shares[i]) > 1e-6]) or "the intercept"
        rest = abs(R[j, j])
        if rest <= max(_ROUNDED, 8 * noise):
            raise ModelError(f"{names[j]} is an exact linear combination of {partners}; drop one of them")
        raise ModelError(
            f"{names[j]} is nearly a linear combination of {partners}: the rest is {rest:.0e} of it, too little to estimate a coefficient "
            "from; drop one of them, or use their difference"
        )


def _map_back(R: Vector, means: Vector, scale: Vector, total: float) -> Vector:
    slopes = np.linalg.solve(R, np.eye(len(scale))) / scale[:, None]
    back = np.zeros((len(scale) + 1, len(scale) + 1))
    back[1:, 1:] = slopes
    back[0, 0] = total**-0.5
    back[0, 1:] = -means @ slopes
    return back


def sandwich(back: Vector, middle: Vector) -> Vector:
    """``back @ middle @ back.T``, exactly symmetric."""
    matrix = back @ middle @ back.T
    return np.asarray((matrix + matrix.T) / 2)


def lincom(rows: Vector, estimate: Vector, matrix: Vector) -> tuple[Vector, Vector]:
    """Linear combinations of coefficients with their standard errors: L'b and the square root of L'VL for every row L.

    Parameters
    ----------
    rows
        (r, k).
    estimate, matrix
        (k,) and (k, k).

    Returns
    -------
    tuple
        (r,) estimates and (r,) standard errors.

    Examples
    --------
    >>> [float(value[0]) for value in lincom(np.array([[1.0, 2.0]]), np.array([3.0, 4.0]), np.eye(2))]
    [11.0, 2.23606797749979]
    """
    used = rows.any(axis=0)
    part = rows[:, used]
    variance = np.einsum("ij,jk,ik->i", part, matrix[np.ix_(used, used)], part)
    return np.asarray(part @ estimate[used]), np.sqrt(np.maximum(variance, 0.0))


def quadratic_form(rows: Vector, matrix: Vector) -> Vector:
    """L V L', (r, r). Like `lincom` it uses only the coefficients with a weight, so others may have an unknown covariance."""
    used = rows.any(axis=0)
    return np.asarray(rows[:, used] @ matrix[np.ix_(used, used)] @ rows[:, used].T)


def t_ratio(estimate: Vector, std_error: Vector) -> Vector:
    """Estimate divided by standard error; NaN if the standard error is not positive."""
    ratio = np.full(np.shape(estimate), np.nan)
    np.divide(estimate, std_error, out=ratio, where=std_error > 0)
    return ratio


# The functions below use scipy.special because scipy.stats takes half a second to import.


def two_sided(statistic: Vector, df: float | Vector) -> Vector:
    """Two-sided p of a t statistic, computed from the lower tail so that small values stay accurate."""
    from scipy.special import stdtr

    return np.asarray(2 * stdtr(df, -np.abs(statistic)), dtype=float)


@overload
def t_critical(alpha: float, df: float) -> float: ...
@overload
def t_critical(alpha: float, df: Vector) -> Vector: ...
def t_critical(alpha: float, df: float | Vector) -> float | Vector:
    """Two-sided critical values of t, one for each value of df."""
    from scipy.special import stdtrit

    found = -stdtrit(df, alpha / 2)
    return float(found) if np.ndim(found) == 0 else np.asarray(found, dtype=float)


def estimate_columns(estimate: Vector, std_error: Vector, df: Vector, alpha: float) -> dict[str, Vector]:
    """The (r,) columns of every table of estimates: standard error, t, degrees of freedom, p and interval."""
    statistic = t_ratio(estimate, std_error)
    half = t_critical(alpha, df) * std_error
    return {
        "estimate": estimate,
        "std_error": std_error,
        "statistic": statistic,
        "df": df,
        "p_value": two_sided(statistic, df),
        "conf_low": estimate - half,
        "conf_high": estimate + half,
    }


def f_tail(statistic: Any, df1: float, df2: float) -> float:
    """P(F > statistic); the chi-square limit if df2 is infinite."""
    from scipy.special import chdtrc, fdtrc

    statistic = np.maximum(statistic, 0.0)  # rounding can make it negative
    return float(fdtrc(df1, df2, statistic) if np.isfinite(df2) else chdtrc(df1, statistic * df1))


@overload
def f_critical(alpha: float, df1: float, df2: float) -> float: ...
@overload
def f_critical(alpha: float, df1: float, df2: Vector) -> Vector: ...
def f_critical(alpha: float, df1: float, df2: float | Vector) -> float | Vector:
    """Upper critical values of F, one for each df2; the chi-square limit if df2 is infinite."""
    from scipy.special import chdtri, fdtri

    found = np.where(np.isinf(df2), chdtri(df1, alpha) / df1, fdtri(df1, df2, 1 - alpha))
    return float(found) if np.ndim(found) == 0 else np.asarray(found, dtype=float)
