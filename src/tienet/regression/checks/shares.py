"""Shares of the explained variance by block of terms, averaged over all orders of entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import ArgumentError
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, listed, number
from tienet.base.record import Record, locked
from tienet.regression.checks._shared import needs_cases
from tienet.regression.checks.effects import blocks_of
from tienet.regression.model.fit import ModerationFit

__all__ = ["VarianceShares", "variance_shares"]


MOST_BLOCKS = 12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class VarianceShares(Record):
    """Parts of R2 by block, which add up to R2.

    Parameters
    ----------
    block
        Names of the blocks; terms that are in no block form "other terms".
    terms
        Terms in each block.
    r_squared_share
        (b,) increase in R2 from each block, averaged over all orders of entry; they sum to `r_squared`.
    alone, after_others
        (b,) R2 of the block alone, and its increase in R2 after all others.
    r_squared
        R2 of the model.
    outcome, n, backend
        As in the fit.
    """

    block: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...]
    r_squared_share: Vector
    alone: Vector
    after_others: Vector
    r_squared: float
    outcome: str
    n: int
    backend: Backend = "pandas"

    def _works(self) -> tuple[str, ...]:
        return ("groemping_2006", "lindeman_et_al_1980")

    def _columns(self) -> Columns:
        return {
            "block": np.array(self.block, dtype=object),
            "terms": np.array([" + ".join(terms) for terms in self.terms], dtype=object),
            "r_squared_share": self.r_squared_share,
            "alone": self.alone,
            "after_others": self.after_others,
        }

    def __str__(self) -> str:
        parts = [
            f"{name} {number(share)} (alone {number(a)}, after all others {number(z)})"
            for name, share, a, z in zip(self.block, self.r_squared_share, self.alone, self.after_others, strict=True)
        ]
        whole = f"R2 = {number(self.r_squared)} of {self.outcome} in {counted(self.n, 'observation')}"
        return f"{whole} divides into {'; '.join(parts)}. Shares are averages over all orders of entry."


def variance_shares(fit: ModerationFit, blocks: Mapping[str, Sequence[str]]) -> VarianceShares:
    r"""Divide R2 among blocks of terms, such as the terms of each business function.

    The share of block B is its Shapley value,

    .. math:: \sum_{S \not\ni B} \frac{|S|! (b - |S| - 1)!}{b!} \left(R^2_{S \cup B} - R^2_S\right)

    the average increase in R2 over all orders in which the b blocks can enter. It is exact: all subsets are computed.

    Parameters
    ----------
    fit
        The fit. Put squares and products in the block of their variables; the shares depend on the model's centring unless each block
        includes the lower-order terms of its products.
    blocks
        Names of blocks and the terms in each; remaining terms form "other terms". At most 12 blocks in all.

    Returns
    -------
    VarianceShares
        Parts that sum to R2. They describe the fit and have no standard errors.

    Raises
    ------
    ArgumentError
        If a term is in two blocks, or there are fewer than 2 or more than 12 blocks.
    ModelError
        If a term is not in the model.

    References
    ----------
    Lindeman, R. H., Merenda, P. F. & Gold, R. Z. (1980). Introduction to Bivariate and Multivariate Analysis.
    Groemping, U. (2006). Journal of Statistical Software 17(1).

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 3.0, 2.0, 7.0, 4.0, 9.5], "x": [1, 2, 3, 4, 5, 6], "z": [0, 1, 0, 1, 0, 1]}
    >>> shares = variance_shares(Moderation("y ~ x + z").fit(data), {"first": ["x"], "second": ["z"]})
    >>> shares.r_squared_share.round(3), round(float(shares.r_squared_share.sum()), 3)
    (array([0.565, 0.366]), 0.931)
    """
    places = _all_blocks(needs_cases(fit), blocks)
    value = _explained(fit, list(places.values()))
    b = len(places)
    subsets = np.arange(2**b)
    sizes = np.array([int(subset).bit_count() for subset in subsets])
    share = [_shapley(value, subsets, sizes, 1 << j, b) for j in range(b)]
    return VarianceShares(
        block=tuple(places),
        terms=tuple(tuple(fit.terms[place] for place in each) for each in places.values()),
        r_squared_share=locked(share),
        alone=locked([value[1 << j] for j in range(b)]),
        after_others=locked([value[-1] - value[(2**b - 1) ^ (1 << j)] for j in range(b)]),
        r_squared=float(value[-1]),
        outcome=fit.outcome,
        n=fit.n,
        backend=fit.backend,
    )


def _all_blocks(fit: ModerationFit, blocks: Mapping[str, Sequence[str]]) -> dict[str, list[int]]:
    places = blocks_of(fit, blocks)
    used = [place for each in places.values() for place in each]
    twice = [fit.terms[place] for place in set(used) if used.count(place) > 1]
    if twice:
        raise ArgumentError(f"{listed(sorted(twice))} must be in only one block, but {'is' if len(twice) == 1 else 'are'} in two")
    rest = sorted(set(range(1, len(fit.terms))) - set(used))
    found = {**places, **({"other terms": rest} if rest else {})}
    if not 2 <= len(found) <= MOST_BLOCKS:
        raise ArgumentError(f"blocks must be 2 to {MOST_BLOCKS} in number, counting other terms as one, got {len(found)}")
    return found


def _explained(fit: ModerationFit, places: list[list[int]]) -> Vector:
    """(2^b,) R2 of every subset of blocks (bit j: block j is included), solved from the correlations of the columns."""
    columns = fit.design.columns(fit.design.centers)
    weights = fit.sample.weights
    away = np.column_stack([columns, fit.sample.response])
    away = away - np.average(away, axis=0, weights=weights)
    if weights is not None:
        away *= np.sqrt(weights)[:, None]
    away /= np.linalg.norm(away, axis=0)
    R = away.T @ away
    member = np.zeros((len(places), columns.shape[1]), dtype=bool)
    for j, each in enumerate(places):
        member[j, np.array(each) - 1] = True
    values = []
    for subset in np.array_split(np.arange(2 ** len(places)), max(1, 2 ** len(places) // 512)):
        inside = (((subset[:, None] >> np.arange(len(places))) & 1) @ member).astype(float)
        matrices = R[:-1, :-1] * inside[:, :, None] * inside[:, None, :]
        matrices[:, np.arange(columns.shape[1]), np.arange(columns.shape[1])] = 1.0
        right = R[:-1, -1] * inside
        values.append(np.sum(right * np.linalg.solve(matrices, right[:, :, None])[:, :, 0], axis=1))
    return np.concatenate(values)


def _shapley(value: Vector, subsets: NDArray[np.int64], sizes: NDArray[np.int64], bit: int, b: int) -> float:
    without = subsets[(subsets & bit) == 0]
    weight = np.array([1 / (b * comb(b - 1, int(size))) for size in sizes[without]])
    return float(np.sum(weight * (value[without | bit] - value[without])))
