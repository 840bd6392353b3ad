"""What nobody reads is not computed: contacts of ties are found in the log when they are first read, and say so if it changed."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

import tienet as tn
from tienet.base.errors import DataError
from tienet.network.measures.network import held_last
from tienet.network.privacy import merge_small
from tienet.network.reading import engine
from tienet.network.ties import contacts, pairs

COUNTS = tn.TieRule(min_interactions=2, half_life=None)
ROWS = {
    "time": ["2025-01-01T10:00:00Z", "2025-01-02T10:00:00Z", "2025-01-20T10:00:00Z", "2025-01-03T10:00:00Z", "2025-01-28T09:00:00Z"],
    "source": ["ann", "bob", "ann", "ann", "cat"],
    "target": ["bob", "ann", "bob", "cat", "ann"],
    "channel": ["mail", "chat", "mail", "mail", "mail"],
}
PEOPLE = {"person": ["ann", "bob", "cat", "dan"], "function": ["Sales", "Marketing", "Ops", "Ops"]}


@pytest.fixture
def people() -> tn.People:
    return tn.read_people(PEOPLE)


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passes over a log that group it by pair: their columns."""
    made: list[str] = []

    def noted(rows, key, how, job=None):
        made.append(" ".join(how))
        return engine.grouped(rows, key, how, job)

    monkeypatch.setattr(pairs, "grouped", noted)
    monkeypatch.setattr(contacts, "grouped", noted)
    return made


def by_hand(ties: tn.Ties) -> None:
    """January 1 to 28 touches four weeks: ann and bob had contact in the first and third, ann and cat in the first and fourth."""
    assert ties.regularity.tolist() == [0.5, 0.5]
    assert ties.channels.tolist() == [2, 1]
    first, last = (pd.to_datetime([ROWS["time"][row] for row in rows], utc=True).as_unit("us").asi8.tolist() for rows in ([0, 3], [2, 4]))
    assert ties.first is not None
    assert ties.first.tolist() == first
    assert ties.last is not None
    assert ties.last.tolist() == last


@pytest.mark.parametrize("make", [pd.DataFrame, lambda rows: duckdb.from_df(pd.DataFrame(rows)), dict], ids=["pandas", "duckdb", "mapping"])
def test_the_numbers_found_later_are_those_counted_by_hand(people, make):
    by_hand(tn.build_ties(tn.read_log(make(ROWS)), people, rule=COUNTS))


def test_polars_and_arrow_find_the_same_later(people):
    polars, arrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    for frame in (polars.DataFrame(ROWS), arrow.table(ROWS)):
        by_hand(tn.build_ties(tn.read_log(frame), people, rule=COUNTS))
    lazy = polars.DataFrame(ROWS).with_columns(polars.col("time").str.to_datetime(time_zone="UTC")).lazy()
    by_hand(tn.build_ties(tn.read_log(lazy), people, rule=COUNTS))


def test_total_ties_and_strength_take_one_pass(people, passes):
    ties = tn.build_ties(tn.read_log(ROWS), people, rule=COUNTS)
    tn.measure_egos(ties, of="sales")
    tn.function_matrix(ties)
    held_last(merge_small(ties, floor=2))
    assert str(ties)
    assert len(passes) == 1
    assert "first" not in passes[0]
    assert "weeks" not in passes[0]
    assert "channels" not in passes[0]


def test_a_frame_takes_one_more_pass_for_all_columns_together(people, passes):
    ties = tn.build_ties(tn.read_log(ROWS), people, rule=COUNTS)
    _ = ties.frame, ties.frame, ties.regularity, ties.first
    assert len(passes) == 2


def test_weeks_that_a_rule_counts_come_with_the_ties(people, passes):
    ties = tn.build_ties(tn.read_log(ROWS), people, rule=replace(COUNTS, min_weeks=2))
    by_hand(ties)
    assert len(passes) == 1


def test_rules_that_group_alike_share_the_later_pass(people, passes):
    from tienet.network.ties.build import ties_under

    made = ties_under(tn.read_log(ROWS), people, [replace(COUNTS, half_life=half_life) for half_life in (None, "30d", "90d")])
    for ties in made:
        by_hand(ties)
    assert len(passes) == 2


def test_of_rules_with_one_half_life_the_one_that_counts_weeks_is_heard(people):
    from tienet.network.ties.build import ties_under

    both = ties_under(tn.read_log(ROWS), people, [replace(COUNTS, min_weeks=3), COUNTS])
    assert [len(ties) for ties in both] == [0, 2]


def test_a_copy_that_is_pickled_needs_no_log(people, tmp_path: Path):
    path = tmp_path / "log.csv"
    pd.DataFrame(ROWS).to_csv(path, index=False)
    ties = tn.build_ties(tn.read_log(path), people, rule=COUNTS)
    copy = pickle.loads(pickle.dumps(ties))  # noqa: S301 - just written
    path.unlink()
    by_hand(copy)
    by_hand(ties)
    assert not copy.regularity.flags.writeable


def test_a_file_that_changed_since_is_said_and_the_rest_stays(people, tmp_path: Path):
    path = tmp_path / "log.csv"
    pd.DataFrame(ROWS).to_csv(path, index=False)
    ties = tn.build_ties(tn.read_log(path), people, rule=COUNTS)
    path.write_text(path.read_text() + "2025-02-01T10:00:00Z,ann,bob,mail\n")
    for _ in range(2):
        with pytest.raises(DataError, match=r"'log\.csv' has changed since it was first read"):
            _ = ties.frame
    assert ties.interactions.tolist() == [3, 2]


@pytest.mark.parametrize("change", ["insert into log select * from log", "delete from log where target = 'cat'", "delete from log"])
def test_a_table_that_changed_since_is_said(people, change):
    connection = duckdb.connect()
    rows = pd.DataFrame(ROWS)
    connection.execute("create table log as select * from rows")
    ties = tn.build_ties(tn.read_log(connection.table("log")), people, rule=COUNTS)
    connection.execute(change)
    with pytest.raises(DataError, match="has changed since the ties were built"):
        _ = ties.first
    assert len(rows) == 5


def test_a_log_without_times_and_channels_has_nothing_to_find_later(people, passes):
    ties = tn.build_ties(tn.read_log({name: ROWS[name] for name in ("source", "target")}), people, rule=COUNTS)
    assert np.isnan(ties.regularity).all()
    assert np.isnan(ties.channels).all()
    assert ties.first is None
    assert ties.last is None
    assert len(passes) == 1


def test_no_ties_have_no_contacts(people):
    ties = tn.build_ties(tn.read_log(ROWS), people, rule=tn.TieRule(min_interactions=9))
    assert len(ties) == len(ties.frame) == len(ties.regularity) == 0


def test_a_replaced_field_stands(people):
    ties = replace(tn.build_ties(tn.read_log(ROWS), people, rule=COUNTS), channels=np.array([7.0, 8.0]))
    assert ties.channels.tolist() == [7, 8]
    assert ties.regularity.tolist() == [0.5, 0.5]
