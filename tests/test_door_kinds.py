from __future__ import annotations

import base64
import gc
import gzip
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import warnings
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tienet as tn
from files_of_kinds import KINDS, ods, rows_of, xlsx, zipped
from frames import to_columns
from tienet.base.errors import ArgumentError, DataError, FilesPassedOver, InputNotFound, OutputError, RowsRejected, TienetError
from tienet.network.reading.files import packed
from tienet.network.reading.files.connections import private_connection
from tienet.network.reading.files.kinds import TEXT, kind_of_bytes
from tienet.network.reading.files.opening import open_files
from tienet.network.reading.small_tables import load_table

LOG = {
    "source": ["007", "bob", "Zoë"],
    "target": ["bob", "Zoë", "a|b, c"],
    "time": [datetime(2024, 3, 1, 9, 30), datetime(2024, 7, 2, 23, 59, 59), datetime(2024, 12, 31)],
    "size": [2, 3, 12],
}
ROWS = sorted(zip(*LOG.values(), strict=True))
PLAIN = "source,target\nann,bob\nbob,cat\n"
# Written by Excel's old format through another library (xlwt), once: the table LOG.
XLS = (
    "c-rk)O-NKx6#njeGvkbn<7gUbAcLTlDVPO@pkrm}q7lnQB|**TOT=<woEAx>WiErDRnbPUMH5(U`VVqf5E!)xg1{-Lg{z>Th59=8ygQ~gfdeTR"
    "?|Zy+&pr2^@1A%6-hJ=QWZu;1{o*8+paDAOOb=WOY=Ul2D&q&0o2FD#she)o#+ri1O#|t2;%Uz7EIEd9ypzyy&oMy~_(b<HoIz`}&j_p{_HYbg"
    "A!Dc~DR7f4J`{0O`7AqGu4j3dYd&My$d)TC>#6RP=)h#KwPKf=#YePKF7rY1K4hN{Y}t-Nyp*$e@T#!tI<Y&}6F#-Z3Q8PajDZHU+2}K3GQSbG"
    "sHbq0P!$SQH8llVTIxcfy7u-d6ws)T;fEOjzNeP=i-2ukUAq9;e=fFX{l)I4(Ohc3ra6Eim?wC(j9?vV9I`~mfoS&(_99zt(X_<-qi18C1}X7y"
    "tlNlFy?D=QgOdK90Ye9>t7}O{q7jlE(P^p}J|C$JbV>?q$M7%OF>-h%c}aF5m-ReePkw4}=JvO@p-5ZsI9rA|1nXT=CL@N4i_(LfeO%(0mlf=>"
    "jpZd~-Nbq^%L1D0l$N&@DrNsL*SXB4<<!m&#=GF=1^O1!N2U)xDjE44+)Da*b8?_y{C#i~rSxv=B7b=eqf%6g8`mWs2UDp~`_4y}MStu;Zq2V^"
    "H`NO>7qi^$p#G4sa<X^Cd`?q+W#x3r>55CF;S$W{Q1u0KIi(-<o*<rl+({%7-m))^7c^Ne`LY$CmWEGbKBwZdM$V=9H0G;)^3@#NY4K^y=Tm%o"
    "8a|!*T#8R;J~>UE6O+z-Ctt}YuHk2G(DLy>hCqAvZ)C%U4I4IW*sx*4#!5l(2^8uq2R;eP(_5DMuQN;coc){Rzr`U$>59|0<UaIK8pFAa=FbK="
    "MT$!-(<k-6P~tGP9z!o897k`)^OwHJ#KPxUwxj>wEul=?pUWi96>k3*Ucv2W"
)


def rows(log) -> list[tuple]:
    held = to_columns(log.frame)
    times = [datetime.fromisoformat(str(moment)) for moment in held["time"]]
    return sorted(zip(held["source"], held["target"], times, map(int, held["size"]), strict=True))


def pairs(log) -> list[tuple[str, str]]:
    held = to_columns(log.frame)
    return sorted(zip(held["source"], held["target"], strict=True))


def said(problem: BaseException) -> str:
    """A message as every message should be: short, one line, without the engine's words and without a path."""
    message = str(problem)
    assert len(message) <= 300, message
    assert message.isprintable(), message
    for word in ("duckdb", "DuckDB", "read_csv", "read_json", "ignore_errors", "sniff", tempfile.gettempdir(), "Error:", "LINE 1"):
        assert word not in message, message
    return message


def refused(data, kind: type[TienetError] = DataError, reader=tn.read_log, **options) -> str:
    with pytest.raises(kind) as caught:
        reader(data, **options)
    return said(caught.value)


# Every kind, under any name


