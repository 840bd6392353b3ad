"""Exports that are damaged, or made to do harm: every reader answers with a log, or with one line that shows no content."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import random
import socket
import stat
import struct
import warnings
import zipfile
from pathlib import Path

import ijson
import pytest

from exporting import PLANTED, assert_no_planted
from real import find
from tienet.base.errors import DataError, TienetError
from tienet.network.sources import readers
from tienet.network.sources.exports import files as kit
from tienet.network.sources.exports import json_items, open_export
from tienet.network.sources.exports.json_items import document, items

EXPORTS = find("made_up_exports") / "raw"
MAIL = "\n".join(
    f"From x Mon Mar  2 09:00:00 2026\nFrom: ana@firm.example\nTo: ben@firm.example\nDate: Mon, 2 Mar 2026 0{at}:00:00 +0000\n"
    f"Message-ID: <{at}@firm.example>\nSubject: {PLANTED[0]}\n\n{PLANTED[1]}\n"
    for at in range(6)
)
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
    + "".join(
        f"BEGIN:VEVENT\r\nUID:{at}\r\nDTSTAMP:20260301T000000Z\r\nDTSTART:2026030{at}T090000Z\r\nDTEND:2026030{at}T100000Z\r\n"
        f"RRULE:FREQ=WEEKLY;COUNT=3\r\nSUMMARY:{PLANTED[0]}\r\nORGANIZER:mailto:ana@firm.example\r\n"
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ben@firm.example\r\nEND:VEVENT\r\n"
        for at in range(1, 6)
    )
    + "END:VCALENDAR\r\n"
)
VIVA = "PrimaryCollaborator_PersonId,SecondaryCollaborator_PersonId,MetricDate,Diverse_tie_score\n" + "".join(
    f"p{at},p{at + 1},2026-0{at}-01,0.{at}\n" for at in range(1, 6)
)
AUDITS = {
    "audits": [
        {
            "id": at,
            "ticket_id": 7,
            "created_at": f"2026-03-0{at}T09:00:00Z",
            "author_id": at,
            "via": {"channel": "web"},
            "events": [
                {"id": 1, "type": "Change", "field_name": "assignee_id", "value": f"{at + 1}", "previous_value": f"{at}"},
                {"id": 2, "type": "Comment", "public": False, "author_id": at, "body": PLANTED[0]},
            ],
        }
        for at in range(1, 6)
    ],
    "users": [{"id": at, "name": f"Person {at}", "email": f"p{at}@firm.example", "role": "agent", "active": True} for at in range(1, 8)],
}


def slack_files():
    with zipfile.ZipFile(EXPORTS / "slack/export.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def files_in(folder, *names):
    places = [folder / name for name in names] or sorted(place for place in folder.rglob("*") if place.is_file())
    return {place.relative_to(folder).as_posix(): place.read_bytes() for place in places}


def good(kind):
    """A small export that the reader of a kind reads, as name inside -> bytes."""
    folders = {"trello": "trello", "salesforce": "salesforce", "hubspot": "hubspot", "xes": "xes", "ocel": "ocel", "attendance": "zoom"}
    if kind in folders:
        return files_in(EXPORTS / folders[kind])
    return {
        "slack": slack_files,
        "mail": lambda: {"a.mbox": MAIL.encode(), **files_in(EXPORTS / "message_trace", "summary.csv")},
        "calendar": lambda: {"a.ics": CALENDAR.encode(), **files_in(EXPORTS / "graph", "events.json")},
        "teams": lambda: files_in(EXPORTS / "graph", "chat_messages.json", "channel_messages.json", "group_chat_messages.json"),
        "viva": lambda: {"viva.csv": VIVA.encode()},
        "asana": lambda: files_in(EXPORTS / "asana", "tasks.json"),
        "jira": lambda: files_in(EXPORTS / "jira", "issues.json"),
        "zendesk": lambda: {"audits.json": json.dumps(AUDITS).encode()},
    }[kind]()


KINDS = [kind for kind in readers() if kind != "table"]
OPTIONS = {"jira": {"timezone": "UTC"}}


def written(folder, held):
    for name, text in held.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text)
    return folder


def zipped(place, held):
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in held.items():
            archive.writestr(name, text)
    return place


def outcome(kind, place):
    """The log of an export, or the one line that says why there is none; nothing else may come out, and no content."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            log = readers()[kind].function(place, **OPTIONS.get(kind, {}))
        except TienetError as problem:
            log, said = None, [str(problem)]
            assert "\n" not in said[0]
            assert len(said[0]) <= 300
        else:
            said = []
            ledger = log.ledger if log.ledger.records is None else log.ledger.records
            assert ledger.rows_in == sum(ledger.counts.values())
    foreign = [one for one in told if not one.category.__module__.startswith("tienet")]
    assert not foreign, str(foreign[0])
    assert_no_planted(log, *said, *(str(one.message) for one in told))
    return log if log is not None else said[0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_are_read(tmp_path, kind):
    assert not isinstance(outcome(kind, written(tmp_path, good(kind))), str)


# Archives


@pytest.fixture
def small_limits(monkeypatch):
    monkeypatch.setattr(kit, "SMALL", 1 << 20)


def patched(place, held, change):
    """An archive whose central directory is changed: `change` gets its bytes and the start of the first entry."""
    zipped(place, held)
    data = bytearray(place.read_bytes())
    change(data, data.index(b"PK\x01\x02"))
    place.write_bytes(data)
    return place


def as_link(place):
    with zipfile.ZipFile(place, "w") as archive:
        info = zipfile.ZipInfo("log.xes")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return place


def with_two_of_a_name(place):
    with warnings.catch_warnings(), zipfile.ZipFile(place, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("a.json", "[]")
        archive.writestr("a.json", "{}")
    return place


def overlapping(place):
    """Many entries of the directory that share the same packed bytes: small on disk, large unpacked."""
    zipped(place, {"a.json": b" " * kit.SMALL})
    data = place.read_bytes()
    first, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = bytearray(data[first:end])
    copies = bytearray()
    for at in range(600):
        entry[46:47] = bytes([97 + at % 26])
        name = f"{at:06}".encode()
        entry[28:30] = struct.pack("<H", len(name))
        copies += entry[:46] + name
    tail = bytearray(data[end:])
    struct.pack_into("<HHII", tail, 8, 600, 600, len(copies), first)
    place.write_bytes(data[:first] + copies + tail)
    return place


def encrypted(data, first):
    struct.pack_into("<H", data, first + 8, struct.unpack_from("<H", data, first + 8)[0] | 1)


def unknown_packing(data, first):
    struct.pack_into("<H", data, first + 10, 99)
    struct.pack_into("<H", data, 8, 99)


ARCHIVES = {
    "bomb": (lambda place: zipped(place, {"a.json": b" " * (kit.SMALL + 1) + b"[]"}), "unpacks to far more than its size"),
    "overlapping": (overlapping, "unpacks to far more than its size"),
    "absolute": (lambda place: zipped(place, {f"/{PLANTED[0]}.json": b"[]"}), "would lie outside of it"),
    "above": (lambda place: zipped(place, {f"a/../../{PLANTED[0]}.json": b"[]"}), "would lie outside of it"),
    "above, backslashes": (lambda place: zipped(place, {f"..\\{PLANTED[0]}.json": b"[]"}), "would lie outside of it"),
    "drive": (lambda place: zipped(place, {f"C:/{PLANTED[0]}.json": b"[]"}), "would lie outside of it"),
    "link": (as_link, "holds a link"),
    "two of a name": (with_two_of_a_name, "two files of one name"),
    "encrypted": (lambda place: patched(place, {"a.json": b"[]"}, encrypted), "has a password"),
    "empty": (lambda place: zipped(place, {}), "holds no file with content"),
    "empty files": (lambda place: zipped(place, {"a.json": b"", "b/": b""}), "holds no file with content"),
    "cut": (
        lambda place: place.write_bytes(zipped(place, {"a.json": b"[]" * 99}).read_bytes()[:40]) and place,
        "end too early or are damaged",
    ),
    "four bytes": (lambda place: place.write_bytes(b"PK\x03\x04") and place, "end too early or are damaged"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_harmful_archives_are_refused_before_a_file_is_read(tmp_path, name, small_limits):
    make, words = ARCHIVES[name]
    place = make(tmp_path / "export.zip")
    assert place.stat().st_size < 1 << 20
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError, match=words) as problem:
        open_export(place, kind="slack")
    assert "\n" not in str(problem.value)
    assert_no_planted(None, str(problem.value))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", KINDS)
def test_harmful_archives_are_one_line_in_every_reader(tmp_path, kind, small_limits):
    for name, (make, _) in ARCHIVES.items():
        assert isinstance(outcome(kind, make(tmp_path / f"{name}.zip")), str)


def test_an_archive_of_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(kit, "MOST_FILES", 20)
    place = zipped(tmp_path / "a.zip", {f"{at}.json": b"[]" for at in range(21)})
    for path in (place, written(tmp_path / "folder", {f"{at}.json": b"[]" for at in range(21)})):
        with pytest.raises(DataError, match="holds more than 20 files"):
            open_export(path, kind="slack")


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_in_an_archive_is_not_unpacked(tmp_path, kind):
    inner = zipped(tmp_path / "inner.zip", good(kind)).read_bytes()
    assert isinstance(outcome(kind, zipped(tmp_path / "outer.zip", {"inner.zip": inner})), str)


def test_a_link_in_a_folder_is_refused(tmp_path):
    (tmp_path / "secret.json").write_text(json.dumps([PLANTED[0]]))
    folder = written(tmp_path / "export", {"a.json": b"[]"})
    (folder / f"{PLANTED[0]}.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(DataError, match="holds a link") as problem:
        open_export(folder, kind="slack")
    assert_no_planted(None, str(problem.value))


def test_a_folder_that_leads_back_to_itself_is_refused(tmp_path):
    folder = written(tmp_path / "export", {"a.json": b"[]"})
    (folder / "inside").symlink_to(folder)
    with pytest.raises(DataError, match="holds a link"):
        open_export(folder, kind="slack")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_a_folder_is_no_file(tmp_path):
    folder = written(tmp_path / "export", {"a.json": b"[]"})
    os.mkfifo(folder / "pipe.json")
    assert [file.name for file in open_export(folder, kind="slack").files] == ["a.json"]


# Compressed files

PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("inside", [False, True])
def test_a_compressed_bomb_stops(tmp_path, ending, inside, monkeypatch):
    monkeypatch.setattr(kit, "SMALL", 1 << 20)
    packed = PACKERS[ending](b'["' + b" " * (1 << 24) + b'"]')
    held = {f"a.json{ending}": packed, "b.txt": b"x"}
    place = zipped(tmp_path / "a.zip", held) if inside else written(tmp_path / "folder", held)
    file = open_export(place, kind="slack").find(r"a\.json.*")[0]
    with pytest.raises(DataError, match="file 1 of the export unpacks to far more than its size"):
        document(file)
    with pytest.raises(DataError, match="file 1 of the export unpacks to far more than its size"):
        list(items(file, "item"))


@pytest.mark.parametrize("ending", [*PACKERS, ".zst"])
def test_a_compressed_file_that_is_cut_or_not_compressed(tmp_path, ending):
    text = json.dumps([PLANTED[0]] * 2000 + list(range(9999))).encode()
    if ending in PACKERS:
        (tmp_path / f"cut.json{ending}").write_bytes(PACKERS[ending](text)[:-30])
        (file,) = open_export(tmp_path / f"cut.json{ending}", kind="slack").files
        with pytest.raises(DataError, match=r"file 1 of the export .*(damaged|ends too early)") as problem:
            document(file)
        assert_no_planted(None, str(problem.value))
    (tmp_path / f"plain.json{ending}").write_bytes(b"[1]")
    assert document(open_export(tmp_path / f"plain.json{ending}", kind="slack").files[0]) == [1]


@pytest.mark.parametrize("kind", KINDS)
def test_exports_that_end_too_early(tmp_path, kind):
    held = good(kind)
    whole = zipped(tmp_path / "whole.zip", held).read_bytes()
    chance = random.Random(kind)  # noqa: S311 - places to cut at
    for at in range(6):
        (tmp_path / "cut.zip").write_bytes(whole[: chance.randrange(1, len(whole))])
        outcome(kind, tmp_path / "cut.zip")
        name = chance.choice(sorted(held))
        cut = held[name][: chance.randrange(1, len(held[name]))]
        outcome(kind, zipped(tmp_path / f"{at}.zip", held | {name: cut}))
        (tmp_path / f"{at}.gz").write_bytes(gzip.compress(held[name])[: chance.randrange(20, 60)])
        assert isinstance(outcome(kind, tmp_path / f"{at}.gz"), str)


# JSON

VALUES = [
    None,
    True,
    -1,
    0,
    1e400,
    10**400,
    "",
    "nonsense",
    [],
    {},
    [None],
    [[]],
    {"": None},
    [3],
    {"a": {"b": PLANTED[1]}},
    "\ud800",
    "\x00",
]


def spots(value, path=()):
    """Every place in a JSON value."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from spots(inner, (*path, key))


def replaced(value, path, new):
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


def damaged(held, chance):
    """An export in which some values of one JSON file are other values, or some bytes of another file are other bytes."""
    name = chance.choice(sorted(held))
    if not name.endswith(".json"):
        data = bytearray(held[name])
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(data))
            piece = chance.choice([b"\x00", b"\xff\xfe", b'"', b";", b"\n\n", b"<", b"&x;", b"9" * 30, b":", b"nonsense"])
            data[at : at + chance.randrange(0, 9)] = piece
        return held | {name: bytes(data)}
    value = json.loads(held[name])
    for _ in range(chance.randrange(1, 4)):
        value = replaced(value, chance.choice(list(spots(value))), chance.choice(VALUES))
    return held | {name: json.dumps(value).encode()}


def fuzz(folder, kind, seeds):
    for seed in seeds:
        held = damaged(good(kind), random.Random(f"{kind} {seed}"))  # noqa: S311 - damage
        place = zipped(folder / "damaged.zip", held)
        try:
            outcome(kind, place)
        except Exception as problem:
            raise AssertionError(f"{kind}, damage {seed}: {type(problem).__name__}") from problem


@pytest.mark.parametrize("kind", KINDS)
def test_values_of_another_kind_are_counted_or_refused(tmp_path, kind):
    fuzz(tmp_path, kind, range(4))


@pytest.mark.sweep
@pytest.mark.parametrize("kind", KINDS)
def test_many_values_of_another_kind_are_counted_or_refused(tmp_path, kind):
    fuzz(tmp_path, kind, range(100, 300))


@pytest.mark.parametrize("depth", [200, 100_000])
@pytest.mark.parametrize("kind", KINDS)
def test_json_that_is_nested_deeply(tmp_path, kind, depth):
    held = good(kind)
    names = [name for name in held if name.endswith(".json")] or ["a.json"]
    for text in (b"[" * depth, b'{"a":' * depth, b"[" * depth + b"]" * depth):
        assert isinstance(outcome(kind, zipped(tmp_path / "deep.zip", dict.fromkeys(names, text))), str)


@pytest.mark.parametrize(
    "text", [b"[NaN]", b"[1e999]", b"[" + b"9" * 5000 + b"]", b'["\\ud800"]', b"\xff\xfe[\x00", b"[1] [2]", b"\x00", b"[\xff]"]
)
def test_odd_json_is_a_value_or_one_line(tmp_path, text):
    (tmp_path / "a.json").write_bytes(text)
    (file,) = open_export(tmp_path, kind="slack").files
    for read in (document, lambda one: list(items(one, "item"))):
        try:
            read(file)
        except DataError as problem:
            assert str(problem).startswith("file 1 of the export")  # noqa: PT017 - either is right


def any_json(chance, depth=0):
    """A random value, with keys that look like prefixes."""
    kind = chance.randrange(6 if depth < 5 else 3)
    if kind < 3:
        return chance.choice([None, True, 3, 2.5, "item", PLANTED[0], [], {}])
    inner = [any_json(chance, depth + 1) for _ in range(chance.randrange(4))]
    return inner if kind == 3 else {chance.choice(["item", "a", "b", "a.item"]): one for one in inner}


@pytest.mark.parametrize("seed", range(40))
def test_streamed_values_are_those_of_ijson_and_of_the_whole(tmp_path, seed, monkeypatch):
    value = any_json(random.Random(seed))  # noqa: S311 - shapes
    (tmp_path / "a.json").write_text(json.dumps(value))
    (file,) = open_export(tmp_path, kind="slack").files
    for prefixes in (("item",), ("a.item", "b"), ("a.b.*",), ("item.a", "item.item", "a.a.item")):
        whole = list(items(file, *prefixes))
        with monkeypatch.context() as patch:
            patch.setattr(json_items, "SMALL", -1)
            assert list(items(file, *prefixes)) == whole
        if not any(prefix.endswith("*") for prefix in prefixes) and len(prefixes) == 1:
            assert [one for _, one in whole] == list(ijson.items(json.dumps(value).encode(), prefixes[0], use_float=True))


# XML

LAUGHS = "".join(
    f'<!ENTITY l{at} "{"&l" + str(at - 1) + ";" if at else PLANTED[0]}{"&l" + str(at - 1) + ";" if at else ""}">' for at in range(40)
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text",
    [
        f'<?xml version="1.0"?><!DOCTYPE log [{LAUGHS}]><log><trace><string key="concept:name" value="&l39;"/></trace></log>',
        '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]><log xes.version="1.0"><trace>&x;</trace></log>',
        '<?xml version="1.0"?><!DOCTYPE log SYSTEM "http://192.0.2.1/log.dtd"><log xes.version="1.0"/>',
        '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY % x SYSTEM "http://192.0.2.1/x"> %x;]><log xes.version="1.0"/>',
        '<log xes.version="1.0"><trace><event><string key="org:resource" value="&zanzibarplan;"/></event></trace></log>',
    ],
    ids=["laughs", "file", "document type", "parameter", "undeclared"],
)
def test_xml_with_entities_is_one_line_and_nothing_is_fetched(tmp_path, kind, text, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a reader went to the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    (tmp_path / "log.xes").write_text(text)
    said = outcome(kind, tmp_path / "log.xes")
    assert isinstance(said, str)
    assert "root:" not in said


# Nothing leaves and nothing stays


@pytest.mark.parametrize("kind", KINDS)
def test_readers_stay_off_the_network_and_leave_no_file(tmp_path, kind, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a reader went to the network")

    place = zipped(tmp_path / "export.zip", good(kind))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.chdir(scratch)
    assert not isinstance(outcome(kind, place), str)
    assert list(scratch.rglob("*")) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["folder", "empty", "nothing", "null", "number", "random", "picture"])
def test_what_is_no_export_is_one_line(tmp_path, kind, name):
    place = tmp_path / PLANTED[0]
    if name == "folder":
        written(place, {f"{PLANTED[1]}.txt": b"x", f"{PLANTED[2]}/{PLANTED[3]}.json": b"[]"})
    elif name != "nothing":
        chance = random.Random(3)  # noqa: S311 - noise
        texts = {
            "empty": b"",
            "null": bytes(5000),
            "number": b"3",
            "random": chance.randbytes(5000),
            "picture": b"\x89PNG\r\n\x1a\n" + bytes(99),
        }
        place.write_bytes(texts[name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(TienetError) as problem:
            readers()[kind].function(place)
    said = str(problem.value).replace(f"'{Path(place).name}'", "")  # the path that was passed may be said
    assert "\n" not in said
    assert_no_planted(None, said)
