"""Building ties on a real Spark cluster, compared with a file."""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlparse

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import tienet as tn
from frames import as_kind, same, to_rows
from hard_cases import CASES, RULES, assert_same, everything, hard_log
from tienet.base.errors import DataError, RowsRejected

pytestmark = pytest.mark.filterwarnings(
    "default::FutureWarning", "default::DeprecationWarning", "default::ResourceWarning", "ignore::tienet.base.errors.RowsUnmatched"
)


@pytest.mark.parametrize(("rule", "options"), CASES, ids=lambda given: given if isinstance(given, str) else "-".join(given) or "text")
def test_the_cluster_gives_what_the_file_gives(as_spark, tmp_path, rule, options):
    log = hard_log(**options)
    how = {"rule": RULES[rule], "whole_ids": options.get("whole_ids", False), "timezone": "Europe/Berlin"}
    assert_same(everything(as_spark(log), **how), everything(as_kind("parquet", log, tmp_path), **how))


def test_people_may_live_there_too_and_results_come_back_as_pandas(as_spark):
    log = {"source": ["ann", "bob"], "target": ["bob", "ann"], "size": [None, 14.0]}
    people = as_spark({"person": ["ann", "bob"], "function": ["Sales", "Ops"]})
    read = tn.read_log(as_spark(log))
    ties = tn.build_ties(read, tn.read_people(people), rule=tn.TieRule(min_interactions=1, half_life=None))
    assert isinstance(ties.frame, pd.DataFrame)
    assert isinstance(read.frame, pd.DataFrame)
    assert ties.frame["interactions"].tolist() == [2.0]
    assert tn.measure_egos(ties, of="sales", strength="interactions").frame["total_ties_ops"].tolist() == [1]


def test_a_thirteenth_is_no_decimal(as_spark):
    moments = [datetime(2025, 1, 6), datetime(2025, 1, 13) - timedelta(microseconds=1)]
    log = {"source": ["ann"] * 2, "target": ["bob"] * 2, "time": moments, "size": [14, 14], "weight": [2, 3]}
    people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Ops"]})
    rule = tn.TieRule(min_interactions=1, half_life=None)
    assert tn.build_ties(tn.read_log(as_spark(log)), people, rule=rule).frequency[0] == pytest.approx(5 / 13, rel=1e-15)


CLOCK = [datetime(2025, 10, 26, 2, 30), datetime(2025, 3, 30, 2, 30), datetime(2025, 3, 9, 2, 30), datetime(1801, 2, 3, 4, 5, 6, 7), None]


def moments_of(frame, **options) -> list:
    with pytest.warns(RowsRejected):
        log = tn.read_log(frame, **options)
    assert log.ledger.counts["missing_time"] == 1
    return sorted(log.frame["time"].tolist())


@pytest.mark.parametrize("timezone", ["UTC", "Europe/Berlin", "Asia/Kolkata"])
@pytest.mark.parametrize("kind", ["clock", "moment", "text", "date"])
def test_times_do_not_depend_on_the_session(as_spark, tmp_path, kind, timezone):
    times = {
        "clock": pa.array(CLOCK, pa.timestamp("us")),
        "moment": pa.array([moment and moment.replace(tzinfo=UTC) for moment in CLOCK], pa.timestamp("us", "UTC")),
        "text": ["2025-10-26T02:30:00", "2025-03-30 02:30:00.5", "2025-03-09T02:30:00-05:00", "2025-03-09 02:30:00Z", " "],
        "date": [date(2025, 10, 26), date(2025, 3, 30), date(2025, 3, 9), date(1801, 2, 3), None],
    }[kind]
    table = pa.table({"source": ["a"] * 5, "target": ["b"] * 5, "time": times})
    found = moments_of(as_spark(table), timezone=timezone)
    assert found == moments_of(as_kind("parquet", {name: table[name] for name in table.column_names}, tmp_path), timezone=timezone)


