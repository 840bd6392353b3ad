"""Multiple regression of one network on others with permutation tests (MRQAP)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_draws, choice, mapping
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import counted, number, p_text
from tienet.base.record import Record, locked
from tienet.regression.core.least_squares import Solution, solve
from tienet.regression.dependence._dyads import Dyads, Missing, Shares, Whole, orders_of, shares, used_dyads
from tienet.regression.dependence._square import square

__all__ = ["Mrqap", "mrqap"]


PermutationMethod: TypeAlias = Literal["dsp", "y"]
_WORDS = {"dsp": "double semi-partialling", "y": "the outcome permuted"}
_SINGULAR = 1e-9


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Mrqap(Record):
    """A regression of dyads whose p-values come from permuting the people.

    Parameters
    ----------
    terms
        The intercept and the k predictors.
    estimate, statistic
        (k + 1,) least-squares coefficients, in units of the outcome per unit, and their t ratios, used only as test statistics.
    p_value
        (k + 1,) two-sided p-values; NaN for the intercept, which permuting people does not change.
    share_larger, share_smaller
        (k + 1,) shares of the permutations whose t is at least, and at most, the observed one.
    r_squared
        Explained share of the variance over dyads.
    n, dyads, left_out
        Number of people, of dyads used, and of dyads without a value in some matrix.
    directed
        Whether i -> j and j -> i are two dyads.
    method
        "dsp" or "y".
    draws
        Number of permutations.
    exact
        Whether they are all n! permutations.
    permuted
        (draws, k) t of each predictor under each permutation; NaN if the permuted matrices are linearly dependent.
    sample
        The dyads used.
    """

    terms: tuple[str, ...]
    estimate: Vector
    statistic: Vector
    p_value: Vector
    share_larger: Vector
    share_smaller: Vector
    r_squared: float
    n: int
    dyads: int
    left_out: int
    directed: bool
    method: str
    draws: int
    exact: bool
    permuted: Vector
    sample: Dyads

    def _columns(self) -> Columns:
        names = ("estimate", "statistic", "p_value", "share_larger", "share_smaller")
        return {"term": np.array(self.terms, dtype=object)} | {name: getattr(self, name) for name in names}

    def _works(self) -> tuple[str, ...]:
        return ("dekker_et_al_2007" if self.method == "dsp" else "krackhardt_1988", *(() if self.exact else ("phipson_smyth_2010",)))

    def __str__(self) -> str:
        found = "; ".join(
            f"{term} {number(b)} (t = {number(t, 2)}, {p_text(p)})"
            for term, b, t, p in zip(self.terms[1:], self.estimate[1:], self.statistic[1:], self.p_value[1:], strict=True)
        )
        tested = f"{_WORDS[self.method]}, {'all ' if self.exact else ''}{counted(self.draws, 'permutation')} of the people"
        return f"MRQAP on {self.sample}: R2 = {number(self.r_squared)}; {found}. Two-sided p from {tested}, not from the t distribution."


def mrqap(
    outcome: Any,
    predictors: Mapping[str, Any],
    *,
    method: PermutationMethod = "dsp",
    draws: int = 9999,
    seed: int | np.random.Generator = 0,
    directed: bool | None = None,
    missing: Missing = "drop",
) -> Mrqap:
    r"""Regress one network on others, with p-values that allow for dyads sharing people.

    .. math:: y_{ij} = b_0 + \sum_k b_k x_{k,ij} + e_{ij}, \quad i \ne j, \qquad
        p_k = \frac{1 + |\{r : |t_k^{(r)}| \ge |t_k|\}|}{1 + R}

    Dyads of the same person are not independent, so t is not compared with the t distribution but with its values when the people are
    permuted, rows and columns together. With double semi-partialling the residual of :math:`x_k` on the other predictors is permuted, and
    the outcome is regressed on it and the others. With up to 8 people all n! permutations are used, including the observed one, and p is
    the share :math:`|\{r : |t_k^{(r)}| \ge |t_k|\}| / n!`.

    Parameters
    ----------
    outcome
        (n, n) array, scipy sparse matrix or data frame, or an object with an ``adjacency()`` such as `Ties`. The diagonal is not used.
    predictors
        Mapping from names to such matrices, with the same people in the same order.
    method
        "dsp" for double semi-partialling, or "y" to permute the outcome, which tests the null that no predictor is related to it.
    draws
        Number of random permutations; not used with up to 8 people.
    seed
        A seed, or a numpy Generator.
    directed
        None: dyads have a direction unless every matrix is symmetric, in which case the lower triangle is used. False refuses matrices
        that are not symmetric; True takes i -> j and j -> i as two dyads even if all matrices are symmetric.
    missing
        "drop" leaves out dyads with a missing value (NaN) in any matrix, and moves the gaps with the permuted matrix: each permutation
        uses the dyads known both before and after it. "refuse" raises.

    Returns
    -------
    Mrqap
        Coefficients and their permutation p-values.

    Raises
    ------
    DataError
        If a matrix is not square, the people differ, or there are fewer than 4.
    ModelError
        If a predictor is constant or a linear combination of others, or the outcome is constant or fitted perfectly.
    ArgumentError
        If an option is not valid.

    References
    ----------
    Dekker, D., Krackhardt, D. & Snijders, T. A. B. (2007). Psychometrika 72, 563-581.
    Krackhardt, D. (1988). Social Networks 10, 359-381 (permuting the outcome).
    Phipson, B. & Smyth, G. K. (2010). Statistical Applications in Genetics and Molecular Biology 9, article 39.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> advice, distance = rng.normal(size=(2, 12, 12))
    >>> found = mrqap(0.4 * advice + rng.normal(size=(12, 12)), {"advice": advice, "distance": distance}, draws=999)
    >>> found.terms, bool(found.p_value[1] < 0.01), bool(np.isnan(found.p_value[0]))
    (('(Intercept)', 'advice', 'distance'), True, True)
    """
    names = _checked_names(predictors, method)
    matrices = {"the outcome": square(outcome, "the outcome")} | {name: square(predictors[name], name) for name in names}
    dyads = used_dyads(matrices, directed, missing)
    columns = np.column_stack([dyads.values(matrices[name]) for name in names])
    response = dyads.values(matrices["the outcome"])
    fit = _fitted(columns, response, names)
    found = orders_of(dyads.n, checked_draws(draws), seed)
    permuted = permuted_t(fit, response, dyads, found.orders, method)
    t = _observed(fit)
    tested = [Shares(np.nan, np.nan, np.nan), *(shares(t[k + 1], permuted[:, k], found.exact) for k in range(len(names)))]
    explained = float(fit.coordinates[1:] @ fit.coordinates[1:])
    return Mrqap(
        terms=("(Intercept)", *names),
        estimate=locked(fit.estimate),
        statistic=locked(t),
        p_value=locked([share.p_value for share in tested]),
        share_larger=locked([share.larger for share in tested]),
        share_smaller=locked([share.smaller for share in tested]),
        r_squared=explained / (explained + float(fit.residuals @ fit.residuals)),
        n=dyads.n,
        dyads=len(dyads),
        left_out=dyads.left_out,
        directed=dyads.directed,
        method=method,
        draws=len(permuted),
        exact=found.exact,
        permuted=locked(permuted),
        sample=dyads,
    )


def permuted_t(fit: Solution, response: Vector, dyads: Dyads, orders: Whole, method: PermutationMethod = "dsp") -> Vector:
    """Compute the t ratio of every predictor under every order of the people, without refitting.

    Parameters
    ----------
    fit
        Least-squares fit of the response over the dyads.
    response
        (m,) outcome.
    dyads
        The m dyads.
    orders
        (r, n) orders of the people.
    method
        "dsp" or "y".

    Returns
    -------
    ndarray
        (r, k) t ratios; NaN if the permuted columns are linearly dependent.
    """
    kept = _kept(fit, dyads, orders)
    return _outcome_moved(fit, response, dyads, orders, kept) if method == "y" else _residuals_moved(fit, dyads, orders, kept)


class _Kept(NamedTuple):
    """(r or 1, k + 2, k + 2) cross products of the fixed columns [basis, residual] over the dyads kept by each order, and df."""

    products: Vector
    df: Vector


def _kept(fit: Solution, dyads: Dyads, orders: Whole) -> _Kept:
    columns = np.column_stack([fit.basis, fit.residuals])
    c = columns.shape[1]
    if not dyads.left_out:
        return _Kept((columns.T @ columns)[None], np.array([fit.df], dtype=float))
    upper = np.triu_indices(c)
    pairs = np.column_stack([columns[:, upper[0]] * columns[:, upper[1]], np.ones(len(dyads))])
    (sums,) = dyads.permuted_sums([(dyads.matrix(np.ones(len(dyads))), pairs)], orders)
    products = np.empty((len(orders), c, c))
    products[:, upper[0], upper[1]] = products[:, upper[1], upper[0]] = sums[:, :-1]
    return _Kept(products, sums[:, -1] - (c - 1))


def _residuals_moved(fit: Solution, dyads: Dyads, orders: Whole, kept: _Kept) -> Vector:
    """Double semi-partialling by Frisch and Waugh: outcome and permuted residual, both given the other predictors.

    In the basis of the fit, the residual of a predictor on the others has the direction of its row of the inverse.
    """
    directions = fit.back[1:] / np.linalg.norm(fit.back[1:], axis=1, keepdims=True)
    columns = np.column_stack([fit.basis, fit.residuals])
    focal = [dyads.matrix(fit.basis @ u) for u in directions]
    sums = dyads.permuted_sums([(matrix, columns) for matrix in focal], orders)
    squares = _squares(focal, dyads, orders)
    return np.column_stack([_partial_t(fit, u, moved, squared, kept) for u, moved, squared in zip(directions, sums, squares, strict=True)])


def _squares(matrices: list[Vector], dyads: Dyads, orders: Whole) -> list[Vector]:
    """(r or 1,) sums of squares of each permuted matrix over the dyads kept."""
    if not dyads.left_out:
        return [np.array([np.sum(dyads.values(matrix) ** 2)]) for matrix in matrices]
    ones = np.ones((len(dyads), 1))
    return [sums[:, 0] for sums in dyads.permuted_sums([(matrix**2, ones) for matrix in matrices], orders)]


def _partial_t(fit: Solution, u: Vector, sums: Vector, squares: Vector, kept: _Kept) -> Vector:
    """(r,) t of a permuted column x, from its products with [basis, residual], given the predictors other than direction u."""
    others = np.linalg.svd(u[None])[2][1:].T  # (k + 1, k), orthonormal, orthogonal to u
    outcome = np.append(u * (u @ fit.coordinates), 1.0)  # the outcome minus its part in the others
    wide = np.vstack([others, np.zeros((1, others.shape[1]))])
    inverse = _inverse(wide.T @ kept.products @ wide)
    x, y = sums @ wide, (kept.products @ outcome) @ wide
    both = sums @ outcome - np.einsum("ri,rij,rj->r", x, inverse, y)
    left_x = squares - np.einsum("ri,rij,rj->r", x, inverse, x)
    left_y = outcome @ kept.products @ outcome - np.einsum("ri,rij,rj->r", y, inverse, y)
    left_x = np.where(left_x > _SINGULAR * np.maximum(squares, _SINGULAR), left_x, np.nan)
    return _ratio(both / np.sqrt(left_x), left_y - both**2 / left_x, kept.df)


def _outcome_moved(fit: Solution, response: Vector, dyads: Dyads, orders: Whole, kept: _Kept) -> Vector:
    """(r, k) t of the predictors with the outcome permuted."""
    moved = dyads.matrix(response - response.mean())
    (sums,), (squares,) = dyads.permuted_sums([(moved, fit.basis)], orders), _squares([moved], dyads, orders)
    inverse = _inverse(kept.products[:, :-1, :-1])
    inside = np.einsum("rij,rj->ri", inverse, sums)
    left = squares - np.sum(sums * inside, axis=1)
    slopes = inside @ fit.back[1:].T
    spread = np.sqrt(np.einsum("ki,rij,kj->rk", fit.back[1:], inverse, fit.back[1:]))
    return _ratio(slopes / spread, left[:, None], kept.df[:, None])


def _ratio(scaled: Vector, left: Vector, df: Vector) -> Vector:
    """T ratio from a coefficient in units of sigma; NaN without degrees of freedom, infinite if nothing is left to explain."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(scaled / np.sqrt(np.where(df > 0, np.maximum(left, 0.0) / df, np.nan)))


