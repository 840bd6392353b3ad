"""Time and memory of all structural-hole measures, compared with python-igraph's `constraint` alone on the same graph in the same process.

    python bench/holes.py                          10,000 people with 250,000 ties, then 100,000 with 2,500,000
    python bench/holes.py --sizes 5000x100000 --repeat 5 --inside 0.5

Graphs are heavy-tailed: both ends of a tie are drawn with probabilities that fall as a power of the rank, and a share of the ties
(`--inside`) is within teams of 100, where triangles are common. Seeds are fixed. Memory is the peak of a process that only makes the
graph and measures it once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from _measured import alone, in_turns, peak_bytes

TEAM = 100
CALLS = ("arrays", "structural_holes", "structural_holes, scope ego", "igraph constraint")


class Size(NamedTuple):
    """One graph to make."""

    people: int
    ties: int
    inside: float
    seed: int = 1


def heavy_tailed(size: Size) -> tuple[Any, Any, Any]:
    """Ends a < b and whole weights 1 to 49 of distinct ties; expected ties fall with the rank to the power -2/3 (exponent 2.5)."""
    import numpy as np

    rng = np.random.default_rng(size.seed)
    chances = np.cumsum((np.arange(size.people) + 0.002 * size.people + 5.0) ** (-2.0 / 3.0))
    chances /= chances[-1]
    names = rng.permutation(size.people)
    keys = np.empty(0, dtype=np.int64)
    while len(keys) < size.ties:
        a, b = (names[np.minimum(np.searchsorted(chances, rng.random(size.ties)), size.people - 1)] for _ in range(2))
        team = a // TEAM * TEAM + rng.integers(0, TEAM, size.ties)
        b = np.where((rng.random(size.ties) < size.inside) & (team < size.people), team, b)
        packed = np.minimum(a, b) * size.people + np.maximum(a, b)
        keys = np.unique(np.concatenate([keys, packed[a != b]]))
    keys = np.sort(rng.permutation(keys)[: size.ties])
    return keys // size.people, keys % size.people, rng.integers(1, 50, size.ties).astype(float)


def ties_of(size: Size, a: Any, b: Any, weight: Any) -> Any:
    """The same graph as `Ties`, made without a log, since only the measures are timed."""
    import numpy as np

    import tienet as tn
    from tienet.network.reading.ledger import Ledger

    ids = np.array([f"p{place}" for place in range(size.people)], dtype=object)
    people = tn.People(ids, np.full(size.people, "sales", dtype=object), {"sales": "Sales"}, {}, Ledger({}))
    missing, ones = np.full(len(a), np.nan), np.ones(len(a))
    numbers = {"interactions": weight, "a_to_b": weight, "b_to_a": 0 * ones, "frequency": missing, "reciprocity": 0 * ones}
    rest = {"regularity": missing, "channels": missing, "first": None, "last": None, "pairs_below": 0, "ledger": Ledger({})}
    return tn.Ties(people=people, rule=tn.TieRule(), window=None, a=a, b=b, **numbers, **rest)


def prepare(size: Size, name: str) -> Callable[[], Any]:
    """The call to time, on a graph made beforehand."""
    a, b, weight = heavy_tailed(size)
    if name == "igraph constraint":
        import igraph
        import numpy as np

        graph, weights = igraph.Graph(n=size.people, edges=np.column_stack([a, b])), weight.tolist()
        return lambda: graph.constraint(weights=weights)
    if name == "arrays":
        from tienet.network.measures._constraint import holes

        return lambda: holes(a, b, weight, size.people)
    import tienet as tn

    ties, scope = ties_of(size, a, b, weight), "ego" if "ego" in name else "whole"
    return lambda: tn.network.measures.structural_holes(ties, scope=scope)


def times(size: Size, repeat: int) -> dict[str, float]:
    """Median seconds of each call."""
    return in_turns({name: prepare(size, name) for name in CALLS}, repeat)


def peak(size: Size, name: str) -> float:
    """Peak memory in GB of this process after one call."""
    prepare(size, name)()
    return peak_bytes() / 1e9


def size_of(text: str) -> tuple[int, int]:
    """Read "10000x250000"."""
    people, _, ties = text.partition("x")
    return int(people), int(ties)


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=size_of, default=[(10_000, 250_000), (100_000, 2_500_000)], metavar="PEOPLExTIES")
    parser.add_argument("--repeat", type=int, default=3, help="runs per call, of which the median is printed")
    parser.add_argument("--inside", type=float, default=0.0, help="share of the ties drawn within teams of 100")
    options = parser.parse_args()
    lines = [f"{os.cpu_count()} cores, median of {options.repeat}, {options.inside:.0%} of the ties within teams", ""]
    lines += ["| people | ties | call | seconds | times igraph | peak GB |", "|--:|--:|---|--:|--:|--:|"]
    for people, ties in options.sizes:
        size = Size(people, ties, options.inside)
        seconds = alone(times, size, options.repeat)
        for name, spent in seconds.items():
            ratio, memory = spent / seconds["igraph constraint"], alone(peak, size, name)
            lines.append(f"| {people:,} | {ties:,} | {name} | {spent:.2f} | {ratio:.2f} | {memory:.2f} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
