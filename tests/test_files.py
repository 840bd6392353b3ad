from __future__ import annotations

import gc
import gzip
import json
import tempfile
import warnings
from pathlib import Path

import pandas as pd
import pytest

import tienet as tn
from frames import to_columns
from real import find
from tienet.base.errors import ArgumentError, DataError, InputNotFound, RowsRejected
from tienet.network.reading.files.opening import open_files
from tienet.network.reading.lines import malformed_lines

PLAIN = "source,target\nann,bob\nbob,cat\n"


def pairs(log) -> list[tuple[str, str]]:
    held = to_columns(log.frame)
    return list(zip(held["source"], held["target"], strict=True))


def refused(data, **options) -> str:
    """The one-line message with which a log is refused."""
    with pytest.raises(DataError) as caught:
        tn.read_log(data, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What other parsers read from the same files


def test_csv_spectrum_reads_as_its_authors_expect():
    expected = sorted((find("csv_spectrum") / "expected").glob("*.json"))
    assert len(expected) == 12
    for answer in expected:
        relation = open_files(find("csv_spectrum") / "raw" / f"{answer.stem}.csv").relation
        rows = [dict(zip(relation.columns, (value or "" for value in row), strict=True)) for row in relation.fetchall()]
        wanted = json.loads(answer.read_text(encoding="utf-8"))
        if answer.stem == "location_coordinates":
            # The package's own JSON is one object, with another phone number than its CSV.
            wanted = [{**wanted, "Contact Phone Number": "2095257564"}]
        assert rows == wanted, answer.stem


def test_csv_encodings_read_as_listed_and_unequal_rows_are_set_aside():
    folder = find("csv_encodings")
    listed = [
        entry for entry in json.loads((folder / "expected" / "files.json").read_text(encoding="utf-8")) if "option" not in entry["file"]
    ]
    assert len(listed) == 21
    for entry in listed:
        header, *rows = entry["rows"]
        opened = open_files(folder / "raw" / entry["file"], encoding="latin-1" if entry["encoding"] == "latin-1" else None)
        read = [[value or "" for value in row] for row in opened.relation.fetchall()]
        assert read == [row for row in rows if len(row) == len(header)], entry["file"]
        named = [name if wanted else "" for name, wanted in zip(opened.relation.columns, header, strict=True)]
        assert named == header, entry["file"]
        unequal = [1 + place for place, row in enumerate(rows, start=1) if len(row) != len(header)]
        assert [line for found in malformed_lines(opened).values() for line in found] == unequal, entry["file"]


# Dialects and encodings


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_common_delimiters_are_found(delimiter, tmp_path):
    (tmp_path / "log.txt").write_text(PLAIN.replace(",", delimiter), encoding="utf-8")
    assert pairs(tn.read_log(tmp_path / "log.txt")) == [("ann", "bob"), ("bob", "cat")]


def test_other_delimiters_can_be_named(tmp_path):
    (tmp_path / "log.csv").write_text(PLAIN.replace(",", "~"), encoding="utf-8")
    assert pairs(tn.read_log(tmp_path / "log.csv", delimiter="~")) == [("ann", "bob"), ("bob", "cat")]


@pytest.mark.parametrize("packed", [False, pytest.param(True, marks=pytest.mark.sweep)])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252", "mac-roman"])
def test_encodings(encoding, packed, tmp_path):
    data = "source,target\nJosé,Zoë\n".encode(encoding)
    path = tmp_path / ("log.csv.gz" if packed else "log.csv")
    path.write_bytes(gzip.compress(data) if packed else data)
    guessed = encoding in ("utf-8", "utf-8-sig", "utf-16")
    log = tn.read_log(path, encoding=None if guessed else encoding)
    gc.collect()
    assert pairs(log) == [("José", "Zoë")]


def test_files_of_a_glob_may_be_encoded_differently(tmp_path):
    (tmp_path / "a.csv").write_text("source,target\nJosé,bob\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("target,source\nZoë,bob\n", encoding="utf-16")
    assert pairs(tn.read_log(str(tmp_path / "*.csv"))) == [("José", "bob"), ("bob", "Zoë")]


def test_spill_and_copies_go_with_the_log(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    (tmp_path / "log.csv").write_text(PLAIN, encoding="utf-16")
    log = tn.read_log(tmp_path / "log.csv")
    gc.collect()
    assert len(list((tmp_path / "temporary").iterdir())) == 1
    assert pairs(log) == [("ann", "bob"), ("bob", "cat")]
    del log
    gc.collect()
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_blank_lines_before_the_header_are_no_rows(newline, tmp_path):
    (tmp_path / "log.csv").write_text(("\n\n" + PLAIN).replace("\n", newline), encoding="utf-8", newline="")
    assert tn.read_log(tmp_path / "log.csv").ledger.counts == {"used": 2}
    (tmp_path / "other.csv").write_text(PLAIN, encoding="utf-8")
    assert tn.read_log(tmp_path).ledger.counts == {"used": 4}


@pytest.mark.parametrize("name", ["log[1].csv", "log (1).csv", "o'brien.csv", "LOG.CSV", "log", "a b;c.csv"])
def test_names_of_files_are_taken_literally(name, tmp_path):
    (tmp_path / name).write_text(PLAIN, encoding="utf-8")
    assert pairs(tn.read_log(tmp_path / name)) == [("ann", "bob"), ("bob", "cat")]


@pytest.mark.parametrize("name", ["log.parquet", "LOG.PARQUET", "log.pq"])
def test_parquet_by_its_ending(name, tmp_path):
    pd.DataFrame({"source": ["ann", None], "target": ["bob", "cat"]}).to_parquet(tmp_path / name)
    with pytest.warns(RowsRejected):
        log = tn.read_log(tmp_path / name)
    assert pairs(log) == [("ann", "bob")]
    assert log.rejects == ()


def test_a_folder_is_read_with_its_subfolders(tmp_path):
    (tmp_path / "2025" / "03").mkdir(parents=True)
    (tmp_path / "2025" / "a.csv").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "2025" / "03" / "b.csv.gz").write_bytes(gzip.compress(PLAIN.encode()))
    (tmp_path / "readme.md").write_text("no table", encoding="utf-8")
    assert tn.read_log(tmp_path).ledger.used == 4


def at(place: Path, columns: dict) -> None:
    """One file in a folder that may not be there yet."""
    place.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(columns)
    if place.suffix == ".parquet":
        frame.to_parquet(place)
    else:
        frame.to_csv(place, index=False, encoding="utf-16" if "utf16" in place.name else "utf-8")


@pytest.mark.parametrize("name", ["0.parquet", "0.csv", "utf16.csv"])
def test_folders_that_bear_columns(name, tmp_path):
    for day, channel in (("2025-01-01", "mail"), ("2025-01-02", "a%20b"), ("2025-01-02", "mail")):
        at(tmp_path / "log" / f"date={day}" / f"channel={channel}" / name, {"source": ["ann", None], "target": ["bob"] * 2})
    for path in (tmp_path / "log", str(tmp_path / "log" / "*" / "*" / "*.*")):
        with pytest.warns(RowsRejected):
            log = tn.read_log(path, columns={"time": "date"})
        assert log.channels == ("a b", "mail")
        assert log.ledger.counts == {"used": 3, "missing_source": 3}
        assert sorted(map(str, to_columns(log.frame)["time"])) == ["2025-01-01 00:00:00", *["2025-01-02 00:00:00"] * 2]
        people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Ops"]})
        assert tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1)).channels.tolist() == [2]


