"""Building ties on a Spark cluster: tienet compared with hand-written Spark SQL, with equal results required.

    python bench/spark.py --rows 10000000 --folder /tmp/firmlogs

Needs pyspark and a Java 17 runtime. The cluster is the local one of tests/spark: one master and two workers with one core each. All
contenders use one session and take turns, each from the DataFrame to the pairs in this process. A first warm-up round is not counted. All
must give the same pairs (counts exactly, frequencies to 1e-9), or the benchmark stops.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import firm_logs
import numpy as np
import pandas as pd
from _measured import log_options

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "spark"))
import cluster as clusters

DAY = 86_400_000_000
RATE = float(np.log(2.0)) / (90 * DAY)
LIBRARIES = ("pyspark", "narwhals", "numpy", "pandas", "pyarrow")
COUNTS = ("interactions", "a_to_b", "b_to_a", "weeks", "channels", "first", "last")

SQL = """
with held as (select unix_micros(time) as t, source, target, channel, size from log),
ends as ({ends}),
kept as (
    select /*+ BROADCAST(x), BROADCAST(y), BROADCAST(ends) */
           least(source, target) as a, greatest(source, target) as b, source < target as forward, channel, t,
           exp((t - e) * {rate}) / (size - 1) as weighted, (t - s) div {week} as week
    from held cross join ends join people x on source = x.person join people y on target = y.person
    where size <= 50 and source <> target and t between s and e)
select a, b, count(*) as interactions, count(*) filter (where forward) as a_to_b, count(*) filter (where not forward) as b_to_a,
       sum(weighted) as frequency, {weeks} as weeks, {channels} as channels, min(t) as first, max(t) as last
from kept group by a, b
"""
ASKED = "select min(t) as s, max(t) as e from held"
DISTINCT = {"weeks": "count(distinct week)", "channels": "count(distinct channel)"}
SETS = {"weeks": "size(collect_set(week))", "channels": "size(collect_set(channel))"}


def tienet(log: Any, kind: str) -> Callable[[], pd.DataFrame]:
    """`read_log` and `build_ties`."""
    import tienet as tn

    people = tn.read_people(firm_logs.people_of(kind))
    rule = tn.TieRule(min_interactions=1, half_life="90d", max_size=50)

    def run() -> pd.DataFrame:
        ties = tn.build_ties(tn.read_log(log), people, rule=rule)
        numbers = {name: getattr(ties, name) for name in ("interactions", "a_to_b", "b_to_a", "channels", "first", "last")}
        made = {"frequency": ties.frequency * ties.window.weeks, "weeks": np.rint(ties.regularity * ties.window.week_count)}
        return pd.DataFrame({"a": people.person[ties.a], "b": people.person[ties.b], **numbers, **made})

    return run


def by_hand(log: Any, kind: str, *, distinct: dict[str, str] = DISTINCT, ends: str = ASKED) -> Callable[[], pd.DataFrame]:
    """Spark SQL, with the result collected as pandas through Arrow."""
    session = log.sparkSession
    log.createOrReplaceTempView("log")
    session.createDataFrame(pd.DataFrame({"person": firm_logs.ids_of(kind)})).createOrReplaceTempView("people")
    query = SQL.format(ends=ends, rate=f"{RATE!r}D", week=7 * DAY, **distinct)
    return lambda: session.sql(query).toPandas()


def ends_known(log: Any, kind: str) -> Callable[[], pd.DataFrame]:
    """With sets, and with the first and last moment written into the query, so that one pass is enough."""
    first, last = log.selectExpr("min(unix_micros(time))", "max(unix_micros(time))").first()
    return by_hand(log, kind, distinct=SETS, ends=f"select {first}L as s, {last}L as e")


CONTENDERS = {
    "tienet": tienet,
    "Spark SQL, count(distinct)": by_hand,
    "Spark SQL, collect_set": lambda log, kind: by_hand(log, kind, distinct=SETS),
    "Spark SQL, collect_set, ends known": ends_known,
}


def ordered(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The table with people as numbers, in a fixed order."""
    people = pd.Index(firm_logs.ids_of(kind))
    places = {end: people.get_indexer(table[end].astype(people.dtype)) for end in "ab"}
    return table.assign(**places).sort_values(["a", "b"], ignore_index=True)