def test_what_is_no_time_or_number_is_counted_as_in_a_file(as_spark, tmp_path):
    log = {
        "source": list("aaaaaaaa"),
        "target": list("bbbbbbbb"),
        "time": ["2025-01-01", "2025-13-01", "epoch", "0001-01-01", "12:30", "2025", None, "9999-12-31"],
        "weight": ["1", "2", "3", "4", "5", "6", "7", "8"],
    }
    numbers = {**log, "time": ["2025-01-01"] * 8, "weight": ["1", "2.5", "1d", "NaN", "", "inf", "-2", "x"]}
    for columns in (log, numbers):
        with pytest.warns(RowsRejected):
            found, wanted = (tn.read_log(frame).ledger.counts for frame in (as_spark(columns), as_kind("parquet", columns, tmp_path)))
        assert found == wanted
    floats = {**log, "time": [date(2025, 1, 1)] * 8, "weight": [1.0, 2.0, float("nan"), None, float("inf"), -1.0, 0.0, 3.0]}
    with pytest.warns(RowsRejected):
        assert tn.read_log(as_spark(floats)).ledger.counts == {"used": 3, "bad_weight": 4, "zero_weight": 1}


@pytest.mark.parametrize("values", [[1.5e9, 1.7e9, None], [1_500_000_000, 1_700_000_000, None], ["1500000000", "1.7e9", ""]])
def test_seconds_since_1970(as_spark, values):
    log = {"source": list("aaa"), "target": list("bbb"), "time": values}
    with pytest.warns(RowsRejected):
        read = tn.read_log(as_spark(log), time_format="epoch")
    assert (read.first, read.last) == (1_500_000_000_000_000, 1_700_000_000_000_000)
    with pytest.raises(DataError, match="set time_format"):
        tn.read_log(as_spark({**log, "time": [1, 2, 3]}))


def test_fractions_of_a_second_are_rounded_to_a_microsecond(as_spark):
    log = {"source": ["a"] * 3, "target": ["b"] * 3, "time": [1_600_000_000.123_457, 1_700_000_000.9, 1_600_007_938.861_796]}
    read = tn.read_log(as_spark(log), time_format="epoch")
    assert sorted(read.frame["time"].astype("int64").tolist())[1] == 1_600_007_938_861_796


def test_columns_are_found_by_their_exact_names(as_spark, spark):
    frame = as_spark({"a": ["x", "y"], "b": ["y", "z"], "c": ["q", "q"]})
    log = tn.read_log(frame.toDF("my.source", "Target", "target"), columns={"source": "my.source", "target": "Target"})
    assert sorted(log.frame["target"].tolist()) == ["y", "z"]
    with pytest.raises(DataError, match="two columns have the same name"):
        tn.read_log(frame.toDF("source", "target", "target"))
    with pytest.raises(DataError, match=r"no column 'source'.*did you mean 'Source'"):
        tn.read_log(frame.toDF("Source", "target", "x"))
    with pytest.raises(DataError, match="floating-point numbers where ids"):
        tn.read_log(as_spark({"source": [1.0, 2.0], "target": ["a", "b"]}))
    with pytest.raises(DataError, match="floating-point numbers where ids"):
        tn.read_log(as_spark({"source": [Decimal("1.0"), Decimal("2.0")], "target": ["a", "b"]}))
    whole = {"source": [Decimal(7), Decimal(-8)], "target": ["a", "b"]}
    assert sorted(tn.read_log(as_spark(whole)).frame["source"].tolist()) == ["-8", "7"]


def test_weeks_and_days_end_where_they_end():
    """A float quotient rounds up just below a whole number; the remainder taken off first, it cannot."""
    week, count = 7 * 86_400_000_000, 20_000
    elapsed = count * week - 1
    assert np.floor(elapsed / week) == count
    assert (elapsed - elapsed % week) / week == count - 1


def big(rows: int) -> str:
    """SQL for a log that Spark and DuckDB both make up row by row."""
    ends = "cast(id % 211 as bigint) as source, cast(300 + (id * 7) % 199 as bigint) as target"
    return f"select {ends}, cast(id % 5 + 2 as double) as size from {rows}"


ROSTER = {"person": [str(k) for k in [*range(211), *range(300, 499)]], "function": ["Sales"] * 211 + ["Ops"] * 199}
RULE = tn.TieRule(min_interactions=2, half_life=None)