@pytest.mark.sweep
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("named", ["as usual", "log.csv", "log.dat", "log", "log.parquet", "log.xlsx", "log.gz", "log.zst", "log.zip"])
def test_a_file_is_what_its_bytes_are(kind, named, tmp_path):
    usual, made = KINDS[kind]
    path = tmp_path / (usual if named == "as usual" else named)
    path.write_bytes(made(LOG))
    log = tn.read_log(path)
    assert rows(log) == ROWS
    assert dict(log.ledger.counts) == {"used": 3}


def test_an_old_workbook(tmp_path):
    (tmp_path / "log.xls").write_bytes(zlib.decompress(base64.b85decode(XLS)))
    assert rows(tn.read_log(tmp_path / "log.xls")) == ROWS


@pytest.mark.parametrize("kind", KINDS)
def test_people_and_outcomes_come_by_the_same_door(kind, tmp_path):
    usual, made = KINDS[kind]
    (tmp_path / usual).write_bytes(made({"person": ["007", "bob", "Zoë"], "function": ["Sales", "R&D", "Sales"], "team": [1, 2, 1]}))
    people = tn.read_people(tmp_path / usual)
    assert people.person.tolist() == ["007", "bob", "Zoë"]
    assert people.function.tolist() == ["sales", "r_d", "sales"]
    assert people.attributes["team"].tolist() == [1, 2, 1]
    table = load_table(tmp_path / usual, where="the outcomes table", wanted=["person"])
    assert table.text("person").tolist() == ["007", "bob", "Zoë"]


@pytest.mark.sweep
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(sorted(KINDS)),
    sent=st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters=";"), min_size=1, max_size=6),
            st.sampled_from(["bob", "0012", "1e5", "NA", "a b", "x|y", 'q"q', "ü,ü", "[1]", "=1", "true", "2024-01-01"]),
            st.integers(0, 10**6),
        ),
        min_size=1,
        max_size=20,
    ),
)
def test_no_kind_changes_an_id(kind, sent, tmp_path):
    """What comes in is what the table in memory gives: the same ids, letter by letter, in every kind of file."""
    table = {
        "source": [source for source, _, _ in sent],
        "target": [target for _, target, _ in sent],
        "time": [datetime(2024, 1, 1) + timedelta(minutes=minute) for _, _, minute in sent],
        "size": [2] * len(sent),
    }
    usual, made = KINDS[kind]
    (tmp_path / usual).write_bytes(made(table))
    log = tn.read_log(tmp_path / usual)
    expected = [row for row in zip(*table.values(), strict=True) if row[0] != row[1]]
    assert rows(log) == sorted(expected)
    assert log.ledger.rows_in == len(sent)
    assert log.ledger.used == len(expected)


@pytest.mark.parametrize(
    "header", ["PAR1,source,target", "ORC;source;target", "BZh\tsource\ttarget", "<a>,source,target", "ARROW1,source,target"]
)
def test_a_header_may_begin_like_another_kind(header):
    assert kind_of_bytes(f"{header}\n1,ann,bob\n".encode()) is TEXT


# What is no table


def database() -> bytes:
    held = sqlite3.connect(":memory:")
    held.execute("create table log (source, target)")
    return held.serialize()


def in_tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("log.csv")
        info.size = len(PLAIN)
        archive.addfile(info, io.BytesIO(PLAIN.encode()))
    return out.getvalue()


NO_TABLES = {
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "an HTML page": b"\n<html xmlns:o='urn:schemas-microsoft-com:office:office'><table><tr><td>source</td></tr></table></html>",
    "an HTML page in UTF-16": "<TABLE><tr><td>source</td></tr></TABLE>".encode("utf-16"),
    "XML": b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>',
    "an SQLite database": database(),
    "full of NUL bytes": bytes(5000),
    "neither text nor a known kind of table": np.random.default_rng(1).bytes(5000),
    "a 7z archive": b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(40),
    "a RAR archive": b"Rar!\x1a\x07\x01\x00" + bytes(40),
    "a tar archive": in_tar(),
    "a tar archive, gzip": gzip.compress(in_tar()),
    "a Word document": zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}),
    "an OpenDocument text": zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}),
    "a Python pickle": b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00" + bytes(20),
    "an R workspace": gzip.compress(b"RDX3\nX\n\x00\x00\x00\x03" + bytes(30)),
    "an R object": gzip.compress(b"X\n\x00\x00\x00\x03\x00\x04" + bytes(30)),
    "Feather of version 1": b"FEA1\x00\x00\x00\x00" + bytes(40),
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(20),
    "a calendar": b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
    "a mailbox": b"From ann@firm.example Mon Jan  1 00:00:00 2024\nSubject: secret\n\nsecret\n",
    "a pointer of Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "a JSON array of arrays": b'[["source", "target"], ["secretann", "secretbob"]]',
}


