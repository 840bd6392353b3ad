"""What readers of exports share: records counted once, people matched by table and address, files within limits."""

from __future__ import annotations

import warnings
from collections import Counter
from zipfile import ZipFile

import numpy as np
import pytest

import tienet as tn
from exporting import assert_closed, rows_of
from tienet.base.errors import DataError, RowsRejected, TienetError
from tienet.network.reading.shapes import told_left_out
from tienet.network.sources.exports import Records, moment_of, open_export, zone_of

DAY = 86_400_000_000
START = moment_of("2026-03-02T09:00Z")


def who(*rows, columns=("person", "kind", "value")):
    return {name: [row[at] for row in rows] for at, name in enumerate(columns)}


def ends(log):
    return sorted(zip(log.frame["source"], log.frame["target"], strict=True))


# One record, its code


def test_each_kind_of_record_has_its_code_and_the_ledger_closes():
    records = Records("slack", since="2026-03-02", until="2026-03-04", max_people=3)
    records.person("B", bot=True)
    records.add(START, "a", ["b"], "chat_reply", event="1")
    records.add(START, "a", ["b"], "chat_reply", event="1")
    records.add(START - DAY, "a", ["b"], "chat_reply", event="2")
    records.add(START + 2 * DAY, "a", ["b"], "chat_reply", event="3")
    records.add(START, None, ["b"], "chat_reply", event="4")
    records.add(None, "a", ["b"], "chat_reply", event="5")
    records.add("bad_time", "a", ["b"], "chat_reply", event="6")
    records.add(START, "B", ["b"], "chat_reply", event="7")
    records.add(START, "a", [], "chat_reply", event="8")
    records.add(START, "a", ["a"], "chat_reply", event="9")
    records.add(START, "a", ["B", "a"], "chat_reply", event="10")
    records.add(START, "a", ["b", "c", "d"], "chat_reply", event="11")
    records.meet(START, ["a"], event="12")
    records.meet(START, ["a", "B"], event="13")
    records.meet(START, ["a", "b", "c", "d"], event="14")
    records.skip("system")
    with pytest.warns(RowsRejected, match="3 of 16 records rejected"):
        log = records.log()
    once = "used repeated_record missing_source missing_time bad_time bot no_recipient self no_person system"
    expected = Counter(once.split()) + Counter(outside_period=2, too_many_people=2, alone=2)
    assert log.ledger.counts == expected
    assert_closed(log, 16)
    assert ends(log) == [("a", "b")]


def test_a_pair_named_twice_counts_once_under_the_stronger_channel_and_participants_are_counted():
    records = Records("slack")
    records.person("bot", bot=True)
    targets = [("b", "chat_mention"), ("b", "chat_reply"), ("c", "chat_mention"), ("bot", "chat_mention"), ("a", "chat_mention")]
    records.add(START, "a", targets, None, event="1", left_out={"unknown_object": 2})
    records.add(START, "a", ["bot"], "chat_direct", event="2", left_out={"unknown_object": 5})
    log = records.log()
    assert dict(zip(log.frame["target"], log.frame["channel"], strict=True)) == {"b": "chat_reply", "c": "chat_mention"}
    assert log.frame["size"].tolist() == [3.0, 3.0]
    assert log.left_out == {"unknown_object": 2, "bot": 1, "self": 1, "repeated": 1}


def test_a_record_of_a_bot_that_addresses_no_one_is_that_of_a_bot():
    """Whether the export marks it before or after, the table of identities does, or the record has links of its own."""
    records = Records("slack", identities=who(("", "slack", "B2", "bot"), columns=("person", "kind", "value", "exclude")))
    records.add(START, "B1", [], "chat_mention", event="1")
    records.person("B1", bot=True)
    records.add(START, "B2", [], "chat_mention", event="2")
    records.add_links(START, [("B1", None, "assign")], event="3")
    records.add(START, "B1", [], "chat_mention", event="1")
    records.add(None, "B1", [], "chat_mention", event="4")
    records.add(START, "U1", [], "chat_mention", event="5")
    records.add(START, "U1", ["U2"], "chat_direct", event="6")
    with pytest.warns(RowsRejected, match="1 of 7"):
        log = records.log()
    assert log.ledger.counts == {"used": 1, "bot": 3, "repeated_record": 1, "missing_time": 1, "no_recipient": 1}
    assert "B2" not in log.people_found["id"].tolist()


