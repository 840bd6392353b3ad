"""Messages of Teams, against counts made by others and against an independent count of generated exports."""

from __future__ import annotations

import json
import random
import shutil
import time
import zipfile
from collections import Counter

import pytest

import tienet as tn
from exporting import PLANTED, assert_closed, assert_counts, assert_no_planted, same_log
from real import find
from tienet.network.sources.exports import recognise

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
MADE_UP = find("made_up_exports")
TENANT = find("teams_export") / "raw"


def pages(tmp_path):
    """The made-up pages of messages, without the calendar beside them."""
    for page in (MADE_UP / "raw/graph").glob("*messages.json"):
        shutil.copy(page, tmp_path)
    return tmp_path


def test_pages_of_graph_give_what_an_independent_script_counted(tmp_path):
    log = tn.read_teams(pages(tmp_path))
    assert_counts(log, MADE_UP / "expected/teams_graph.json")
    assert_closed(log, 13)
    assert_no_planted(log)
    strongest = ["chat_mention", "chat_reply", "chat_group", "chat_direct"]  # a reply that mentions others is counted as a reply
    rows = sorted(zip(log.frame["event"], log.frame["channel"], strict=True), key=lambda row: strongest.index(row[1]))
    channels = Counter(dict(rows).values())
    expected = json.loads((MADE_UP / "expected/teams_graph.json").read_text())["kinds"]
    assert channels == {f"chat_{kind}": count for kind, count in expected.items()}
    assert any("nextLink" in lack for lack in log.lacks)


def test_events_of_a_calendar_beside_the_messages_change_nothing(tmp_path):
    same_log(tn.read_teams(MADE_UP / "raw/graph"), tn.read_teams(pages(tmp_path)))


def test_the_export_of_a_tenant_gives_what_an_independent_script_counted():
    log = tn.read_teams(TENANT)
    assert_counts(log, find("teams_export") / "expected/teams_export.json")
    assert_closed(log, 21)
    found = log.people_found.set_index("id")
    assert found["address"].isna()["9bd4aca7-99cf-4b1b-a16d-e25717dc9414"]  # in no list: deactivated
    assert found.loc["88cbf3c2-0810-4d32-aa19-863c12bf7be9", "address"] == "pawel@contoso.example"
    assert any("list of members" in lack for lack in log.lacks)


def test_addresses_join_people_with_the_roster():
    people = {"person": ["Amira@contoso.example", "pawel@contoso.example"], "function": ["Sales", "Marketing"]}
    log = tn.read_teams(TENANT, people=tn.read_people(people))
    assert {"Amira@contoso.example", "pawel@contoso.example"} < set(log.frame["source"]) | set(log.frame["target"])
    assert set(log.people_found["matched_by"].dropna()) == {"address"}


def test_who_is_outside_of_the_tenant_is_external(tmp_path):
    writers = [
        ("u1", {"tenantId": "home"}, None),
        ("u2", {"tenantId": "home"}, None),
        ("u3", {"tenantId": "other"}, None),
        ("u4", {"userIdentityType": "anonymousGuest"}, None),
        ("u5", {"tenantId": "home"}, {"id": "u5", "userPrincipalName": "x_y.example#EXT#@firm.example", "mail": "x@y.example"}),
    ]
    messages = [message(number, chat="19:g@thread.v2", source=who, user=user) for number, (who, user, _) in enumerate(writers)]
    (tmp_path / "messages.json").write_text(json.dumps({"value": messages}))
    (tmp_path / "users.json").write_text(json.dumps({"value": [user for _, _, user in writers if user]}))
    kept, dropped = tn.read_teams(tmp_path), tn.read_teams(tmp_path, externals="drop")
    found = kept.people_found.set_index("id")
    assert sorted(found.index[found["external"]]) == ["u3", "u4", "u5"]
    assert found.loc["u5", "address"] == "x@y.example"
    assert len(kept.frame) == 20
    assert {tuple(pair) for pair in dropped.frame[["source", "target"]].to_numpy()} == {("u1", "u2"), ("u2", "u1")}
    assert dropped.ledger.counts == {"used": 2, "external": 3}


