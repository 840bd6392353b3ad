"""Ties between functions against the number expected if everyone kept their number of ties outside their function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import checked_draws, generator, made_by, whole
from tienet.base.columns import Column
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, listed
from tienet.base.record import Record, locked
from tienet.network.measures._rewiring import Ends, rewirings
from tienet.network.measures.functions import FunctionMatrix
from tienet.network.measures.toward import functions_of_ties
from tienet.network.reading.spells import UNASSIGNED
from tienet.network.ties.network import Ties

__all__ = ["ExpectedTies", "expected_ties"]

COMPARABLE = 4  # functions; with three, the totals of the functions fix the ties of every pair

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "ties against expected ties": (
        Column("ties", "ties", "ties between the two functions; missing where the pair is hidden, and so are the next four columns"),
        Column("expected", "ties", "mean number of ties between them over the rewirings", "Fosdick et al. (2018)"),
        Column("ratio", "no unit", "ties / expected: 1 is as expected, 0.5 half as many; missing where none are expected"),
        Column("low", "ties", "2.5% quantile of the number of ties over the rewirings"),
        Column("high", "ties", "97.5% quantile of the number of ties over the rewirings"),
        Column("thin", "true or false", "whether there are fewer ties than the 2.5% quantile"),
        Column("thick", "true or false", "whether there are more ties than the 97.5% quantile"),
        Column("hidden", "true or false", "whether the pair is not shown, for the floor or so that another pair cannot be computed"),
    ),
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExpectedTies(Record):
    """Ties per pair of functions, and how many are expected. Every (f, f) array is symmetric, and NaN or False on the diagonal.

    Parameters
    ----------
    functions, labels
        The f functions, sorted, in snake_case and as the people table writes them.
    members
        (f,) people per function; where people change functions, they count in their last one.
    ties
        (f, f) ties between two functions, NaN where `hidden`; so are `expected`, `ratio`, `low` and `high`.
    expected
        (f, f) mean number of ties over the rewirings.
    ratio
        (f, f) ties / expected; NaN where no tie is expected.
    low, high
        (f, f) 2.5% and 97.5% quantile over the rewirings.
    thin, thick
        (f, f) whether there are fewer ties than `low`, or more than `high`; False where hidden.
    hidden
        (f, f) whether a pair is not shown.
    draws, seed
        Number of rewirings, and the seed; None if a Generator was given.
    floor
        Number of people in each function, and of ties, that a pair needs to be shown; pairs without ties are shown as 0.
    """

    functions: tuple[str, ...]
    labels: tuple[str, ...]
    members: NDArray[np.int64]
    ties: NDArray[np.float64]
    expected: NDArray[np.float64]
    ratio: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    thin: NDArray[np.bool_]
    thick: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    draws: int
    seed: int | None
    floor: int
    backend: Backend = "pandas"

    @property
    def ranked(self) -> NDArray[np.int64]:
        """(p, 2) positions in `functions` of the pairs with a ratio, from the thinnest to the thickest."""
        rows, cols = np.triu_indices(len(self.functions), 1)
        known = np.isfinite(self.ratio[rows, cols])
        rows, cols = rows[known], cols[known]
        order = np.argsort(self.ratio[rows, cols], kind="stable")
        return np.column_stack([rows[order], cols[order]])

    def extremes(self, thinnest: int = 4, thickest: int = 3) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        """The thinnest and the thickest pairs, as rows of `ranked`, no pair in both; and the number of pairs in between."""
        ranked = self.ranked
        first = ranked[:thinnest]
        last = ranked[max(len(ranked) - thickest, len(first)) :]
        return first, last, len(ranked) - len(first) - len(last)

    def _works(self) -> tuple[str, ...]:
        return ("fosdick_et_al_2018",)

    def _columns(self) -> Columns:
        rows, cols = np.triu_indices(len(self.functions), 1)
        names = np.array(self.functions, dtype=object)
        numbers = {
            name: getattr(self, name)[rows, cols] for name in ("ties", "expected", "ratio", "low", "high", "thin", "thick", "hidden")
        }
        return {"function_a": names[rows], "function_b": names[cols], **numbers}

    def __str__(self) -> str:
        return f"{self.answer} {self._how()}"

    @property
    def answer(self) -> str:
        """The answer to "Which functions are thinly connected?", in one or two sentences."""
        if len(self.functions) < COMPARABLE:
            return (
                "With fewer than four functions the ties between them cannot be compared: "
                "how many ties each has in all fixes how many each pair has."
            )
        if not len(self.ranked):
            return f"No pair of functions has at least {self.floor} people and ties, so none is shown."
        thin = [(row, col) for row, col in self.ranked.tolist() if self.thin[row, col]]
        if not thin:
            return "No pair of functions has clearly fewer ties than its size lets expect."
        first, also = thin[0], thin[1:]
        numbers = f"{self.ties[first]:,.0f}, where about {self.expected[first]:,.0f}"
        more = listed([f"{self._named(pair)} ({self.ratio[pair]:.2f})" for pair in also[:3]])
        rest = f", and {counted(len(also) - 3, 'pair')} more" if len(also) > 3 else ""
        other = f" Also thin: {more}{rest}." if also else ""
        return f"{self._named(first)} share the fewest ties for their size: {numbers} would be expected.{other}"

    def _named(self, pair: tuple[int, int]) -> str:
        return f"{self.labels[pair[0]]} and {self.labels[pair[1]]}"

    def _how(self) -> str:
        seeded = "" if self.seed is None else f" (seed {self.seed})"
        hidden = int(np.triu(self.hidden).sum())
        few = f"fewer than {self.floor} people or ties, or a number from which such a pair could be inferred"
        kept_back = f"; {counted(hidden, 'pair')} hidden: {few}" if hidden else ""
        return f"Expected: everyone keeps the number of ties outside their function; {counted(self.draws, 'rewiring')}{seeded}{kept_back}."


def expected_ties(
    ties: Ties, *, draws: int = 1000, seed: int | np.random.Generator = 0, floor: int = 5, like: FunctionMatrix | None = None
) -> ExpectedTies:
    r"""Compare the ties between functions with the number expected from how many ties people have outside their own function.

    Parameters
    ----------
    ties
        From `build_ties`, preferably through `merge_small`, so that every function is large enough to be shown.
    draws
        Number of rewirings.
    seed
        A seed, or a numpy Generator.
    floor
        Number of people in each of the two functions, and of ties between them, that a pair needs to be shown. Pairs without any tie are
        shown as 0. 1 shows every pair.
    like
        A matrix from `suppress`: what is hidden in it is hidden here too.

    Returns
    -------
    ExpectedTies

    Notes
    -----
    Ties within a function are left out. Let :math:`k_i` be the ties of person i to people in other functions. The networks compared
    with are all simple networks in which everyone has :math:`k_i` such ties and no one has a tie within their function, each equally
    likely. With :math:`T_{FG}` ties between functions F and G, and :math:`T^{(d)}_{FG}` in draw d of D:

    .. math::
        E_{FG} = \frac{1}{D} \sum_d T^{(d)}_{FG}, \qquad
        \text{ratio}_{FG} = \frac{T_{FG}}{E_{FG}}, \qquad
        \text{thin}: T_{FG} < q_{.025}, \qquad
        \text{thick}: T_{FG} > q_{.975}

    with q the quantiles of the draws (the smallest value that at least that share of the draws does not exceed). Each pair has a 2.5%
    chance of being thin if ties are formed regardless of function, so among 20 pairs half a pair on average is thin by chance.

    The draws are a Markov chain that starts at the observed ties: in every round all ties are put into couples at random, which exchange
    partners where they may (Fosdick et al. 2018; a round is as likely as the one that undoes it). Between two draws every tie is
    exchanged about twice. Some networks may be out of reach of such exchanges if nearly all possible ties exist.

    Where people change functions, a tie counts in the pair of functions in which most of its interactions took place, as in
    `function_matrix`, and a person keeps the number of ties held in each function. People without a function ("unassigned") are left
    out, with their ties.

    In every draw, each function has as many ties in all as observed. With two or three functions these totals fix the ties of every pair,
    so every ratio is 1 and there is nothing to compare. Where only one pair of a function were hidden, it could be computed from the rest;
    so a second one is hidden, the one with the fewest ties.

    Raises
    ------
    ArgumentError
        `draws` or `floor` is not a whole number of at least 1.

    References
    ----------
    Fosdick, B. K., Larremore, D. B., Nishimura, J., & Ugander, J. (2018). Configuring random graph models with fixed degree sequences.
    SIAM Review 60, 315-355.

    Examples
    --------
    >>> import tienet as tn
    >>> firm = tn.simulate_firm(n_people=200, seed=2)
    >>> found = tn.network.measures.expected_ties(tn.build_ties(firm.log, firm.people), draws=200)
    >>> bool((found.frame["ties"].sum() - found.frame["expected"].sum()).round(6) == 0)
    True
    """
    made_by("build_ties", Ties, ties=ties)
    draws, floor = checked_draws(draws), whole("floor", floor)
    if like is not None:
        made_by("suppress", FunctionMatrix, like=like)
    rng = generator("seed", seed)
    names, ends = _between_functions(ties)
    size = len(names)
    count = _counted(ends.function[ends.a], ends.function[ends.b], size)
    drawn = np.zeros((draws, size, size), dtype=np.int64)
    for row, (a, b) in enumerate(rewirings(ends, draws, rng)):
        drawn[row] = _counted(ends.function[a], ends.function[b], size)
    members = np.array([int(np.sum(ties.people.function == name)) for name in names], dtype=np.int64)
    hidden = _hidden(count, members, floor, _hidden_in(like, names))
    expected = drawn.mean(axis=0)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0, method="inverted_cdf")
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(expected > 0, count / expected, np.nan)
    shown = ~hidden & ~np.eye(size, dtype=bool)
    numbers = {"ties": count, "expected": expected, "ratio": ratio, "low": low, "high": high}
    return ExpectedTies(
        functions=names,
        labels=tuple(ties.people.labels[name] for name in names),
        members=locked(members),
        **{name: locked(np.where(shown, values, np.nan)) for name, values in numbers.items()},
        thin=locked(shown & (count < low)),
        thick=locked(shown & (count > high)),
        hidden=locked(hidden),
        draws=draws,
        seed=None if isinstance(seed, np.random.Generator) else int(seed),
        floor=floor,
        backend=ties.backend,
    )


def _between_functions(ties: Ties) -> tuple[tuple[str, ...], Ends]:
    """The functions, sorted, and the ends of the ties between two of them."""
    of_a, of_b = functions_of_ties(ties)
    names = tuple(sorted({*ties.people.functions, *of_a.tolist(), *of_b.tolist()} - {UNASSIGNED}))
    across = (of_a != of_b) & (of_a != UNASSIGNED) & (of_b != UNASSIGNED)
    known = np.array(names, dtype=object)
    place = np.searchsorted(known, np.concatenate([of_a[across], of_b[across]])).astype(np.int64)
    person = np.unique(np.concatenate([ties.a[across], ties.b[across]]), return_inverse=True)[1]
    cells, node = np.unique(person * max(len(names), 1) + place, return_inverse=True)
    half = len(node) // 2
    return names, Ends(node[:half], node[half:], cells // max(len(names), 1), cells % max(len(names), 1))


def _counted(a: NDArray[np.int64], b: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """(f, f) ties per pair of functions, symmetric."""
    one_way = np.bincount(a * size + b, minlength=size * size).reshape(size, size)
    return np.asarray(one_way + one_way.T)


def _hidden_in(like: FunctionMatrix | None, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """(f, f) the pairs that are hidden in a matrix, in the order of the names."""
    gone = np.zeros((len(names), len(names)), dtype=bool)
    if like is not None:
        here = [place for place, name in enumerate(names) if name in like.functions]
        there = [like.functions.index(names[place]) for place in here]
        gone[np.ix_(here, here)] = np.isnan(like.ties.astype(float))[np.ix_(there, there)]
    return gone


def _hidden(count: NDArray[np.int64], members: NDArray[np.int64], floor: int, hidden: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(f, f) the pairs to hide: those below the floor, and others until no function has exactly one hidden pair."""
    small = members < floor
    hidden = hidden | ((count > 0) & (count < floor)) | small[:, None] | small[None, :]
    np.fill_diagonal(hidden, False)
    while (single := np.flatnonzero(hidden.sum(axis=1) == 1)).size:
        row = int(single[0])
        open_ = [col for col in range(len(count)) if col != row and not hidden[row, col]]
        if not open_:
            break
        col = min(open_, key=lambda col: (count[row, col], col))
        hidden[row, col] = hidden[col, row] = True
    return hidden
