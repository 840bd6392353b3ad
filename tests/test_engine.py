"""Building ties in each engine: what it uses, and the settings that it must not change."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest

import tienet as tn
from tienet.base.errors import DataError
from tienet.network.reading.engine import encoded

PEOPLE = {"person": ["ann", "bob", "cat"], "function": ["Sales", "Ops", "Ops"]}
ROWS = (
    "(values ('ann', 'bob', timestamp '2025-01-01 10:00'), ('bob', 'ann', timestamp '2025-01-03'), ('ann', 'cat', timestamp '2025-01-05'))"
)
RULE = tn.TieRule(min_interactions=1)


def ties_of(relation) -> list[tuple]:
    frame = tn.build_ties(tn.read_log(relation), tn.read_people(PEOPLE), rule=RULE).frame
    return list(frame[["a", "b", "interactions"]].itertuples(index=False, name=None))


WANTED = [("ann", "bob", 2.0), ("ann", "cat", 1.0)]


def state(connection) -> list:
    asked = (
        "select name, value from duckdb_settings()",
        "select schema_name, view_name, temporary from duckdb_views() where not internal",
        "select schema_name, table_name from duckdb_tables()",
        "select count(*) from duckdb_functions()",
    )
    return [sorted(connection.execute(question).fetchall()) for question in asked]


def test_a_users_connection_keeps_its_tables_views_and_settings(tmp_path):
    with duckdb.connect(tmp_path / "firm.db") as connection:
        connection.execute(f"create table log as select * from {ROWS} t(source, target, time)")
        connection.execute("create table listed as select 'ann' as id, 1 as code; create table log_rows as select 42 as answer")
        connection.execute("create view scan as select 1 as x; set threads = 2; set TimeZone = 'Asia/Tokyo'")
        before = state(connection)
        assert ties_of(connection.table("log")) == WANTED
        assert state(connection) == before
        assert connection.sql("select * from log_rows").fetchall() == [(42,)]
        connection.execute("set python_enable_replacements = false")
        assert ties_of(connection.sql("select * from log")) == WANTED
    with duckdb.connect(tmp_path / "firm.db", read_only=True) as connection:
        assert ties_of(connection.table("log")) == WANTED
    with duckdb.connect() as connection:
        connection.execute(f"attach '{tmp_path / 'firm.db'}' as firm (read_only)")
        assert ties_of(connection.sql("select * from firm.log")) == WANTED


@pytest.mark.parametrize("ids", [["ann", "b'ob", "\x01", "\x02 \x00", 'c"at', "é"], ["1", "2", "-3", str(10**18 - 1), "007", "x"]])
def test_ids_of_every_kind_are_found_on_a_users_connection(ids):
    import narwhals.stable.v2 as nw

    whole = ids[0] == "1"
    with duckdb.connect() as connection:
        connection.execute(f"create table held (source {'bigint' if whole else 'varchar'}, target {'bigint' if whole else 'varchar'})")
        held = [int(text) if whole else text for text in ids[:4]]
        connection.executemany("insert into held values (?, ?)", [[one, held[0]] for one in held])
        codes = np.arange(len(ids)) + 3_000_000_000  # more than 32 bits hold
        rows = encoded(nw.from_native(connection.table("held")), np.array(ids, dtype=object), codes).to_native()
        assert sorted(rows.select("source_code, target_code").fetchall()) == [(codes[at], codes[0]) for at in range(4)]
        nobody = encoded(nw.from_native(connection.table("held")), np.array(["x"], dtype=object), np.array([0])).to_native()
        assert rows.columns == nobody.columns
        if whole:
            assert nobody.select("source_code").distinct().fetchall() == [(-1,)]


def test_a_closed_connection_is_said_in_one_line():
    connection = duckdb.connect()
    log = tn.read_log(connection.sql(f"select * from {ROWS} t(source, target, time)"))
    connection.close()
    with pytest.raises(DataError, match=r"the log: Connection Error: .*closed"):
        tn.build_ties(log, tn.read_people(PEOPLE), rule=RULE)


def test_settings_of_ours_stay_with_us(tmp_path):
    (tmp_path / "log.csv").write_text("source,target\nann,bob\n", encoding="utf-8")
    with duckdb.connect() as connection:
        before = state(connection)
        log = tn.read_log(tmp_path / "log.csv")
        assert state(connection) == before
        assert log.job.connection.sql("select current_setting('allocator_background_threads')").fetchall() == [(True,)]
        with duckdb.connect() as another:
            assert state(another) == before


def test_a_setting_that_an_engine_does_not_know_stops_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tienet.network.reading.files.connections.GIVE_BACK", ("no_such_setting = true",))
    (tmp_path / "log.csv").write_text("source,target\nann,bob\n", encoding="utf-8")
    assert tn.read_log(tmp_path / "log.csv").ledger.used == 1