@pytest.mark.parametrize("name", ["log.parquet", "log.csv"])
def test_ids_in_names_of_folders_stay_as_written(name, tmp_path):
    for person in ("007", "1e5"):
        at(tmp_path / f"source={person}" / name, {"target": ["bob"]})
    assert sorted(pairs(tn.read_log(tmp_path))) == [("007", "bob"), ("1e5", "bob")]


@pytest.mark.parametrize("name", ["log.parquet", "log.csv"])
def test_a_folder_named_like_a_column_takes_no_columns_place(name, tmp_path):
    """Exports are kept by where they come from: source=teams/ is not who wrote."""
    at(tmp_path / "source=teams" / name, {"source": ["ann"], "target": ["bob"]})
    assert pairs(tn.read_log(tmp_path / "source=teams")) == [("ann", "bob")]
    assert pairs(tn.read_log(tmp_path / "source=teams" / name)) == [("ann", "bob")]
    assert f"(source=...) and '{name}' both have a column 'source'; rename one of them" in refused(tmp_path)


def test_what_a_writer_put_aside_is_no_part_of_the_log(tmp_path):
    for place in (Path("part-0.parquet"), Path("_temporary", "0", "part-0.parquet")):
        at(tmp_path / "log" / place, {"source": ["ann"], "target": ["bob"]})
    (tmp_path / "log" / "._part-0.parquet").write_bytes(b"no table")
    (tmp_path / "log" / "_SUCCESS").write_bytes(b"")
    assert tn.read_log(tmp_path / "log").ledger.used == 1


