"""Logs that are held once read: the same numbers as when they are streamed, in the same lines, and cells split as one by one."""

from __future__ import annotations

import re

import duckdb
import polars as pl
import pytest

import tienet as tn
from frames import to_rows
from tienet.base.errors import DataError, RowsRejected
from tienet.network.reading import holding
from tienet.network.reading.cells.identity import ALL_BLANKS, normal_ids
from tienet.network.reading.cells.people_cells import people_sql

PEOPLE = {"person": ["ann", "bob", "cyn", "dan"], "function": ["Sales", "Marketing", "Marketing", "Finance"]}
RULE = tn.TieRule(min_interactions=1, half_life=None)
CELLS = (
    "ann",
    "ann;bob",
    " ann ; bob;;ann ",
    ";",
    "",
    "   ",
    "ann;\u00a0bob\u200b",
    "a\tb;\tbob",
    'x;"Doe; Ann" <ANN@x.example>;bob',
    "Doe  Ann;bob",
    "Ann (Sales) ann@x.example;mailto:Bob@x.example",
    "Åsa;ASA@X.example",
    "[bob];<bob>;bob'",
    "a\\b^c;~d|e",
    "\x7fann;bob\x7f",
    None,
)


def one_by_one(cell: str | None, how: str) -> list[str]:
    """The people of a cell without SQL for cells: parts outside quotes, each trimmed and compared alone."""
    if cell is None:
        return []
    parts = re.findall(r'(?:"[^"]*"|[^;])+', cell)
    compared = normal_ids(pl.Series([part.strip(ALL_BLANKS) for part in parts], dtype=pl.String).to_numpy(), how)
    return [one for one in compared.tolist() if one is not None]


@pytest.mark.parametrize("how", ["exact", "trim", "address"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_split_as_if_each_id_were_looked_at_alone(cell, how):
    with duckdb.connect() as connection:
        relation = connection.sql("select $1::varchar as people", params=[cell])
        found = relation.select(people_sql(relation, ["people"], ";", how, where="the log")).fetchall()[0][0]
    assert found == one_by_one(cell, how)


def test_lists_are_read_as_cells_are():
    with duckdb.connect() as connection:
        relation = connection.sql("select [' Ann@x.example', '<bob@x.example>', '', null, 'cyn'] as people")
        found = relation.select(people_sql(relation, ["people"], None, "address", where="the log")).fetchall()[0][0]
    assert found == ["ann@x.example", "bob@x.example", "cyn"]


def csv_log(folder):
    path = folder / "log.csv"
    path.write_text(
        "time,source,target,channel\n2025-01-01,ann,bob,mail\n2025-01-02,,bob,mail\n2025-01-03,bob,ann,chat\nsoon,ann,cyn,mail\n"
        "2025-01-05,dan,dan,mail\n2025-01-06,cyn,dan,mail\n",
        encoding="utf-8",
    )
    return path, {}


def cells_log(folder):
    path = folder / "mails.parquet"
    pl.DataFrame(
        {
            "time": ["2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04"],
            "source": ["ann", "bob", None, "cyn"],
            "target": ["bob;cyn", "ann; bob;ann", "ann", "cyn"],
        }
    ).write_parquet(path)
    return path, {"separator": ";"}


def text_times_log(folder):
    path = folder / "texts.parquet"
    times = ["2025-01-01", "2025-01-02T10:00:00Z", "2025-01-03 11:00", "soon"]
    pl.DataFrame({"time": times, "source": ["ann", "bob", "bob", "ann"], "target": ["bob", "ann", "cyn", "dan"]}).write_parquet(path)
    return path, {}


def people_log(folder):
    path = folder / "meetings.csv"
    path.write_text("meeting,who\nm1,ann\nm1,bob\nm1,cyn\nm2,dan\nm3,ann\nm3,dan\n", encoding="utf-8")
    return path, {"columns": {"event": "meeting", "source": "who"}}


def events_log(folder):
    path = folder / "series.csv"
    path.write_text("event,time,source,target\n" + "e1,2025-01-01,ann,bob\n" * 3 + "e1,2025-01-08,ann,bob\n,2025-01-01,cyn,dan\n" * 2)
    return path, {}


@pytest.mark.sweep
@pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
@pytest.mark.parametrize("log", [csv_log, cells_log, text_times_log, people_log, events_log])
def test_held_and_streamed_logs_are_the_same(log, tmp_path, monkeypatch):
    path, options = log(tmp_path)
    held = tn.read_log(path, **options)
    limited = tn.read_log(path, memory_limit="500MB", **options)
    monkeypatch.setattr(holding, "MOST_HELD", 1)
    streamed = tn.read_log(path, **options)
    for other in (limited, streamed):
        assert str(other) == str(held)
        assert other.rejects == held.rejects
        assert sorted(map(str, to_rows(other.frame))) == sorted(map(str, to_rows(held.frame)))
        people = tn.read_people(PEOPLE)
        assert to_rows(tn.build_ties(other, people, rule=RULE).frame) == to_rows(tn.build_ties(held, people, rule=RULE).frame)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
def test_rejected_lines_of_a_held_log_are_those_of_the_file(tmp_path):
    path, _ = csv_log(tmp_path)
    log = tn.read_log(path)
    assert [(one.line, one.code) for one in log.rejects] == [(3, "missing_source"), (5, "bad_time")]
    assert dict(log.ledger.counts) == {"used": 3, "missing_source": 1, "bad_time": 1, "self_loop": 1}
    assert (log.ledger.rows_in, log.ledger.used) == (6, 3)


def test_where_memory_is_short_a_log_is_streamed(tmp_path, monkeypatch):
    path, _ = csv_log(tmp_path)
    asked = []

    def full(self, name):
        asked.append(name)
        raise duckdb.OutOfMemoryException("no room")

    expected = sorted(map(str, to_rows(quiet(path).frame)))
    monkeypatch.setattr(duckdb.DuckDBPyRelation, "create", full)
    assert sorted(map(str, to_rows(quiet(path).frame))) == expected
    assert asked == ["rows_read"]


def quiet(path):
    with pytest.warns(RowsRejected):
        return tn.read_log(path)


def test_a_held_log_still_notices_that_its_file_changed(tmp_path):
    path, _ = csv_log(tmp_path)
    log = quiet(path)
    path.write_text("time,source,target\n2025-01-01,ann,bob\n", encoding="utf-8")
    with pytest.raises(DataError, match="has changed since it was first read"):
        tn.build_ties(log, tn.read_people(PEOPLE), rule=RULE)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_where_only_one_parts_the_header_or_several_do(mark, tmp_path):
    for at, note in enumerate(("plain", "a,b|c;d")):
        path = tmp_path / f"{at}.csv"
        header = mark.join(["source", "target", f'"{note}"'])
        path.write_text(header + "\n" + mark.join(["ann", "bob", '"x, y; z"']) + "\n", encoding="utf-8")
        log = tn.read_log(path)
        assert [(row["source"], row["target"]) for row in to_rows(log.frame)] == [("ann", "bob")]
