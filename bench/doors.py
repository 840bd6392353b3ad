"""Logs as people have them, to ties: tienet compared with hand-written Polars and DuckDB that do the same, with equal results required.

    python bench/doors.py --rows 1000000 10000000 --folder /tmp/firmlogs
    python bench/doors.py --rows 10000000 --doors lean csv --ids text --repeat 5

The logs of bench/firm_logs.py are written anew in each way of `DOORS`: times without a zone, times as text, CSV files, event ids, several
recipients in a cell. The result is one row per pair with all its numbers; at "lean" it is what total ties and tie strength of egos need,
counts and one decay. Otherwise everything is as in bench/ties.py.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import firm_logs
import numpy as np
from _measured import alone, apart_in_turns, log_options, run_alone
from ties import DAY, DUCKDB, LIBRARIES, RATE, duckdb_for, in_polars, in_tienet, sums

FILES = 200
ZONE = "Europe/Berlin"
ISO = "strftime(time, '%Y-%m-%dT%H:%M:%SZ')"
EPOCH = "epoch_us(time)"
TEXT = "epoch_us(cast(time as timestamptz))"


@dataclass(frozen=True)
class Door:
    """A way in which a log may be written, and how each contender reads it.

    Parameters
    ----------
    ending
        The end of the file's name; empty for a folder of files.
    written
        The SQL that makes its rows from those of `firm_logs`.
    time
        SQL: microseconds from its time.
    polars
        From the scan to the columns of `firm_logs`, times in microseconds.
    rows
        SQL: the rows from the scan {log}.
    options
        The keywords of `read_log`.
    """

    ending: str
    written: str
    time: str = EPOCH
    polars: Callable[[Any], Any] = lambda log: log.with_columns(time=_us(log))
    rows: str = "{log}"
    options: Mapping[str, Any] = field(default_factory=dict)


def _us(_: Any) -> Any:
    import polars as pl

    return pl.col("time").dt.timestamp("us")


def _berlin(log: Any) -> Any:
    import polars as pl

    return log.with_columns(time=pl.col("time").dt.replace_time_zone(ZONE, ambiguous="latest").dt.timestamp("us"))


def _text(log: Any) -> Any:
    import polars as pl

    return log.with_columns(time=pl.col("time").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us").dt.timestamp("us"))


def _events(log: Any) -> Any:
    return _us_of(log).unique(["event", "time", "source", "target"])


def _us_of(log: Any) -> Any:
    return log.with_columns(time=_us(log))


def _cells(log: Any) -> Any:
    import polars as pl

    people = _us_of(log).with_columns(target=pl.col("target").str.split(";").list.unique())
    sized = people.with_columns(size=1 + pl.col("target").list.set_difference(pl.concat_list("source")).list.len())
    return sized.explode("target")


_ALL = "select * from '{path}'"
DOORS = {
    "lean": Door("parquet", _ALL),
    "zoned": Door("parquet", _ALL),
    "naive, UTC": Door("parquet", "select * replace (time at time zone 'UTC' as time) from '{path}'"),
    "naive, Berlin": Door(
        "parquet",
        f"select * replace (time at time zone '{ZONE}' as time) from '{{path}}'",
        f"epoch_us(time at time zone '{ZONE}')",
        _berlin,
        options={"timezone": ZONE},
    ),
    "ISO text": Door("parquet", f"select * replace ({ISO} as time) from '{{path}}'", TEXT, _text),
    "CSV": Door("csv", f"select * replace ({ISO} as time) from '{{path}}'", TEXT, _text),
    "CSV, gzip": Door("csv.gz", f"select * replace ({ISO} as time) from '{{path}}'", TEXT, _text),
    f"CSV, {FILES} files": Door("", f"select * replace ({ISO} as time) from '{{path}}'", TEXT, _text),
    "event ids": Door(
        "parquet",
        "with numbered as (select *, 'event ' || row_number() over () as event from '{path}') "
        "select * from numbered union all select * from numbered where source % 20 = 0 and channel = 'meeting'",
        polars=_events,
        rows="(select * from {log} qualify row_number() over (partition by event, time, source, target) = 1)",
    ),
    "cells": Door(
        "parquet",
        "with numbered as (select *, (row_number() over () - 1) // 3 as record from '{path}') select min(time) as time, "
        "any_value(source) as source, string_agg(target, ';') as target, any_value(channel) as channel from numbered group by record",
        polars=_cells,
        rows="(select time, source, channel, unnest(many) as target, 1 + len(list_filter(many, lambda one: one <> source)) as size "
        "from (select *, list_distinct(string_split(target, ';')) as many from {log}))",
        options={"separator": ";"},
    ),
}
TEXT_ONLY = ("cells",)
NUMBERS_ONLY = ("event ids",)


def write(name: str, path: Path, base: Path) -> None:
    """Write the log of a door, from the log that `firm_logs` made."""
    import duckdb as engine

    door = DOORS[name]
    connection = engine.connect()
    rows = door.written.format(path=base)
    if door.ending:
        how = (
            "format parquet" if door.ending == "parquet" else f"format csv, compression {'gzip' if door.ending.endswith('gz') else 'none'}"
        )
        connection.execute(f"copy ({rows}) to '{path}' ({how})")
        return
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    connection.execute(f"create table log as {rows}")
    count = connection.execute("select count(*) from log").fetchall()[0][0]
    for at in range(FILES):
        low, high = at * count // FILES, (at + 1) * count // FILES
        connection.execute(f"copy (select * from log where rowid >= {low} and rowid < {high}) to '{path}/part_{at:03}.csv' (format csv)")


def tienet(door: Door, path: Path, kind: str, *, lean: bool) -> Callable[[], dict[str, Any]]:
    import tienet as tn

    people = tn.read_people(firm_logs.people_of(kind))

    def run() -> dict[str, Any]:
        ties = tn.build_ties(tn.read_log(path, **door.options), people, rule=tn.TieRule(min_interactions=1))
        if not lean:
            return in_tienet(ties)
        egos = tn.measure_egos(ties, of="sales")
        return {"ties": egos.total_ties, "strength": np.nan_to_num(egos.tie_strength) * ties.window.weeks * egos.total_ties}

    return run


def polars(door: Door, path: Path, kind: str, *, lean: bool) -> Callable[[], dict[str, Any]]:
    import polars as pl

    def rows() -> Any:
        parquet = door.ending == "parquet"
        return door.polars(pl.scan_parquet(path) if parquet else pl.scan_csv(path if door.ending else path / "*.csv"))

    return (lambda: lean_in_polars(rows(), kind)) if lean else lambda: in_polars(rows(), kind)


def duckdb(door: Door, path: Path, kind: str, *, lean: bool) -> Callable[[], dict[str, Any]]:
    connection = duckdb_for(kind)
    scanned = f"'{path}'" if door.ending else f"'{path}/*.csv'"
    if kind == "text" and door.ending != "parquet":
        types = "{'time': 'varchar', 'source': 'varchar', 'target': 'varchar', 'channel': 'varchar', 'size': 'smallint'}"
        scanned = f"read_csv({scanned}, header=true, columns={types})"
    told = {"rows": door.rows.format(log=scanned), "time": door.time, "rate": RATE, "week": 7 * DAY}
    if lean:
        connection.register("functions", functions_of(kind))
    return lambda: connection.sql((LEAN if lean else DUCKDB).format(**told)).fetchnumpy()


def functions_of(kind: str) -> Any:
    import pandas as pd

    return pd.DataFrame({"person": firm_logs.ids_of(kind), "function": firm_logs.people_of(kind)["function"]})


LEAN = """
with ends as (select max({time}) as e from {rows}),
pairs as (
    select least(source, target) as a, greatest(source, target) as b, count(*) as n,
           sum(exp(({time} - e) * {rate}) / (size - 1)) as strength
    from {rows}, ends where size <= 50 and source <> target group by 1, 2),