def test_parquet_files_of_different_columns_and_types(tmp_path):
    at(tmp_path / "a.parquet", {"source": [7], "target": ["ann"], "size": [3]})
    at(tmp_path / "b.parquet", {"channel": ["mail"], "target": ["bob"], "source": ["007"]})
    at(tmp_path / "c.parquet", {"target": ["bob"], "sender": ["ann"]})
    with pytest.warns(RowsRejected):
        log = tn.read_log(tmp_path)
    assert log.ledger.counts == {"used": 2, "missing_source": 1}
    assert sorted(pairs(log)) == [("007", "bob"), ("7", "ann")]


def test_text_that_its_writer_did_not_mark_as_text(tmp_path):
    at(tmp_path / "log.parquet", {"source": ["José".encode(), b"ann"], "target": [b"bob"] * 2})
    assert pairs(tn.read_log(tmp_path / "log.parquet")) == [("José", "bob"), ("ann", "bob")]
    at(tmp_path / "people.parquet", {"person": ["José".encode()], "function": [b"Sales"]})
    assert tn.read_people(tmp_path / "people.parquet").person.tolist() == ["José"]


def test_files_that_state_no_zone_beside_files_that_do(tmp_path):
    moments = pd.to_datetime(["2025-07-01 12:00"])
    for name, time in (("a", moments), ("b", moments.tz_localize("UTC"))):
        at(tmp_path / f"{name}.parquet", {"source": [name], "target": ["x"], "time": time})
    held = tn.read_log(tmp_path, timezone="Asia/Tokyo").frame
    assert dict(zip(held["source"], held["time"].dt.hour, strict=True)) == {"a": 3, "b": 12}


# What cannot be read


def test_files_without_a_table(tmp_path):
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    assert refused(tmp_path / "empty.csv") == "empty.csv has no usable row: the file is empty"
    (tmp_path / "header.csv").write_text("source,target\n", encoding="utf-8")
    assert refused(tmp_path / "header.csv") == "header.csv has no usable row: the table is empty"
    (tmp_path / "blank.csv").write_text("\n\n", encoding="utf-8")
    assert "blank.csv" in refused(tmp_path / "blank.csv")


GARBAGE = {
    "log.parquet": b"these bytes are no table",
    "whole.parquet": b"PAR1" + bytes(range(256)) + b"PAR1",
    "log.csv.gz": b"these bytes are no archive",
    "short.csv.gz": b"\x1f",
    "truncated.csv.gz": gzip.compress("".join(["source,target\n", *(f"{n},{n * 7919}\n" for n in range(30_000))]).encode())[:-2000],
}