def test_lists_of_chats_and_of_members_state_the_members_of_group_chats(tmp_path):
    (tmp_path / "messages.json").write_text(json.dumps({"value": [message(1, chat="19:g@thread.v2", source="u1")]}))
    with pytest.raises(tn.TienetError, match="no_recipient"):
        tn.read_teams(tmp_path)
    members = [{"userId": who, "email": f"{who}@firm.example"} for who in ("u1", "u2", "u3")]
    chats = {"value": [{"id": "19:g@thread.v2", "chatType": "group", "members": members}]}
    (tmp_path / "chats.json").write_text(json.dumps(chats))
    log = tn.read_teams(tmp_path)
    assert sorted(log.frame["target"]) == ["u2", "u3"]
    (tmp_path / "chats.json").unlink()
    page = {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#chats('19%3Ag%40thread.v2')/members", "value": members}
    (tmp_path / "members.json").write_text(json.dumps(page))
    same_log(log, tn.read_teams(tmp_path))


def test_replies_inside_their_post_count_as_replies(tmp_path):
    post = message(1, channel="c", source="u1") | {"replies": [message(2, channel="c", source="u2", root="1")]}
    (tmp_path / "page.json").write_text(json.dumps({"value": [post]}))
    log = tn.read_teams(tmp_path)
    assert log.frame[["source", "target", "channel"]].to_numpy().tolist() == [["u2", "u1", "chat_reply"]]
    assert log.ledger.counts == {"used": 1, "no_recipient": 1}


def test_what_an_application_writes_is_of_a_bot_also_beside_a_user(tmp_path):
    good = message(1, chat="19:u1_u2@unq.gbl.spaces", source="u1")
    both = message(2, chat="19:u1_u2@unq.gbl.spaces", source="u1")
    both["from"]["application"] = {"id": "app", "displayName": "Flow"}
    (tmp_path / "page.json").write_text(json.dumps({"value": [good, both]}))
    assert tn.read_teams(tmp_path).ledger.counts == {"used": 1, "bot": 1}


def test_pages_are_complete_with_their_last_one(tmp_path):
    context = "https://graph.microsoft.com/v1.0/$metadata#chats('19%3Aa_b')/messages"
    for number, more in ((1, {"@odata.nextLink": "https://graph.microsoft.com/next"}), (2, {})):
        page = {"@odata.context": context, **more, "value": [message(number, chat="19:u1_u2@unq.gbl.spaces", source="u1")]}
        (tmp_path / f"page{number}.json").write_text(json.dumps(page))
    assert not any("nextLink" in lack for lack in tn.read_teams(tmp_path).lacks)
    (tmp_path / "page2.json").unlink()
    assert any("nextLink" in lack for lack in tn.read_teams(tmp_path).lacks)


@pytest.mark.parametrize("written", ["list", "pages", "capitals", "batch", "several pages in a list"])
def test_every_shape_of_the_same_messages_gives_the_same_log(tmp_path, written):
    made = Tenant(7)
    plain, other = tmp_path / "plain", tmp_path / "other"
    for folder in (plain, other):
        folder.mkdir()
    (plain / "messages.json").write_text(json.dumps({"value": made.messages}))
    halves = [{"value": made.messages[:5]}, {"value": made.messages[5:]}]
    shapes = {
        "list": made.messages,
        "pages": {"@odata.count": 3, "value": made.messages},
        "capitals": capital(made.messages),
        "batch": {"responses": [{"id": "1", "status": 200, "body": half} for half in halves]},
        "several pages in a list": halves,
    }
    (other / "messages.json").write_bytes(json.dumps(shapes[written]).encode("utf-8-sig"))
    for folder in (plain, other):
        (folder / "users.json").write_text(json.dumps({"value": made.users}))
    same_log(tn.read_teams(plain), tn.read_teams(other))


def test_an_audit_log_is_refused_with_its_reason(tmp_path):
    (tmp_path / "audit.csv").write_text("CreationDate,UserIds,Operations,AuditData\n2025-02-03,ann@firm.example,MessageSent,{}\n")
    with pytest.raises(tn.TienetError, match="who posted but not to whom"):
        tn.read_teams(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("truncated.json", b'{"value": [{"messageType": "message", "id": "1", "from": {"user": {"id": "zanzibarplan"'),
        ("board.json", b'{"actions": [], "cards": [{"name": "zanzibarplan"}]}'),
        ("empty.json", b'{"value": []}'),
        ("text.json", b"zanzibarplan"),
        ("deep.json", b"[" * 5000 + b"]" * 5000),
    ],
)
def test_bad_files_give_one_line_without_content(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(tn.TienetError) as problem:
        tn.read_teams(tmp_path)
    assert "\n" not in str(problem.value)
    assert_no_planted(None, str(problem.value))
    assert "19:" not in str(problem.value)


def test_odd_values_are_counted_and_do_not_stop_the_reader(tmp_path):
    good = message(1, chat="19:u1_u2@unq.gbl.spaces", source="u1")
    odd = [
        17,
        None,
        {},
        {"messageType": 3, "id": ["x"]},
        message(2, chat="19:u1_u2@unq.gbl.spaces", source=None),
        good | {"id": "3", "createdDateTime": 12},
        good | {"id": "4", "createdDateTime": None},
        good | {"id": "5", "from": "ann"},
        good | {"id": "6", "mentions": {"a": 1}, "chatId": None, "channelIdentity": "x"},
        good | {"id": "7", "chatId": "19:u1_u1@unq.gbl.spaces"},
    ]
    (tmp_path / "messages.json").write_text(json.dumps({"value": [good, *odd]}))
    log = tn.read_teams(tmp_path)
    assert log.ledger.counts == {
        "used": 1, "bad_record": 3, "system": 1, "missing_source": 2, "bad_time": 1, "missing_time": 1, "no_recipient": 1, "self": 1,
    }  # fmt: skip
    assert {line.file for line in log.rejects} == {"file 1"}


def test_the_period_and_the_cap_leave_out_records(tmp_path):
    made = Tenant(3)
    (tmp_path / "messages.json").write_text(json.dumps({"value": made.messages}))
    (tmp_path / "users.json").write_text(json.dumps({"value": made.users}))
    whole = tn.read_teams(tmp_path)
    since = sorted(whole.frame["time"])[len(whole.frame) // 2]
    part = tn.read_teams(tmp_path, since=str(since))
    assert sorted(part.frame["event"]) == sorted(whole.frame["event"][whole.frame["time"] >= since])
    capped = tn.read_teams(tmp_path, max_people=2)
    assert capped.frame["size"].max() == 2
    assert capped.ledger.counts["too_many_people"] > 0


# An independent count: it knows what it wrote, and counts by the rules of the docs page.


def message(
    number, *, source, chat=None, channel=None, root=None, mentions=(), at="2025-02-03T09:15:00Z", user=None, kind="message", **more
):
    """A message as Graph writes it."""
    writer = None if source is None else {"application": None, "device": None, "user": {"id": source, "displayName": "N N", **(user or {})}}
    return {
        "id": str(number),
        "replyToId": root,
        "messageType": kind,
        "createdDateTime": at,
        "deletedDateTime": None,
        "subject": PLANTED[0],
        "chatId": chat,
        "channelIdentity": None if channel is None else {"teamId": "T", "channelId": channel},
        "from": writer,
        "body": {"contentType": "html", "content": f"<p>{PLANTED[1]} {PLANTED[3]}</p>"},
        "attachments": [{"name": PLANTED[2]}],
        "mentions": [
            {"id": place, "mentionText": PLANTED[4], "mentioned": {"user": {"id": one}, "conversation": None}}
            for place, one in enumerate(mentions)
        ],
        "reactions": [{"reactionType": "like", "createdDateTime": at, "user": {"user": {"id": "u1"}}}],
        **more,
    }


def capital(value):
    """The same value with keys as exports made with .NET write them."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: capital(one) for key, one in value.items()}
    return [capital(one) for one in value] if isinstance(value, list) else value


class Tenant:
    """Random messages of a firm, and what should come out of them."""

    def __init__(self, seed):
        draw = random.Random(seed)  # noqa: S311 - not for secrets
        self.names = [f"{draw.getrandbits(32):08x}-{number}" for number in range(draw.randint(3, 8))]
        self.users = [
            {
                "id": name.upper() if draw.random() < 0.3 else name,
                "mail": f"p{place}@firm.example",
                "userPrincipalName": f"q{place}@firm.example",
            }
            for place, name in enumerate(self.names)
        ]
        self.messages, self.links, self.codes = [], Counter(), Counter()
        self.groups = {f"19:{place}@thread.v2": draw.sample(self.names, draw.randint(2, len(self.names))) for place in range(2)}
        self.roots = {}
        self.number = 0
        writing = (self.direct, self.group, self.post, self.reply, self.system, self.deleted, self.bot, self.untimed)
        self.direct(draw)
        self.speak(draw)
        for _ in range(draw.randint(10, 40)):
            draw.choice(writing)(draw)

    def at(self, draw):
        self.number += 1
        day, second = draw.randint(1, 28), draw.randint(0, 59)
        return f"2025-{draw.randint(1, 12):02d}-{day:02d}T10:{second:02d}:00.{draw.randint(0, 999):03d}Z"

    def write(self, draw, **more):
        self.messages.append(message(self.number, **more))
        if draw.random() < 0.2:  # in the mailbox of another member
            self.messages.append(self.messages[-1])
            self.codes["repeated_record"] += 1

    def count(self, source, targets, code="no_recipient"):
        targets = {one for one in targets if one != source}
        self.codes["used" if targets else code] += 1
        self.links.update((source, one) for one in targets)

    def direct(self, draw):
        one, other = draw.sample(self.names, 2)
        chat = f"19:{'_'.join(sorted((one, other)))}@unq.gbl.spaces"
        self.write(draw, at=self.at(draw), source=one, chat=chat)
        self.count(one, [other])

    def speak(self, draw):
        """Everyone of a group chat writes once, so that its members are known without a list."""
        for chat, members in self.groups.items():
            for one in members:
                self.write(draw, at=self.at(draw), source=one, chat=chat)
                self.count(one, members)

    def group(self, draw):
        chat, members = draw.choice(list(self.groups.items()))
        one = draw.choice(members)
        self.write(draw, at=self.at(draw), source=one, chat=chat)
        self.count(one, members)

    def post(self, draw):
        one, channel = draw.choice(self.names), draw.choice(["c1", "c2"])
        mentions = draw.sample(self.names, draw.randint(0, 2)) * draw.randint(1, 2)
        self.write(draw, at=self.at(draw), source=one, channel=channel, mentions=mentions)
        self.roots[channel, str(self.number)] = one
        self.count(one, mentions, "self" if mentions else "no_recipient")

    def reply(self, draw):
        if not self.roots or draw.random() < 0.1:
            self.at(draw)
            self.write(draw, at="2025-02-03T00:00:00Z", source=self.names[0], channel="c1", root="not in the export")
            self.codes["no_recipient"] += 1
            return
        (channel, root), author = draw.choice(list(self.roots.items()))
        one = draw.choice(self.names)
        mentions = draw.sample(self.names, draw.randint(0, 1))
        self.write(draw, at=self.at(draw), source=one, channel=channel, root=root, mentions=mentions)
        self.count(one, [author, *mentions], "self")

    def system(self, draw):
        self.write(draw, at=self.at(draw), source=None, channel="c1", kind=draw.choice(["systemEventMessage", "unknownFutureValue"]))
        self.codes["system"] += 1

    def deleted(self, draw):
        self.write(draw, at=self.at(draw), source=draw.choice(self.names), channel="c1", deletedDateTime="2025-03-01T00:00:00Z")
        self.codes["deleted"] += 1

    def bot(self, draw):
        one = self.names[0]
        self.at(draw)
        application = {"application": {"id": "app", "displayName": "Flow"}, "user": None}
        self.write(draw, source=one, channel="c1", **{"from": application})
        self.codes["bot"] += 1

    def untimed(self, draw):
        one, other = self.names[:2]
        self.number += 1
        bad = draw.choice(["2025-03-1706:47:05.123Z", "", None, "tomorrow"])
        self.write(draw, source=one, chat=f"19:{one}_{other}@unq.gbl.spaces", at=bad)
        self.codes["missing_time" if not bad else "bad_time"] += 1

    def save(self, folder, draw):
        """As pages in several files, in any order, in a folder or an archive."""
        order = draw.sample(self.messages, len(self.messages))
        cut = draw.randint(0, len(order))
        shape = draw.choice([lambda part: {"value": part}, lambda part: part, capital])
        parts = {"a/zanzibarplan messages.json": order[:cut], "b/messages.json": order[cut:]}
        files = {name: shape(part) for name, part in parts.items()} | {"users/usersList.json": self.users}
        if draw.random() < 0.3:
            with zipfile.ZipFile(folder / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                for name, held in files.items():
                    archive.writestr(name, json.dumps(held))
            return folder / "export.zip"
        for name, held in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(json.dumps(held, ensure_ascii=draw.random() < 0.5), encoding="utf-8")
        return folder


def check(seed, folder, capsys, recwarn):
    draw = random.Random(-seed)  # noqa: S311 - not for secrets
    made = Tenant(seed)
    log = tn.read_teams(made.save(folder, draw))
    assert_closed(log, len(made.messages))
    assert log.ledger.counts == {code: count for code, count in made.codes.items() if count}
    links = Counter(zip(log.frame["source"], log.frame["target"], strict=True))
    assert links == made.links
    said = capsys.readouterr()
    assert_no_planted(log, said.out, said.err, *(str(one.message) for one in recwarn.list))


@pytest.mark.parametrize("seed", range(1, 7))
def test_generated_exports_give_what_was_written(seed, tmp_path, capsys, recwarn):
    check(seed, tmp_path, capsys, recwarn)


@pytest.mark.exports
@pytest.mark.parametrize("seed", range(16, 516))
def test_many_generated_exports_give_what_was_written(seed, tmp_path, capsys, recwarn):
    check(seed, tmp_path, capsys, recwarn)


def test_files_split_joined_shuffled_or_copied_give_the_same_log(tmp_path):
    made = Tenant(11)
    folders = [tmp_path / name for name in ("one", "many", "twice")]
    for folder in folders:
        folder.mkdir()
    (folders[0] / "all.json").write_text(json.dumps(made.messages))
    for place, one in enumerate(sorted(made.messages, key=str, reverse=True)):
        (folders[1] / f"{place}.json").write_text(json.dumps([one]))
    for name in ("a.json", "b.json"):
        (folders[2] / name).write_text(json.dumps(made.messages))
    for folder in folders:
        (folder / "users.json").write_text(json.dumps(made.users))
    one, many, twice = map(tn.read_teams, folders)
    same_log(one, many)
    same_log(one, twice)
    assert twice.ledger.counts["repeated_record"] == one.ledger.counts.get("repeated_record", 0) + len(made.messages)


def test_the_time_zone_of_the_machine_changes_nothing(monkeypatch):
    before = tn.read_teams(TENANT)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        same_log(before, tn.read_teams(TENANT))
    finally:
        monkeypatch.undo()
        time.tzset()


def test_recognition():
    assert recognise(TENANT) == "teams"
    assert recognise(MADE_UP / "raw/graph/chat_messages.json") == "teams"


@pytest.mark.parametrize("seed", range(3))
def test_small_and_large_files_are_read_alike(seed, tmp_path, monkeypatch):
    made = Tenant(seed)
    path = made.save(tmp_path, random.Random(seed))  # noqa: S311 - not for secrets
    small = tn.read_teams(path)
    monkeypatch.setattr("tienet.network.sources.exports.json_items.SMALL", 0)
    same_log(small, tn.read_teams(path))
