"""Time and memory of the resampling tests, compared with a loop over statsmodels that does the same draw by draw.

    python bench/inference.py                      n = 400, 9 coefficients, 24 clusters; 9,999 wild draws, 2,000 pairs resamples
    python bench/inference.py --repeat 9 --loop 300

The loops run `--loop` draws, each with its own fit, and their time is scaled up to the full number, since every draw costs the same. All
calls of one table take turns in one process. Memory is what a fresh process needs for one call, beyond making the data.
To add a call, write a maker below and add it to CALLS.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from _measured import alone, in_turns, peak_bytes

FORMULA = "y ~ w + a*b + c*d + a^2"  # 8 terms and the intercept
PATSY = "y ~ w + a * b + c * d + I(a ** 2)"
CURVED, CURVED_PATSY = "y ~ a*b + c*d + a^2 + c^2", "y ~ a * b + c * d + I(a ** 2) + I(c ** 2)"
ROWS, GROUPS, WILD, PAIRS = 400, 24, 9_999, 2_000


class Call(NamedTuple):
    """One row of the table: the maker of the timed function, its number of draws, and whether these are `--loop` draws scaled up."""

    group: str
    make: Callable[[int], Callable[[], Any]]
    draws: int
    scaled: bool = False


def columns() -> dict[str, Any]:
    """The data: two curves with a moderator each, and errors that are correlated within clusters."""
    import numpy as np

    rng = np.random.default_rng(1)
    data: dict[str, Any] = {name: rng.normal(3, 1, ROWS) for name in "abcdw"}
    data["team"] = np.arange(ROWS) % GROUPS
    data["y"] = 0.4 * data["a"] + 0.1 * data["a"] * data["b"] - 0.2 * (data["c"] - 3) ** 2 + rng.normal(size=ROWS)
    data["y"] += rng.normal(size=GROUPS)[data["team"]]
    return data


def fitted(formula: str, cluster: str | None) -> Any:
    """The fit, which is not timed, since every loop starts from one too."""
    import tienet as tn

    return tn.Moderation(formula, cluster=cluster).fit(columns())


def wild(_: int) -> Callable[[], Any]:
    """P-value and interval."""
    import tienet as tn

    fit = fitted(FORMULA, "team")
    return lambda: tn.regression.resampling.wild_cluster_bootstrap(fit, "a:b", draws=WILD)


def wild_p(_: int) -> Callable[[], Any]:
    """The p-value without the interval."""
    import numpy as np

    from tienet.regression.resampling._scores import score_sums
    from tienet.regression.resampling.wild_cluster import _combination

    fit = fitted(FORMULA, "team")

    def call() -> Any:
        direction = _combination(fit, "a:b", None, None, None)[1]
        return score_sums(fit.solution, direction, fit.sample.clusters, "rademacher", WILD, np.random.default_rng(0)).shares(0.0)

    return call


def wild_loop(draws: int) -> Callable[[], Any]:
    """Statsmodels: OLS with cov_type="cluster" on a new outcome per draw."""
    import numpy as np
    import statsmodels.api as sm

    fit = fitted(FORMULA, "team")
    X = np.column_stack([np.ones(fit.n), fit.design.columns(fit.design.centers)])
    y, team, place = fit.sample.response, fit.sample.clusters, fit.terms.index("a:b")
    rest = sm.OLS(y, np.delete(X, place, axis=1)).fit()

    def call() -> Any:
        rng = np.random.default_rng(0)
        found = []
        for _ in range(draws):
            signs = rng.choice([-1.0, 1.0], GROUPS)[team]
            again = sm.OLS(rest.fittedvalues + signs * rest.resid, X).fit(cov_type="cluster", cov_kwds={"groups": team})
            found.append(again.tvalues[place])
        return found

    return call


def pairs(_: int) -> Callable[[], Any]:
    """Coefficients, slopes of both functions at three values, both turning points, R2, with their frames."""
    import tienet as tn

    fit = fitted(CURVED, None)

    def call() -> Any:
        boot = tn.regression.resampling.bootstrap(fit, PAIRS)
        parts = [boot, boot.r_squared()]
        for focal, moderator in (("a", "b"), ("c", "d")):
            parts += [boot.slopes(focal=focal, moderator=moderator), boot.turning_point(focal=focal)]
        return [part.frame for part in parts]

    return call


def pairs_loop(draws: int) -> Callable[[], Any]:
    """Statsmodels: the formula on a resampled frame per draw, and the same quantities from its parameters."""
    import numpy as np
    import pandas as pd
    import statsmodels.formula.api as smf

    data = pd.DataFrame(columns())
    at = {name: data[name].mean() + np.array([-1.0, 0.0, 1.0]) * data[name].std() for name in "bd"}

    def call() -> Any:
        rng = np.random.default_rng(0)
        found = []
        for _ in range(draws):
            again = smf.ols(CURVED_PATSY, data.iloc[rng.integers(0, ROWS, ROWS)]).fit()
            b = again.params.to_dict()
            row = [*b.values(), again.rsquared]
            for focal, moderator in (("a", "b"), ("c", "d")):
                product, square = b[f"{focal}:{moderator}"], b[f"I({focal} ** 2)"]
                row += (b[focal] + product * at[moderator] + 2 * square * data[focal].mean()).tolist()
                row.append(-(b[focal] + product * at[moderator][1]) / (2 * square))
            found.append(row)
        return found

    return call


CALLS = {
    "wild_cluster_bootstrap, p-value": Call("wild", wild_p, WILD),
    "wild_cluster_bootstrap, p-value and interval": Call("wild", wild, WILD),
    "statsmodels loop, p-value": Call("wild", wild_loop, WILD, scaled=True),
    "bootstrap of the whole study": Call("pairs", pairs, PAIRS),
    "statsmodels formula loop": Call("pairs", pairs_loop, PAIRS, scaled=True),
}


def times(repeat: int, loop: int) -> dict[str, float]:
    """Median seconds of each call, loops scaled up."""
    calls = {name: call.make(loop) for name, call in CALLS.items()}
    for name, call in calls.items():
        if not CALLS[name].scaled:
            call()  # imports what it needs
    return {name: seconds * (CALLS[name].draws / loop if CALLS[name].scaled else 1) for name, seconds in in_turns(calls, repeat).items()}


def peak(name: str, loop: int) -> float:
    """Peak memory in MB that one call adds in this process."""
    call = CALLS[name].make(loop)
    before = peak_bytes()
    call()
    return (peak_bytes() - before) / 1e6


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5, help="runs per call, of which the median is printed")
    parser.add_argument("--loop", type=int, default=100, help="draws that the loops run before they are scaled up")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    seconds = alone(times, options.repeat, options.loop)
    loops = {call.group: seconds[name] for name, call in CALLS.items() if call.scaled}
    lines = [
        f"{os.cpu_count()} cores, median of {options.repeat}, n = {ROWS}; loops of {options.loop} draws, scaled to the full number",
        "",
    ]
    lines += ["| call | draws | seconds | times faster than the loop | MB added |", "|---|--:|--:|--:|--:|"]
    for name, spent in seconds.items():
        memory = alone(peak, name, options.loop)
        lines.append(f"| {name} | {CALLS[name].draws:,} | {spent:.3f} | {loops[CALLS[name].group] / spent:,.0f} | {memory:.0f} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