@pytest.mark.parametrize("name", GARBAGE)
def test_unreadable_bytes_are_one_line(name, tmp_path):
    (tmp_path / name).write_bytes(GARBAGE[name])
    message = refused(tmp_path / name)
    assert message.startswith(f"cannot read {name!r}: ")
    assert message.endswith("check that the file is complete and of the type its extension says")
    with pytest.raises(DataError, match="cannot read"):
        tn.read_people(tmp_path / name)


def test_wrong_and_unknown_encodings(tmp_path):
    (tmp_path / "log.csv").write_bytes("source,target\nJosé,bob\n".encode("latin-1"))
    assert "as ascii" in refused(tmp_path / "log.csv", encoding="ascii")
    with pytest.raises(ArgumentError, match="encoding='latin-99' is not known"):
        tn.read_log(tmp_path / "log.csv", encoding="latin-99")


def test_csv_and_parquet_are_not_mixed(tmp_path):
    (tmp_path / "a.csv").write_text(PLAIN, encoding="utf-8")
    pd.DataFrame({"source": ["ann"], "target": ["bob"]}).to_parquet(tmp_path / "b.parquet")
    assert "matches Parquet and other files;" in refused(tmp_path)
    assert tn.read_log(tmp_path / "*.csv").ledger.used == 2


def test_files_with_other_columns_name_the_file(tmp_path):
    (tmp_path / "a.csv").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "b.csv").write_text("from,to\nann,bob\n", encoding="utf-8")
    assert "b.csv" in refused(tmp_path / "*.csv")


def test_paths_to_nothing(tmp_path):
    for reader in (tn.read_log, tn.read_people):
        with pytest.raises(InputNotFound, match=r"no file at '.*nothing\.csv'; check the spelling"):
            reader(tmp_path / "nothing.csv")


def test_malformed_people_lines_are_counted(tmp_path):
    (tmp_path / "people.csv").write_text("person,function\nann,Sales\nbob\n,Sales\ncat,Sales,more\n", encoding="utf-8")
    with pytest.warns(RowsRejected, match=r"3 of 4 rows rejected; .* \(malformed_line 2, missing_person 1\), malformed lines 3, 5"):
        people = tn.read_people(tmp_path / "people.csv")
    assert people.ledger.counts == {"used": 1, "malformed_line": 2, "missing_person": 1}


def test_an_intact_file_reads_without_a_warning(tmp_path):
    (tmp_path / "log.csv").write_text(PLAIN, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tn.read_log(Path(tmp_path / "log.csv")).rejects == ()


def test_lines_may_end_in_different_ways(tmp_path):
    (tmp_path / "log.csv").write_bytes(b"source,target\nann,bob\r\nbob,cat\ncat,\r\nann,cat\r\n")
    with pytest.warns(RowsRejected):
        log = tn.read_log(tmp_path / "log.csv")
    assert log.ledger.counts == {"used": 3, "missing_target": 1}
    assert [reject.line for reject in log.rejects] == [4]


@pytest.mark.parametrize("ends", [("\n", "\r\n"), ("\r\n", "\n")])
@pytest.mark.sweep
def test_files_put_together_may_change_how_lines_end_far_behind(ends, tmp_path):
    months = ("target,source\n" + "ann,bob\n" * 300_000, "bob,ann\n" * 300_000)
    text = "".join(month.replace("\n", end) for month, end in zip(months, ends, strict=True)).encode()
    (tmp_path / "log.csv").write_bytes(text)
    log = tn.read_log(tmp_path / "log.csv")
    assert log.ledger.counts == {"used": 600_000}
    people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Ops"]})
    assert tn.build_ties(log, people, rule=tn.TieRule(half_life=None)).interactions.tolist() == [600_000.0]
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(text, 1))
    assert tn.read_log(tmp_path / "log.csv.gz").ledger.counts == {"used": 600_000}


def test_two_columns_of_one_name_are_refused(tmp_path):
    (tmp_path / "log.csv").write_text("source,target,target\nann,bob,cat\n")
    with pytest.raises(DataError, match=r"log\.csv has two columns named 'target'"):
        tn.read_log(tmp_path / "log.csv")