def ties_of(log) -> tn.Ties:
    return tn.build_ties(tn.read_log(log), tn.read_people(ROSTER), rule=RULE)


def test_only_pairs_leave_the_cluster(spark, monkeypatch):
    from pyspark.sql.classic.dataframe import DataFrame

    taken, to_arrow = [], DataFrame.toArrow

    def counted(self):
        table = to_arrow(self)
        taken.append(len(table))
        return table

    monkeypatch.setattr(DataFrame, "toArrow", counted)
    for name in ("collect", "toPandas", "toLocalIterator", "head", "take"):
        monkeypatch.setattr(DataFrame, name, lambda self, *_, **__: pytest.fail("rows were taken by another way"))
    log = tn.read_log(spark.sql(big("range(100000)")))
    ties = tn.build_ties(log, tn.read_people(ROSTER), rule=RULE)
    assert len(taken) == 2  # the census, and the pairs
    assert taken[0] == 1
    assert len(ties) <= taken[1] <= 211 * 199


def test_the_list_of_people_travels_to_the_rows(spark, capsys):
    from tienet.network.reading.engine import encoded

    log = tn.read_log(spark.sql(big("range(1000)")))
    encoded(log.rows, np.array(["1", "300"], dtype=object), np.arange(2)).to_native().explain()
    plan = capsys.readouterr().out
    assert plan.count("BroadcastHashJoin") == 2
    assert "SortMergeJoin" not in plan


# Faults, the last ones for good


def test_a_killed_executor_changes_no_number(spark, cluster):
    frame = spark.sql(big("range(0, 3000000, 1, 24)"))
    made: list[tn.Ties] = []
    log, people = tn.read_log(frame), tn.read_people(ROSTER)
    work = threading.Thread(target=lambda: made.append(tn.build_ties(log, people, rule=RULE)))
    work.start()
    tracker = spark.sparkContext.statusTracker()
    until = time.monotonic() + 60
    while not any(
        stage and stage.numActiveTasks and stage.numTasks > 20 for stage in map(tracker.getStageInfo, tracker.getActiveStageIds())
    ):
        assert time.monotonic() < until
        time.sleep(0.02)
    os.kill(cluster.executors()[0], signal.SIGKILL)
    assert work.is_alive()
    work.join(120)
    assert any("code 137" in cluster.log(f"worker{at}") or "exitStatus 137" in cluster.log(f"worker{at}") for at in range(2))
    with duckdb.connect() as connection:
        wanted = ties_of(connection.sql(big("range(3000000) as made(id)")))
        assert same(to_rows(made[0].frame), to_rows(wanted.frame))
    assert made[0].interactions.sum() == 3_000_000


def one_line(problem: DataError, *words: str) -> None:
    text = str(problem)
    assert "\n" not in text
    assert len(text) < 500
    assert "\tat " not in text
    assert text.startswith("Spark failed: ")
    for word in words:
        assert word in text


def test_what_stops_a_job_is_said_in_one_line(spark, as_spark):
    broken = as_spark({"source": ["ann@firm"] * 2, "target": ["bob@firm"] * 2}).selectExpr(
        "cast(source as bigint) as source", "1L as target"
    )
    with pytest.raises(DataError) as caught:
        tn.read_log(broken)
    one_line(caught.value, "CAST_INVALID_INPUT")
    assert "ann@firm" not in str(caught.value)


def test_files_that_went_away_are_said_in_one_line(as_spark, cluster):
    frame = as_spark({"source": ["ann"] * 2, "target": ["bob"] * 2})
    for path in frame.inputFiles():
        Path(urlparse(path).path).unlink()
    with pytest.raises(DataError) as caught:
        tn.read_log(frame)
    one_line(caught.value)


def test_the_master_gone_what_runs_goes_on_and_what_is_stopped_says_so(spark, cluster):
    frame = spark.sql(big("range(20000)"))
    before = ties_of(frame)
    cluster.master.kill()
    cluster.master.wait(10)
    assert same(to_rows(ties_of(frame).frame), to_rows(before.frame))
    spark.stop()
    with pytest.raises(DataError) as caught:
        ties_of(frame)
    one_line(caught.value, "session was stopped")