def _inverse(matrices: Vector) -> Vector:
    """Inverses of (r, c, c) cross products; NaN if the columns are linearly dependent."""
    bad = np.linalg.eigvalsh(matrices)[:, 0] < _SINGULAR
    found = np.linalg.inv(np.where(bad[:, None, None], np.eye(matrices.shape[-1]), matrices))
    return np.where(bad[:, None, None], np.nan, found)


def _observed(fit: Solution) -> Vector:
    sigma = np.sqrt(fit.residuals @ fit.residuals / fit.df)
    return np.asarray(fit.estimate / (sigma * np.linalg.norm(fit.back, axis=1)))


def _fitted(columns: Vector, response: Vector, names: list[str]) -> Solution:
    if np.ptp(response) == 0:
        raise ModelError(f"the outcome has the same value in all {len(response)} dyads used; there is nothing to explain")
    fit = solve(columns, response, names)
    if fit.residuals @ fit.residuals <= 1e-20 * np.sum((response - response.mean()) ** 2):
        raise ModelError("the predictors fit the outcome perfectly, so there is nothing to test; is the outcome among them?")
    return fit


def _checked_names(predictors: Mapping[str, Any], method: str) -> list[str]:
    choice("method", method, get_args(PermutationMethod))
    if not isinstance(predictors, Mapping) or not predictors:
        raise ArgumentError("predictors must be a mapping of names to matrices, such as {'advice': matrix}, with at least one")
    return list(mapping("predictors", predictors))
