"""Time and memory of MRQAP with double semi-partialling, compared with loops that refit the model for every permutation.

    python bench/mrqap.py                         100 people, 3 predictors, 9,999 permutations
    python bench/mrqap.py --people 30 100 300 --draws 999 --repeat 5

The loops work as a program without the shortcut does: they permute rows and columns of the residual, then fit by least squares with numpy
or statsmodels. They run some of the permutations (`--loop`), and their time is scaled up to all of them. Memory is the peak of a process
that only makes the networks and runs the call once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from _measured import alone, in_turns, peak_bytes

CALLS = ("mrqap", "mrqap, 1 % of the dyads missing", "loop, numpy lstsq", "loop, statsmodels OLS")


class Size(NamedTuple):
    """One set of networks, and the number of permutations."""

    people: int
    predictors: int
    draws: int
    loop: int
    seed: int = 1


def networks(size: Size, gaps: float = 0.0) -> tuple[Any, dict[str, Any]]:
    """An outcome and predictors with effects of senders and receivers."""
    import numpy as np

    rng = np.random.default_rng(size.seed)
    n = size.people
    made = [rng.normal(size=(n, n)) + rng.normal(size=(n, 1)) + rng.normal(size=(1, n)) for _ in range(size.predictors + 1)]
    outcome = made[0] + 0.1 * made[1]
    outcome[rng.random((n, n)) < gaps] = np.nan
    return outcome, {f"x{place}": matrix for place, matrix in enumerate(made[1:])}


def refits(size: Size, least_squares: Callable[[Any, Any], Any]) -> Callable[[], Any]:
    """Double semi-partialling as published: one fit for each permutation of each predictor."""
    import numpy as np

    outcome, predictors = networks(size)
    used = ~np.eye(size.people, dtype=bool)
    columns = np.column_stack([np.ones(used.sum()), *[matrix[used] for matrix in predictors.values()]])

    def run() -> None:
        rng = np.random.default_rng(0)
        for place in range(1, columns.shape[1]):
            others = np.delete(columns, place, axis=1)
            focal = np.zeros_like(outcome)
            focal[used] = columns[:, place] - others @ np.linalg.lstsq(others, columns[:, place], rcond=None)[0]
            for _ in range(size.loop):
                order = rng.permutation(size.people)
                least_squares(np.column_stack([others, focal[np.ix_(order, order)][used]]), outcome[used])

    return run


def t_by_lstsq(X: Any, y: Any) -> Any:
    """The last t ratio."""
    import numpy as np

    b, squares, _, _ = np.linalg.lstsq(X, y, rcond=None)
    return b[-1] / np.sqrt(squares[0] / (len(y) - X.shape[1]) * np.linalg.inv(X.T @ X)[-1, -1])


def t_by_statsmodels(X: Any, y: Any) -> Any:
    """The last t ratio."""
    import statsmodels.api as sm

    return sm.OLS(y, X).fit().tvalues[-1]


def prepare(size: Size, name: str) -> Callable[[], Any]:
    """The call to time, on networks made beforehand."""
    if name.startswith("loop"):
        return refits(size, t_by_lstsq if "lstsq" in name else t_by_statsmodels)
    import tienet as tn

    outcome, predictors = networks(size, 0.01 if "missing" in name else 0.0)
    return lambda: tn.regression.dependence.mrqap(outcome, predictors, draws=size.draws)


def times(size: Size, repeat: int) -> dict[str, float]:
    """Median seconds of each call for all permutations."""
    spent = in_turns({name: prepare(size, name) for name in CALLS}, repeat)
    return {name: seconds * (size.draws / size.loop if name.startswith("loop") else 1) for name, seconds in spent.items()}


def peak(size: Size, name: str) -> float:
    """Peak memory in GB of this process after one call."""
    prepare(size, name)()
    return peak_bytes() / 1e9


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", nargs="+", type=int, default=[100])
    parser.add_argument("--predictors", type=int, default=3)
    parser.add_argument("--draws", type=int, default=9999)
    parser.add_argument("--loop", type=int, default=200, help="permutations that the loops run")
    parser.add_argument("--repeat", type=int, default=3, help="runs per call, of which the median is printed")
    options = parser.parse_args()
    lines = [f"{os.cpu_count()} cores, median of {options.repeat}, {options.draws:,} permutations, {options.predictors} predictors", ""]
    lines += ["| people | call | seconds | times mrqap | peak GB |", "|--:|---|--:|--:|--:|"]
    for people in options.people:
        size = Size(people, options.predictors, options.draws, options.loop)
        seconds = alone(times, size, options.repeat)
        for name, spent in seconds.items():
            ratio, memory = spent / seconds["mrqap"], alone(peak, size, name)
            lines.append(f"| {people:,} | {name} | {spent:.2f} | {ratio:.1f} | {memory:.2f} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