def differing(found: pd.DataFrame, wanted: pd.DataFrame) -> list[str]:
    """The columns in which two tables differ."""
    if len(found) != len(wanted):
        return ["pairs"]
    wrong = [name for name in ("a", "b", *COUNTS) if not np.array_equal(found[name].astype(np.int64), wanted[name].astype(np.int64))]
    return wrong + ([] if np.allclose(found["frequency"], wanted["frequency"], rtol=1e-9, atol=0) else ["frequency"])


def own_time(pids: list[int]) -> float:
    """CPU seconds of this process and others (user and system); NaN where /proc is not available."""
    if not Path("/proc/self/stat").exists():
        return float("nan")
    spent = [Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13] for pid in pids]
    return time.process_time() + sum(int(ticks) for pair in spent for ticks in pair) / os.sysconf("SC_CLK_TCK")


def measured(runs: dict[str, Callable[[], pd.DataFrame]], kind: str, repeat: int, pids: list[int]) -> dict[str, tuple[float, float]]:
    """Medians of each contender's wall and own time, in turns; stops where two of them disagree."""
    held: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    reference = None
    for turn in range(repeat + 1):
        for name in list(runs) if turn % 2 == 0 else list(runs)[::-1]:
            wall, own = time.perf_counter(), own_time(pids)
            table = runs[name]()
            wall, own = time.perf_counter() - wall, own_time(pids) - own
            found = ordered(table, kind)
            reference = found if reference is None else reference
            if wrong := differing(found, reference):
                raise SystemExit(f"{name} disagrees with {kind} ids: {', '.join(wrong)}")
            if turn:
                held[name].append((wall, own))
            sys.stderr.write(f"{kind} {name}: {wall:.2f} s, {own:.2f} s own, {len(found):,} pairs{'' if turn else ', not counted'}\n")
    return {name: (median(wall for wall, _ in times), median(own for _, own in times)) for name, times in held.items()}


def main() -> None:
    """Print a Markdown table."""
    given = log_options(__doc__, 10_000_000, CONTENDERS).parse_args()
    if clusters.java() is None:
        raise SystemExit("no Java on this machine: a Java 17 runtime is needed to run a Spark cluster")
    warnings.simplefilter("ignore")  # what pyspark says about versions of pandas
    with clusters.running("2500m") as up:
        settings = {"spark.sql.shuffle.partitions": "4", "spark.sql.execution.arrow.pyspark.enabled": "true"}
        session = clusters.session(up, memory="2g", options="-XX:-UsePerfData", settings=settings)
        try:
            sys.stdout.write("\n".join(table_of(session, up, given)) + "\n")
        finally:
            session.stop()


def table_of(session: Any, up: clusters.Cluster, given: argparse.Namespace) -> list[str]:
    """The rows of the table, with the versions and the machine's load above it."""
    numbers, before = [], os.getloadavg()[0]
    for rows in given.rows:
        for kind in given.ids:
            path = given.folder / f"log_{rows}_{kind}.parquet"
            if not path.exists():
                firm_logs.write_log(path, rows, kind)
            log = session.read.parquet(str(path.resolve()))
            runs = {name: CONTENDERS[name](log, kind) for name in given.only}
            log.count()  # the executors are up from here on
            found = measured(runs, kind, given.repeat, [*up.executors(), session.sparkContext._gateway.proc.pid])
            ours = found.get("tienet", next(iter(found.values())))
            for name, (wall, own) in found.items():
                shares = f"{ours[0] / wall:.2f} | {ours[1] / own:.2f}"
                numbers.append(f"| {rows:,} | {kind} | {name} | {wall:.2f} | {own:.2f} | {shares} |")
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    java = session.sparkContext._jvm.System.getProperty("java.version")
    load = f"load {before:.1f} before and {os.getloadavg()[0]:.1f} after"
    machine = f"{os.cpu_count()} cores, {load}, Python {platform.python_version()}, Java {java}, {libraries}; median of {given.repeat}."
    header = ["| rows | ids | contender | wall s | own s | tienet's wall / its | tienet's own / its |", "|--:|---|---|--:|--:|--:|--:|"]
    return [machine, "", *header, *numbers]


if __name__ == "__main__":
    main()