@pytest.mark.parametrize("name", ["log.csv", "log.xls", "log"])
@pytest.mark.parametrize("what", NO_TABLES)
def test_what_is_no_table_is_named_with_what_to_do(what, name, tmp_path):
    (tmp_path / name).write_bytes(NO_TABLES[what])
    for reader in (tn.read_log, tn.read_people):
        message = refused(tmp_path / name, reader=reader)
        assert message.startswith(f"cannot read {name!r}: the file is {what.partition(' in UTF')[0].partition(', gzip')[0]}, not a table; ")
        assert "secret" not in message


def test_a_zip_with_a_password(tmp_path):
    data = bytearray(zipped({"log.csv": PLAIN.encode()}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    (tmp_path / "log.zip").write_bytes(data)
    assert refused(tmp_path / "log.zip") == "cannot read 'log.zip': the ZIP has a password; unpack it, and pass the table in it"


def test_an_old_office_document_that_is_no_workbook(tmp_path):
    (tmp_path / "log.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    assert "not readable as an Excel workbook" in refused(tmp_path / "log.xls")


# Damage


DAMAGED = [kind for kind in KINDS if kind not in ("csv", "utf-16", "utf-16 without a mark")]


@pytest.mark.sweep
@pytest.mark.parametrize("kind", DAMAGED)
def test_damaged_files_are_read_or_refused_in_one_line(kind, tmp_path):
    """Cut at six places, and with a stretch of other bytes at six places: never a traceback, a path or the engine's sentence."""
    usual, made = KINDS[kind]
    whole = made({name: values * 40 for name, values in LOG.items()})
    rng = np.random.default_rng(7)
    cuts = [whole[:end] for end in np.linspace(5, len(whole) - 1, 6).astype(int)]
    cuts += [whole[:start] + rng.bytes(16) + whole[start + 16 :] for start in np.linspace(0, len(whole) - 1, 6).astype(int)]
    outcomes = []
    for at, data in enumerate(cuts):
        path = tmp_path / f"{at} {usual}"
        path.write_bytes(data)
        for reader in (tn.read_log, tn.read_people):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    reader(path)
                outcomes.append("read")
            except TienetError as problem:
                said(problem)
                outcomes.append("refused")
    assert outcomes.count("refused") >= 12  # at least every people table: it has no person


def test_a_damaged_file_among_many_is_the_one_that_is_named(tmp_path):
    for month in range(3):
        pd.DataFrame({"source": ["ann"], "target": ["bob"]}).to_parquet(tmp_path / f"{month}.parquet")
    (tmp_path / "1.parquet").write_bytes((tmp_path / "1.parquet").read_bytes()[:-4])
    assert refused(tmp_path).startswith("cannot read '1.parquet': it is not readable as Parquet")


# Names are literal


MAGIC = ["log[1]", "log*", "log?", "[[]x]", "a]b", "{a,b}", "back\\slash", "o'brien", "**", "100% [final] (2)", "%20", "-", "~", "s3:", "ü"]


@pytest.mark.sweep
@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet", "json", "xlsx", "zip", "csv.bz2", "arrow"])
def test_files_with_signs_of_patterns_in_their_names_are_read_themselves(ending, tmp_path):
    """Beside each lies what its name would match as a pattern."""
    kind = {"csv.gz": "gzip", "csv.bz2": "bzip2", "json": "json lines"}.get(ending, ending)
    for neighbour in ("log1", "logA", "x", "b", "a", " ", "logs"):
        (tmp_path / f"{neighbour}.{ending}").write_bytes(KINDS[kind][1]({"source": ["wrong"], "target": ["file"]}))
    for at, name in enumerate(MAGIC):
        (tmp_path / f"{name}.{ending}").write_bytes(KINDS[kind][1]({"source": [f"s{at}"], "target": ["t"]}))
        assert pairs(tn.read_log(tmp_path / f"{name}.{ending}")) == [(f"s{at}", "t")], name


@pytest.mark.parametrize("kind", ["csv", "parquet", "json lines", "gzip"])
def test_folders_with_signs_of_patterns_in_their_names(kind, tmp_path):
    usual, made = KINDS[kind]
    for folder, who in (("d[1]", "right"), ("d1", "wrong"), ("d*", "star"), ("dd", "wrong")):
        (tmp_path / folder / "channel=a[b]").mkdir(parents=True)
        (tmp_path / folder / "channel=a[b]" / usual).write_bytes(made({"source": [who], "target": ["x"]}))
    for path in ("d[1]", "d[1]/channel=a[b]", "d[1]/*/*", "d[1]/**/*", f"d[1]/channel=a[b]/{usual}"):
        assert pairs(tn.read_log(str(tmp_path / path))) == [("right", "x")], path
    assert tn.read_log(tmp_path / "d[1]").channels == ("a[b]",)
    assert pairs(tn.read_log(tmp_path / "d*")) == [("star", "x")]


def test_rejected_lines_name_the_file_itself(tmp_path):
    (tmp_path / "log[1].csv").write_text("source,target\nann,bob\nann,\n")
    with pytest.warns(RowsRejected, match=r"log\[1\]\.csv:3"):
        log = tn.read_log(tmp_path / "log[1].csv")
    assert [(reject.file, reject.line) for reject in log.rejects] == [("log[1].csv", 3)]


def test_a_path_with_dots_and_a_relative_one(tmp_path, monkeypatch):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "log.csv").write_text(PLAIN)
    monkeypatch.chdir(tmp_path / "a" / "b")
    for path in ("../log.csv", "./../log.csv", "../*.csv", ".."):
        assert tn.read_log(path).ledger.used == 2, path


# Closed doors


def test_a_folder_called_like_an_address_is_a_folder(tmp_path, monkeypatch):
    (tmp_path / "s3:" / "bucket").mkdir(parents=True)
    (tmp_path / "s3:" / "bucket" / "log.csv").write_text(PLAIN)
    monkeypatch.chdir(tmp_path)
    for path in ("s3:/bucket/log.csv", "s3://bucket/log.csv", "s3://bucket/*.csv", "s3:"):
        assert tn.read_log(path).ledger.used == 2, path
    assert "download the file first" in refused("https://nowhere.example/log.csv", InputNotFound)


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "copy (select 1) to '{}/stolen.csv'",
        "select * from read_csv('{}/other.csv')",
        "select * from glob('{}/*')",
        "attach '{}/other.db'",
        "install httpfs",
        "load httpfs",
        "select * from read_parquet('https://nowhere.example/x.parquet')",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
        "set autoload_known_extensions = true; select * from read_csv('s3://x/y.csv')",
    ],
)
@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx", "zip"])
def test_the_connection_reaches_nothing_else(kind, query, tmp_path):
    usual, made = KINDS[kind]
    (tmp_path / usual).write_bytes(made(LOG))
    (tmp_path / "other.csv").write_text(PLAIN)
    opened = open_files(tmp_path / usual)
    with pytest.raises(duckdb.Error):
        opened.connection.execute(query.format(tmp_path)).fetchall()
    assert not (tmp_path / "stolen.csv").exists()
    assert not (tmp_path / "other.db").exists()
    assert len(opened.relation.fetchall()) == 3