@pytest.mark.parametrize(
    ("channels", "words"),
    [
        (("mail",), "1 participant (the sender)"),
        (("chat_direct", "meeting"), "1 participant (the sender)"),
        (("handover",), "1 participant (the one who handed it over)"),
        (("assign", "comment"), "1 participant (the one who assigned it or commented)"),
        (("meeting",), "1 participant (a second id of the same person)"),
        (("a channel of its own",), "1 participant (the same person at both ends)"),
        (None, "1 participant (the same person at both ends)"),
    ],
)
def test_one_who_is_at_both_ends_is_told_in_the_words_of_the_channel(channels, words):
    assert told_left_out({"self": 1}, channels) == words


def test_the_paragraph_of_a_handover_names_no_sender():
    records = Records("jira")
    records.add_links(START, [("a", "b", "handover"), ("a", "a", "assign"), ("a", "c", "assign")], event="1")
    text = str(records.log())
    assert "Left out of records that are used: 1 participant (the one who assigned it or handed it over)" in text
    assert "sender" not in text


@pytest.mark.parametrize("problem", [RuntimeError, NotImplementedError, RecursionError])
def test_an_error_in_the_code_of_a_reader_is_not_taken_for_a_packed_file(tmp_path, problem):
    path = tmp_path / "export.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("a.json", "[]")
    file = open_export(path, kind="slack").files[0]
    with pytest.raises(problem, match="of the reader"), file.open():
        raise problem("of the reader")


def test_a_file_packed_in_a_way_that_is_not_supported_is_one_line(tmp_path):
    path = tmp_path / "export.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("a.json", "[]")
    packed = bytearray(path.read_bytes())
    for start in (8, packed.index(b"PK\x01\x02") + 10):  # the method, in the file's own header and in the list of files
        packed[start : start + 2] = (97).to_bytes(2, "little")
    path.write_bytes(packed)
    file = open_export(path, kind="slack").files[0]
    with pytest.raises(DataError, match="file 1 of the export is packed in a way that is not supported; unpack the export"):
        file.head()


def test_a_meeting_gives_every_pair_both_ways_with_its_length():
    records = Records("calendar")
    records.person("room@firm.example", room=True)
    records.meet(START, [*"abcd", "room@firm.example"], event="1", duration=30, left_out={"declined": 1})
    log = records.log()
    assert ends(log) == [(one, other) for one in "abcd" for other in "abcd" if one != other]
    assert set(log.frame["size"]) == {4.0}
    assert set(log.frame["duration"]) == {30.0}
    assert log.left_out == {"declined": 1, "room": 1}


def test_event_ids_are_hashed_and_answers_keep_their_link():
    records = Records("mail")
    records.add(START, "a", ["b"], "mail", event="<ann@host.example>")
    records.add(START + DAY, "b", ["a"], "mail", event="<2@host.example>", reply_to="<ann@host.example>")
    frame = records.log().frame.sort_values("time")
    assert not frame.astype(str).map(lambda cell: "host" in str(cell)).any().any()
    assert frame["reply_to"].isna().tolist() == [True, False]
    assert frame["reply_to"].iloc[1] == frame["event"].iloc[0]
    assert frame["event"].str.fullmatch("mail:[0-9a-f]{32}").all()


def test_an_export_that_links_no_one_says_the_largest_reason():
    records = Records("trello")
    for _ in range(3):
        records.skip("other_action")
    records.skip("bot")
    with pytest.raises(TienetError, match="the Trello export gives no interaction: 3 of 4 records are other_action"):
        records.log()
    with pytest.raises(TienetError, match="it holds no record"):
        Records("trello").log()


@pytest.mark.parametrize("seed", range(20))
def test_random_records_give_what_a_plain_loop_gives_in_any_order(seed):
    """The loop is written from the rules: one record after the other, with sets."""
    rng = np.random.default_rng(seed)
    people = [f"u{at}" for at in range(9)]
    bots = set(rng.choice(people, 2, replace=False).tolist())
    made = []
    for event in range(60):
        meeting = bool(rng.random() < 0.3)
        group = rng.choice(people, rng.integers(0, 5)).tolist()
        made.append((meeting, rng.choice(people), group, f"e{event}"))
    links, counts, dropped = Counter(), Counter(), Counter()
    for meeting, source, group, event in made:
        there = set(group)
        if meeting:
            if len(there) < 2 or len(there - bots) < 2:
                counts["alone"] += 1
                continue
            dropped["bot"] += len(there & bots)
            links.update((event, one, other) for one in there - bots for other in there - bots if one != other)
        else:
            targets = there - bots - {source}
            if not group or source in bots or not targets:
                counts["bot" if source in bots else "no_recipient" if not group else "no_person" if there & bots else "self"] += 1
                continue
            dropped.update({"bot": len(there & bots), "self": int(source in there)})
            dropped["repeated"] += sum(group.count(one) - 1 for one in targets)
            links.update((event, source, target) for target in targets)
        counts["used"] += 1

    def read(order):
        records = Records("slack")
        for bot in sorted(bots):
            records.person(bot, bot=True)
        for at in order:
            meeting, source, group, event = made[at]
            if meeting:
                records.meet(START, group, event=event)
            else:
                records.add(START, source, group, "chat_group", event=event)
        return records.log()

    log, shuffled = read(range(60)), read(rng.permutation(60).tolist())
    assert log.ledger.counts == counts
    assert log.left_out == +dropped
    assert len(log.frame) == len(links)
    assert Counter(ends(log)) == Counter(pair[1:] for pair in links)
    assert rows_of(log) == rows_of(shuffled)
    found = log.people_found.set_index("id")["interactions"].to_dict()
    assert found == {one: sum(one in pair[1:] for pair in links) for one in found}


