"""Exports of Slack: compared with counts made by others, and with a plain count of generated exports."""

from __future__ import annotations

import json
import random
import re
import time
import zipfile
from collections import Counter

import pandas as pd
import pytest

import tienet as tn
from exporting import PLANTED, assert_closed, assert_counts, assert_no_planted, same_log
from real import find
from tienet.base.errors import ArgumentError, DataError, TienetError
from tienet.network.sources import _slack_files

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
read = tn.read_slack
START = 1_772_440_000
WORKSPACE = "T1"


# What others counted


def test_every_trap_of_the_made_up_export_is_counted_as_an_independent_script_did():
    log = read(find("made_up_exports") / "raw" / "slack" / "export.zip")
    expected = json.loads((find("made_up_exports") / "expected" / "slack.json").read_text())
    assert_counts(log, expected)
    by_event = log.frame.groupby("event")["channel"].agg(lambda ways: min(ways, key=WAYS.index))
    assert Counter(by_event.str.removeprefix("chat_")) == expected["kinds"]


def test_a_published_export_has_the_mentions_that_were_counted_from_it():
    log = tn.read_slack(find("slack_export") / "raw" / "testarchive.zip")
    expected = json.loads((find("slack_export") / "expected" / "summary.json").read_text())
    pairs = Counter(zip(log.frame["source"], log.frame["target"], strict=True))
    assert pairs == {(one["src"], one["dst"]): one["count"] for one in expected["mentions"]}
    assert_closed(log, expected["n_message_records"])
    assert log.ledger.counts["bot"] + log.ledger.counts["system"] == sum(
        expected["records_by_subtype"][kind] for kind in ("bot_add", "bot_message", "channel_join", "file_comment")
    )
    assert set(log.people_found["id"]) >= set(expected["users"])
    assert any("before 2017" in one for one in log.lacks)  # an export of 2016 has no threads
    assert any("groups.json, dms.json, mpims.json" in one or "mpims" in one for one in log.lacks)


# Generated exports

WAYS = ("chat_direct", "chat_group", "chat_reply", "chat_mention", "chat_reaction")
PEOPLE = [f"U{at}" for at in range(1, 8)]
STRANGERS = ["U0EXT1", "W0EXT2"]  # in no list of users
BOTS = ["U9BOT"]


def ts(time):
    return f"{time // 1_000_000}.{time % 1_000_000:06}"