def test_a_private_connection_finds_no_frames_of_the_program(tmp_path):
    secret = pd.DataFrame({"x": [1]})
    connection = private_connection([], tmp_path)
    with pytest.raises(duckdb.Error):
        connection.sql("select * from secret").fetchall()
    assert connection.from_df(secret).fetchall() == [(1,)]


# Arguments and paths


ENCODINGS = [
    "base64",
    "rot13",
    "hex",
    "punycode",
    "undefined",
    "zlib",
    "bz2",
    "idna",
    "uu",
    "quopri",
    "unicode_escape",
    "",
    "a\0b",
    "../x",
    "x" * 9999,
]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings_that_are_none(encoding, tmp_path):
    (tmp_path / "log.csv").write_text(PLAIN)
    for reader in (tn.read_log, tn.read_people):
        with pytest.raises(TienetError, match="encoding") as caught:
            reader(tmp_path / "log.csv", encoding=encoding)
        said(caught.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["", "x"])
def test_wide_encodings_of_a_narrow_file(encoding, end, tmp_path):
    (tmp_path / "log.csv").write_text(PLAIN + end)
    assert "leave encoding out" in refused(tmp_path / "log.csv", encoding=encoding)
    assert "leave encoding out" in refused(tmp_path / "log.csv", encoding=encoding, reader=tn.read_people)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "latin-1", "ascii"])
def test_narrow_encodings_of_a_wide_file(encoding, tmp_path):
    (tmp_path / "log.csv").write_text(PLAIN, encoding="utf-16")
    assert "begins with the byte-order mark of utf-16; leave encoding out" in refused(tmp_path / "log.csv", encoding=encoding)


@pytest.mark.parametrize("delimiter", ["||", "", '"', "\n", "\r", "\0", "ab", ", "])
def test_delimiters_that_are_none(delimiter, tmp_path):
    (tmp_path / "log.csv").write_text(PLAIN)
    assert "delimiter" in refused(tmp_path / "log.csv", ArgumentError, delimiter=delimiter)


@pytest.mark.parametrize("limit", ["99999999999TB", "0GB", "0.0MB", "-1GB", "1.5.5GB", "٣GB", "9" * 5000 + "GB", "GB", "12", "nan GB"])
def test_memory_limits_that_are_none(limit, tmp_path):
    (tmp_path / "log.csv").write_text(PLAIN)
    assert "write it as '500MB' or '4GB'" in refused(tmp_path / "log.csv", ArgumentError, memory_limit=limit)


