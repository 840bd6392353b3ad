"""Random networks in which everyone keeps the number of ties outside their own function."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_PROBES = 20  # rounds of exchanges after which the share that succeeds is known well enough
_TURNS = 2.0  # times that a tie is exchanged between two draws, on average
_MOST_ROUNDS = 60  # rounds between two draws where nearly every exchange is refused
_ROOM = 128  # places per tie in the table that finds ties that occur twice
_SIDE_BY_SIDE = 20_000  # ties of all copies of a small network, which are rewired side by side


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """The ends of m ties between functions.

    Parameters
    ----------
    a, b
        (m,) nodes of the two ends of each tie; every pair of people once, no tie within a function. A node is a person in a function.
    person, function
        (n,) the person and the function of each node, numbered from 0.
    """

    a: Ints
    b: Ints
    person: Ints
    function: Ints


def rewirings(ends: Ends, draws: int, rng: np.random.Generator) -> Iterator[tuple[Ints, Ints]]:
    """Yield the ends of the ties in `draws` random networks; the arrays change with the next draw.

    Each round puts the ties into random couples and lets every couple exchange partners: (a, b), (c, d) become (a, d), (c, b) or
    (a, c), (b, d).
    A couple does so if both new ties are between two functions and if none of its four ties, old and new, occurs anywhere else among
    the old ties and the admissible new ties of the round. That condition is the same before and after, so a round is as likely as the
    round that undoes it, and all networks that can be reached are equally likely in the long run.
    """
    m = len(ends.a)
    copies = min(draws, max(1, _SIDE_BY_SIDE // max(m, 1)))
    chains = _Chains(ends, copies, rng)
    shares = [chains.round() for _ in range(_PROBES)]
    moved = float(np.mean(shares[_PROBES // 2 :]))
    rounds = min(_MOST_ROUNDS, int(np.ceil(_TURNS / moved))) if moved else 0
    for _ in range(10 * rounds):
        chains.round()
    for draw in range(draws):
        copy = draw % copies
        if not copy:
            for _ in range(rounds):
                chains.round()
        yield chains.a[copy * m : (copy + 1) * m], chains.b[copy * m : (copy + 1) * m]


class _Chains:
    """The ties of some copies of a network, and one round of exchanges within each copy."""

    def __init__(self, ends: Ends, copies: int, rng: np.random.Generator) -> None:
        self.a, self.b = np.tile(ends.a, copies), np.tile(ends.b, copies)
        self.copies, self.ties = copies, len(ends.a)
        self.rng = rng
        self.person, self.function = ends.person, ends.function
        self.people = int(ends.person.max(initial=-1)) + 1
        # People who held two functions have two nodes, which must not be tied to each other.
        self.alone = bool(np.array_equal(ends.person, np.arange(self.people)))
        self.copy = np.repeat(np.arange(copies) * self.people**2, self.ties)
        self.key = self._key(self.a, self.b) + self.copy
        places, keys = _ROOM * max(len(self.a), 1), max(copies * self.people**2, 1)
        self.bits = 0 if keys <= places else places.bit_length()
        size = 1 << self.bits if self.bits else keys
        self.owner, self.twice = np.zeros(size, dtype=np.int32), np.zeros(size, dtype=bool)

    def round(self) -> float:
        """Let all couples of ties exchange partners where they may; returns the share of the ties that did."""
        i, j = self._couples()
        turned = self.rng.integers(0, 2, len(i), dtype=np.int8).astype(bool)
        p, q, c, d = self.a[i], self.b[i], self.a[j], self.b[j]
        r, s = np.where(turned, c, d), np.where(turned, d, c)
        fits = np.flatnonzero(self._between(p, r) & self._between(s, q))
        i, j, p, q, r, s = (values[fits] for values in (i, j, p, q, r, s))
        one, other = self._key(p, r) + self.copy[i], self._key(s, q) + self.copy[i]
        again = self._repeated(np.concatenate([self.key, one, other]))
        m, n = len(self.a), len(i)
        free = np.flatnonzero(~(again[i] | again[j] | again[m : m + n] | again[m + n :]))
        i, j = i[free], j[free]
        self.b[i], self.key[i] = r[free], one[free]
        self.a[j], self.b[j], self.key[j] = s[free], q[free], other[free]
        return 2 * len(i) / max(m, 1)

    def _couples(self) -> tuple[Ints, Ints]:
        """Positions of the two ties of each couple, both in one copy."""
        half = self.ties // 2
        if self.copies == 1:
            order = self.rng.permutation(self.ties)
            return order[:half], order[half : 2 * half]
        rows = np.arange(self.copies * self.ties).reshape(self.copies, self.ties)
        shuffled = self.rng.permuted(rows, axis=1)
        return shuffled[:, :half].ravel(), shuffled[:, half : 2 * half].ravel()

    def _between(self, a: Ints, b: Ints) -> NDArray[np.bool_]:
        across = self.function[a] != self.function[b]
        return np.asarray(across if self.alone else across & (self.person[a] != self.person[b]))

    def _key(self, a: Ints, b: Ints) -> Ints:
        """One number per pair of people."""
        a, b = (a, b) if self.alone else (self.person[a], self.person[b])
        return np.asarray(np.minimum(a, b) * self.people + np.maximum(a, b))

    def _repeated(self, keys: Ints) -> NDArray[np.bool_]:
        """Whether each key occurs more than once.

        In a large network keys are hashed, with a new multiplier each time, and a few different keys count as the same. Those couples
        wait for another round; the condition remains the same before and after an exchange.
        """
        if self.bits:
            odd = np.uint64(self.rng.integers(0, 1 << 62) * 2 + 1)
            keys = ((keys.astype(np.uint64) * odd) >> np.uint64(64 - self.bits)).astype(np.int64)
        mine = np.arange(len(keys), dtype=np.int32)
        self.owner[keys] = mine
        shared = keys[self.owner[keys] != mine]
        self.twice[shared] = True
        found = self.twice[keys]
        self.twice[shared] = False
        return found
