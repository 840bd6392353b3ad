"""A thousand tables as firms hand them over, generated: each is read exactly, or refused, or the loss is told; never silently different.

The truth is drawn first and then written in some shape, dialect, encoding, zone and kind of file. What is read is compared with the truth.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import random
import tempfile
import warnings
import zipfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from tienet.base.errors import TienetError, TienetWarning

pytestmark = pytest.mark.sweep

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
PEOPLE = {
    "plain": ["ann", "bob", "cyn", "dan", "eve", "00123", "NA", "1e5"],
    "umlauts": ["müller", "søren", "josé", "ann", "bob", "grün", "weiß"],
    "mail": ["ann@firm.example", "bob@firm.example", "cyn.o'neill@firm.example", "dan-x@firm.example", "eve_1@firm.example"],
    "far": ["山田", "Иван", "Zoë", "ann", "bob"],
}
# How a time is written, and what has to be said about it (nothing for what is read by itself).
CLOCKS = {
    "iso": ("%Y-%m-%d %H:%M:%S", None),
    "iso T": ("%Y-%m-%dT%H:%M:%S", None),
    "iso minutes": ("%Y-%m-%d %H:%M", None),
    "german": ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M"),
    "british": ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S"),
    "american": ("%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M %p"),
}
MOMENTS = ("Z", " Z", "+02:00", " +0200", " UTC+2", " GMT", "rfc 2822", "epoch", "epoch_ms", "epoch_us", "epoch_ns")


@dataclass(frozen=True)
class Record:
    """One record of the truth: a moment in whole minutes, who, and to whom."""

    moment: datetime
    source: str
    targets: tuple[str, ...]
    event: str


def records(rng: random.Random, ids: list[str], zone: str, most: int) -> list[Record]:
    """One to twelve records at times that no change of clocks makes ambiguous or leaves out."""
    made = []
    for place in range(rng.randint(1, 12)):
        while True:
            moment = datetime(2023, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(2 * 365 * 24 * 60))
            local = moment.astimezone(ZoneInfo(zone))
            around = [(local + timedelta(hours=h)).utcoffset() for h in (-26, 26)]
            if around[0] == around[1]:
                break
        source, *targets = rng.sample(ids, rng.randint(2, min(most, len(ids))))
        made.append(Record(moment, source, tuple(targets), f"m{place}"))
    return made


def written_time(moment: datetime, zone: str, clock: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    if clock in CLOCKS:
        return local.strftime(CLOCKS[clock][0])
    if clock.startswith("epoch"):
        return str(int(moment.timestamp()) * {"epoch": 1, "epoch_ms": 10**3, "epoch_us": 10**6, "epoch_ns": 10**9}[clock])
    if clock == "rfc 2822":
        return format_datetime(local)
    shift = timedelta(hours=2 if "2" in clock else 0)
    return (moment + shift).strftime("%Y-%m-%d %H:%M:%S" if clock.startswith(" ") else "%Y-%m-%dT%H:%M:%S") + clock


def truth(held: list[Record], shape: str) -> Counter[tuple[datetime, str, str]]:
    """The interactions: from the source to each target; within an event, from everyone to everyone else."""
    found: Counter[tuple[datetime, str, str]] = Counter()
    for one in held:
        people = (one.source, *one.targets)
        pairs = (
            [(a, b) for a in people for b in people if a != b] if shape == "people" else [(one.source, target) for target in one.targets]
        )
        found.update((one.moment, a, b) for a, b in pairs)
    return found


def table(held: list[Record], shape: str, times: list[tuple[str, ...]], rng: random.Random) -> tuple[list[str], list[list[str]]]:
    """Header and rows in a shape: pairs, several people in a cell, several columns, or a row per person and event."""
    when = ["When"] if len(times[0]) == 1 else ["Day", "Hour"]
    if shape == "people":
        rows = [[*time, one.event, person] for one, time in zip(held, times, strict=True) for person in (one.source, *one.targets)]
        rng.shuffle(rows)
        return [*when, "Meeting", "Person"], rows
    if shape == "columns":
        rows = [[*time, one.source, one.targets[0], *((one.targets[1:2]) or ("",))] for one, time in zip(held, times, strict=True)]
        return [*when, "From", "To", "Cc"], rows
    return [*when, "From", "To"], [[*time, one.source, "; ".join(one.targets)] for one, time in zip(held, times, strict=True)]


def mapping(header: list[str]) -> dict[str, object]:
    """The columns as a user would map them."""
    mapped: dict[str, object] = {"time": "When" if "When" in header else ["Day", "Hour"]}
    if "Meeting" in header:
        return mapped | {"event": "Meeting", "source": "Person"}
    return mapped | {"source": "From", "target": ["To", "Cc"] if "Cc" in header else "To"}


def as_csv(header: list[str], rows: list[list[str]], how: dict[str, object]) -> bytes:
    """The text of a CSV file in a dialect and encoding."""
    out = io.StringIO()
    writer = csv.writer(
        out, delimiter=str(how["delimiter"]), quoting=csv.QUOTE_ALL if how["quoted"] else csv.QUOTE_MINIMAL, lineterminator=str(how["ends"])
    )
    writer.writerows([header, *rows])
    text = out.getvalue()
    if how["start"] == "sep":
        text = f"sep={how['delimiter']}{how['ends']}{text}"
    elif how["start"] == "preamble":
        text = f"Export of the mail system{how['ends']}made on Monday{how['ends']}{how['ends']}{text}"
    elif how["start"] == "blank":
        text = f"{how['ends']}{text}"
    if how["blank rows"]:
        text += str(how["ends"]) * 2
    return text.encode(str(how["encoding"]))


PACKED = {
    "": lambda raw: raw,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zip": lambda raw: zipped(raw),
}


def zipped(raw: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export/log.csv", raw)
        archive.writestr("__MACOSX/export/._log.csv", b"\0\1")
    return out.getvalue()


def read(data: object, **options: object) -> tuple[object, list[str], str]:
    """The log or None, the warnings, and the refusal."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            log = tn.read_log(data, progress=False, **options)
        except TienetError as problem:
            return None, [], str(problem)
    return log, [str(one.message) for one in heard if issubclass(one.category, TienetWarning)], ""