# Who is who

ROSTER = {
    "person": ["p1", "p2", "p3"],
    "function": ["Sales", "Sales", "IT"],
    "email": ["Ann@firm.example", "bob@firm.example; b@old.example", "c@firm.example"],
}


def chat(people=None, identities=None, **more):
    records = Records("slack", people=people, identities=identities, **more)
    records.person("U1", addresses=["ann@firm.example"], name="Ann", handles=["ann"])
    records.person("U2", addresses=["b@old.example"], name="Bob")
    records.person("U3", name="Cleo", handles=["Cleo.M"])
    records.person("U4", addresses=["x@customer.example"])
    for at, target in enumerate(("U2", "U3", "U4")):
        records.add(START + at * DAY, "U1", [target], "chat_direct", event=str(at))
    return records.log()


def test_without_a_roster_the_ids_are_those_of_the_system():
    assert ends(chat()) == [("U1", "U2"), ("U1", "U3"), ("U1", "U4")]


def test_addresses_of_the_roster_match_in_any_spelling_and_others_keep_their_kind():
    log = chat(people=ROSTER)
    assert ends(log) == [("p1", "p2"), ("p1", "slack:U3"), ("p1", "slack:U4")]
    found = log.people_found.set_index("id")
    assert found["matched_by"].dropna().to_dict() == {"U1": "address", "U2": "address"}


def test_the_table_of_identities_comes_before_addresses_and_knows_handles_in_any_case():
    table = who(("p3", "slack", "cleo.m"), ("p2", "email", "ANN@firm.example"), ("", "slack", "U4"))
    log = chat(people=ROSTER, identities=table)
    assert ends(log) == [("p2", "p3"), ("p2", "slack:U4")]
    assert log.ledger.counts == {"used": 2, "self": 1}


def test_excluded_ids_are_left_out_with_their_reason():
    table = {"person": ["", ""], "kind": ["slack", "email"], "value": ["U3", "x@customer.example"], "exclude": ["group", "external"]}
    log = chat(identities=table)
    assert log.ledger.counts == {"used": 1, "no_person": 1, "external": 1}


def test_an_id_that_changed_hands_is_the_person_of_that_day():
    table = who(
        ("old", "slack", "U1", "", "2026-03-03"),
        ("new", "slack", "U1", "2026-03-03", ""),
        columns=("person", "kind", "value", "valid_from", "valid_to"),
    )
    assert [one for one, _ in sorted(ends(chat(identities=table)), key=lambda pair: pair[1])] == ["old", "new", "new"]


def test_domains_of_the_firm_leave_out_the_others_but_not_people_without_an_address():
    log = chat(domains="firm.example")
    assert ends(log) == [("U1", "U3")]
    assert log.ledger.counts == {"used": 1, "external": 2}
    assert log.people_found.set_index("id")["external"].to_dict() == {"U1": False, "U2": True, "U3": False, "U4": True}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (who(("p1", "email", "a@x.example"), ("p2", "email", "A@x.example ")), "rows 1 and 2 give the same email to two people"),
        (who(("p1", "e-mail", "a@x.example")), "row 1 has a kind that is not known; did you mean 'email'"),
        ({"person": [""], "kind": ["slack"], "value": ["U1"], "exclude": ["robot"]}, "row 1 has a reason in exclude that is not known"),
        ({"kind": ["slack"], "value": ["U1"]}, "has no column 'person'"),
        (who(("p1", "slack", "U1", "soon"), columns=("person", "kind", "value", "valid_from")), "row 1 has a valid_from that is no date"),
        (
            who(("p1", "slack", "U1", "2026-02-01", "2026-02-01"), columns=("person", "kind", "value", "valid_from", "valid_to")),
            "row 1 has a valid_to that is not after its valid_from",
        ),
        (
            who(("", "slack", "U1", "bot", "2026-02-01"), columns=("person", "kind", "value", "exclude", "valid_from")),
            "row 1 excludes an id, which holds at all times; leave valid_from and valid_to empty",
        ),
    ],
)
def test_a_wrong_table_of_identities_is_refused_in_one_line_without_ids(table, words):
    with pytest.raises(TienetError) as error:
        chat(identities=table)
    assert words in str(error.value)
    assert not {"x.example", "U1", "p1"} & set(str(error.value).replace("'", " ").split())


