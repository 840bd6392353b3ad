from __future__ import annotations

import csv
import gzip
import io
import math
import tempfile
import warnings
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import FRAMES, as_kind, to_columns, to_rows
from tienet.base.errors import ArgumentError, DataError, InputNotFound, RowsRejected, TienetError
from tienet.network.reading.ledger import CODES, REASONS, Ledger

ODD_IDS = [
    "NA",
    "null",
    "None",
    "nan",
    "00123",
    "1e5",
    "true",
    " a ",
    "Ünïcode",
    'q"uote',
    "com,ma",
    "new\nline",
    "'s",
    "#x",
    "-",
    "\t",
    "1,5",
]
T0 = datetime(2025, 3, 3, 9)


def quiet_read(data, **options):
    """Read where rejected rows are the point of the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RowsRejected)
        return tn.read_log(data, **options)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


# Every kind of input


def test_every_input_gives_the_same_log_and_the_callers_kind_of_frame(make_frame):
    columns = {
        "time": [T0, T0 + timedelta(hours=1), T0 + timedelta(days=2), T0 + timedelta(days=9)],
        "source": ["ann", "bob", "ann", "cat"],
        "target": ["bob", "ann", "cat", "ann"],
        "channel": ["mail", "mail", None, "chat"],
        "size": [2, 2, None, 3],
        "duration": [None, 1.5, 2.0, 3.0],
        "weight": [1.0, 2.0, 0.5, 1.0],
    }
    log = tn.read_log(make_frame(columns))
    assert isinstance(log.frame, make_frame.given_back)
    assert isinstance(log.ledger.frame, pd.DataFrame)
    assert sorted(map(str, to_rows(log.frame))) == sorted(
        str({**row, "size": None if row["size"] is None else float(row["size"])}) for row in to_rows(pa.table(columns))
    )
    assert log.ledger.counts == {"used": 4}
    assert log.has == frozenset(columns)


def test_ids_are_taken_exactly_as_written(make_frame):
    partners = [f"p{place}" for place in range(len(ODD_IDS))]
    log = tn.read_log(make_frame({"source": ODD_IDS, "target": partners}))
    held = to_columns(log.frame)
    assert sorted(zip(held["source"], held["target"], strict=True)) == sorted(zip(ODD_IDS, partners, strict=True))


def test_whole_number_ids_are_read_as_their_digits(make_frame):
    held = to_columns(tn.read_log(make_frame({"source": [1, 20, 300], "target": [20, 300, 1]})).frame)
    assert sorted(zip(held["source"], held["target"], strict=True)) == [("1", "20"), ("20", "300"), ("300", "1")]


@pytest.mark.parametrize("kind", [*FRAMES, "parquet"])
def test_floating_point_ids_are_refused(kind, tmp_path):
    with pytest.raises(DataError, match="column 'source' holds floating-point numbers"):
        tn.read_log(as_kind(kind, {"source": [1.0, 2.0], "target": ["a", "b"]}, tmp_path))


AS_FRAMES = {
    "pyarrow": lambda table: table,
    "duckdb": duckdb.from_arrow,
    "polars": pl.from_arrow,
    "polars_lazy": lambda table: pl.from_arrow(table).lazy(),
    "pandas": lambda table: table.to_pandas(),
    "pandas_arrow": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
}
TYPES = {
    "large_string": pa.array(["é", None, "007"], pa.large_string()),
    "dictionary": pa.array(["é", None, "007"]).dictionary_encode(),
    "binary": pa.array(["é".encode(), None, b"007"]),
    "whole dictionary": pa.array([7, None, -8]).dictionary_encode(),
    "decimal": pa.array([Decimal(7), None, Decimal(-8)], pa.decimal128(20, 0)),
    "uint64": pa.array([2**63 + 5, 8, 9], pa.uint64()),  # pandas has no gaps in these
}


@pytest.mark.parametrize("kind", AS_FRAMES)
@pytest.mark.parametrize("of", TYPES)
def test_ids_of_every_type_are_the_same_text(of, kind):
    held = [value for value in TYPES[of].to_pylist() if value is not None]
    wanted = [value.decode() if isinstance(value, bytes) else str(value) for value in held]
    log = quiet_read(AS_FRAMES[kind](pa.table({"source": TYPES[of], "target": ["b"] * 3})))
    assert sorted(to_columns(log.frame)["source"]) == sorted(wanted)
    assert log.ledger.counts == ({"used": 3} if of == "uint64" else {"used": 2, "missing_source": 1})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RowsRejected)
        people = tn.read_people(AS_FRAMES[kind](pa.table({"person": TYPES[of], "function": ["Sales"] * 3})))
    assert people.person.tolist() == wanted


@pytest.mark.parametrize("kind", AS_FRAMES)
@pytest.mark.parametrize("of", ["dictionary", "decimal"])
def test_ids_with_decimals_are_refused_in_whatever_they_are_wrapped(of, kind):
    values = {"dictionary": pa.array([7.0, 8.0]).dictionary_encode(), "decimal": pa.array([Decimal("7.0"), Decimal("8.0")])}[of]
    with pytest.raises(DataError, match="column 'source' holds floating-point numbers"):
        tn.read_log(AS_FRAMES[kind](pa.table({"source": values, "target": ["b"] * 2})))
    with pytest.raises(DataError, match="column 'person' holds floating-point numbers"):
        tn.read_people(AS_FRAMES[kind](pa.table({"person": values, "function": ["Sales"] * 2})))


@pytest.mark.parametrize("kind", AS_FRAMES)
def test_numbers_of_every_type_are_the_same_numbers(kind):
    table = pa.table({"source": ["a"] * 4, "target": ["b"] * 4, "time": pa.array([1, 2, 3, 4], pa.timestamp("us"))})
    decimals = pa.array([Decimal("1.25"), None, Decimal(0), Decimal("2.5")], pa.decimal128(30, 6))
    log = quiet_read(AS_FRAMES[kind](table.append_column("weight", decimals)))
    assert log.ledger.counts == {"used": 2, "bad_weight": 1, "zero_weight": 1}
    assert to_columns(log.frame)["weight"] == [1.25, 2.5]
    gaps = AS_FRAMES[kind](table.append_column("size", pa.nulls(4)))
    assert tn.read_log(gaps).ledger.counts == {"used": 4}
    if kind != "pandas":  # where truth values with gaps are objects
        truth = AS_FRAMES[kind](table.append_column("weight", pa.array([True, False, None, True])))
        assert quiet_read(truth).ledger.counts == {"used": 2, "bad_weight": 1, "zero_weight": 1}
    with pytest.raises(DataError, match=r"4 rejected \(missing_time 4\)"):
        tn.read_log(AS_FRAMES[kind](table.set_column(2, "time", pa.nulls(4))))


@pytest.mark.parametrize("dtype", ["string", "str", "object", "category", "string[pyarrow]"])
def test_every_pandas_text_type_knows_missing_ids(dtype):
    frame = pd.DataFrame({"source": pd.Series(["a", None, "c"], dtype=dtype), "target": ["b", "b", "b"]})
    assert quiet_read(frame).ledger.counts == {"used": 2, "missing_source": 1}


def test_object_columns_may_mix_numbers_text_and_every_kind_of_missing():
    source = pd.Series([7, "x", None, np.nan, pd.NA, pd.NaT], dtype=object)
    log = quiet_read(pd.DataFrame({"source": source, "target": list("abcdef")}))
    assert log.ledger.counts == {"used": 2, "missing_source": 4}
    assert to_columns(log.frame)["source"] == ["7", "x"]


@pytest.mark.parametrize("kind", FRAMES)
def test_nan_means_missing_in_every_frame_library(kind, tmp_path):
    columns = {
        "source": ["a", "b", "c"],
        "target": ["b", "c", "a"],
        "time": [1.0, math.nan, 2.0],
        "weight": [1.0, 1.0, math.nan],
        "size": [math.nan, 2.0, 2.0],
        "duration": [math.nan, 1.0, 1.0],
    }
    log = quiet_read(as_kind(kind, columns, tmp_path), time_format="epoch")
    assert log.ledger.counts == {"used": 1, "missing_time": 1, "bad_weight": 1}


# The ledger

TIMES = {
    "2025-03-03T09:00:00": True,
    "2025-03-04": True,
    "": "missing_time",
    "soon": "bad_time",
    "2025-02-30": "bad_time",
    "0001-01-01": "bad_time",
}
WEIGHTS = {"1": 1.0, "2.5": 2.5, "0": 0.0, "": None, "-1": None, "x": None, "nan": None, "inf": None}
SIZES = {"": True, "2": True, "7": True, "1": False, "2.5": False, "many": False, "inf": False}
DURATIONS = ["", "0", "12.5", "-1", "long"]  # no rule counts by them, so none costs a row
IDS = ["", "ann", "bob", "NA", "two\nlines", 'say "hi"', "a,b"]
EVENTS = ["", "e1", "e2"]

one_row = st.tuples(
    st.sampled_from(list(TIMES)),
    st.sampled_from(IDS),
    st.sampled_from(IDS),
    st.sampled_from(list(WEIGHTS)),
    st.sampled_from(list(SIZES)),
    st.sampled_from(DURATIONS),
    st.sampled_from(EVENTS),
)
mostly_good = st.tuples(
    st.sampled_from(["2025-03-03T09:00:00", "2025-03-04"]),
    st.sampled_from(["ann", "bob"]),
    st.sampled_from(["cat", "dan"]),
    st.just("1"),
    st.just("2"),
    st.just(""),
    st.sampled_from(EVENTS),
)
NAMES = ("time", "source", "target", "weight", "size", "duration", "event")
GOOD = ("2025-03-03T09:00:00", "first", "second", "1", "2", "0", "")


def judged(row) -> str:
    """The reason code of a row by the rules as documented, in plain Python; "used" before repeats are looked for."""
    time, source, target, weight, size, _, _ = row
    if not source:
        return "missing_source"
    if not target:
        return "missing_target"
    if TIMES[time] is not True:
        return TIMES[time]
    if WEIGHTS[weight] is None:
        return "bad_weight"
    if not SIZES[size]:
        return "bad_size"
    if source == target:
        return "self_loop"
    return "zero_weight" if WEIGHTS[weight] == 0.0 else "used"


def expected_counts(rows) -> dict[str, int]:
    counts: dict[str, int] = {}
    seen = set()
    for row in rows:
        code = judged(row)
        if code == "used" and row[6]:
            code = "duplicate_event" if (row[6], row[0], row[1], row[2]) in seen else "used"
            seen.add((row[6], row[0], row[1], row[2]))
        counts[code] = counts.get(code, 0) + 1
    return counts


@given(st.lists(one_row | mostly_good, max_size=12), st.sampled_from(["pandas", "polars", "pyarrow", "duckdb"]))
def test_the_ledger_of_a_frame_closes_for_any_mixture(rows, kind):
    rows = [GOOD, *rows]
    columns = {name: list(values) for name, values in zip(NAMES, zip(*rows, strict=True), strict=True)}
    log = quiet_read(as_kind(kind, columns, Path("unused")))
    assert dict(log.ledger.counts) == expected_counts(rows)
    assert log.ledger.rows_in == len(rows) == log.ledger.used + log.ledger.rejected + log.ledger.excluded + log.ledger.duplicate
    assert len(log.frame) == log.ledger.used


malformed = st.sampled_from(["only,two", "a", "1,2,3,4,5,6,7,8", "2025-03-03,a,b,1,2,3,e,more,still"])
lines = st.lists(one_row | mostly_good | malformed | st.just(None), max_size=12)


def csv_row(row, newline: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=newline).writerow([value.replace("\n", newline) for value in row])
    return out.getvalue()


def laid_out(entries, newline: str, blanks: int):
    """The text of a file, its expected counts of malformed lines, and (line, code) of each rejected row, from its entries alone."""
    text, line, rejects = newline * blanks, blanks + 1, []
    for entry in [NAMES, GOOD, *entries]:
        piece = newline if entry is None else entry + newline if isinstance(entry, str) else csv_row(entry, newline)
        code = "malformed_line" if isinstance(entry, str) else "used" if entry is None or entry is NAMES else judged(entry)
        if REASONS[code][0] == "rejected":
            rejects.append((line, code))
        text, line = text + piece, line + piece.count(newline)
    return text, rejects


@given(
    lines,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "latin-1"]),
    st.booleans(),
    st.integers(0, 2),
)
def test_the_ledger_of_a_csv_closes_and_names_physical_lines(entries, newline, encoding, packed, blanks):
    text, rejects = laid_out(entries, newline, blanks)
    rows = [GOOD, *[entry for entry in entries if isinstance(entry, tuple)]]
    data = ("\ufeff" + text if encoding == "utf-16-be" else text).encode(encoding)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("log.csv.gz" if packed else "log.csv")
        path.write_bytes(gzip.compress(data) if packed else data)
        log = quiet_read(path, delimiter=",", encoding="latin-1" if encoding == "latin-1" else None)
    expected = expected_counts(rows)
    bad = sum(isinstance(entry, str) for entry in entries)
    assert dict(log.ledger.counts) == ({**expected, "malformed_line": bad} if bad else expected)
    assert [(reject.line, reject.code) for reject in log.rejects] == rejects


def test_lines_of_several_files_are_counted_per_file(tmp_path):
    write(tmp_path / "a.csv", 'source,target\nann,bob\n"two\nlines",bob\n\n,bob\nshort\n')
    write(tmp_path / "b.csv", "target,source\r\nann,bob\r\none,two,three\r\n\r\n\r\n,bob\r\n")
    write(tmp_path / "c.csv", "source,target\n")
    write(tmp_path / "d.csv", "")
    with pytest.warns(RowsRejected, match="4 of 7 rows rejected"):
        log = tn.read_log(tmp_path / "*.csv")
    assert [(reject.file, reject.line, reject.code) for reject in log.rejects] == [
        ("a.csv", 6, "missing_source"),
        ("a.csv", 7, "malformed_line"),
        ("b.csv", 3, "malformed_line"),
        ("b.csv", 6, "missing_target"),
    ]
    held = to_columns(log.frame)
    assert list(zip(held["source"], held["target"], strict=True)) == [("ann", "bob"), ("two\nlines", "bob"), ("bob", "ann")]
    assert quiet_read(tmp_path).ledger.counts == log.ledger.counts


def test_a_line_that_cannot_be_decoded_is_counted_and_shifts_no_other(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(b"source,target\nann,bob\nJos\xe9,bob\n,bob\n")
    log = quiet_read(path)
    assert [(reject.line, reject.code) for reject in log.rejects] == [(3, "malformed_line"), (4, "missing_source")]
    assert tn.read_log(write(tmp_path / "latin.csv", "source,target\nJosé,bob\n", "latin-1"), encoding="latin-1").frame[
        "source"
    ].tolist() == ["José"]


def test_files_of_equal_name_in_two_folders_keep_their_own_lines(tmp_path):
    for name, text in {"x": "source,target\nbad\n,b\na,b\n", "y": "source,target\na,b\n\n,b\n"}.items():
        (tmp_path / name).mkdir()
        write(tmp_path / name / "log.csv", text)
    log = quiet_read(tmp_path)
    assert sorted((reject.line, reject.code) for reject in log.rejects) == [
        (2, "malformed_line"),
        (3, "missing_source"),
        (4, "missing_source"),
    ]


def test_no_row_is_lost_where_a_parallel_scan_would_start_at_a_malformed_line(tmp_path):
    """DuckDB 2.0 reads 8,000,000 bytes a thread; scanning this file in parallel with `store_rejects` it loses 700,001 rows."""
    row = "ann,bob\n"
    write(tmp_path / "log.csv", "source,target\n" + row * 999_999 + "bad\n" + row * 700_000)
    log = quiet_read(tmp_path / "log.csv")
    assert log.ledger.counts == {"used": 1_699_999, "malformed_line": 1}
    assert [reject.line for reject in log.rejects] == [1_000_001]
    people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Ops"]})
    ties = tn.build_ties(log, people, rule=tn.TieRule(half_life=None))
    assert ties.interactions.tolist() == [1_699_999.0]


def test_the_ledger_speaks_and_adds_up():
    ledger = Ledger({"used": 5, "bad_time": 2, "self_loop": 1, "duplicate_event": 1})
    assert str(ledger) == "9 rows in: 5 used, 2 rejected (bad_time 2), 1 excluded (self_loop 1), 1 duplicate (duplicate_event 1)"
    assert (ledger.rows_in, ledger.used, ledger.rejected, ledger.excluded, ledger.duplicate) == (9, 5, 2, 1, 1)
    assert ledger.frame["rows"].sum() == ledger.rows_in
    after = ledger.after({"unknown_person": 2, "self_loop": 1})
    assert (after.rows_in, after.used, after.counts["self_loop"]) == (9, 2, 2)
    assert {status for status, _ in REASONS.values()} == {"used", "rejected", "excluded", "duplicate"}
    assert tuple(REASONS)[: len(CODES)] == CODES  # what readers declare stands behind


def test_rejected_rows_warn_once_with_the_first_places(tmp_path):
    path = write(tmp_path / "log.csv", "source,target\nann,bob\n,bob\nann,\n")
    with pytest.warns(
        RowsRejected, match=r"log\.csv: 2 of 3 rows rejected \(the first: log\.csv:3 missing_source, log\.csv:4 missing_target\)"
    ) as caught:
        tn.read_log(path)
    assert len(caught) == 1
    assert caught[0].filename == __file__


# Times

BERLIN = ZoneInfo("Europe/Berlin")
WRITTEN = {
    "2025-07-01": datetime(2025, 7, 1, tzinfo=BERLIN),
    "2025-07-01T10:30": datetime(2025, 7, 1, 10, 30, tzinfo=BERLIN),
    "2025-07-01 10:30:15": datetime(2025, 7, 1, 10, 30, 15, tzinfo=BERLIN),
    "2025-01-01T10:30:15.123456": datetime(2025, 1, 1, 10, 30, 15, 123456, tzinfo=BERLIN),
    "2025-07-01T10:30:15Z": datetime(2025, 7, 1, 10, 30, 15, tzinfo=UTC),
    "2025-07-01T10:30:15+05:30": datetime(2025, 7, 1, 10, 30, 15, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    "2025-07-01T10:30-0800": datetime(2025, 7, 1, 10, 30, tzinfo=timezone(timedelta(hours=-8))),
    "2025-07-01 10:30:15+02": datetime(2025, 7, 1, 10, 30, 15, tzinfo=timezone(timedelta(hours=2))),
    "2025-07-01T10:30:15+02:00:30": datetime(2025, 7, 1, 10, 30, 15, tzinfo=timezone(timedelta(hours=2, seconds=30))),
    "2025-07-01 10:30:15 UTC": datetime(2025, 7, 1, 10, 30, 15, tzinfo=UTC),
    "2025-07-01 10:30:15 America/New_York": datetime(2025, 7, 1, 10, 30, 15, tzinfo=ZoneInfo("America/New_York")),
    "  2025-07-01T10:30  ": datetime(2025, 7, 1, 10, 30, tzinfo=BERLIN),
    "2024-02-29": datetime(2024, 2, 29, tzinfo=BERLIN),
    # The clock shows 02:30 twice (fold=1 is the later) and never.
    "2025-10-26 02:30": datetime(2025, 10, 26, 2, 30, tzinfo=BERLIN, fold=1),
    "2025-03-30 02:30": datetime(2025, 3, 30, 1, 30, tzinfo=UTC),
}
NO_TIMES = [
    "2025-13-01",
    "2025-02-29",
    "25:00",
    "epoch",
    "now",
    "today",
    "infinity",
    "-infinity",
    "1751366400",
    "1/7/2025",
    "x",
    "9999-12-31",
    "0001-01-01",
]


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def a_to_b(times) -> dict[str, list]:
    return {"source": ["a"] * len(times), "target": ["b"] * len(times), "time": list(times)}


@pytest.mark.parametrize("kind", ["csv", "csv_gz", "pandas", "polars", "pyarrow", "duckdb", "parquet"])
def test_text_times_with_and_without_offset(kind, tmp_path):
    log = tn.read_log(as_kind(kind, a_to_b(WRITTEN), tmp_path), timezone="Europe/Berlin")
    assert to_columns(log.frame)["time"] == [utc(moment) for moment in WRITTEN.values()]
    assert log.first == min(round(moment.timestamp() * 1e6) for moment in WRITTEN.values())
    assert log.last == max(round(moment.timestamp() * 1e6) for moment in WRITTEN.values())


@pytest.mark.parametrize("kind", ["csv", "pandas", "polars", "pyarrow", "duckdb"])
def test_texts_that_are_no_moments_are_counted(kind, tmp_path):
    log = quiet_read(as_kind(kind, a_to_b(["2025-07-01", *NO_TIMES, None, "  "]), tmp_path))
    assert log.ledger.counts == {"used": 1, "bad_time": len(NO_TIMES), "missing_time": 2}


CLOCKS = [
    datetime(2025, 1, 1, 12),
    datetime(2025, 7, 1, 12),
    datetime(2025, 3, 30, 1, 59),
    datetime(2025, 10, 26, 2, 30),
    datetime(2025, 3, 9, 2, 30),
]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
@pytest.mark.parametrize("kind", [*FRAMES, "parquet"])
def test_naive_datetimes_are_read_in_the_zone_given(kind, zone, tmp_path):
    log = tn.read_log(as_kind(kind, a_to_b(CLOCKS), tmp_path), timezone=zone)
    # fold=1: of a repeated time the later; a skipped one with the offset before, which zoneinfo calls fold=0.
    wanted = []
    for clock in CLOCKS:
        later = utc(clock.replace(tzinfo=ZoneInfo(zone), fold=1))
        shown = later.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        wanted.append(later if shown == clock else utc(clock.replace(tzinfo=ZoneInfo(zone), fold=0)))
    assert to_columns(log.frame)["time"] == wanted


@pytest.mark.parametrize("kind", [*FRAMES, "parquet"])
def test_aware_datetimes_keep_their_zone_and_dates_are_midnights(kind, tmp_path):
    tokyo = timezone(timedelta(hours=9))
    aware = tn.read_log(as_kind(kind, a_to_b([datetime(2025, 7, 1, 9, tzinfo=tokyo)]), tmp_path), timezone="Europe/Berlin")
    assert to_columns(aware.frame)["time"] == [datetime(2025, 7, 1)]
    dates = tn.read_log(as_kind(kind, a_to_b([date(2025, 7, 1)]), tmp_path), timezone="Europe/Berlin")
    assert to_columns(dates.frame)["time"] == [datetime(2025, 6, 30, 22)]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_every_unit_of_pandas_moments(unit):
    frame = pd.DataFrame(a_to_b([None])).assign(time=np.array(["2025-07-01T10:00:00"], dtype=f"datetime64[{unit}]"))
    assert to_columns(tn.read_log(frame).frame)["time"] == [datetime(2025, 7, 1, 10)]


@pytest.mark.parametrize("zone", [None, "America/New_York"])
@pytest.mark.parametrize("kind", [*AS_FRAMES, "parquet"])
def test_nanoseconds_fall_into_the_microsecond_they_belong_to(kind, zone, tmp_path):
    moments = [1_700_000_000_123_456_999, 1_700_000_000_123_457_000, -1, 1500, None]
    columns = {**a_to_b([0] * 5), "time": pa.array(moments, pa.timestamp("ns", zone))}
    log = quiet_read(as_kind(kind, columns, tmp_path) if kind == "parquet" else AS_FRAMES[kind](pa.table(columns)))
    assert log.ledger.counts == {"used": 4, "missing_time": 1}
    wanted = [datetime(1970, 1, 1) + timedelta(microseconds=moment // 1000) for moment in moments[:4]]
    assert to_columns(log.frame)["time"] == wanted


@pytest.mark.parametrize("kind", AS_FRAMES)
def test_fractions_of_a_second_are_rounded_to_a_microsecond_everywhere(kind):
    seconds = [1_600_000_000.123_457, 1_700_000_000.9, 1_600_007_938.861_796]
    log = tn.read_log(AS_FRAMES[kind](pa.table(a_to_b(seconds))), time_format="epoch")
    assert (log.first, log.last) == (1_600_000_000_123_457, 1_700_000_000_900_000)
    assert to_columns(log.frame)["time"][2] == datetime(1970, 1, 1) + timedelta(microseconds=1_600_007_938_861_796)


@pytest.mark.parametrize("kind", ["csv", "pandas", "polars", "pyarrow", "duckdb"])
def test_patterns_for_times_that_are_not_iso(kind, tmp_path):
    data = as_kind(kind, a_to_b(["01/07/2025 10:30", "2025-07-01", "31/02/2025 10:30"]), tmp_path)
    log = quiet_read(data, time_format="%d/%m/%Y %H:%M", timezone="Europe/Berlin")
    assert log.ledger.counts == {"used": 1, "bad_time": 2}
    assert to_columns(log.frame)["time"] == [datetime(2025, 7, 1, 8, 30)]


def test_a_quote_in_a_pattern_is_part_of_the_pattern():
    log = tn.read_log(a_to_b(["2025'07"]), time_format="%Y'%m")
    assert to_columns(log.frame)["time"] == [datetime(2025, 7, 1)]


@pytest.mark.parametrize(("time_format", "scale"), [("epoch", 1), ("epoch_ms", 1_000), ("epoch_us", 1_000_000)])
@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("kind", ["csv", "pandas", "polars", "pyarrow", "duckdb", "parquet"])
def test_epochs(kind, text, time_format, scale, tmp_path):
    moment = int(datetime(2025, 7, 1, 10, tzinfo=UTC).timestamp()) * scale
    times = [moment, 10**18 * scale if scale == 1 else 10**17]
    log = quiet_read(as_kind(kind, a_to_b([str(time) for time in times] if text else times), tmp_path), time_format=time_format)
    assert log.ledger.counts == {"used": 1, "bad_time": 1}
    assert to_columns(log.frame)["time"] == [datetime(2025, 7, 1, 10)]


@pytest.mark.parametrize("kind", FRAMES)
def test_numbers_are_no_times_until_the_caller_says_which(kind, tmp_path):
    with pytest.raises(DataError, match="set time_format='epoch', 'epoch_ms' or 'epoch_us'"):
        tn.read_log(as_kind(kind, a_to_b([1, 2]), tmp_path))


def test_text_times_of_a_lazy_frame_are_refused_with_the_repair():
    with pytest.raises(DataError, match="convert it to dates or numbers, or collect the frame first"):
        tn.read_log(pl.LazyFrame(a_to_b(["2025-07-01"])))


def test_the_sessions_time_zone_changes_nothing(monkeypatch, tmp_path):
    import time

    path = as_kind("csv", a_to_b(WRITTEN), tmp_path)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        held = to_columns(tn.read_log(path, timezone="Europe/Berlin").frame)["time"]
    finally:
        monkeypatch.undo()
        time.tzset()
    assert held == [utc(moment) for moment in WRITTEN.values()]


# Events


def test_one_row_per_event_moment_and_ordered_pair(make_frame):
    columns = {
        "time": [T0 + timedelta(hours=h) for h in (1, 1, 2, 3, 3, 0, 5)],
        "source": ["ann", "ann", "bob", "ann", "ann", "ann", "ann"],
        "target": ["bob", "bob", "ann", "bob", "bob", "bob", "bob"],
        "event": ["e1", "e1", "e1", None, None, "e2", "e1"],
        "channel": ["mail", "chat", "mail", "mail", "mail", "mail", "mail"],
        "weight": [1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    }
    log = tn.read_log(make_frame(columns))
    assert log.ledger.counts == {"used": 6, "duplicate_event": 1}
    rows = sorted((row["event"] or "", row["source"], row["time"], row["channel"], row["weight"]) for row in to_rows(log.frame))
    assert rows == [
        ("", "ann", T0 + timedelta(hours=3), "mail", 1.0),
        ("", "ann", T0 + timedelta(hours=3), "mail", 1.0),  # without an event id, no row repeats another
        ("e1", "ann", T0 + timedelta(hours=1), "chat", 2.0),  # the largest weight
        ("e1", "ann", T0 + timedelta(hours=5), "mail", 1.0),  # the same id at another time: a series
        ("e1", "bob", T0 + timedelta(hours=2), "mail", 1.0),
        ("e2", "ann", T0, "mail", 1.0),
    ]
    assert log.last == round((T0 + timedelta(hours=5)).replace(tzinfo=UTC).timestamp() * 1e6)


@given(st.permutations(range(8)))
def test_which_repeat_stays_does_not_depend_on_row_order(order):
    columns = {
        "source": list("aaaaabbb"),
        "target": list("bbbbbaaa"),
        "event": ["e", "e", "e", "f", "f", "e", None, None],
        "weight": [3.0, 1.0, 2.0, 5.0, 4.0, 1.0, 1.0, 1.0],
        "time": [T0 + timedelta(hours=h) for h in (3, 3, 1, 9, 9, 0, 1, 2)],
        "channel": list("zyxwvuts"),
    }
    plain = tn.read_log(columns)
    shuffled = tn.read_log({name: [values[place] for place in order] for name, values in columns.items()})
    assert to_rows(shuffled.frame) == to_rows(plain.frame)
    assert (shuffled.first, shuffled.last, dict(shuffled.ledger.counts)) == (plain.first, plain.last, dict(plain.ledger.counts))


# Columns and refusals


def test_columns_are_mapped_and_may_be_left_unread():
    table = {"ts": ["2025-07-01"], "sender": ["a"], "recipient": ["b"], "channel": ["mail"], "body": ["secret words"]}
    log = tn.read_log(table, columns={"time": "ts", "source": "sender", "target": "recipient", "channel": None})
    assert list(log.frame.columns) == ["time", "source", "target"]
    assert "secret" not in log.frame.to_csv()


REFUSALS = {
    "misspelt": ({"sourc": ["a"], "target": ["b"]}, {}, "the log has no column 'source'; did you mean 'sourc'?"),
    "missing": (
        {"from": ["a"], "to": ["b"]},
        {},
        "the log has no column 'source'; available: from, to; or map yours with columns={'source': ...}",
    ),
    "mapped": (
        {"sender": ["a"], "target": ["b"]},
        {"columns": {"source": "sendr"}},
        "the log has no column 'sendr'; did you mean 'sender'?",
    ),
    "canonical": (
        {"source": ["a"], "target": ["b"]},
        {"columns": {"sorce": "x"}},
        "'sorce' is not a column of a log; did you mean 'source'?",
    ),
    "zone": ({"source": ["a"], "target": ["b"]}, {"timezone": "Europe/Berln"}, "timezone='Europe/Berln' is not known"),
    "injection": ({"source": ["a"], "target": ["b"]}, {"timezone": "x'; drop"}, "is not known"),
    "pattern": (
        {"source": ["a"], "target": ["b"]},
        {"time_format": "dd/mm"},
        "time_format must be a pattern such as '%d/%m/%Y', or one of epoch, epoch_ms, epoch_us, epoch_ns, excel, iso; got 'dd/mm'",
    ),
    "letter": (
        {"source": ["a"], "target": ["b"]},
        {"time_format": "%Q"},
        "or one of epoch, epoch_ms, epoch_us, epoch_ns, excel, iso; got '%Q'",
    ),
    "loops": ({"source": ["a"], "target": ["a"]}, {}, "the log has no usable row: 1 row in: 0 used, 1 excluded (self_loop 1)"),
    "header": (pl.DataFrame({"source": [], "target": []}), {}, "the log has no usable row: the table is empty"),
    "twice": (pd.DataFrame([[1, 2, 3]], columns=["source", "target", "source"]), {}, "two columns have the same name"),
    "list": ([("a", "b")], {}, "list is not a path or a data frame"),
    "none": (None, {}, "NoneType is not a path or a data frame"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals_say_what_and_offer_a_repair_in_one_line(case):
    data, options, message = REFUSALS[case]
    with pytest.raises(TienetError) as caught:
        tn.read_log(data, **options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_person_is_named_in_what_read_log_says(tmp_path):
    path = write(tmp_path / "log.csv", "source,target,time\nsecretann,secretbob,soon\nsecretann,secretann,2025-07-01\nsecretann\n")
    with pytest.raises(DataError) as caught:
        tn.read_log(path)
    assert "secret" not in str(caught.value)
    log = tn.read_log({"source": ["secretann", "secretbob"], "target": ["secretbob", "secretann"]})
    assert "secret" not in str(log) + repr(log) + log._repr_html_() + repr(log.ledger)


def test_places_where_nothing_is(tmp_path):
    for place in (tmp_path / "none.csv", tmp_path / "*.csv", tmp_path):
        with pytest.raises(InputNotFound, match="no file at") as caught:
            tn.read_log(place)
        assert "\n" not in str(caught.value)


def test_a_log_reads_nothing_of_the_duckdb_session():
    duckdb.sql("create or replace temp table source as select 1 as x")
    assert tn.read_log({"source": ["a"], "target": ["b"]}).ledger.used == 1


def test_the_log_says_what_it_is():
    log = tn.read_log({"source": ["a", "b"], "target": ["b", "a"], "time": ["2025-07-01", "2025-08-01"]})
    assert str(log) == "Interaction log from 2025-07-01 to 2025-08-01 (time, source, target). 2 rows in: 2 used"
    with pytest.raises(ArgumentError):
        tn.read_log({"source": ["a"], "target": ["b"]}, columns={"nonsense": "x"})


def test_a_file_without_a_header_does_not_show_its_first_row(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("ann@firm.example,bob@firm.example,2025-01-01\nbob@firm.example,ann@firm.example,2025-01-02\n")
    with pytest.raises(DataError) as caught:
        tn.read_log(path)
    assert str(caught.value) == "log.csv has no column 'source', and its first line looks like data; it needs a line with column names"


def test_an_empty_frame_is_empty_whatever_its_types_are():
    with pytest.raises(DataError, match="the table is empty"):
        tn.read_log(pd.DataFrame({"source": [], "target": []}))


def test_floats_among_text_ids_are_refused():
    with pytest.raises(DataError, match="floating-point numbers where ids are expected"):
        tn.read_log(pd.DataFrame({"source": ["ann", 1.0], "target": ["bob", "bob"]}, dtype=object))


def test_single_quotes_and_backslashes_are_part_of_an_id(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("source,target\n'ann',b\\ob\n'eve',b\\ob\n")
    assert tn.read_log(path).frame["source"].tolist() == ["'ann'", "'eve'"]
    assert tn.read_log(path).frame["target"].tolist() == ["b\\ob", "b\\ob"]
