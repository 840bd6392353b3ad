"""From a log in a Parquet file to one row per pair: tienet compared with hand-written code, with equal results required.

    python bench/ties.py --rows 1000000 10000000 --folder /tmp/firmlogs
    python bench/ties.py --rows 100000000 --repeat 2 --only tienet polars duckdb "tienet, 500 MB"

The logs (bench/firm_logs.py: 25,000 people, 12 functions, heavy-tailed) are made in the folder unless they exist. Each run is a
separate process; contenders take turns. Wall time depends on other load on the machine; the process's own CPU time (user, system) less so.
All runs on one log must give the same numbers, or the benchmark stops. Reading the people table and imports are not timed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import firm_logs
import numpy as np
from _measured import alone, apart_in_turns, log_options, run_alone

DAY = 86_400_000_000
RATE = float(np.log(2.0)) / (90 * DAY)
SLOW = {"networkx": 10_000_000, "pandas": 10_000_000}  # the most rows they are asked for
LIBRARIES = ("duckdb", "narwhals", "networkx", "numpy", "pandas", "polars", "pyarrow")


def tienet(path: Path, kind: str, **options: Any) -> Callable[[], dict[str, Any]]:
    import tienet as tn

    people = tn.read_people(firm_logs.people_of(kind))
    return lambda: in_tienet(tn.build_ties(tn.read_log(path, **options), people, rule=tn.TieRule(min_interactions=1)))


def in_tienet(ties: Any) -> dict[str, Any]:
    """The pairs with all numbers: reading the first of those that ties find later takes a second pass over the log."""
    weeks, counted = ties.window.weeks, ties.regularity * ties.window.week_count
    ends = {"a": ties.people.person[ties.a], "b": ties.people.person[ties.b]}
    numbers = {"interactions": ties.interactions, "a_to_b": ties.a_to_b, "b_to_a": ties.b_to_a, "frequency": ties.frequency * weeks}
    return ends | numbers | {"weeks": counted, "channels": ties.channels, "first": ties.first, "last": ties.last}


def limited(path: Path, kind: str) -> Callable[[], dict[str, Any]]:
    return tienet(path, kind, memory_limit="500MB")


def roster(kind: str) -> Any:
    import pandas as pd

    return pd.DataFrame({"person": firm_logs.ids_of(kind)})


def in_polars(log: Any, kind: str) -> dict[str, Any]:
    """The pairs of a lazy frame with times in microseconds."""
    import polars as pl

    people = pl.LazyFrame({"person": firm_logs.ids_of(kind).tolist()})
    start, end = log.select(start=pl.col("time").min(), end=pl.col("time").max()).collect(engine="streaming").row(0)
    forward = pl.col("source") < pl.col("target")
    made = log.filter((pl.col("size") <= 50) & (pl.col("source") != pl.col("target"))).select(
        "time",
        "channel",
        a=pl.when(forward).then("source").otherwise("target"),
        b=pl.when(forward).then("target").otherwise("source"),
        forward=forward,
        weighted=((pl.col("time") - end) * RATE).exp() / (pl.col("size") - 1),
        week=(pl.col("time") - start) // (7 * DAY),
    )
    pairs = made.group_by("a", "b").agg(
        interactions=pl.len(),
        a_to_b=pl.col("forward").sum(),
        frequency=pl.col("weighted").sum(),
        weeks=pl.col("week").n_unique(),
        channels=pl.col("channel").n_unique(),
        first=pl.col("time").min(),
        last=pl.col("time").max(),
    )
    kept = pairs.join(people, left_on="a", right_on="person", how="semi").join(people, left_on="b", right_on="person", how="semi")
    table = kept.collect(engine="streaming").with_columns(b_to_a=pl.col("interactions") - pl.col("a_to_b"))
    return {name: table[name].to_numpy() for name in table.columns}


def polars(path: Path, kind: str) -> Callable[[], dict[str, Any]]:
    import polars as pl

    return lambda: in_polars(pl.scan_parquet(path).with_columns(time=pl.col("time").dt.timestamp("us")), kind)


DUCKDB = """
with log as (select {time} as t, source, target, channel, size from {rows} where size <= 50 and source <> target),
ends as (select min({time}) as s, max({time}) as e from {rows}),
pairs as (
    select least(source, target) as a, greatest(source, target) as b, count(*) as interactions, count(*) filter (source < target) as a_to_b,
           count(*) filter (source > target) as b_to_a, sum(exp((t - e) * {rate}) / (size - 1)) as frequency,
           count(distinct (t - s) // {week}) as weeks, count(distinct channel) as channels, min(t) as first, max(t) as last
    from log, ends group by 1, 2)
select * from pairs where a in (select person from people) and b in (select person from people)
"""


def duckdb_for(kind: str) -> Any:
    """A connection with the people table."""
    import duckdb as engine

    connection = engine.connect(config={"temp_directory": tempfile.mkdtemp(prefix="bench-")})
    connection.register("people", roster(kind))
    return connection


def duckdb(path: Path, kind: str) -> Callable[[], dict[str, Any]]:
    connection = duckdb_for(kind)
    return lambda: connection.sql(DUCKDB.format(rows=f"'{path}'", time="epoch_us(time)", rate=RATE, week=7 * DAY)).fetchnumpy()


def pandas(path: Path, kind: str) -> Callable[[], dict[str, Any]]:
    import pandas as pd

    people = roster(kind)["person"]

    def run() -> dict[str, Any]:
        log = pd.read_parquet(path)
        t = log["time"].astype("int64")
        start, end = t.min(), t.max()
        log = log.assign(t=t)[(log["size"] <= 50) & (log["source"] != log["target"])]
        forward = log["source"] < log["target"]
        made = pd.DataFrame(
            {
                "a": log["source"].where(forward, log["target"]),
                "b": log["target"].where(forward, log["source"]),
                "forward": forward,
                "weighted": np.exp((log["t"] - end) * RATE) / (log["size"] - 1),
                "week": (log["t"] - start) // (7 * DAY),
                "channel": log["channel"],
                "t": log["t"],
            }
        )
        pairs = made.groupby(["a", "b"], sort=False).agg(
            interactions=("t", "size"),
            a_to_b=("forward", "sum"),
            frequency=("weighted", "sum"),
            weeks=("week", "nunique"),
            channels=("channel", "nunique"),
            first=("t", "min"),
            last=("t", "max"),
        )
        pairs = pairs.reset_index().assign(b_to_a=lambda table: table["interactions"] - table["a_to_b"])
        pairs = pairs[pairs["a"].isin(people) & pairs["b"].isin(people)]
        return {name: pairs[name].to_numpy() for name in pairs}

    return run


def networkx(path: Path, kind: str) -> Callable[[], dict[str, Any]]:
    import networkx as nx
    import pandas as pd

    people = set(roster(kind)["person"].tolist())

    def run() -> dict[str, Any]:
        log = pd.read_parquet(path)
        times = log["time"].astype("int64")
        start, end = int(times.min()), int(times.max())
        graph = nx.Graph()
        columns = (log[name].tolist() for name in ("source", "target", "channel", "size"))
        for t, source, target, channel, size in zip(times.tolist(), *columns, strict=True):
            if size > 50 or source == target or source not in people or target not in people:
                continue
            if not graph.has_edge(source, target):
                graph.add_edge(source, target, n=0, forward=0, weight=0.0, weeks=set(), channels=set(), first=t, last=t)
            tie = graph[source][target]
            tie["n"] += 1
            tie["forward"] += source < target
            tie["weight"] += float(np.exp((t - end) * RATE)) / (size - 1)
            tie["weeks"].add((t - start) // (7 * DAY))
            tie["channels"].add(channel)
            tie["first"], tie["last"] = min(tie["first"], t), max(tie["last"], t)
        rows = [
            (
                min(a, b),
                max(a, b),
                d["n"],
                d["forward"],
                d["n"] - d["forward"],
                d["weight"],
                len(d["weeks"]),
                len(d["channels"]),
                d["first"],
                d["last"],
            )
            for a, b, d in graph.edges(data=True)
        ]
        names = ("a", "b", "interactions", "a_to_b", "b_to_a", "frequency", "weeks", "channels", "first", "last")
        return {name: np.array(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}

    return run


CONTENDERS = {"tienet": tienet, "polars": polars, "duckdb": duckdb, "pandas": pandas, "networkx": networkx, "tienet, 500 MB": limited}


def sums(table: dict[str, Any]) -> dict[str, float]:
    """Checks that equal results share whatever the order of their rows: totals, and totals that link each number to its pair."""
    a, b = (np.array([int(str(v).removeprefix("person.").partition("@")[0]) for v in table[end].tolist()], dtype=float) for end in "ab")
    mark = 1.0 + (a * 25_013 + b) % 9_973
    found = {"pairs": float(len(a)), "marks": float(mark.sum())}
    for name in ("interactions", "a_to_b", "b_to_a", "frequency", "weeks", "channels", "first", "last"):
        values = np.asarray(table[name], dtype=float) / (1e15 if name in ("first", "last") else 1.0)
        found |= {name: float(values.sum()), f"{name} by pair": float((values * mark).sum())}
    return found


def one(name: str, path: Path, kind: str) -> None:
    """Run one contender in this process."""
    run_alone(CONTENDERS[name](path, kind), sums)


def measured(names: list[str], path: Path, kind: str, repeat: int) -> dict[str, dict[str, float]]:
    """Medians of each contender, in turns."""
    commands = {name: [sys.executable, __file__, "--one", name, "--log", str(path), "--ids", kind] for name in names}
    return apart_in_turns(commands, repeat, path.name)


def main() -> None:
    """Print a Markdown table."""
    parser = log_options(__doc__, 1_000_000, CONTENDERS)
    parser.add_argument("--one", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--log", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        one(given.one, given.log, given.ids[0])
        return
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    lines = [f"{os.cpu_count()} cores, Python {platform.python_version()}, {libraries}; median of {given.repeat}.", ""]
    lines += ["| rows | ids | contender | wall s | own s | peak GB | wall / tienet | own / tienet |", "|--:|---|---|--:|--:|--:|--:|--:|"]
    for rows in given.rows:
        for kind in given.ids:
            path = given.folder / f"log_{rows}_{kind}.parquet"
            if not path.exists():
                alone(firm_logs.write_log, path, rows, kind)
            names = [name for name in given.only if rows <= SLOW.get(name, rows)]
            found = measured(names, path, kind, given.repeat)
            ours = found.get("tienet", next(iter(found.values())))
            for name, took in found.items():
                wall, own = took["wall"] / ours["wall"], took["own"] / ours["own"]
                numbers = f"{took['wall']:.2f} | {took['own']:.2f} | {took['peak']:.2f} | {wall:.2f} | {own:.2f}"
                lines.append(f"| {rows:,} | {kind} | {name} | {numbers} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
