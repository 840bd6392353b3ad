"""Permutation test of the E-I index: functions are reassigned to people at random."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import checked_draws, generator, made_by
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, number, p_text
from tienet.base.record import Record, locked
from tienet.network.measures.functions import function_matrix
from tienet.network.measures.network import held_last
from tienet.network.ties.network import Ties

__all__ = ["EiTest", "ei_permutation"]


# Array cells held at a time: about 30 MB.
_CELLS = 4_000_000


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EiTest(Record):
    """The E-I index, and its distribution with functions assigned to people at random.

    Parameters
    ----------
    ei_index, ei_index_rescaled
        Observed values, over ties and over densities.
    ei_expected, ei_sd
        Exact mean and standard deviation over all assignments.
    p_value
        Two-sided, (1 + draws at least as far from the mean) / (1 + draws).
    draws
        Number of random assignments.
    permuted
        (draws,) E-I index of each random assignment.
    """

    ei_index: float
    ei_index_rescaled: float
    ei_expected: float
    ei_sd: float
    p_value: float
    draws: int
    permuted: NDArray[np.float64]
    backend: Backend = "pandas"

    def _works(self) -> tuple[str, ...]:
        return ("krackhardt_stern_1988", "phipson_smyth_2010")

    def _columns(self) -> Columns:
        names = ("ei_index", "ei_index_rescaled", "ei_expected", "ei_sd", "p_value", "draws")
        return {name: np.array([getattr(self, name)]) for name in names}

    def __str__(self) -> str:
        return (
            f"E-I index {number(self.ei_index, 2)} (rescaled for group sizes {number(self.ei_index_rescaled, 2)}; -1 inward, +1 outward); "
            f"with functions assigned to people at random {number(self.ei_expected, 2)} is expected (SD {number(self.ei_sd, 2)}); "
            f"{p_text(self.p_value)}, two-sided, {counted(self.draws, 'permutation')}"
        )


def ei_permutation(ties: Ties, *, draws: int = 9999, seed: int | np.random.Generator = 0) -> EiTest:
    r"""Compare the E-I index with its values when functions are assigned to people at random.

    Parameters
    ----------
    ties
        From `build_ties`.
    draws
        Number of random assignments.
    seed
        A seed, or a numpy Generator.

    Returns
    -------
    EiTest

    Notes
    -----
    The ties are kept, and the functions are shuffled among all people of the roster, isolates included. A tie is then internal with
    probability :math:`\pi_2`, and with :math:`\pi_3, \pi_4` the probability that two ties with and without a common person are both
    internal, m ties, d_i ties of person i, n_g people in function g, and :math:`x_{(k)} = x (x - 1) \cdots (x - k + 1)`:

    .. math::
        \pi_2 = \frac{\sum_g n_{g(2)}}{N_{(2)}}, \qquad
        \pi_3 = \frac{\sum_g n_{g(3)}}{N_{(3)}}, \qquad
        \pi_4 = \frac{\sum_g n_{g(4)} + \sum_{g \ne h} n_{g(2)} n_{h(2)}}{N_{(4)}}

    .. math::
        E[EI] = 1 - 2 \pi_2, \qquad
        \operatorname{Var}[EI] = \frac{4}{m^2} \left( m \pi_2 + A \pi_3 + (m^2 - m - A) \pi_4 - m^2 \pi_2^2 \right), \quad
        A = \sum_i d_i (d_i - 1)

    .. math:: p = \frac{1 + |\{k : |EI_k - E[EI]| \ge |EI - E[EI]|\}|}{1 + \text{draws}}

    People without a function ("unassigned") are left out, with their ties.

    Distances are compared as whole numbers, so equal ones count as equal. Without ties every value is missing (NaN); with one function
    every assignment equals the observed one and p is 1. The index counts ties, not their strength or direction.

    Raises
    ------
    ArgumentError
        `draws` is not a whole number of at least 1.

    References
    ----------
    Krackhardt, D., & Stern, R. N. (1988). Informal networks and organizational crises. Social Psychology Quarterly 51, 123-140.
    Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical Applications in Genetics and Molecular
    Biology 9, article 39.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> test = tn.network.measures.ei_permutation(ties, draws=99)
    >>> round(test.ei_index, 4), round(test.ei_expected, 4), test.p_value
    (0.0, 0.3333, 1.0)
    """
    made_by("build_ties", Ties, ties=ties)
    checked_draws(draws)
    draw = generator("seed", seed)
    matrix, known = function_matrix(held_last(ties)), ties.people.assigned
    both = known[ties.a] & known[ties.b]
    place, count = np.cumsum(known) - 1, int(both.sum())
    a, b = place[ties.a[both]], place[ties.b[both]]
    labels = np.unique(ties.people.function[known], return_inverse=True)[1]
    external = int(np.sum(labels[a] != labels[b]))
    drawn = _external_ties(labels, a, b, int(draws), draw)
    degree = np.bincount(np.concatenate([a, b]), minlength=len(labels))
    mean, sd, pairs, external_pairs = _ei_moments(np.bincount(labels), degree)
    # In units of 1 / pairs, expected and drawn numbers of external ties are whole numbers.
    beyond = np.abs(drawn * pairs - count * external_pairs) >= abs(external * pairs - count * external_pairs)
    return EiTest(
        ei_index=matrix.ei_index,
        ei_index_rescaled=matrix.ei_index_rescaled,
        ei_expected=mean,
        ei_sd=sd,
        p_value=float((1 + beyond.sum()) / (1 + draws)) if count else float("nan"),
        draws=int(draws),
        permuted=locked((2.0 * drawn - count) / count if count else np.full(int(draws), np.nan)),
        backend=ties.backend,
    )


def _external_ties(
    labels: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64], draws: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Number of ties between different labels in each of `draws` shuffles of the labels: (draws,)."""
    size = max(1, min(draws, _CELLS // max(1, len(labels))))
    slice_ = max(1, _CELLS // size)
    narrow = labels.astype(np.min_scalar_type(int(labels.max(initial=0))))
    found = np.zeros(draws, dtype=np.int64)
    for start in range(0, draws, size):
        rows = min(size, draws - start)
        # One row per person and one column per draw, so that the ends of a tie are two contiguous rows.
        shuffled = np.ascontiguousarray(rng.permuted(np.tile(narrow, (rows, 1)), axis=1).T)
        for at in range(0, len(a), slice_):
            found[start : start + rows] += np.sum(shuffled[a[at : at + slice_]] != shuffled[b[at : at + slice_]], axis=0)
    return found


def _ei_moments(members: NDArray[np.int64], degree: NDArray[np.int64]) -> tuple[float, float, int, int]:
    """Mean and standard deviation of the E-I index over all assignments; numbers of pairs of people, and of those across functions."""
    size, ties = int(members.sum()), int(degree.sum()) // 2
    groups = members.tolist()
    two, three = (sum(_falling(n, k) for n in groups) for k in (2, 3))
    four = sum(_falling(n, 4) - _falling(n, 2) ** 2 for n in groups) + two**2
    pairs = size * (size - 1) // 2
    if not ties:
        return float("nan"), float("nan"), pairs, pairs - two // 2
    # Exact fractions, since the variance is a small difference of large numbers.
    shares = [Fraction(part, max(1, _falling(size, k))) for part, k in ((two, 2), (three, 3), (four, 4))]
    adjacent = int(np.sum(degree * (degree - 1)))
    variance = ties * shares[0] + adjacent * shares[1] + (ties * (ties - 1) - adjacent) * shares[2] - (ties * shares[0]) ** 2
    return float(1 - 2 * shares[0]), 2.0 * math.sqrt(variance) / ties, pairs, pairs - two // 2


def _falling(n: int, k: int) -> int:
    """The falling factorial n (n - 1) ... (n - k + 1)."""
    return math.prod(n - step for step in range(k))