def test_two_systems_combine_into_the_people_of_the_roster():
    mail = Records("mail", people=ROSTER)
    mail.add(START, "ann@firm.example", ["c@firm.example"], "mail", event="1")
    both = tn.combine(chat(people=ROSTER), mail.log())
    assert ("p1", "p3") in ends(both)
    assert both.people_found.groupby("kind")["interactions"].sum().to_dict() == {"slack": 6, "email": 2}
    assert "5 ids with interactions" not in str(both)


def test_the_paragraph_names_period_reasons_channels_people_and_what_is_lacking():
    records = Records("slack", people=ROSTER, timezone="Europe/Berlin")
    records.person("U1", addresses=["ann@firm.example"])
    records.add(START, "U1", ["U2"], "chat_direct", event="1")
    for _ in range(3):
        records.skip("system")
    records.lack("The export holds no direct messages, so ties are understated.")
    records.note("Mentions count")
    assert str(records.log()) == (
        "The Slack export, from 2026-03-02 to 2026-03-02 (days in Europe/Berlin). 4 records: 1 used, 3 left out: system 3 (75%). "
        "1 interaction: chat_direct 1. 2 ids with interactions, 1 of them people of the roster and 1 not. "
        "The export holds no direct messages, so ties are understated. Mentions count."
    )


def test_a_combined_log_keeps_what_each_export_says_and_a_table_only_has_no_exports():
    slack, mail = Records("slack"), Records("mail")
    slack.add(START, "U1", ["U2", "U2"], "chat_group", event="1")
    slack.skip("system")
    slack.lack("The export holds no direct messages, so ties are understated.")
    mail.add(START, "a@x.example", ["b@x.example"], "mail", event="1")
    table = tn.read_log({"source": ["k"], "target": ["l"], "time": ["2026-03-02T09:00Z"]})
    whole = tn.combine(tn.combine(slack.log(), mail.log()), table)
    told = [(part.title, dict(part.ledger.counts), dict(part.left_out), part.lacks) for part in whole.exports]
    lack = "The export holds no direct messages, so ties are understated."
    assert told == [
        ("Slack export", {"used": 1, "system": 1}, {"repeated": 1}, (lack,)),
        ("mail export", {"used": 1}, {}, ()),
        ("table", {"used": 1}, {}, ()),
    ]
    assert sum(part.ledger.rows_in for part in whole.exports) == whole.ledger.rows_in
    assert table.exports == tn.combine(table, table).exports == ()


# Moments


@pytest.mark.parametrize(
    ("value", "zone", "expected"),
    [
        ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z"),  # a time that was skipped, as Python reads it
        ("2026-07-01 09:00", "Europe/Berlin", "2026-07-01T07:00:00Z"),
        ("2026-07-01T09:00:00.1234567Z", "UTC", "2026-07-01T09:00:00.123456Z"),
        ("2026-07-01T09:00:00-0330", "UTC", "2026-07-01T12:30:00Z"),
        ("2026-07-01", "America/New_York", "2026-07-01T04:00:00Z"),
    ],
)
def test_moments_are_read_as_written(value, zone, expected):
    assert moment_of(value, zone) == int(np.datetime64(expected.rstrip("Z"), "us").astype(np.int64))


@pytest.mark.parametrize("value", ["2021-03-1706:47:05.123Z", "soon", "2026-13-01", "12/03/2026", True, ["x"], "9999-12-31T23:59:59Z"])
def test_what_is_no_moment_is_refused(value):
    with pytest.raises(ValueError):  # noqa: PT011 - readers turn it into a code
        moment_of(value)


def test_zones_are_known_by_their_windows_names():
    assert [zone_of(name) for name in ("Pacific Standard Time", "Europe/Paris", "Nowhere")] == ["America/Los_Angeles", "Europe/Paris", None]


def test_warnings_are_not_raised_for_exports_without_broken_records():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chat()


@pytest.mark.parametrize("decimals", ["", ".1", ".12", ".123456", ".1234567", ".999999999", ",5"])
@pytest.mark.parametrize("offset", ["", "Z", "+01:00", "-0330", "+05", "+00:00:30"])
def test_the_usual_form_of_a_time_and_others_give_the_same(decimals, offset):
    text = f"2026-03-02T09:10:11{decimals}{offset}"
    assert moment_of(text, "Europe/Berlin") == moment_of(text.replace("T", " "), "Europe/Berlin") == moment_of(f" {text}", "Europe/Berlin")
