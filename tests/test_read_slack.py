"""Exports of Slack: compared with counts made by others, and with a plain count of generated exports."""

from __future__ import annotations

import json
import random
import re
import zipfile
from collections import Counter

import pytest

import tienet as tn
from exporting import PLANTED, assert_closed, assert_counts, assert_no_planted
from real import find
from tienet.base.errors import DataError

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
    rng = random.Random(seed)
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
    for at in range(rng.randint(1, 3)):
        conversations.append({"id": f"C{at}", "folder": f"{word()}-{at}", "list": "channels", "members": rng.sample(PEOPLE, 4)})
    if rng.random() < 0.6:
        conversations.append({"id": "G1", "folder": f"{word()}-g", "list": "groups", "members": rng.sample(PEOPLE, 3)})
    for at in range(rng.randint(0, 3)):
        other = [*PEOPLE, *BOTS, "USLACKBOT"]
        conversations.append({"id": f"D{at}", "folder": f"D{at}", "list": "dms", "members": rng.sample(other, 2)})
    for at in range(rng.randint(0, 2)):
        conversations.append(
            {"id": f"G9{at}", "folder": f"mpdm-{at}", "list": "mpims", "members": rng.sample(everybody, rng.randint(3, 5))}
        )
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


@pytest.mark.parametrize("seed", range(25))
def test_a_generated_export_gives_what_a_plain_count_gives(seed, tmp_path, capsys, recwarn):
    check_generated(seed, tmp_path, capsys, recwarn)


@pytest.mark.sweep
def test_many_generated_exports_give_what_a_plain_count_gives(tmp_path, capsys, recwarn):
    for seed in range(25, 525):
        check_generated(seed, tmp_path, capsys, recwarn)