def rows_of(log: object) -> Counter[tuple[datetime, str, str]]:
    columns = log._columns()
    moments = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(t)) for t in columns["time"].astype("int64")]
    return Counter(zip(moments, columns["source"].tolist(), columns["target"].tolist(), strict=True))


def judge(log: object, told: list[str], refusal: str, wanted: Counter, count: int, *, exactly: bool) -> None:
    """Read exactly, refused in one good line, or with a loss that is told and a ledger that closes."""
    for line in [*told, refusal]:
        assert len(line) <= 300
        assert line.isprintable()
        assert "duckdb" not in line.lower()
        assert tempfile.gettempdir() not in line
    if log is None:
        assert refusal
        assert not exactly, refusal
        return
    ledger = log.ledger
    assert ledger.rows_in == count, (str(ledger), told)
    found = rows_of(log)
    if found == wanted:
        assert not ledger.rejected
        return
    assert not exactly, (found, wanted, told)
    assert told, "rows differ and nobody is told"


DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", ";", "\t", "|"]),
        "quoted": st.booleans(),
        "ends": st.sampled_from(["\n", "\r\n", "\r"]),
        "start": st.sampled_from(["", "", "sep", "preamble", "blank"]),
        "blank rows": st.booleans(),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"]),
    }
)
SHAPES = ("pairs", "cells", "columns", "people")
ASKED = st.sampled_from(["all", "all", "no encoding", "no time_format", "no separator", "delimiter too"])


def options_for(shape: str, clock: str, zone: str, encoding: str, header: list[str]) -> dict[str, object]:
    """Everything that a user has to say about such a table."""
    said: dict[str, object] = {"columns": mapping(header), "timezone": zone}
    if shape == "cells":
        said["separator"] = ";"
    if clock in CLOCKS and CLOCKS[clock][1]:
        said["time_format"] = CLOCKS[clock][1]
    if clock.startswith("epoch"):
        said["time_format"] = clock
    if encoding in ("cp1252", "latin-1"):
        said["encoding"] = encoding
    return said