ends_of as (select a as ego, b as alter, strength from pairs union all select b, a, strength from pairs)
select p.function, count(*) as ties, sum(strength) as strength
from ends_of join functions p on alter = p.person join functions q on ego = q.person and q.function = 'Sales'
where p.function <> 'Sales' group by ego, p.function
"""


def lean_in_polars(log: Any, kind: str) -> dict[str, Any]:
    """Total ties and strength of each ego in sales to each other function."""
    import polars as pl

    people = pl.from_pandas(functions_of(kind)).lazy()
    end = log.select(pl.col("time").max()).collect(engine="streaming").item()
    forward = pl.col("source") < pl.col("target")
    made = log.filter((pl.col("size") <= 50) & (pl.col("source") != pl.col("target"))).select(
        a=pl.when(forward).then("source").otherwise("target"),
        b=pl.when(forward).then("target").otherwise("source"),
        weighted=((pl.col("time") - end) * RATE).exp() / (pl.col("size") - 1),
    )
    pairs = made.group_by("a", "b").agg(n=pl.len(), strength=pl.col("weighted").sum()).collect(engine="streaming").lazy()
    both = pl.concat([pairs.select(ego="a", alter="b", strength="strength"), pairs.select(ego="b", alter="a", strength="strength")])
    sales = people.filter(pl.col("function") == "Sales").select(ego="person")
    others = people.filter(pl.col("function") != "Sales").rename({"person": "alter"})
    there = both.join(sales, on="ego", how="semi").join(others, on="alter")
    table = there.group_by("ego", "function").agg(ties=pl.len(), strength=pl.col("strength").sum()).collect(engine="streaming")
    return {name: table[name].to_numpy() for name in ("ties", "strength")}


CONTENDERS = {"tienet": tienet, "polars": polars, "duckdb": duckdb}


def lean_sums(table: dict[str, Any]) -> dict[str, float]:
    """Checks that equal results share whatever the order of their rows."""
    ties, strength = (np.asarray(table[name], dtype=float) for name in ("ties", "strength"))
    return {
        "ties": float(ties.sum()),
        "ties squared": float((ties**2).sum()),
        "strength": float(strength.sum()),
        "strength squared": float((strength**2).sum()),
    }


def main() -> None:
    """Print a Markdown table."""
    parser = log_options(__doc__, 1_000_000, CONTENDERS)
    parser.add_argument("--doors", nargs="+", choices=DOORS, default=list(DOORS), help="ways in which the log is written")
    parser.add_argument("--one", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--log", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        lean = given.doors[0] == "lean"
        run_alone(CONTENDERS[given.one](DOORS[given.doors[0]], given.log, given.ids[0], lean=lean), lean_sums if lean else sums)
        return
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    lines = [f"{os.cpu_count()} cores, Python {platform.python_version()}, {libraries}; median of {given.repeat}.", ""]
    lines += [
        "| rows | ids | log | contender | wall s | own s | peak GB | tienet's wall / its | tienet's own / its |",
        "|--:|---|---|---|--:|--:|--:|--:|--:|",
    ]
    for rows in given.rows:
        for kind in given.ids:
            for name in given.doors:
                if name in (NUMBERS_ONLY if kind == "text" else TEXT_ONLY):
                    continue
                found = measured(name, rows, kind, given)
                ours = found.get("tienet", next(iter(found.values())))
                for contender, took in found.items():
                    wall, own = ours["wall"] / took["wall"], ours["own"] / took["own"]
                    numbers = f"{took['wall']:.2f} | {took['own']:.2f} | {took['peak']:.2f} | {wall:.2f} | {own:.2f}"
                    lines.append(f"| {rows:,} | {kind} | {name} | {contender} | {numbers} |")
    sys.stdout.write("\n".join(lines) + "\n")


def measured(name: str, rows: int, kind: str, given: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Medians of each contender at one door; its log is written if it is not there yet."""
    door, base = DOORS[name], given.folder / f"log_{rows}_{kind}.parquet"
    path = base
    if not base.exists():
        alone(firm_logs.write_log, base, rows, kind)
    if door.written != _ALL:
        words = "".join(letter if letter.isalnum() else "_" for letter in name)
        path = given.folder / (f"log_{rows}_{kind}_{words}" + (f".{door.ending}" if door.ending else ""))
        if not path.exists():
            alone(write, name, path, base)  # the peak memory of a process counts that of the one which started it
    commands = {
        contender: [sys.executable, __file__, "--one", contender, "--log", str(path), "--ids", kind, "--doors", name]
        for contender in given.only
    }
    return apart_in_turns(commands, given.repeat, f"{rows:,} {kind} {name}")


if __name__ == "__main__":
    main()
