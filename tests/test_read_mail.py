"""Mails: mailboxes, single mails and message traces, against counts made by others and by a count of its own."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import tarfile
import time
import warnings
import zipfile
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from email.header import Header
from email.parser import BytesHeaderParser
from email.utils import format_datetime, formatdate, getaddresses, parsedate_to_datetime
from io import BytesIO

import pandas as pd
import pytest

import tienet as tn
from exporting import PLANTED, assert_closed, assert_counts, assert_no_planted, same_log
from real import find
from tienet.base.errors import ArgumentError, DataError, FilesPassedOver, RowsRejected
from tienet.network.sources.mailboxes.addresses import _any_addresses, _plain_addresses, addresses_in, words_of
from tienet.network.sources.mailboxes.blocks import _Buffer, mails_in_mbox, only_mail
from tienet.network.sources.mailboxes.headers import _fields, is_mail, mail_of, moment_in

FIRM = [f"p{number}@firm.example" for number in range(8)]
LIST = "all@lists.example"
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def quiet(path, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RowsRejected)
        warnings.simplefilter("ignore", FilesPassedOver)
        return tn.read_mail(path, **options)


def mail(source="ann@firm.example", to="bob@firm.example", *more, key="1@firm.example", date="Mon, 5 Jan 2026 10:00:00 +0100", text=""):
    lines = [f"From: {source}", f"To: {to}", f"Date: {date}", f"Message-ID: <{key}>", *more, f"Subject: {PLANTED[0]}"]
    return "\n".join(lines) + f"\n\n{PLANTED[1]} {text}\n"


def mbox(*mails, separator="From ann@firm.example Mon Jan  5 10:00:00 2026\n"):
    return "".join(f"{separator}{one}\n" for one in mails)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def pairs(log):
    return sorted(zip(log.frame["source"], log.frame["target"], strict=True))


# What others counted


@pytest.mark.parametrize("case", ["summary", "enhanced"])
def test_message_traces(case):
    folder = find("made_up_exports")
    log = quiet(folder / "raw" / "message_trace" / f"{case}.csv")
    assert_counts(log, folder / "expected" / f"trace_{case}.json")
    if case == "summary":
        # Its two rows of a mail are one event of three people.
        assert log.frame.groupby("event")["size"].first().tolist() == [3, 2] or sorted(log.frame["size"]) == [2, 3, 3]
        assert log.frame["event"].nunique() == 2


def unpacked(name, folder):
    with tarfile.open(next((find(name) / "raw").glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder


def test_a_real_maildir(tmp_path):
    log = tn.read_mail(unpacked("maildir_notmuch", tmp_path))
    expected = json.loads((find("maildir_notmuch") / "expected" / "messages.json").read_text())
    # One list states its address, which is no person; the other does not.
    stated = "notmuch@notmuchmail.org"
    people = {one["message_id"]: {to for to in one["recipients"] if to not in (stated, one["sender"])} for one in expected}
    rows = Counter((one["sender"], to, one["timestamp"]) for one in expected for to in people[one["message_id"]])
    seconds = log.frame["time"].to_numpy().astype("datetime64[s]").astype(int)
    found = Counter(zip(log.frame["source"], log.frame["target"], seconds, strict=True))
    assert found == rows
    assert log.ledger.rows_in == 53
    assert log.ledger.used == sum(bool(one) for one in people.values())
    alone = sum(one["recipients"] == [one["sender"]] for one in expected)
    assert dict(log.ledger.counts) == {
        "used": log.ledger.used,
        "no_person": 52 - alone - log.ledger.used,
        "self": alone,
        "repeated_record": 1,
    }


def test_awkward_mails(tmp_path):
    with pytest.warns(FilesPassedOver, match="6 files"), pytest.warns(RowsRejected):
        log = tn.read_mail(unpacked("mail_python_tests", tmp_path))
    expected = json.loads((find("mail_python_tests") / "expected" / "messages.json").read_text())
    assert len(expected["not_recognised_as_mail"]) == 6
    assert_closed(log, sum(len(one["files"]) for one in expected["messages"]))
    known = {(one["timestamp"], *one["sender"], *one["recipients"]) for one in expected["messages"]}
    for row in log.frame.itertuples():
        near = {key for key in known if key[0] and abs(key[0] - row.time.tz_localize(UTC).timestamp()) <= 60 and row.source in key}
        assert any(row.target in key for key in near) or row.target in ("ccc@zzz.org", "ddd@zzz.org", "eee@zzz.org")


# Headers, fast and slow


def name_written(name, address, how):
    return {
        "plain": f"{name} <{address}>",
        "quoted": f'"{name}, the {name}" <{address}>',
        "escaped": f'"{name} \\"the\\" {name}" <{address}>',
        "encoded": f"{Header(name + ' é', 'utf-8').encode()} <{address}>",
        "latin": f"=?iso-8859-1?Q?{name}=2C_=E9?= <{address}>",
        "comment": f"{address} ({name} (at work))",
        "alone": address,
        "bracketed": f"<{address}>",
        "upper": f"{name} <{address.upper()}>",
    }[how]


STYLES = ("plain", "quoted", "escaped", "encoded", "latin", "comment", "alone", "bracketed", "upper")


def test_both_ways_of_reading_addresses_and_the_standard_library_agree():
    random_ = random.Random(4)  # noqa: S311 - not for secrets
    for _ in range(400):
        chosen = [(random_.choice(FIRM), random_.choice(STYLES)) for _ in range(random_.randint(1, 6))]
        value = random_.choice([", ", ",", " ,\t"]).join(name_written("Ann", address, how) for address, how in chosen)
        read = addresses_in(value)
        assert [address for _, address in read] == [address for address, _ in chosen]
        assert _plain_addresses(value) == _any_addresses(value) == read
        theirs = [(re.sub(r"[()]", "", name), address.lower()) for name, address in getaddresses([value])]
        assert theirs == [(re.sub(r"[()]", "", name), address) for name, address in read]


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("undisclosed-recipients:;", []),
        ("goran at domain.com (Göran)", []),
        ("MAILER DAEMON <>", []),
        ('team: ann@x.example, "Be, Bob" <bob@x.example>; cyn@x.example', ["ann@x.example", "bob@x.example", "cyn@x.example"]),
        ("Ann ann@y.example <ann@x.example>", ["ann@x.example"]),
        ("bob@y.example <ann@x.example>", ["ann@x.example"]),
        ("=?utf-8?q?bob=40y.example=2C?= <ann@x.example>", ["ann@x.example"]),
        ("<@relay.example,@other.example:ann@x.example>", ["ann@x.example"]),
        ("ann@x.example;bob@x.example", ["ann@x.example", "bob@x.example"]),
        ("'ann@x.example', mailto:bob@x.example", ["ann@x.example", "bob@x.example"]),
        ('"ann be"@x.example, ann@[10.0.0.1]', ['"ann be"@x.example', "ann@[10.0.0.1]"]),
        ("Ann </O=FIRM/OU=A/CN=ANN>", ["/o=firm/ou=a/cn=ann"]),
        ("o'hara@x.example, ,", ["o'hara@x.example"]),
        ("ännä@x.example", ["ännä@x.example"]),
    ],
)
def test_addresses_in_odd_writings(value, addresses):
    assert [address for _, address in addresses_in(value)] == addresses


def test_names_are_decoded_after_the_addresses_are_read():
    assert words_of("=?utf-8?q?A=2C_B?=") == "A, B"
    assert words_of("=?nonsense?q?A?=") is None
    assert words_of("=?utf-8?b?!!!?= Ann") is None or "Ann" in words_of("=?utf-8?b?!!!?= Ann")
    assert words_of("Ann") == "Ann"
    assert words_of("") is None


def test_dates_agree_with_the_standard_library():
    random_ = random.Random(2)  # noqa: S311 - not for secrets
    for _ in range(400):
        moment = START + timedelta(seconds=random_.randint(-8 * 10**8, 4 * 10**9))
        zoned = moment.astimezone(timezone(timedelta(minutes=30 * random_.randint(-24, 28))))
        for text in (format_datetime(zoned), format_datetime(zoned) + " (CET)", formatdate(moment.timestamp(), usegmt=True)):
            assert moment_in(text) == int(parsedate_to_datetime(text).timestamp()) * 1_000_000 == int(moment.timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("5 Jan 26 10:00 EST", "2026-01-05T15:00Z"),
        ("Mon Jan  5 10:00:00 2026", "2026-01-05T09:00Z"),  # without a zone: that of the reader
        ("Mon, 5 Jan 2026 10:00:00", "2026-01-05T09:00Z"),
        ("Mon, 5 Jan 2026 10:00:00 -0000", "2026-01-05T10:00Z"),
        ("Mon, 5 Jan 2026 10:00:00 CEST", "2026-01-05T08:00Z"),
        ("Mon, 5 Jan 2026 10:00:00 XYZ", "2026-01-05T10:00Z"),  # RFC 5322, 4.3
        ("2026-01-05 10:00:00 +0100", "2026-01-05T09:00Z"),
        ("Montag, 5 Jan 2026 10:00:00 +0100", "2026-01-05T09:00Z"),
        ("01 Jan 2001 00:01+0000", "2001-01-01T00:01Z"),
        ("Mon, 5 Jan 2026 10:00:60 +0000", "2026-01-05T10:01Z"),
        ("Mon, 5 Jan 2026 10:00:00 +01:00", "2026-01-05T09:00Z"),
        ("Mon, 5 Jan 2026 10:00:00 GMT+0100", "2026-01-05T09:00Z"),
        ("Mon Jan 05 2026 10:00:00 GMT-0530 (CET)", "2026-01-05T15:30Z"),
        ("Mon, 5 Jan 2026 10.00.00 +0200", "2026-01-05T08:00Z"),
        ("Mon, 5 Jan 2026 12:30:00 AM +0100", "2026-01-04T23:30Z"),
        ("Mon, 5 Jan 2026 10:00 PM EST", "2026-01-06T03:00Z"),
        ("Mon, 5 Jan 2026 10:00:00 +99:00", None),
        ("RANDOM_Wed, 21 Sep 2005 10:00:00 +0000", None),
        ("Mon, 31 Feb 2026 10:00:00 +0000", None),
        ("Mon, 5 Jan 2026 25:00:00 +0000", None),
        ("Mon, 5 Jan 1926 10:00:00 +0000", None),
        ("yesterday", None),
        ("Mon, 5 Jan 2026", None),
    ],
)
def test_dates_in_odd_writings(text, moment):
    if moment is None:
        with pytest.raises(ValueError):  # noqa: PT011 - of no wording
            moment_in(text, "Europe/Berlin")
    else:
        assert moment_in(text, "Europe/Berlin") == int(datetime.fromisoformat(moment).timestamp()) * 1_000_000


@pytest.mark.parametrize("name", ["mail_python_tests", "maildir_notmuch"])
def test_headers_of_real_mails_are_those_of_the_standard_library(name, tmp_path):
    wanted = ("from", "sender", "to", "cc", "date", "message-id", "in-reply-to", "references", "return-path")
    for path in unpacked(name, tmp_path).rglob("*"):
        if path.is_file():
            parsed = BytesHeaderParser().parsebytes(path.read_bytes())
            theirs = {key: ", ".join(str(one) for one in parsed.get_all(key)) for key in wanted if parsed.get_all(key)}
            found = _fields(only_mail(BytesIO(path.read_bytes())))
            ours = {key: found[key] for key in found if key in wanted}
            assert {key: value.split() for key, value in ours.items()} == {key: value.split() for key, value in theirs.items()}


# Splitting


def split(text, chunk=1 << 16):
    """The subjects of the mails of an mbox, with the file in pieces of `chunk` bytes."""

    class Pieces(BytesIO):
        def read(self, size=-1):
            return super().read(min(size, chunk))

    data = text if isinstance(text, bytes) else text.encode()
    stream = Pieces(data)
    return [re.search(rb"Subject: (\w+)", headers)[1].decode() for headers in mails_in_mbox(stream, stream.read(3))]


def small(subject, body="text\n", end="\n"):
    return f"Subject: {subject}\nTo: bob@x.example\n\n{body}".replace("\n", end)


DATED = "From ann@x.example Mon Jan  5 10:00:00 2026\n"
SEPARATORS = {
    "as C writes dates": DATED,
    "Takeout": "From 1700000000000000001@xxx Mon Jan 05 09:00:00 +0000 2026\n",
    "Thunderbird": "From \n",
    "older Thunderbird": "From - Mon Jan 05 10:00:00 2026\n",
    "not ASCII": "From göran at domain.com  Mon Jan  5 10:00:00 2026\n",
    "name only": "From MAILER-DAEMON\n",
}


@pytest.mark.parametrize("separator", SEPARATORS.values(), ids=SEPARATORS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("chunk", [1, 7, 64, 1 << 16])
def test_lines_between_mails(separator, end, chunk):
    text = "".join(separator + small(one) + "\n" for one in ("a", "b", "c"))
    assert split(text.replace("\n", end), chunk) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "body",
    [
        "From now on we meet at 10:00.\n",
        "text\n\nFrom now on: this\n",
        "text\n\n>From ann@x.example Mon Jan  5 10:00:00 2026\nSubject: no\n\n",
        "text\n\nFrom Bob:\nSubject: no\n\ntext\n",
        "text\nFrom ann\nSubject: no\n",
        "\n\n\nFrom the desk of Ann, 1 Main Street\nPhone: 1\n",
    ],
)
def test_lines_of_texts_that_begin_with_from(body):
    assert split(DATED + small("a", body) + "\n" + DATED + small("b") + "\n") == ["a", "b"]


def test_mails_without_text_and_without_an_empty_line():
    assert split(DATED + "Subject: a\nTo: b@x\n" + DATED + "Subject: b\n\n" + DATED + "Subject: c") == ["a", "b", "c"]
    assert split("\ufeff\n\n" + DATED + small("a")) == ["a"]
    assert split(DATED + small("a") + "\n" + DATED.replace("From", "From" + 9000 * "x") + small("b")) == ["a"]


def test_a_large_mail_is_not_held():
    class Endless:
        def __init__(self):
            self.given = 0

        def read(self, size):
            self.given += size
            return (b"x" * 99 + b"\n") * (size // 100) if self.given < 1 << 27 else b""

    stream = Endless()
    buffer = _Buffer(stream, DATED.encode() + b"To: b@x\n\n")
    assert buffer.next_start(1) is None
    assert len(buffer._held) < 1 << 22
    assert len(only_mail(Endless(), b"To: b@x\nX: ")) <= 1 << 24


# What counts as what


def one(*mails, **options):
    return quiet(mbox_file(*mails), **options)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def mbox_file(*mails):
    from pathlib import Path

    return write(Path("one.mbox"), mbox(*mails))


def test_a_mail_to_several_people():
    log = one(
        mail(to="Bob <bob@firm.example>, cyn@firm.example", source="Ann Ab <ANN@firm.example>", key="x").replace(
            "Subject", "Cc: dan@firm.example, bob@firm.example\nBcc: eve@firm.example\nSubject"
        )
    )
    assert pairs(log) == [("ann@firm.example", f"{name}@firm.example") for name in ("bob", "cyn", "dan", "eve")]
    assert set(log.frame["size"]) == {5.0}
    assert set(log.frame["channel"]) == {"mail"}
    assert set(log.frame["time"]) == {datetime(2026, 1, 5, 9)}
    assert dict(log.left_out) == {"repeated": 1}
    found = log.people_found.set_index("id")
    assert found.loc["ann@firm.example", "name"] == "Ann Ab"
    assert found.loc["ann@firm.example", "kind"] == "email"


GOOD = mail(key="good")


LEFT_OUT = [
    (mail(source="", key="1"), "missing_source"),
    (mail(source="goran at domain.com (Göran)", key="2"), "missing_source"),
    (mail(source="foo", key="3"), "missing_source"),
    (mail(date="", key="4"), "missing_time"),
    (mail(date="RANDOM_Wed, 21 Sep 2005 10:00:00 +0000", key="5"), "bad_time"),
    (mail(to="", key="6"), "no_recipient"),
    (mail(to="undisclosed-recipients:;", key="7"), "no_recipient"),
    (mail(to="Ann@firm.example", key="8"), "self"),
    (mail("ann@firm.example", LIST, f"List-Post: <https://x.example>, <mailto:{LIST}>", key="9"), "no_person"),
    (mail("a@b.example", "c@d.example", "Auto-Submitted: auto-replied (vacation)", key="10"), "automatic"),
    (mail("a@b.example", "c@d.example", "Return-Path: <>", key="11"), "automatic"),
    (mail("MAILER DAEMON <>", "c@d.example", key="12"), "automatic"),
    (mail("a@b.example", "c@d.example", "Content-Type: multipart/report; report-type=delivery-status", key="13"), "automatic"),
    (mail("a@b.example", "c@d.example", "Precedence: auto_reply", key="14"), "automatic"),
    (mail("a@b.example", "c@d.example", "X-Autoreply: yes", key="15"), "automatic"),
    (mail("a@b.example", "c@d.example", "X-Gmail-Labels: Important,Drafts", key="16"), "draft"),
    (mail("a@b.example", "c@d.example", key="good"), "repeated_record"),
    ("\nno headers\n", "bad_record"),
]
KEPT = [
    "Auto-Submitted: no",
    "Precedence: bulk",
    "List-Id: <x.lists.example>",
    "List-Post: NO",
    "X-Gmail-Labels: Sent,Draftsmen",
    "Return-Path: <a@b.example>",
]


def test_why_a_mail_is_left_out_and_what_is_no_reason():
    kept = [mail("a@b.example", "c@d.example", header, key=f"kept {at}") for at, header in enumerate(KEPT)]
    log = one(GOOD, *(text for text, _ in LEFT_OUT), *kept)
    assert Counter(dict(log.ledger.counts)) == Counter([code for _, code in LEFT_OUT] + ["used"] * (1 + len(kept)))
    assert pairs(log) == [("a@b.example", "c@d.example")] * len(kept) + [("ann@firm.example", "bob@firm.example")]
    rejected = ("missing_source", "missing_time", "bad_time", "bad_record")
    located = [("file 1", at, code) for at, (_, code) in enumerate(LEFT_OUT, 2) if code in rejected]
    assert [(reject.file, reject.line, reject.code) for reject in log.rejects] == located


def test_the_sender_counts_where_from_has_no_address():
    assert pairs(one(mail("nobody", "bob@firm.example", "Sender: sec@firm.example"))) == [("sec@firm.example", "bob@firm.example")]
    assert pairs(one(mail("a@x.example, b@x.example", "c@x.example"))) == [("a@x.example", "c@x.example")]


def test_a_list_is_no_person_in_any_mail():
    log = one(GOOD, mail("a@b.example", f"{LIST}, c@d.example", key="2"), mail("c@d.example", LIST, f"List-Post: <mailto:{LIST}>", key="3"))
    assert dict(log.ledger.counts) == {"used": 2, "no_person": 1}
    assert dict(log.left_out) == {"group": 1}
    assert sorted(log.frame["size"]) == [2.0, 2.0]


def test_the_copy_with_blind_recipients_counts_wherever_it_stands():
    inbox, sent = mail(key="5"), mail("ann@firm.example", "bob@firm.example", "Bcc: eve@firm.example", key="5")
    for order in ((inbox, sent), (sent, inbox)):
        log = one(*order)
        assert pairs(log) == [("ann@firm.example", "bob@firm.example"), ("ann@firm.example", "eve@firm.example")]
        assert dict(log.ledger.counts) == {"used": 1, "repeated_record": 1}


def test_mails_without_an_id_are_known_by_source_date_and_targets():
    bare = mail(to="bob@firm.example, cyn@firm.example").replace("Message-ID: <1@firm.example>\n", "")
    turned = bare.replace("bob@firm.example, cyn@firm.example", "cyn@firm.example, bob@firm.example")
    other = bare.replace("10:00:00", "10:00:01")
    assert dict(one(bare, turned, other).ledger.counts) == {"used": 2, "repeated_record": 1}


def test_answers_and_their_latency():
    asked = mail(key="q")
    answer = mail("bob@firm.example", "ann@firm.example", "In-Reply-To: <q>", key="a", date="Mon, 5 Jan 2026 12:00:00 +0100")
    later = mail("ann@firm.example", "bob@firm.example", "References: <q> <a>", key="b", date="Mon, 5 Jan 2026 16:00:00 +0100")
    worded = mail(
        "bob@firm.example",
        "ann@firm.example",
        "In-Reply-To: Message from Ann <ann@firm.example> of Monday <b>",
        key="c",
        date="Mon, 5 Jan 2026 19:00:00 +0100",
    )
    log = one(asked, answer, later, worded)
    events = dict(zip(log.frame["time"].dt.hour, log.frame["event"], strict=True))
    assert dict(zip(log.frame["time"].dt.hour, log.frame["reply_to"].fillna(""), strict=True)) == {
        9: "",
        11: events[9],
        15: events[11],
        18: events[15],
    }
    people = tn.read_people({"person": ["ann@firm.example", "bob@firm.example"], "function": ["Sales", "Finance"]})
    ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    # Two, four and three hours.
    assert ties.frame["latency"].tolist() == [3.0] or ties.frame.filter(like="latency").to_numpy().ravel().tolist() == [3.0]


def test_options():
    later = mail("bob@firm.example", "eve@other.example, ann@firm.example", key="2", date="Mon, 2 Feb 2026 10:00:00")
    log = one(GOOD, later, mail("x@other.example", "ann@firm.example", key="3"), domains="firm.example")
    assert dict(log.ledger.counts) == {"used": 2, "external": 1}
    assert dict(log.left_out) == {"external": 1}
    assert dict(one(GOOD, later, since="2026-02-01").ledger.counts) == {"used": 1, "outside_period": 1}
    assert dict(one(GOOD, later, until="2026-02-01").ledger.counts) == {"used": 1, "outside_period": 1}
    assert one(GOOD, later, timezone="America/New_York").frame["time"].max() == datetime(2026, 2, 2, 15)
    assert dict(one(GOOD, later, max_people=2).ledger.counts) == {"used": 1, "too_many_people": 1}
    people = tn.read_people({"person": ["17", "18"], "email": ["ann@firm.example", "bob@firm.example"], "function": ["Sales", "Finance"]})
    assert pairs(one(GOOD, later, people=people)) == [("17", "18"), ("18", "17"), ("18", "email:eve@other.example")]
    who = {"person": ["17", "17"], "kind": ["email", "email"], "value": ["ann@firm.example", "eve@other.example"]}
    assert pairs(one(GOOD, later, identities=pd.DataFrame(who))) == [("17", "email:bob@firm.example"), ("email:bob@firm.example", "17")]


# Files


def test_every_way_of_keeping_mails_gives_the_same_log(tmp_path):
    mails = [mail(key=f"{n}", to=f"b{n}@firm.example", date=f"Mon, 5 Jan 2026 1{n}:00:00 +0100", text="From me\n") for n in range(5)]
    log = one(*mails)
    for n, text in enumerate(mails):
        write(tmp_path / "eml" / f"{PLANTED[2]} {n}.eml", text.replace("\n", "\r\n"))
        write(tmp_path / "apple" / f"{n}.emlx", f"{len(text)}\n{text}<?xml version='1.0'?>\n")
        write(tmp_path / "maildir" / (".Sent/cur" if n % 2 else "new") / f"17{n}.host:2,S", text)
    write(tmp_path / "maildir" / "tmp" / "180.host", mail(key="9", to="nobody@x.example"))
    write(tmp_path / "maildir" / "dovecot-uidlist", "3 V1 N2\n1 :17\n")
    write(
        tmp_path / "parts" / "Takeout" / "Mail" / f"{PLANTED[3]}.mbox",
        mbox(*mails[:3], separator=SEPARATORS["Takeout"]).replace("\n", "\r\n"),
    )
    write(tmp_path / "parts" / "Sent", mbox(*mails[2:], separator="From \n"))
    write(tmp_path / "parts" / "Sent.msf", '// <!-- <mdb:mork:z v="1.4"/> -->')
    for name in ("eml", "apple", "maildir"):
        same_log(log, quiet(tmp_path / name))
    assert quiet(tmp_path / "parts").ledger.duplicate == 1
    same_log(log, quiet(tmp_path / "parts"))
    with zipfile.ZipFile(tmp_path / "takeout.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (tmp_path / "parts").rglob("*"):
            archive.write(path, path.relative_to(tmp_path / "parts"))
    same_log(log, quiet(tmp_path / "takeout.zip"))
    with pytest.warns(FilesPassedOver, match="passed over 1 file"):
        tn.read_mail(tmp_path / "takeout.zip")


def test_drafts_of_a_maildir(tmp_path):
    write(tmp_path / "box" / "cur" / "1:2,DS", mail(key="1"))
    write(tmp_path / "box" / "cur" / "2:2,RS", mail(key="2"))
    assert dict(quiet(tmp_path / "box").ledger.counts) == {"used": 1, "draft": 1}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"users.json": "[]", "channels.json": "[]"}, "looked for mbox files"),
        ({"a.txt": "nothing"}, "found 1 file (1 txt)"),
        ({"a.csv": "Name,Amount\nx,1\n"}, "this is not a mail export"),
        ({"a.eml": mail(to="")}, "1 of 1 records are no_recipient"),
        ({"a.mbox": mbox(mail(source="x", key="1"))}, "1 of 1 records are missing_source"),
        ({"a.csv": "date_time,event_id,sender_address,recipient_address\n1,2,3,4\n"}, "file 1 of the export is an extended report"),
        ({"a.zip": b"PK\x03\x04 broken"}, "are damaged"),
    ],
)
def test_what_is_no_mail(files, words, tmp_path):
    for name, text in files.items():
        path = write(tmp_path / "in" / name, text)
    with pytest.raises(DataError) as caught:
        quiet(path if len(files) == 1 else path.parent)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert_no_planted(None, str(caught.value))


def test_a_cut_archive_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.mbox", "".join(mbox(mail(key=str(n), text=hashlib.shake_128(bytes([n])).hexdigest(3000))) for n in range(50)))
    data = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(data[: len(data) // 2])
    with pytest.raises(DataError, match=r"damaged|ends too early"):
        quiet(tmp_path / "a.zip")


# Message traces

SUMMARY = ["Received", "SenderAddress", "RecipientAddress", "Subject", "Status", "Size", "MessageId"]


def summary(*rows, header=SUMMARY, sign=","):
    return "\n".join(sign.join(cells) for cells in (header, *rows)) + "\n"


def row(to, key="<1@x>", source="ann@firm.example", status="Delivered", time="2026-03-02T08:00:00"):
    return [time, source, to, PLANTED[0], status, "9", key]


def test_a_mail_of_a_trace_is_one_event_and_too_large_as_a_whole(tmp_path):
    many = [row(f"p{n}@firm.example", "<big>") for n in range(20)]
    small_ = [row("bob@firm.example"), row("cyn@firm.example"), row("bob@firm.example"), row("dan@firm.example", status="Failed")]
    path = write(tmp_path / "t.csv", summary(*many, *small_))
    log = quiet(path, max_people=20)
    assert dict(log.ledger.counts) == {"used": 2, "too_many_people": 20, "repeated_record": 1, "not_delivered": 1}
    assert set(log.frame["size"]) == {3.0}
    assert quiet(path, max_people=21).ledger.used == 22


def test_spellings_of_a_trace(tmp_path):
    rows = [row("bob@firm.example", time="3/2/2026 8:00:00 AM"), row("<>"), row("bob@firm.example", "<2>", source="<>")]
    plain = write(tmp_path / "a.csv", summary(row("bob@firm.example"), *rows[2:]))
    above = "#TYPE Selected.System.Management.Automation.PSCustomObject\n"
    header = ["Received", "Sender Address", "Recipient_Address", "Subject", "Status", "Size", "Message ID"]
    other = write(tmp_path / "b.csv", (above + summary(*rows[:1], *rows[2:], header=header, sign=";")).encode("utf-16"))
    log = quiet(other, time_format="%m/%d/%Y %I:%M:%S %p", timezone="Europe/Berlin")
    same_log(quiet(plain), log)
    assert dict(log.ledger.counts) == {"used": 1, "automatic": 1}
    with pytest.raises(DataError, match=r"bad_time.*time_format="):
        quiet(other)
    with pytest.raises(DataError, match=r"bad_time.*not as %d says"):
        quiet(other, time_format="%d")
    short = write(tmp_path / "c.csv", summary(row("bob@firm.example"), ["2026-03-02T08:00:00", "ann@firm.example"]))
    assert dict(quiet(short).ledger.counts) == {"used": 1, "bad_record": 1}


def test_an_enhanced_report(tmp_path):
    header = "origin_timestamp_utc,sender_address,recipient_status,message_subject,message_id"
    status = "bob@x##Receive, Deliver;cyn_y#EXT#@X##Receive, Send;dan@x##Receive, Fail;all@x##Receive, Expand"
    rows = [
        f'2026-03-02T08:00:00.1234567Z,ann@x,"{status}",s,<1>',
        '2026-03-02T08:00:00Z,ann@x,"all@x##Receive, Expand",s,<2>',
        "2026-03-02T08:00:00Z,ann@x,,s,<3>",
    ]
    path = write(tmp_path / "e.csv", "\n".join([header, *rows]) + "\n")
    log = quiet(path)
    assert pairs(log) == [("ann@x", "bob@x"), ("ann@x", "cyn_y#ext#@x")]
    assert set(log.frame["size"]) == {3.0}
    assert dict(log.ledger.counts) == {"used": 1, "group_address": 1, "no_recipient": 1}
    assert dict(log.left_out) == {"group": 1, "not_delivered": 1}
    write(tmp_path / "s.csv", summary(row("bob@firm.example")))
    with pytest.raises(DataError, match="two forms"):
        quiet(tmp_path)


# Generated mailboxes, counted apart


def make_export(seed, folder):
    """An export with every kind of mail, and what must come of it: codes, left-out participants and interactions."""
    random_ = random.Random(seed)  # noqa: S311 - not for secrets
    kinds = (
        "plain",
        "plain",
        "plain",
        "list",
        "automatic",
        "draft",
        "bad_time",
        "missing_time",
        "missing_source",
        "no_recipient",
        "self",
        "copy",
    )
    texts, counts, left_out, rows, plain = [], Counter(), Counter(), set(), []
    for number in range(random_.randint(3, 30)):
        kind = random_.choice(kinds) if number else "plain"
        source, moment = random_.choice(FIRM), START + timedelta(minutes=random_.randint(0, 10**6))
        targets = random_.choices(FIRM, k=random_.randint(1, 6))
        if number == 0:
            targets.append(next(one for one in FIRM if one != source))
        if kind == "copy":
            text, _ = random_.choice(plain)
            texts.append(f"X-Copy: {number}\n{text}")
            counts["repeated_record"] += 1
            continue
        if kind == "self":
            targets = [source] * len(targets)
        extra, addressed = [], list(targets)
        if kind == "list":
            extra.append(f"List-Post: <mailto:{LIST}>")
            addressed.append(LIST)
        if kind == "automatic":
            extra.append(random_.choice(["Auto-Submitted: auto-generated", "Return-Path: <>"]))
        if kind == "draft":
            extra.append("X-Gmail-Labels: Drafts")
        if kind == "no_recipient":
            addressed, targets = [], []
        random_.shuffle(addressed)
        parts = {name: [] for name in ("To", "Cc", "CC", "Bcc")}
        for address in addressed:
            parts[random_.choice(list(parts))].append(name_written(PERSON[address], address, random_.choice(STYLES)))
        for name, written in parts.items():
            if written or (name == "To" and random_.random() < 0.5):
                extra.append(f"{name}: " + random_.choice([", ", ",\n\t", " ,\n "]).join(written))
        if kind != "missing_time" or random_.random() < 0.5:
            date = {"missing_time": "", "bad_time": "RANDOM_Mon, 5 Jan 2026 10:00:00 +0100"}.get(kind)
            zoned = moment.astimezone(timezone(timedelta(minutes=15 * random_.randint(-40, 40))))
            extra.append(f"Date: {format_datetime(zoned) if date is None else date}")
        author = "Nobody" if kind == "missing_source" else name_written(PERSON[source], source, random_.choice(STYLES))
        extra += [
            f"From: {author}",
            f"message-ID: <{seed}.{number}@x>",
            f"Subject: {random_.choice(PLANTED)}",
            f"Comments: {Header(PLANTED[3]).encode()}",
        ]
        if plain and random_.random() < 0.5:
            extra.append(f"In-Reply-To: <{random_.choice(plain)[1]}@x>")
        random_.shuffle(extra)
        body = random_.choice([PLANTED[1], f"From {PLANTED[2]}\n", base64.b64encode(PLANTED[4].encode()).decode(), "\n\n>From x\n\n", ""])
        text = "\n".join(extra) + f"\n\n{body}\n"
        texts.append(text)
        reached = set(targets) - {source}
        if kind in ("plain", "list", "self") and reached:
            counts["used"] += 1
            rows |= {(source, target, moment.replace(tzinfo=None), float(1 + len(reached))) for target in reached}
            left_out["group"] += kind == "list"
            left_out["self"] += source in targets
            left_out["repeated"] += sum(times - 1 for target, times in Counter(targets).items() if target != source)
        elif kind == "list":
            counts["no_person"] += 1
        elif kind == "plain":
            counts["self"] += 1
        else:
            counts[kind] += 1
        if kind == "plain":
            plain.append((text, f"{seed}.{number}"))
    write_export(random_, texts, folder)
    return len(texts), counts, left_out, rows


PERSON = {address: f"Name{number}" for number, address in enumerate([*FIRM, LIST])}


def write_export(random_, texts, folder):
    """Write each mail into one of several files of all kinds."""
    boxes = {}
    for number, text in enumerate(texts):
        end = random_.choice(["\n", "\r\n"])
        where = random_.choice(["inbox.mbox", f"{PLANTED[2]}/Sent", "one", "cur"])
        if where == "one":
            write(folder / f"{PLANTED[0]} {number}.eml", text.replace("\n", end))
        elif where == "cur":
            write(folder / PLANTED[1] / "cur" / f"{number}.host:2,RS", text.replace("\n", end))
        else:
            boxes.setdefault(where, []).append((random_.choice(list(SEPARATORS.values())) + text + "\n").replace("\n", end))
    for where, held in boxes.items():
        write(folder / where, "".join(held))


def check_generated(seed, folder, capfd):
    records, counts, left_out, rows = make_export(seed, folder)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        log = tn.read_mail(folder)
    assert_closed(log, records)
    assert Counter(dict(log.ledger.counts)) == +counts
    assert Counter(dict(log.left_out)) == +left_out
    assert Counter(zip(log.frame["source"], log.frame["target"], log.frame["time"], log.frame["size"], strict=True)) == Counter(rows)
    events = log.frame.groupby("event")
    assert (events["source"].nunique() == 1).all()
    assert (events["target"].nunique() + 1 == events["size"].first()).all()
    assert_no_planted(log, *(str(one.message) for one in told), *capfd.readouterr())
    return log


@pytest.mark.parametrize("seed", range(8))
def test_generated_exports(seed, tmp_path, capfd):
    check_generated(seed, tmp_path, capfd)


@pytest.mark.exports
@pytest.mark.parametrize("block", range(10))
def test_many_generated_exports(block, tmp_path, capfd):
    for seed in range(25 + 50 * block, 75 + 50 * block):
        check_generated(seed, tmp_path / str(seed), capfd)


@pytest.mark.parametrize("seed", range(3))
def test_copies_other_files_and_the_zone_of_the_machine_change_nothing(seed, tmp_path, capfd, monkeypatch):
    log = check_generated(seed, tmp_path / "a", capfd)
    for path in list((tmp_path / "a").rglob("*")):
        if path.is_file():
            write(tmp_path / "twice" / "first" / path.relative_to(tmp_path / "a"), path.read_bytes())
            write(tmp_path / "twice" / "second" / path.relative_to(tmp_path / "a"), path.read_bytes())
    twice = quiet(tmp_path / "twice")
    same_log(log, twice)
    assert twice.ledger.rows_in == 2 * log.ledger.rows_in
    assert twice.left_out == log.left_out
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        same_log(log, quiet(tmp_path / "a"))
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_it_prints_and_the_command(tmp_path, capsys):
    path = mbox_file(GOOD, mail("bob@firm.example", "ann@firm.example", key="2"))
    text = str(tn.read_mail(path))
    assert "2 records" in text
    assert_no_planted(tn.read_mail(path), text)


def test_arguments():
    path = mbox_file(GOOD)
    with pytest.raises(ArgumentError, match="period is empty"):
        tn.read_mail(path, since="2026-02-01", until="2026-01-01")
    with pytest.raises(ArgumentError, match="must be a string"):
        tn.read_mail(3)


UNITS = (" ", "<", '"', "a", "(", ",", "<a@b", "<mailto:a", "=?", "\\", "a@", ":", "9", "From ", "\nFrom a\n", "\n ")


@pytest.mark.parametrize("name", ["To", "Date", "List-Post", "References"])
def test_headers_made_to_take_time(name):
    start = time.process_time()
    for unit in UNITS:
        long = f"From: ann@x\n{name}: b" + unit * 10_000 + "c"
        list(mails_in_mbox(BytesIO((DATED + long).encode())))
        is_mail(long.encode())
        mail_of(long.encode())
        words_of(unit * 10_000)
    assert time.process_time() - start < 4