def test_a_memory_limit_too_small_for_anything(tmp_path):
    (tmp_path / "log.csv").write_text(PLAIN)
    assert "raise memory_limit" in refused(tmp_path / "log.csv", memory_limit="1KB")


@pytest.mark.parametrize(
    "path", ["x" * 5000, "/".join(["x" * 200] * 30), "a\0b", "\0", "", "/dev/zero", "/dev/null", "x" * 5000 + "*", "a\0*", "no/../x"]
)
def test_paths_that_lead_nowhere(path):
    for reader in (tn.read_log, tn.read_people):
        message = refused(path, TienetError, reader=reader)
        assert "/" not in message.replace("'/'", "")


@pytest.mark.parametrize("spill", ["/nowhere/at/all", "x" * 5000, "a\0b"])
def test_folders_to_spill_to_that_are_none(spill, tmp_path):
    (tmp_path / "log.csv").write_text(PLAIN)
    message = refused(tmp_path / "log.csv", OutputError, spill=spill)
    assert "nowhere/at" not in message


def test_what_may_not_be_read(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("nothing is forbidden to root: run the tests as another user")
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "log.csv").write_text(PLAIN)
    (tmp_path / "closed" / "log.csv").chmod(0)
    assert "permission denied" in refused(tmp_path / "closed" / "log.csv").lower()
    (tmp_path / "closed").chmod(0)
    assert "permission denied" in refused(tmp_path / "closed").lower()
    (tmp_path / "closed").chmod(0o700)


def test_what_the_system_forbids_is_one_line(tmp_path, monkeypatch):
    """As for other users than root."""
    (tmp_path / "log.csv").write_text(PLAIN)
    real = Path.open

    def forbidden(self, *args, **kwargs):
        if self.name == "log.csv":
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", forbidden)
    assert refused(tmp_path / "log.csv") == "cannot read 'log.csv': permission denied; change its permissions, or copy it"


# Folders


def test_a_folder_says_what_it_passed_over(tmp_path):
    for name, data in {
        "a.csv": PLAIN.encode(),
        "b.csv.bz2": KINDS["bzip2"][1]({"source": ["x"], "target": ["y"]}),
        "readme.md": b"# hello",
        "notes.MD": b"# hello",
        "plan.pdf": b"%PDF-1.7",
        "LICENSE": b"MIT",
        "._a.csv": b"\x00\x05",
        "_SUCCESS": b"",
    }.items():
        (tmp_path / name).write_bytes(data)
    opened = open_files(tmp_path)
    assert opened.notes == (f"{tmp_path.name}: passed over 4 files (2 .md, 1 .pdf, 1 without ending)",)
    assert tn.read_log(tmp_path).ledger.used == 3


def test_tables_of_another_kind_in_a_folder_are_a_warning(tmp_path):
    (tmp_path / "2023.csv").write_text(PLAIN)
    (tmp_path / "2024.xlsx").write_bytes(KINDS["xlsx"][1](LOG))
    (tmp_path / "meta.json").write_text('{"made": "2024"}')
    with pytest.warns(FilesPassedOver, match=r"passed over 2 files \(1 \.json, 1 \.xlsx\); what is read is CSV"):
        log = tn.read_log(tmp_path)
    assert log.ledger.used == 2


def test_folders_without_a_table_say_what_is_there(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "b.md").write_text("# none")
    assert "there is no table in" in refused(tmp_path)
    assert "2 files (1 .md, 1 .pdf)" in refused(tmp_path)
    assert "2 files (1 .md, 1 .pdf)" not in refused(tmp_path / "*.pdf")


