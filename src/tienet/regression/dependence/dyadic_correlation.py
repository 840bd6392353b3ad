"""Correlation of two networks with a permutation test (QAP)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_draws
from tienet.base.errors import ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import counted, number, p_text
from tienet.base.record import Record, locked
from tienet.regression.dependence._dyads import Dyads, Missing, Whole, orders_of, shares, used_dyads
from tienet.regression.dependence._square import square

__all__ = ["QapCorrelation", "qap_correlation"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class QapCorrelation(Record):
    """Correlation of two matrices over dyads, with its permutation p-value.

    Parameters
    ----------
    estimate
        Pearson correlation.
    p_value
        Two-sided p-value.
    share_larger, share_smaller
        Shares of the permutations whose correlation is at least, and at most, the observed one.
    n, dyads, left_out
        Number of people, of dyads used, and of dyads without a value in some matrix.
    directed
        Whether i -> j and j -> i are two dyads.
    draws
        Number of permutations.
    exact
        Whether they are all n! permutations.
    permuted
        (draws,) correlation under each permutation; NaN if the remaining dyads have only one value.
    sample
        The dyads used.
    """

    estimate: float
    p_value: float
    share_larger: float
    share_smaller: float
    n: int
    dyads: int
    left_out: int
    directed: bool
    draws: int
    exact: bool
    permuted: Vector
    sample: Dyads

    def _columns(self) -> Columns:
        names = ("estimate", "p_value", "share_larger", "share_smaller", "dyads", "draws")
        return {name: np.array([getattr(self, name)]) for name in names}

    def _works(self) -> tuple[str, ...]:
        return ("krackhardt_1988", *(() if self.exact else ("phipson_smyth_2010",)))

    def __str__(self) -> str:
        drawn = f"{'all ' if self.exact else ''}{counted(self.draws, 'permutation')} of the people"
        return f"The two networks correlate at {number(self.estimate)} over {self.sample}; {p_text(self.p_value)}, two-sided, {drawn}."


def qap_correlation(
    a: Any,
    b: Any,
    *,
    draws: int = 9999,
    seed: int | np.random.Generator = 0,
    directed: bool | None = None,
    missing: Missing = "drop",
) -> QapCorrelation:
    r"""Correlate two networks of the same people over their dyads.

    .. math:: r = \operatorname{cor}(a_{ij}, b_{ij}), \quad i \ne j, \qquad p = \frac{1 + |\{k : |r^{(k)}| \ge |r|\}|}{1 + R}

    The people of the first network are permuted, rows and columns together. With up to 8 people all n! permutations are used, and p is
    their share.

    Parameters
    ----------
    a, b
        (n, n) arrays, scipy sparse matrices, data frames, or objects with an ``adjacency()``; the diagonal is not used.
    draws
        Number of random permutations; not used with up to 8 people.
    seed
        A seed, or a numpy Generator.
    directed
        None: dyads have a direction unless both matrices are symmetric, in which case the lower triangle is used.
    missing
        "drop" leaves out dyads with a missing value (NaN) in either matrix, and the gaps move with the permuted matrix; "refuse" raises.

    Returns
    -------
    QapCorrelation
        The correlation and its permutation p-value.

    Raises
    ------
    DataError
        If a matrix is not square, the people differ, or there are fewer than 4.
    ModelError
        If all dyads of a matrix have the same value.

    References
    ----------
    Krackhardt, D. (1988). Predicting with networks. Social Networks 10, 359-381.

    Examples
    --------
    >>> ring = np.roll(np.eye(6), 1, axis=1)
    >>> found = qap_correlation(ring + ring.T, ring @ ring + (ring @ ring).T)
    >>> round(found.estimate, 3), found.draws, found.exact
    (-0.667, 720, True)
    """
    matrices = {"the first matrix": square(a, "the first matrix"), "the second matrix": square(b, "the second matrix")}
    dyads = used_dyads(matrices, directed, missing)
    first, second = (_standard(dyads.values(matrix), name) for name, matrix in matrices.items())
    estimate = float(first @ second)
    found = orders_of(dyads.n, checked_draws(draws), seed)
    permuted = permuted_correlations(first, second, dyads, found.orders)
    tested = shares(estimate, permuted, found.exact)
    return QapCorrelation(
        estimate=estimate,
        p_value=tested.p_value,
        share_larger=tested.larger,
        share_smaller=tested.smaller,
        n=dyads.n,
        dyads=len(dyads),
        left_out=dyads.left_out,
        directed=dyads.directed,
        draws=len(permuted),
        exact=found.exact,
        permuted=locked(permuted),
        sample=dyads,
    )


def permuted_correlations(first: Vector, second: Vector, dyads: Dyads, orders: Whole) -> Vector:
    """(r,) correlations of the permuted first values with the second ones, both of mean 0 and length 1 over the (m,) dyads."""
    if not dyads.left_out:
        return dyads.permuted_sums([(dyads.matrix(first), second[:, None])], orders)[0][:, 0]
    ones = np.ones(len(dyads))
    fixed, moved = np.column_stack([ones, second, second**2]), dyads.matrix(first)
    parts = [(dyads.matrix(ones), fixed), (moved, fixed[:, :2]), (moved**2, fixed[:, :1])]
    there, one, squared = dyads.permuted_sums(parts, orders)
    with np.errstate(divide="ignore", invalid="ignore"):
        both = one[:, 1] - one[:, 0] * there[:, 1] / there[:, 0]
        spread = (squared[:, 0] - one[:, 0] ** 2 / there[:, 0]) * (there[:, 2] - there[:, 1] ** 2 / there[:, 0])
        return np.asarray(np.where(spread > 1e-12, both / np.sqrt(np.maximum(spread, 0.0)), np.nan))


def _standard(values: Vector, name: str) -> Vector:
    if np.ptp(values) == 0:
        raise ModelError(f"{name} has the same value in all {len(values)} dyads used, so it has no correlation")
    centred = values - values.mean()
    return np.asarray(centred / np.linalg.norm(centred))
