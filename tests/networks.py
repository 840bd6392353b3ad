"""Ties from a matrix of counts, for tests that need many small networks at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import tienet as tn
from tienet.base.record import locked
from tienet.network.reading.ledger import Ledger

EVERY_ROW = tn.TieRule(min_interactions=1e-9, half_life=None, size_weight="none", max_size=None)


def ties_from(counts, functions) -> tn.Ties:
    """Ties whose directed interactions are a matrix, row -> column; strength is the interactions both ways."""
    counts = np.asarray(counts, dtype=float)
    size = len(counts)
    roster = {"person": [f"person{place}" for place in range(size)], "function": [str(function) for function in functions]}
    a, b = np.nonzero(np.triu(counts + counts.T, 1))
    there, back = counts[a, b], counts[b, a]
    missing = np.full(len(a), np.nan)
    return tn.Ties(
        people=tn.read_people(roster),
        rule=EVERY_ROW,
        window=None,
        a=locked(a),
        b=locked(b),
        interactions=locked(there + back),
        a_to_b=locked(there),
        b_to_a=locked(back),
        frequency=locked(missing),
        reciprocity=locked(2 * np.minimum(there, back) / (there + back)),
        regularity=locked(missing),
        channels=locked(missing),
        first=None,
        last=None,
        pairs_below=0,
        ledger=Ledger({"used": int(counts.sum())}),
    )


def random_counts(seed: int, size: int = 9, kinds: int = 3) -> tuple[np.ndarray, list[str]]:
    """Directed counts of a network that is empty, sparse or dense by chance, and functions by chance."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 6, (size, size)) * (rng.random((size, size)) < rng.uniform(0, 0.8))
    np.fill_diagonal(counts, 0)
    return counts, [f"f{code}" for code in rng.integers(0, kinds, size)]


def random_ties(seed: int, size: int = 9, kinds: int = 3) -> tn.Ties:
    return ties_from(*random_counts(seed, size, kinds))


def relabelled(seed: int, size: int = 9) -> tuple[tn.Ties, tn.Ties, np.ndarray]:
    """A random network, the same people in another order, and the old position of each of them."""
    counts, functions = random_counts(seed, size)
    order = np.random.default_rng(seed + 1).permutation(size)
    return ties_from(counts, functions), ties_from(counts[np.ix_(order, order)], [functions[place] for place in order]), order


def reordered(ties: tn.Ties, seed: int) -> tn.Ties:
    """The same ties in another order of rows."""
    order = np.random.default_rng(seed).permutation(len(ties))
    names = ("a", "b", "interactions", "a_to_b", "b_to_a", "frequency", "reciprocity", "regularity", "channels")
    return replace(ties, **{name: locked(getattr(ties, name)[order]) for name in names})


def threads(people=18, messages=900, seed=0):
    """A log of messages with threads in three functions, and its ties; most are answered within two days."""
    rng = np.random.default_rng(seed)
    names = np.array([f"someone{place:02d}" for place in range(people)])
    sender = rng.integers(0, people, messages)
    receiver = (sender + rng.integers(1, people, messages)) % people
    start = np.datetime64("2025-01-06T00:00", "us") + rng.integers(0, 80 * 86400, messages).astype("timedelta64[s]")
    events, answered = np.array([f"m{place}" for place in range(messages)]), rng.random(messages) < 0.9
    waits = (rng.exponential(12 * 3600, messages)).astype("timedelta64[s]")
    table = {
        "time": np.concatenate([start, (start + waits)[answered]]),
        "source": np.concatenate([names[sender], names[receiver[answered]]]),
        "target": np.concatenate([names[receiver], names[sender[answered]]]),
        "event": np.concatenate([events, np.char.add("a", events[answered])]),
        "reply_to": np.concatenate([np.full(messages, None), events[answered].astype(object)]),
    }
    log = tn.read_log({name: values.tolist() if values.dtype.kind in "OU" else values for name, values in table.items()})
    roster = {"person": names.tolist(), "function": [("Sales", "R&D", "Customer Service")[place % 3] for place in range(people)]}
    return log, tn.build_ties(log, tn.read_people(roster), rule=tn.TieRule(min_interactions=1))