def test_kinds_are_not_mixed(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(KINDS["json lines"][1](LOG))
    (tmp_path / "b.xlsx").write_bytes(KINDS["xlsx"][1](LOG))
    assert "matches Excel and JSON files; choose one kind" in refused(tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_of_any_kind_with_folders_that_are_columns(kind, tmp_path):
    usual, made = KINDS[kind]
    for channel in ("mail", "chat"):
        (tmp_path / f"channel={channel}").mkdir()
        (tmp_path / f"channel={channel}" / usual).write_bytes(made(LOG))
    log = tn.read_log(tmp_path)
    assert log.channels == ("chat", "mail")
    assert rows(log) == sorted(ROWS * 2)


# Archives


def test_names_in_an_archive_lead_nowhere_else(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    names = [
        "../../evil.csv",
        "/etc/evil.csv",
        "a\\..\\..\\evil.csv",
        "C:\\evil.csv",
        "x=../evil.csv",
        "x=1/../../evil.csv",
        "e\nvil.csv",
        "é" * 90 + ".csv",
    ]
    (tmp_path / "log.zip").write_bytes(zipped({name: f"source,target\ns{at},t\n".encode() for at, name in enumerate(names)}))
    log = tn.read_log(tmp_path / "log.zip")
    assert pairs(log) == [(f"s{at}", "t") for at in range(len(names))]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.zip", "scratch"]
    assert not list(tmp_path.parent.glob("evil*"))
    del log
    gc.collect()
    assert list((tmp_path / "scratch").iterdir()) == []


def test_folders_in_an_archive_may_be_columns(tmp_path):
    held = {f"log/channel={channel}/part.csv": PLAIN.encode() for channel in ("mail", "chat")}
    (tmp_path / "log.zip").write_bytes(zipped(held))
    assert tn.read_log(tmp_path / "log.zip").channels == ("chat", "mail")


def test_rejected_lines_in_an_archive_are_named(tmp_path):
    (tmp_path / "log.zip").write_bytes(zipped({"a/mail.csv": b"source,target\nann,bob\nann,\n", "a/chat.csv": b"source,target\n,bob\n"}))
    with pytest.warns(RowsRejected):
        log = tn.read_log(tmp_path / "log.zip")
    assert sorted((reject.file, reject.line) for reject in log.rejects) == [("chat.csv", 2), ("mail.csv", 3)]


def test_an_archive_passes_over_what_is_no_table(tmp_path):
    held = {"log.csv": PLAIN.encode(), "readme.md": b"# hello", "inner.zip": zipped({"x.csv": PLAIN.encode()}), "plan.pdf": b"%PDF-1.7 x"}
    (tmp_path / "log.zip").write_bytes(zipped(held))
    opened = open_files(tmp_path / "log.zip")
    assert opened.notes == ("log.zip: passed over 3 files (1 .md, 1 .pdf, 1 .zip)",)
    assert len(opened.relation.fetchall()) == 2
    assert opened.name == "log.zip"


@pytest.mark.parametrize("held", [{}, {"__MACOSX/x.csv": b"a,b"}, {"x.pdf": b"%PDF-1.7"}, {"x.zip": zipped({"x.csv": PLAIN.encode()})}])
def test_archives_without_a_table(held, tmp_path):
    (tmp_path / "log.zip").write_bytes(zipped(held))
    assert "there is no table in 'log.zip'" in refused(tmp_path / "log.zip")


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz", "zstd", "zip"])
def test_a_file_made_to_fill_disks_is_refused(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "BOMB", 1 << 20)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    made = KINDS[kind][1]
    (tmp_path / "log.bin").write_bytes(made({"source": ["ann"] * 300_000, "target": ["bob"] * 300_000}))
    assert "unpacks to more than 200 times its size" in refused(tmp_path / "log.bin")
    gc.collect()
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_full_disk_is_told_apart_from_damage(tmp_path, monkeypatch):
    (tmp_path / "log.csv.bz2").write_bytes(KINDS["bzip2"][1](LOG))
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    assert "set spill to a folder on a larger disk" in refused(tmp_path / "log.csv.bz2")


def test_a_table_packed_too_often(tmp_path):
    data = PLAIN.encode()
    for _ in range(6):
        data = gzip.compress(data)
    (tmp_path / "log.gz").write_bytes(data)
    assert "packed many times over" in refused(tmp_path / "log.gz")


def test_zstd_without_a_package_says_which(tmp_path, monkeypatch):
    (tmp_path / "log.csv.zst").write_bytes(KINDS["zstd"][1](LOG))
    monkeypatch.setattr(packed, "find_spec", lambda name: None)
    assert "install pyarrow or zstandard" in refused(tmp_path / "log.csv.zst")


# Workbooks


def workbook(path: Path, sheets, **options) -> Path:
    path.write_bytes(xlsx(sheets, **options))
    return path


def test_cells_keep_their_types(tmp_path):
    header = ["source", "target", "whole", "broken", "day", "clock", "span", "flag", "mixed", "empty", "number or text"]
    cells = [
        [7, "007", 10**15 + 1, 2.5, date(2024, 1, 2), time(9, 30), timedelta(hours=26, minutes=5), True, datetime(2024, 2, 1, 10), None, 7],
        [8, "x ", 3, 4, date(2024, 12, 31), time(23, 59, 59), timedelta(minutes=1), False, "13/02/2024 10:00", None, "7a"],
    ]
    relation = open_files(workbook(tmp_path / "log.xlsx", {"Log": [header, *cells]})).relation
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    assert types == {
        "source": "BIGINT",
        "target": "VARCHAR",
        "whole": "BIGINT",
        "broken": "DOUBLE",
        "day": "DATE",
        "clock": "TIME",
        "span": "VARCHAR",
        "flag": "BOOLEAN",
        "mixed": "VARCHAR",
        "empty": "VARCHAR",
        "number or text": "VARCHAR",
    }
    assert relation.fetchall() == [
        (7, "007", 10**15 + 1, 2.5, date(2024, 1, 2), time(9, 30), "26:05:00", True, "2024-02-01 10:00:00", None, "7"),
        (8, "x ", 3, 4.0, date(2024, 12, 31), time(23, 59, 59), "00:01:00", False, "13/02/2024 10:00", None, "7a"),
    ]


def test_midnight_among_other_hours_is_a_moment(tmp_path):
    times = [datetime(2024, 1, 1), datetime(2024, 1, 1, 0, 0, 1), None]
    path = workbook(tmp_path / "log.xlsx", {"Log": [["source", "target", "time"], *[["a", "b", moment] for moment in times[:2]]]})
    assert [row[2] for row in open_files(path).relation.fetchall()] == times[:2]


def test_the_sheet_with_the_columns_is_read(tmp_path):
    sheets = {
        "Read me": [["Made by", "HR"]],
        "Roster 2024": [["person", "function"], ["ann", "Sales"]],
        "Codes": [["code", "name"], [1, "x"]],
    }
    path = workbook(tmp_path / "people.xlsx", sheets)
    assert tn.read_people(path).person.tolist() == ["ann"]
    message = refused(path)
    assert "the sheets 'Read me', 'Roster 2024', 'Codes', none of them with the columns 'source' and 'target'" in message


def test_two_sheets_with_the_columns_are_named(tmp_path):
    path = workbook(tmp_path / "log.xlsx", {"Q1": [["source", "target"], ["a", "b"]], "Q2": [["target", "source"], ["a", "b"]]})
    assert "the sheets 'Q1', 'Q2' all have the columns 'source' and 'target'; save the one you mean" in refused(path)


def test_hidden_and_empty_sheets_do_not_count(tmp_path):
    sheets = {"Log": [["source", "target"], ["a", "b"]], "Old": [["source", "target"], ["x", "y"]], "Empty": []}
    path = workbook(tmp_path / "log.xlsx", sheets, hidden=("Old",))
    assert pairs(tn.read_log(path)) == [("a", "b")]
    alone = workbook(tmp_path / "hidden.xlsx", {"Log": [["source", "target"], ["a", "b"]], "Empty": [[None]]}, hidden=("Log",))
    assert pairs(tn.read_log(alone)) == [("a", "b")]


def test_titles_above_the_header_and_empty_rows_are_passed_over(tmp_path):
    cells = [
        ["Report of January"],
        [None],
        ["made", datetime(2024, 1, 1)],
        ["From ", "To", None],
        ["a", "b", None],
        [None, None],
        ["c", "d", "note"],
    ]
    path = workbook(tmp_path / "log.xlsx", {"Log": [row + [None] * (3 - len(row)) for row in cells]})
    log = tn.read_log(path, columns={"source": "From", "target": "To"})
    assert pairs(log) == [("a", "b"), ("c", "d")]


@pytest.mark.parametrize(
    ("sheets", "words"),
    [
        ({"Log": []}, "its sheets are empty"),
        ({"Log": [["source", "target"]]}, "the table is empty"),
        ({"Log": [["source", "target", "target"], ["a", "b", "c"]]}, "two columns named 'target'"),
        ({"Log": [["from", "to"], ["a", "b"]]}, "no column 'source'"),
        ({"Log": [["source", "target"], [1.5, "b"]]}, "floating-point numbers where ids are expected"),
    ],
)
def test_workbooks_that_are_no_log(sheets, words, tmp_path):
    assert words in refused(workbook(tmp_path / "log.xlsx", sheets))


def test_a_workbook_without_the_package_says_how_to_get_it(tmp_path, monkeypatch):
    from tienet.network.reading.files import workbooks

    monkeypatch.setattr(workbooks, "find_spec", lambda name: None)
    (tmp_path / "people.xlsx").write_bytes(KINDS["xlsx"][1]({"person": ["ann"], "function": ["Sales"]}))
    assert refused(tmp_path / "people.xlsx", reader=tn.read_people).endswith("needs pip install 'tienet[excel]'; or save the sheet as CSV")


def test_employee_numbers_of_a_workbook_match_those_of_a_csv_log(tmp_path):
    (tmp_path / "log.csv").write_text("source,target\n100000,7\n7,100000\n")
    path = workbook(tmp_path / "people.xlsx", {"HR": [["person", "function"], [100000, "Sales"], [7.0, "Ops"]]})
    ties = tn.build_ties(tn.read_log(tmp_path / "log.csv"), tn.read_people(path), rule=tn.TieRule(min_interactions=1, half_life=None))
    assert ties.interactions.tolist() == [2.0]


# JSON


def test_broken_lines_of_json_are_rejected_lines(tmp_path):
    good = '{"source": "ann", "target": "bob"}\n'
    text = good * 3 + '\n{"source": "ann", "target": "bo\n' + good + "[1, 2]\n" + "null\n" + good + '{"source": "x"} trailing\n' + good
    (tmp_path / "log.jsonl").write_text(text)
    with pytest.warns(RowsRejected):
        log = tn.read_log(tmp_path / "log.jsonl")
    assert dict(log.ledger.counts) == {"used": 6, "malformed_line": 4}
    assert [(reject.file, reject.line, reject.code) for reject in log.rejects] == [
        ("log.jsonl", line, "malformed_line") for line in (5, 7, 8, 10)
    ]


def test_a_broken_first_line_of_json(tmp_path):
    (tmp_path / "log.jsonl").write_text('{"source": "a\n' + '{"source": "ann", "target": "bob"}\n' * 2)
    with pytest.warns(RowsRejected):
        assert dict(tn.read_log(tmp_path / "log.jsonl").ledger.counts) == {"used": 2, "malformed_line": 1}


def test_values_of_json_are_what_they_are(tmp_path):
    records = [
        {"source": "007", "target": 7, "time": "2024-01-01T10:00:00+02:00", "to": ["a", "b"], "from": {"address": "x@y"}, "w": 1},
        {"source": "1e5", "target": "7", "time": "2024-01-02", "to": [], "from": None, "w": 2.5},
        {"source": "NA", "target": 12345678901234567890, "to": None, "more": [{"k": 1}, {"k": "z"}], "w": None},
    ]
    (tmp_path / "log.json").write_text(json.dumps(records))
    relation = open_files(tmp_path / "log.json").relation
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    assert types["to"] == "VARCHAR[]"
    assert types["from"].upper().startswith("STRUCT(")
    assert types["w"] == "DOUBLE"
    assert types["time"] == "VARCHAR"
    held = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    assert [row["source"] for row in held] == ["007", "1e5", "NA"]
    assert [row["target"] for row in held] == ["7", "7", "12345678901234567890"]
    assert [row["to"] for row in held] == [["a", "b"], [], None]
    assert held[0]["from"] == {"address": "x@y"}
    assert held[2]["more"] == [{"k": "1"}, {"k": "z"}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"source": "a", "target": "b"}, 3]', "1 of 2 elements are no objects"),
        ('[{"source": "a", "target": "b"}', "not readable as JSON"),
        ("[]", "no JSON object with a value"),
        ("{}", "no JSON object with a value"),
        ('{"Source": "a", "source": "b"}', "two keys that differ only in case"),
        ("[" * 100_000, "JSON"),
        ('{"a":' * 100_000, "JSON"),
        ('{"source": "a"', "JSON"),
    ],
)
def test_json_that_is_no_table(text, words, tmp_path):
    (tmp_path / "log.json").write_text(text)
    assert words in refused(tmp_path / "log.json")