@pytest.mark.parametrize("shape", SHAPES)
@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(sorted(PEOPLE)),
    zone=st.sampled_from(ZONES),
    clock=st.sampled_from([*CLOCKS, *MOMENTS]),
    two=st.booleans(),
    dialect=DIALECTS,
    packed=st.sampled_from(sorted(PACKED)),
    asked=ASKED,
)
def test_a_file_is_read_exactly_or_the_difference_is_told(shape, seed, kind, zone, clock, two, dialect, packed, asked):
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    dialect = dict(dialect)
    ids = PEOPLE[kind]
    try:
        "".join(ids).encode(dialect["encoding"])
    except UnicodeEncodeError:
        dialect["encoding"] = "utf-8"
    held = records(rng, ids, zone, {"pairs": 2, "columns": 3}.get(shape, 5))
    times = [(written_time(one.moment, zone, clock),) for one in held]
    if two and clock in CLOCKS:
        times = [tuple(time.replace("T", " ").split(" ", 1)) for (time,) in times]
    header, rows = table(held, shape, times, rng)
    said = options_for(shape, clock, zone, dialect["encoding"], header)
    if two and clock == "iso T":
        said.pop("time_format", None)
    if asked == "delimiter too":
        said["delimiter"] = dialect["delimiter"]
    left_out = said.pop(asked.partition(" ")[2], None) if asked.startswith("no ") else None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"log.csv{packed}"
        path.write_bytes(PACKED[packed](as_csv(header, rows, dialect)))
        log, told, refusal = read(path, **said)
        exactly = left_out is None
        judge(log, told, refusal, truth(held, shape), len(rows), exactly=exactly)


FRAMES = ("pandas", "polars", "pyarrow", "duckdb", "parquet", "json lines")


@pytest.mark.parametrize("engine", FRAMES)
@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(sorted(PEOPLE)),
    zone=st.sampled_from(ZONES),
    clock=st.sampled_from(["typed", "zoned", "iso", "german", "Z", "epoch_ms"]),
    shape=st.sampled_from(["pairs", "cells", "lists", "columns", "people"]),
)
def test_a_frame_is_read_exactly(engine, seed, kind, zone, clock, shape):
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    held = records(rng, PEOPLE[kind], zone, {"pairs": 2, "columns": 3}.get(shape, 5))
    if clock in ("typed", "zoned") and engine != "json lines":
        local = [one.moment.astimezone(ZoneInfo(zone)) for one in held]
        values = local if clock == "zoned" else [time.replace(tzinfo=None) for time in local]
        values = [value.astimezone(UTC) for value in values] if clock == "zoned" else values
    else:
        clock = "iso" if clock in ("typed", "zoned") else clock
        values = [written_time(one.moment, zone, clock) for one in held]
    header, rows = table(held, "cells" if shape == "lists" else shape, [("x",)] * len(held), rng)
    order = {one.event: value for one, value in zip(held, values, strict=True)}
    columns = {name: [row[place] for row in rows] for place, name in enumerate(header)}
    columns["When"] = [order[row[1]] for row in rows] if shape == "people" else values
    if shape == "lists":
        columns["To"] = [list(one.targets) for one in held]
    if shape == "columns":
        columns["Cc"] = [value or None for value in columns["Cc"]]
    said = options_for(shape, clock, zone, "utf-8", header)
    with tempfile.TemporaryDirectory() as folder:
        log, told, refusal = read(made(columns, engine, Path(folder)), **said)
        judge(log, told, refusal, truth(held, shape), len(rows), exactly=True)


def made(columns: dict[str, list[object]], engine: str, folder: Path) -> object:
    """The table as a frame, or as a file of a typed kind."""
    if engine == "pandas":
        return pd.DataFrame(columns)
    if engine == "json lines":
        path = folder / "log.jsonl"
        path.write_text("".join(json.dumps(dict(zip(columns, row, strict=True))) + "\n" for row in zip(*columns.values(), strict=True)))
        return path
    pa = pytest.importorskip("pyarrow")
    arrow = pa.table(columns)
    if engine == "polars":
        return pytest.importorskip("polars").from_arrow(arrow)
    if engine == "duckdb":
        import duckdb

        connection = duckdb.connect()
        return connection.from_arrow(arrow)
    if engine == "parquet":
        import pyarrow.parquet as pq

        pq.write_table(arrow, folder / "log.bin")
        return folder / "log.bin"
    return arrow