def generate(seed, *, plain=False):
    """An export as a mapping from path to content, its conversations with their messages, and its bots."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    word = lambda: rng.choice(PLANTED)  # noqa: E731
    users = [
        {
            "id": one,
            "team_id": WORKSPACE,
            "name": one.lower(),
            "deleted": rng.random() < 0.2,
            "real_name": f"Person {one}",
            "is_bot": one in BOTS,
            "is_restricted": rng.random() < 0.1,
            "profile": {"email": f"{one.lower()}@firm.example", "title": word(), "status_text": word()} if one not in BOTS else {},
        }
        for one in (*PEOPLE, *BOTS)
    ]
    everybody = [*PEOPLE, *STRANGERS, *BOTS]
    conversations = []
    channels = range(rng.randint(1, 3))
    conversations += [{"id": f"C{at}", "folder": f"{word()}-{at}", "list": "channels", "members": rng.sample(PEOPLE, 4)} for at in channels]
    if rng.random() < 0.6:
        conversations.append({"id": "G1", "folder": f"{word()}-g", "list": "groups", "members": rng.sample(PEOPLE, 3)})
    for at in range(rng.randint(0, 3)):
        other = [*PEOPLE, *BOTS, "USLACKBOT"]
        conversations.append({"id": f"D{at}", "folder": f"D{at}", "list": "dms", "members": rng.sample(other, 2)})
    conversations += [
        {"id": f"G9{at}", "folder": f"mpdm-{at}", "list": "mpims", "members": rng.sample(everybody, rng.randint(3, 5))}
        for at in range(rng.randint(0, 2))
    ]
    if rng.random() < 0.3:
        conversations.append({"id": None, "folder": f"{word()}-lost", "list": None, "members": []})
    files = {"users.json": users, "integration_logs.json": [{"service_type": word()}]}
    for name in ("channels", "groups", "dms", "mpims"):
        entries = [one for one in conversations if one["list"] == name]
        if entries or rng.random() < 0.5:
            files[f"{name}.json"] = [
                {"id": one["id"], "members": one["members"], "topic": {"value": word()}}
                | ({} if name == "dms" else {"name": one["folder"], "purpose": {"value": word()}})
                for one in entries
            ]
    for one in conversations:
        one["messages"] = messages = _messages(rng, word, one, everybody, plain)
        for message in messages:
            day = message.pop("day")
            files.setdefault(f"{one['folder']}/2026-03-{day:02}.json", []).append(message)
    return files, conversations


def _messages(rng, word, conversation, everybody, plain):
    messages = []
    time = START * 1_000_000 + 1
    times = [time]
    for number in range(rng.randint(0, 25)):
        time += rng.randint(1, 5_000_000_000)
        day = 2 + int((time / 1_000_000 - START) // 86_400)
        author = rng.choice(conversation["members"] or everybody) if rng.random() < 0.8 else rng.choice(everybody)
        named = rng.sample([*everybody, author], rng.choice((0, 0, 1, 1, 2)))
        text = " ".join(
            [word(), *(rng.choice((f"<@{one}>", f"<@{one}|{word()}>")) for one in named), rng.choice(("", "<!here>", "<!channel>"))]
        )
        message = {"type": "message", "user": author, "text": text, "ts": ts(time), "day": day}
        if rng.random() < 0.5:
            root = rng.choice(times) if rng.random() < 0.9 else time + 7_000_000
            message["thread_ts"] = ts(root)
            if rng.random() < 0.5:
                message["parent_user_id"] = rng.choice(everybody)
        elif rng.random() < 0.3:
            message |= {"thread_ts": ts(time), "reply_count": rng.randint(0, 3)}
        if rng.random() < 0.2:
            reacted = [{"name": word(), "count": 1, "users": rng.sample(everybody, rng.randint(1, 3))} for _ in range(rng.randint(1, 2))]
            message["reactions"] = reacted
        trap = None if plain or number == 0 else rng.random()
        if trap is None or trap > 0.5:
            message["subtype"] = rng.choice(("thread_broadcast", "me_message", "file_share")) if rng.random() < 0.2 else None
            if message["subtype"] is None:
                del message["subtype"]
        elif trap < 0.06:
            message |= {"subtype": "tombstone", "user": "USLACKBOT", "hidden": True}
        elif trap < 0.12:
            message |= {"subtype": "bot_message", "bot_id": "B7", "username": word()}
            del message["user"]
        elif trap < 0.17:
            message["bot_id"] = "B8"
        elif trap < 0.25:
            message["subtype"] = rng.choice(("channel_join", "channel_topic", "pinned_item", "file_comment"))
        elif trap < 0.29:
            del message["user"]
        elif trap < 0.33:
            message["ts"] = rng.choice((word(), "", [1], f"1{'9' * 20}"))
        elif trap < 0.36:
            message["user"] = "USLACKBOT"
        elif trap < 0.45 and messages:
            message = dict(rng.choice(messages))  # a copy, in the file of its day
        messages.append(message)
        if "thread_ts" not in message or message["thread_ts"] == message["ts"]:
            times.append(time)
    return messages


def by_hand(conversations, users, *, thread="root", reactions=False, group_mentions=False, drop=False):
    """Codes of all records and the interactions of the used ones, counted the plain way: each message against all others."""
    bots = {one["id"] for one in users if one["is_bot"]} | {"USLACKBOT", "B7", "B8"}
    outside = {one["id"] for one in users if one["is_restricted"]} | set(STRANGERS) if drop else set()
    codes, interactions = Counter(), []
    for conversation in conversations:
        messages = conversation["messages"]
        seen = []
        for message in messages:
            key = message.get("ts")
            if key and key in seen:
                codes["repeated_record"] += 1
                if reactions and readable(message) and verdict(message, bots) is None and message.get("user"):
                    codes["repeated_record"] += len(reactors(message))
                continue
            seen.append(key)
            code, links = one_message(message, conversation, bots, outside, thread, group_mentions)
            codes[code] += 1
            interactions += [(key, *link) for link in links]
            if reactions and readable(message) and verdict(message, bots) is None and message.get("user"):
                for one in reactors(message):
                    author = message["user"]
                    code = judged(one, {author: "chat_reaction"}, bots, outside)
                    codes[code] += 1
                    interactions += [(key, one, author, "chat_reaction", 2)] if code == "used" else []
    return codes, Counter(interactions)


def verdict(message, bots):
    if message.get("subtype") == "tombstone":
        return "deleted"
    if message.get("subtype") == "bot_message" or "bot_id" in message or message.get("user") in bots:
        return "bot"
    return "system" if message.get("subtype") in ("channel_join", "channel_topic", "pinned_item", "file_comment") else None


def readable(message):
    return isinstance(message["ts"], str) and re.fullmatch(r"\d{10}\.\d{6}", message["ts"]) is not None


def reactors(message):
    return {one for reaction in message.get("reactions", []) for one in reaction["users"]}


def one_message(message, conversation, bots, outside, thread, group_mentions):
    code = verdict(message, bots)
    if code:
        return code, []
    source = message.get("user")
    if not source:
        return "missing_source", []
    if not message["ts"]:
        return "missing_time", []
    if not readable(message):
        return "bad_time", []
    targets = {}
    if conversation["list"] in ("dms", "mpims"):
        way = "chat_direct" if conversation["list"] == "dms" else "chat_group"
        targets = {one: way for one in conversation["members"] if one != source}
    else:
        for one in re.findall(r"<@(\w+)", message["text"]):
            targets[one] = "chat_mention"
        if group_mentions and "<!channel>" in message["text"]:
            targets |= {one: "chat_mention" for one in conversation["members"] if one != source}
        for one in answered(message, conversation["messages"], bots, thread):
            targets[one] = "chat_reply"
    code = judged(source, targets, bots, outside)
    if code != "used":
        return code, []
    kept = {one: way for one, way in targets.items() if one not in bots | outside | {source}}
    return code, [(source, one, way, 1 + len(kept)) for one, way in kept.items()]


def answered(message, messages, bots, thread):
    """Whom a reply answers."""
    if message.get("thread_ts", message["ts"]) == message["ts"]:
        return set()
    authors = set()
    for root in messages:
        if root["ts"] == message["thread_ts"] and verdict(root, bots) != "deleted":
            wrote = root.get("user")
            authors.add(root["bot_id"] if "bot_id" in root and wrote not in bots else wrote)
    found = {one for one in authors if one} or {one for one in [message.get("parent_user_id")] if one}
    if thread == "participants":
        for other in messages:
            counts = verdict(other, bots) is None and readable(other) and other.get("thread_ts", other["ts"]) != other["ts"]
            if counts and other["thread_ts"] == message["thread_ts"] and other["ts"] < message["ts"] and other.get("user"):
                found |= {other["user"]} - {message["user"]}
    return found


def judged(source, targets, bots, outside):
    if not targets:
        return "no_recipient"
    if source in bots:
        return "bot"
    if source in outside:
        return "external"
    if set(targets) - bots - outside - {source}:
        return "used"
    if set(targets) & bots:
        return "no_person"
    return "external" if set(targets) & outside - {source} else "self"


def write(files, folder, *, packed=False):
    if packed:
        with zipfile.ZipFile(folder, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, json.dumps(content))
        return folder
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content, ensure_ascii=bool(len(name) % 2)))
    return folder


def check_generated(seed, folder, capsys, recwarn):
    files, conversations = generate(seed)
    path = write(files, folder / f"export{seed}", packed=seed % 2 == 1)
    how = {"thread": "participants"} if seed % 3 == 1 else {"reactions": True} if seed % 3 == 2 else {}
    how |= {"group_mentions": True} if seed % 4 == 1 else {}
    drop = seed % 5 == 4
    codes, expected = by_hand(conversations, files["users.json"], drop=drop, **how)
    if not codes["used"]:
        with pytest.raises(DataError, match="gives no interaction") as error:
            read(path, externals="drop" if drop else "keep", **how)
        assert_no_planted(None, str(error.value))
        return
    log = read(path, externals="drop" if drop else "keep", **how)
    assert dict(log.ledger.counts) == {code: count for code, count in codes.items() if count}
    assert_closed(log, sum(codes.values()))
    frame = log.frame
    times = [ts(int(one.value // 1000)) for one in frame["time"]]
    assert Counter(zip(times, frame["source"], frame["target"], frame["channel"], frame["size"].astype(int), strict=True)) == expected
    output = capsys.readouterr()
    assert_no_planted(log, output.out, output.err, *(str(one.message) for one in recwarn))
    recwarn.clear()


@pytest.mark.parametrize("seed", range(8))
def test_a_generated_export_gives_what_a_plain_count_gives(seed, tmp_path, capsys, recwarn):
    check_generated(seed, tmp_path, capsys, recwarn)


@pytest.mark.exports
def test_many_generated_exports_give_what_a_plain_count_gives(tmp_path, capsys, recwarn):
    for seed in range(25, 525):
        check_generated(seed, tmp_path, capsys, recwarn)


# The same export, written otherwise


def firm_export(seed=3):
    """An export with every kind of conversation, no list missing, and no traps."""
    files, _ = generate(seed, plain=True)
    files["channels.json"] += [{"id": "C7", "name": "extra", "members": ["U1", "U2", "U3"]}]
    files["dms.json"] = [*files.get("dms.json", []), {"id": "D7", "members": ["U1", "U2"]}]
    files["mpims.json"] = [*files.get("mpims.json", []), {"id": "G7", "name": "mpdm-x", "members": ["U1", "U2", "U3"]}]
    files["groups.json"] = files.get("groups.json", [])
    days = {
        "extra": [said("U1", 10, "<@U3>"), said("U2", 20, thread=10), said("U3", 200_000, thread=10), said("U1", 30, "<@U2> <@U2>")],
        "D7": [said("U1", 11), said("U2", 12)],
        "mpdm-x": [said("U2", 13, thread=11), said("U3", 14, "<@U1>")],
    }
    return files | {f"{folder}/2026-03-02.json": messages for folder, messages in days.items()}


def said(author, second, text="", *, thread=None, **more):
    stated = {} if thread is None else {"thread_ts": ts((START + thread) * 1_000_000)}
    return {"type": "message", "user": author, "text": f"{text} {PLANTED[0]}", "ts": ts((START + second) * 1_000_000)} | stated | more


def shuffled(files):
    return {name: held[1::2] + held[::2][::-1] if "/" in name else held for name, held in files.items()}


def joined(files):
    """All days of a conversation in one file, the last day first."""
    made = {name: held for name, held in files.items() if "/" not in name}
    for name in sorted((name for name in files if "/" in name), reverse=True):
        made.setdefault(f"{name.partition('/')[0]}/2026-01-01.json", []).extend(files[name])
    return made


def split(files):
    """Each message in a file of its own, the last first."""
    made = {name: held for name, held in files.items() if "/" not in name}
    for name, held in files.items():
        if "/" in name:
            made |= {f"{name[:-5]}-{len(held) - at:03}.json": [message] for at, message in enumerate(held)}
    return made


def wrapped(files):
    return {f"Firm Slack export/{name}": held for name, held in files.items()}


def by_id(files):
    """Folders by the ids of conversations, as other tools write them."""
    ids = {one.get("name", one["id"]): one["id"] for name in _slack_files.LISTS for one in files[f"{name}.json"]}
    return {f"{ids.get(folder, folder)}/{day}" if day else folder: held for (folder, _, day), held in _parted(files)}


def renamed(files):
    """A channel that changed its name: the old folder keeps the days before."""
    held = files["extra/2026-03-02.json"]
    made = {name: held for name, held in files.items() if not name.startswith("extra/")}
    made["channels.json"] = [one | ({"previous_names": ["before"]} if one["id"] == "C7" else {}) for one in files["channels.json"]]
    return made | {"before/2026-03-02.json": held[:1], "extra/2026-03-02.json": held[1:]}


def grid(files):
    """Enterprise Grid: the users of the organisation, and a workspace below it."""
    made = {name: held for name, held in files.items() if name != "users.json" and not name.startswith("extra/")}
    made["channels.json"] = [one for one in files["channels.json"] if one["id"] != "C7"]
    workspace = {"channels.json": [one for one in files["channels.json"] if one["id"] == "C7"], "users.json": files["users.json"][:2]}
    workspace |= {name: held for name, held in files.items() if name.startswith("extra/")}
    return made | {"org_users.json": files["users.json"]} | {f"teams/{PLANTED[1]}/{name}": held for name, held in workspace.items()}


def with_uploads(files):
    """Files that people uploaded lie deeper, whatever they are called; a canvas holds no messages."""
    lure = [said("U1", 99, "<@U5>")]
    return files | {
        "__uploads/F1/users.json": [{"id": "U1", "name": "x", "is_bot": True}],
        "__uploads/F1/2026-03-02.json": lure,
        "extra/attachments/2026-03-02.json": lure,
        "extra/canvas_in_the_conversation.json": lure,
        "canvases.json": [{"id": "F2", "title": PLANTED[2]}],
        ".hidden/2026-03-02.json": lure,
    }


def _parted(files):
    return [(name.partition("/"), held) for name, held in files.items()]


@pytest.mark.parametrize("change", [shuffled, joined, split, wrapped, by_id, renamed, grid, with_uploads])
@pytest.mark.parametrize("thread", ["root", "participants"])
def test_the_way_in_which_an_export_is_written_changes_nothing(change, thread, tmp_path):
    files = firm_export()
    log = read(write(files, tmp_path / "one"), thread=thread)
    other = read(write(change(files), tmp_path / "other.zip", packed=True), thread=thread)
    same_log(log, other)
    assert (log.ledger.counts, log.lacks) == (other.ledger.counts, other.lacks)


def test_names_of_files_in_another_case_and_with_accents_apart_change_nothing(tmp_path):
    messages = [said("U1", 10, "<!channel>")]
    plain = {"users.json": [{"id": "U1"}, {"id": "U2"}], "channels.json": [{"id": "C1", "name": "b\u00fcro", "members": ["U1", "U2"]}]}
    log = read(write(plain | {"b\u00fcro/2026-03-02.json": messages}, tmp_path / "one"), group_mentions=True)
    other = {"Users.json": plain["users.json"], "CHANNELS.JSON": plain["channels.json"], "bu\u0308ro/2026-03-02.JSON": messages}
    same_log(log, read(write(other, tmp_path / "other.zip", packed=True), group_mentions=True))
    assert ends(log) == [("U1", "U2")]


def test_exports_side_by_side_are_one_and_what_they_share_counts_once(tmp_path):
    files = firm_export()
    log = read(write(files, tmp_path / "one"))
    parts = [
        {name: held for name, held in files.items() if "/" not in name or name.endswith(("02.json", ending))}
        for ending in ("3.json", "json")
    ]
    for at, part in enumerate(parts):
        write(part, tmp_path / "both" / f"{at}")
    both = read(tmp_path / "both")
    same_log(log, both)
    shared = sum(len(held) for name, held in parts[0].items() if "/" in name)
    assert both.ledger.counts["repeated_record"] == shared > 0


def test_neither_the_clock_of_the_machine_nor_the_size_of_files_matters(tmp_path, monkeypatch):
    path = write(firm_export(), tmp_path / "one")
    log = read(path)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        same_log(log, read(path))
    finally:
        monkeypatch.undo()
        time.tzset()
    monkeypatch.setattr(_slack_files, "WHOLE", 0)  # message by message, as large files are read
    same_log(log, read(path))
    same_log(log, read(path, ids="trim"))  # judged as rows of a table are, not by the kit


# Options and identity


def test_people_become_those_of_the_roster_and_a_period_can_be_asked_for(tmp_path):
    path = write(firm_export(), tmp_path / "one")
    plain = read(path)
    roster = pd.DataFrame(
        {"person": [f"p{one}" for one in PEOPLE], "function": "Sales", "email": [f"{one}@FIRM.example" for one in PEOPLE]}
    )
    log = read(path, people=roster)
    names = {one: f"p{one}" for one in PEOPLE}
    expected = [(names.get(one, f"slack:{one}"), names.get(other, f"slack:{other}")) for one, other in ends(plain)]
    assert sorted(ends(log)) == sorted(expected)
    found = log.people_found.set_index("id")
    assert found.loc["U1", "matched_by"] == "address"
    first = read(path, until="2026-03-04")
    assert len(first.frame) == sum(one < pd.Timestamp("2026-03-04") for one in plain.frame["time"].dt.tz_localize(None))
    assert first.ledger.counts["outside_period"] + first.ledger.used <= plain.ledger.rows_in


def test_one_table_joins_two_ids_of_a_person(tmp_path):
    files = firm_export()
    who = {"person": ["ann", "ann"], "kind": ["slack", "slack"], "value": ["U1", "U2"]}
    log = read(write(files, tmp_path / "one"), identities=who)
    assert not {"slack:U1", "slack:U2"} & set(log.frame["source"])
    assert (log.frame["source"] != log.frame["target"]).all()
    assert log.ledger.counts["self"] > read(tmp_path / "one").ledger.counts.get("self", 0)


def test_answers_are_linked_to_what_they_answer(tmp_path):
    messages = [said("U1", 10), said("U2", 70, thread=10), said("U3", 190, thread=10)]
    log = read(write(small({"c/2026-03-02.json": messages}, members=["U1", "U2", "U3"]), tmp_path / "one"))
    assert log.frame["reply_to"].nunique() == 1
    assert set(log.frame["reply_to"]) & set(log.frame["event"]) == set()  # the root addresses nobody, and is no interaction
    direct = [said("U1", 10), said("U2", 70, thread=10)]
    log = read(write(small({"D1/2026-03-02.json": direct}), tmp_path / "two"))
    assert log.frame["reply_to"].dropna().tolist() == [log.frame["event"][0]]


def small(messages, *, members=("U1", "U2"), users=("U1", "U2", "U3", "U4")):
    """An export of one channel, one direct conversation, and a private channel."""
    return {
        "users.json": [{"id": one, "name": one} for one in users],
        "channels.json": [{"id": "C1", "name": "c", "members": list(members)}],
        "dms.json": [{"id": "D1", "members": ["U1", "U2"]}, {"id": "D2", "members": ["U1"]}, {"id": "D3"}],
        "groups.json": [],
        "mpims.json": [],
        **messages,
    }


def ends(log):
    return list(zip(log.frame["source"], log.frame["target"], strict=True))


# What an export lacks


def test_missing_replies_lists_and_users_are_told(tmp_path):
    root = said("U1", 10, "<@U2>", thread=10, reply_count=3)
    log = read(write(small({"c/2026-03-02.json": [root, said("U2", 20, thread=10)] * 2}), tmp_path / "one"))
    assert any("2 of 3 replies" in one for one in log.lacks)  # the reply that is listed twice is one
    files = small({"c/2026-03-02.json": [root], "lost/2026-03-02.json": [said("U9", 5, "<@U1>")]})
    log = read(write({name: held for name, held in files.items() if name not in ("users.json", "dms.json")}, tmp_path / "two"))
    assert any("no direct messages (dms.json)" in one for one in log.lacks)
    assert any("users.json" in one for one in log.lacks)
    assert any("1 folder of messages" in one for one in log.notes)
    assert ("U9", "U1") in ends(log)


def test_a_conversation_with_oneself_is_with_nobody_and_one_without_members_is_a_channel(tmp_path):
    messages = {"D2/2026-03-02.json": [said("U1", 10)], "D3/2026-03-02.json": [said("U1", 10), said("U1", 11, "<@U4>")]}
    log = read(write(small(messages), tmp_path / "one"))
    assert log.ledger.counts == {"used": 1, "no_recipient": 1, "self": 1}
    assert ends(log) == [("U1", "U4")]


# What is no export


def no_slack(path, folder):
    with pytest.raises(TienetError) as error:
        read(path)
    said = str(error.value)
    assert "\n" not in said
    assert_no_planted(None, said)
    return said


def test_another_systems_export_is_refused_with_what_was_looked_for(tmp_path):
    said = no_slack(find("made_up_exports") / "raw" / "trello", tmp_path)
    assert "this is not a Slack export: looked for users.json and channels.json" in said
    assert "'trello'" in said
    (tmp_path / f"{PLANTED[0]}.txt").write_text(PLANTED[1])
    assert "found 1 file (1 txt)" in no_slack(tmp_path, tmp_path)
    (tmp_path / f"Mails of Dr. {PLANTED[0]}").write_text(PLANTED[1])
    assert "found 2 files (" in (told := no_slack(tmp_path, tmp_path))
    assert "1 with another ending" in told


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("c/2026-03-02.json", f'[{{"user": "{PLANTED[0]}", "text"', "no JSON, or ends too early"),
        ("c/2026-03-02.json", "[" * 100_000, "nested deeper"),
        ("users.json", PLANTED[1], "no JSON, or ends too early"),
        ("c/2026-03-02.json", f'["{PLANTED[0]}", 3, null, {{"user": 3}}, {{"type": "other", "user": "U1"}}]', "gives no interaction"),
        ("c/2026-03-02.json", f'{{"ok": true, "messages": "{PLANTED[0]}"}}', "gives no interaction"),
        ("c/2026-03-02.json", "[]", "gives no interaction"),
    ],
)
def test_broken_files_are_told_by_number_in_one_line(name, content, words, tmp_path):
    files = write(small({}), tmp_path)
    (files / name).parent.mkdir(exist_ok=True)
    (files / name).write_text(content)
    assert words in no_slack(files, tmp_path)


def test_a_truncated_archive_and_nobody_addressed_are_told_in_one_line(tmp_path):
    path = write(firm_export(), tmp_path / "one.zip", packed=True)
    (tmp_path / "half.zip").write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    no_slack(tmp_path / "half.zip", tmp_path)
    said_to_nobody = small({"c/2026-03-02.json": [said("U1", at) for at in range(9)]})
    assert "9 of 9" in no_slack(write(said_to_nobody, tmp_path / "two"), tmp_path)


@pytest.mark.parametrize(
    ("option", "words"),
    [({"thread": "all"}, "thread"), ({"reactions": 1}, "reactions"), ({"externals": "no"}, "externals"), ({"max_people": 1}, "max_people")],
)
def test_wrong_options_are_refused(option, words, tmp_path):
    with pytest.raises(ArgumentError, match=words):
        read(write(small({}), tmp_path), **option)