# Arrow


def test_arrow_without_pyarrow_and_polars(tmp_path, monkeypatch):
    from tienet.network.reading.files import arrow_files

    for kind in ("arrow", "arrow stream", "feather"):
        usual, made = KINDS[kind]
        (tmp_path / usual).write_bytes(made(LOG))
        monkeypatch.setattr(arrow_files, "find_spec", lambda name: name == "polars" or None)
        assert rows(tn.read_log(tmp_path / usual)) == ROWS
        monkeypatch.setattr(arrow_files, "find_spec", lambda name: None)
        assert "needs pyarrow or polars" in refused(tmp_path / usual)


def test_moments_of_arrow_keep_their_zone(tmp_path):
    times = pa.array([0, 1_700_000_000_000_000], pa.timestamp("us", "Europe/Berlin"))
    table = pa.table({"source": pa.array(["a", "b"]).dictionary_encode(), "target": ["b", "a"], "time": times})
    feather.write_feather(table, tmp_path / "log.feather")
    log = tn.read_log(tmp_path / "log.feather", timezone="Asia/Tokyo")
    assert (log.first, log.last) == (0, 1_700_000_000_000_000)


# Open documents


def test_an_open_document_with_a_repeated_header_is_refused(tmp_path):
    (tmp_path / "log.ods").write_bytes(ods([["source", "target", "target"], ["a", "b", "c"]]))
    assert "two columns named 'target'" in refused(tmp_path / "log.ods")
    assert rows_of({"a": [1]}) == [["a"], [1]]


def test_a_workbook_made_of_a_zip_bomb_is_not_unpacked_by_us(tmp_path):
    out = io.BytesIO(xlsx({"Log": [["source", "target"], ["a", "b"]]}))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/big.bin", bytes(30 << 20))
    (tmp_path / "log.xlsx").write_bytes(out.getvalue())
    assert pairs(tn.read_log(tmp_path / "log.xlsx")) == [("a", "b")]
