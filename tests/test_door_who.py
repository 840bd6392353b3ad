"""Who is who: ids in other spellings, aliases, channels, and messages that a terminal and a reader can bear."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from datetime import datetime
from fractions import Fraction
from unicodedata import category

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import EACH_KIND, KINDS, as_kind
from tienet.base.errors import (
    LONGEST,
    ArgumentError,
    DataError,
    InputNotFound,
    NoInteraction,
    RowsRejected,
    RowsUnmatched,
    TienetError,
    offer,
    one_line,
    shown,
    warn,
)
from tienet.base.wording import escaped
from tienet.network.reading import match_people

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.SeveralInCell")  # told when the log is read; here, when it is matched
RULE = tn.TieRule(min_interactions=1, half_life=None)
ANN, BOB = "ann@f.example", "bob@f.example"


def team_of(*ids: str) -> tn.People:
    return tn.read_people({"person": list(ids), "function": [("Sales", "Marketing")[at % 2] for at in range(len(ids))]})


def log_of(*pairs: tuple[object, object], **more: list[object]) -> tn.InteractionLog:
    source, target = zip(*pairs, strict=True)
    return tn.read_log({"source": list(source), "target": list(target), **more})


def told_by(log: tn.InteractionLog, people: tn.People, rule: tn.TieRule = RULE) -> list[str]:
    """The warnings of `build_ties` about rows that name nobody."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        tn.build_ties(log, people, rule=rule)
    return [str(one.message) for one in heard if issubclass(one.category, RowsUnmatched)]


# Ids in other spellings


@pytest.mark.parametrize("kind", EACH_KIND)
def test_case_is_named_with_its_share_in_every_kind_of_table(kind, tmp_path):
    rows = {"source": ["ANN@f.example"] * 97 + [ANN] * 3, "target": [BOB] * 100}
    told = told_by(tn.read_log(as_kind(kind, rows, tmp_path / kind)), team_of(ANN, BOB))
    assert len(told) == 1
    assert told[0].partition(": ")[2] == (
        "97 of 100 rows name someone who is not in the people table (unknown_person); "
        "97 of them match when case is ignored: read the log with ids='address'"
    )


# roster, ids of the log (each contacts the second person of the roster), the rule told, rows that match under it
SPELLINGS = {
    "capital letters": ([ANN, BOB], ["ANN@f.example", "Ann@F.example"], "case", 2),
    "capitals in the roster": (["Ann@F.Example", BOB], [ANN, ANN], "case", 2),
    "accents in capitals": (["émile", BOB], ["ÉMILE"], "case", 1),
    "display names": ([ANN, BOB], [f"Ann Ab <{ANN}>", f'"Ab, Ann" <{ANN}>', f"<{ANN}>"], "brackets", 3),
    "display names in the roster": ([f"Ann Ab <{ANN}>", BOB], [ANN], "brackets", 1),
    "mixed": ([ANN, BOB], [f"Ann <{ANN}>", ANN.upper(), f" {ANN}"], "address", 3),
    "mailto": ([ANN, BOB], [f"mailto:{ANN}"], "address", 1),
    "blanks": ([ANN, BOB], [f"{ANN} ", f"  {ANN}"], "blanks", 2),
    "no-break space": (["ann", "bob"], ["ann\u00a0"], "blanks", 1),
    "zero width": (["ann", "bob"], ["a\u200bnn", "\ufeffann"], "blanks", 2),
    "decomposed letters": (["jos\u00e9", "bob"], ["jose\u0301"], "unicode", 1),
    "composed letters": (["jose\u0301", "bob"], ["jos\u00e9"], "unicode", 1),
    "round ids from R": (["300000", "200000"], ["3e+05"], "exponent", 1),
    "round ids in the roster": (["3e+05", "200000"], ["300000"], "exponent", 1),
    "digits and an exponent": (["1230000", "200000"], ["1.23e+06"], "exponent", 1),
    "decimals": (["471", "200"], ["471.0", "471.00"], "decimals", 2),
    "decimals in the roster": (["471.0", "200"], ["471"], "decimals", 1),
    "zeros lost": (["00471", "200"], ["471"], "zeros", 1),
    "zeros added": (["471", "200"], ["000471"], "zeros", 1),
    "zeros and decimals": (["00471", "200"], ["471.0"], "number", 1),
    "people in a cell": (["ann", "bob"], ["ann;zoe", "zoe; ann"], "several", 2),
    "addresses in a cell": ([ANN, BOB], [f"Zoe <zoe@x>; Ann <{ANN}>"], "addresses", 1),
    "commas": ([ANN, BOB], [f"zoe@x.y, {ANN}"], "commas", 1),
    "names and commas": ([ANN, BOB], [f"Zoe <zoe@x.y>, Ann <{ANN}>"], "comma_addresses", 1),
    "domain in the log": (["ann", "bob"], [ANN], "domain", 1),
    "login in the log": ([ANN, BOB], ["ann"], "domain", 1),
    "another domain": ([ANN, BOB], ["ann@f.test"], "domain", 1),
}


@pytest.mark.sweep
@pytest.mark.parametrize("case", SPELLINGS)
def test_the_spelling_that_would_match_is_told(case):
    roster, sources, rule, rows = SPELLINGS[case]
    people = team_of(*roster)
    log = log_of(*((source, roster[1]) for source in sources), (roster[0], roster[1]))
    found = match_people(log, people)
    assert (found.rows, found.unknown) == (len(sources) + 1, len(sources))
    assert (found.rule, found.matches[rule]) == (rule, rows)
    told = told_by(log, people)
    assert told == [f"the log: {found}"]
    assert f"{rows} of them match" in told[0]
    assert not any(name in told[0] for name in {"zoe", "Ann", "ann", "josé", *roster, *sources})


@pytest.mark.parametrize(("roster", "sources"), [(["Ann", "ann"], ["ANN"]), (["0123", "123"], ["00123"]), (["a@x.y", "a@z.y"], ["a@q.y"])])
def test_an_id_that_would_stand_for_two_people_matches_neither(roster, sources):
    found = match_people(log_of(*((source, roster[0]) for source in sources)), team_of(*roster))
    assert (found.unknown, found.rule, dict(found.matches)) == (1, None, {})


def test_both_ends_of_a_row_have_to_match():
    found = match_people(log_of(("ANN", "zoe"), ("ANN", "BOB"), ("ann", "BOB")), team_of("ann", "bob"))
    assert (found.rows, found.unknown, found.matches["case"]) == (3, 3, 2)


def test_numbers_as_ids_are_compared_with_text():
    found = match_people(log_of((17, 23), (17, 99)), team_of("0017", "0023"))
    assert (found.rule, dict(found.matches)) == ("zeros", {"zeros": 1, "number": 1})


def test_ids_that_match_in_no_spelling_are_told_by_their_shape_alone():
    people = team_of("4711", "4712")
    log = log_of(("anna.schmidt@firm.example", "bob@firm.example"), ("bob@firm.example", "cyn@firm.example"), ("4711", "4712"))
    (told,) = told_by(log, people)
    assert told == (
        "the log: 2 of 3 rows name someone who is not in the people table (unknown_person); no other spelling matches (ids of the log "
        "look like 'a@a.a', those of the table like '9'): if they are not outsiders, compare how the two files write ids"
    )


def test_strangers_of_another_firm_with_the_same_name_before_the_at_do_not_make_a_rule():
    outsiders = [(f"x{at}@mail.example", ANN) for at in range(9)] + [("bob@mail.example", ANN)]
    assert match_people(log_of(*outsiders, (ANN, BOB)), team_of(ANN, BOB)).rule is None


@pytest.mark.parametrize(("strangers", "heard"), [(0, 0), (1, 0), (10, 0), (11, 1), (50, 1)])
def test_more_than_a_tenth_of_the_rows_are_worth_a_warning(strangers, heard):
    log = log_of(*[("ann", "bob")] * (100 - strangers), *[("ann", "zoe")] * strangers)
    people = team_of("ann", "bob")
    assert len(told_by(log, people)) == heard
    assert match_people(log, people).remarkable == bool(heard)


def test_a_single_stranger_is_no_pattern_but_a_single_spelling_is():
    people = team_of("ann", "bob")
    assert told_by(log_of(("ann", "bob"), ("ann", "zoe")), people) == []
    assert len(told_by(log_of(("ann", "bob"), ("ann", "BOB")), people)) == 1


def test_rows_that_the_rule_does_not_count_are_not_looked_at():
    pairs = [("ann", "zoe")] * 8 + [("ann", "bob")] * 2
    log = log_of(*pairs, channel=["chat"] * 8 + ["mail"] * 2)
    assert told_by(log, team_of("ann", "bob"), tn.TieRule(min_interactions=1, half_life=None, channels=["mail"])) == []
    assert len(told_by(log, team_of("ann", "bob"))) == 1


@pytest.mark.parametrize("kind", EACH_KIND)
def test_every_kind_of_table_gives_the_same_counts(kind, tmp_path):
    rows = {"source": ["ANN", "ann", " ann", "zoe", "ann"], "target": ["bob", "BOB", "bob", "ann", "bob"]}
    found = match_people(tn.read_log(as_kind(kind, rows, tmp_path / kind)), team_of("ann", "bob"))
    assert (found.rows, found.unknown, found.matches["case"], found.matches["address"]) == (5, 4, 2, 3)


@pytest.mark.sweep
@given(
    st.lists(
        st.tuples(st.sampled_from(["ann", "ANN", "Bob", "bob", "zoe"]), st.sampled_from(["ann", "Ann", "bob", "BOB", "zoe"])), min_size=1
    )
)
def test_counts_agree_with_a_count_by_hand(pairs):
    pairs = [(one, other) for one, other in pairs if one != other] or [("ann", "bob")]
    found = match_people(log_of(*pairs), team_of("ann", "bob"))
    unknown = [pair for pair in pairs if not set(pair) <= {"ann", "bob"}]
    alike = [pair for pair in unknown if {one.lower() for one in pair} <= {"ann", "bob"}]
    assert (found.rows, found.unknown, found.matches.get("case", 0)) == (len(pairs), len(unknown), len(alike))


def test_the_users_own_connection_keeps_no_trace():
    import duckdb

    with duckdb.connect() as mine:
        mine.execute("create table rows as select * from (values ('ANN', 'bob'), ('ann', 'bob')) as t(source, target)")
        found = match_people(tn.read_log(mine.table("rows")), team_of("ann", "bob"))
        assert found.matches["case"] == 1
        assert mine.sql("show all tables").fetchall()[0][2] == "rows"
        assert len(mine.sql("show all tables").fetchall()) == 1
        assert mine.sql("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]


def test_a_panel_warns_once(recwarn):
    days = pd.date_range("2025-01-01", periods=60).repeat(2)
    log = tn.read_log({"source": ["ann", "ANN"] * 60, "target": ["bob"] * 120, "time": days})
    tn.measure_panel(log, team_of("ann", "bob"), of="sales", rule=tn.TieRule(min_interactions=1), every="20d", window="20d")
    assert len([one for one in recwarn if issubclass(one.category, RowsUnmatched)]) == 1


# What is left when nothing is left


def refused(log: tn.InteractionLog, people: tn.People | None = None, **fields: object) -> str:
    with pytest.raises(NoInteraction) as caught:
        tn.build_ties(log, people or team_of("ann", "bob"), rule=tn.TieRule(**{"min_interactions": 1, "half_life": None, **fields}))
    return str(caught.value)


def test_the_reason_with_most_rows_is_answered():
    channels = ["Email", "email", "Meeting"]
    three = [("ann", "bob")] * 3
    assert refused(log_of(*three, channel=channels), channels=["chat"]).endswith(
        "(channel_left_out 3); the log has the channels Email, Meeting, email, and channels=['chat'] counts none of them"
    )
    assert refused(log_of(*three, channel=["E-Mail"] * 3), channels=["email"]).endswith("counts none of them; did you mean 'E-Mail'?")
    assert "events have more than 50 people; is size the number of people of an event?" in refused(log_of(*three, size=[123456] * 3))
    times = ["2025-01-01", "2025-01-01", "2025-03-01"]
    assert refused(log_of(*three, time=times), since="2025-01-05", until="2025-01-10").endswith(
        "the window of the tie rule is 2025-01-05 to 2025-01-09, the log runs from 2025-01-01 to 2025-03-01"
    )
    assert refused(log_of(("ANN", "bob"))).endswith("1 of them matches when case is ignored: read the log with ids='address'")
    assert "compare how the two files write ids" in refused(log_of(("x1", "y2"), ("x1", "y3")))
    mixed = log_of(("ann", "bob"), ("ann", "bob"), ("x", "bob"), size=[60, 70, 2])
    assert "is size the number of people of an event?" in refused(mixed)


def test_ids_that_are_all_excluded_are_told_as_such():
    with pytest.raises(NoInteraction, match=r"excluded_person 2.*list only ids that are not people"):
        tn.build_ties(
            log_of(("ann", "bob"), ("bob", "ann")), team_of("ann", "bob"), rule=RULE, exclude={"person": ["bob"], "reason": ["bot"]}
        )


def test_no_message_is_longer_than_a_line_of_300_characters():
    channels = [f"channel number {at} with a very long name" for at in range(30)]
    log = log_of(*[("ann", "bob")] * 30, channel=channels)
    assert len(refused(log, channels=["chat"])) <= LONGEST


# Channels in other spellings


@pytest.mark.parametrize("spelling", ["Email", "E-Mail", "e_mail", " email", "EMAIL"])
def test_a_channel_in_another_spelling_is_told_with_its_rows(spelling):
    log = log_of(*[("ann", "bob")] * 4, channel=["email", spelling, spelling, "Meeting"])
    rule = tn.TieRule(min_interactions=1, half_life=None, channels=["email"])
    assert told_by(log, team_of("ann", "bob"), rule) == [
        f"the log: channels names 'email', but 2 rows have '{spelling}'; name it as the log does".replace("'  ", "' ")
    ]
    both = tn.TieRule(min_interactions=1, half_life=None, channels=["email", spelling])
    assert told_by(log, team_of("ann", "bob"), both) == []


def test_a_channel_that_no_row_has_and_a_weight_for_one_are_told():
    log = log_of(*[("ann", "bob")] * 2, channel=["email", "chat"])
    people = team_of("ann", "bob")
    rule = tn.TieRule(min_interactions=1, half_life=None, channels=["email", "chatt"])
    assert told_by(log, people, rule) == ["the log: channels names 'chatt', which no row of the log has; did you mean 'chat'?"]
    weights = tn.TieRule(min_interactions=1, half_life=None, channel_weights={"Email": 0.5})
    assert told_by(log, people, weights) == ["the log: channel_weights names 'Email', but 1 row has 'email'; name it as the log does"]


# Aliases

TABLE = {
    "person": ["ann", "bob", "cyn"],
    "function": ["Sales", "Marketing", "Sales"],
    "mail": ["a@x; ann.b@x", None, "c@x"],
    "login": ["aa", "bb", ""],
}
PAIRS = [("a@x", "bob"), ("ann", "bb"), ("ann.b@x", "c@x"), ("bob", "aa")]


@pytest.mark.parametrize("kind", EACH_KIND)
def test_aliases_count_for_their_person_in_every_kind_of_log(kind, tmp_path):
    people = tn.read_people(TABLE, aliases=["mail", "login"])
    rows = {"source": [one for one, _ in PAIRS], "target": [other for _, other in PAIRS]}
    ties = tn.build_ties(tn.read_log(as_kind(kind, rows, tmp_path / kind)), people, rule=RULE)
    # By hand: ann to bob twice, bob to ann once, ann to cyn once.
    found = {(a, b): n for a, b, n in zip(ties.people.person[ties.a], ties.people.person[ties.b], ties.interactions, strict=True)}
    assert found == {("ann", "bob"): 3.0, ("ann", "cyn"): 1.0}
    assert ties.ledger.counts == {"used": 4}


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_a_column_of_lists_holds_aliases(make):
    people = tn.read_people(make({"person": ["ann", "bob"], "function": ["S", "M"], "mail": [["a@x", "b@x"], []]}), aliases="mail")
    assert dict(people.aliases) == {"a@x": "ann", "b@x": "ann"}
    assert "mail" not in people.attributes


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("polars_lazy", "glob")])
def test_a_table_of_aliases_may_be_of_any_kind_and_hold_others(kind, tmp_path):
    given_table = as_kind(kind, {"person": ["ann", "ann", "zoe", "ann"], "alias": ["a1", "a2", "z1", "ann"]}, tmp_path / kind)
    people = tn.read_people({"person": ["ann", "bob"], "function": ["S", "M"]}, aliases=given_table)
    assert dict(people.aliases) == {"a1": "ann", "a2": "ann"}
    assert people.codes(["a2", "ann", "bob", "z1", "x"]).tolist() == [0, 0, 1, -1, -1]


def test_a_table_with_a_row_for_each_alias_is_one_person_a_name():
    rows = {"person": ["ann", "ann", "bob"], "function": ["S", "S", "M"], "mail": ["a@x", "b@x", "c@x"]}
    people = tn.read_people(rows, aliases="mail")
    assert people.person.tolist() == ["ann", "bob"]
    assert dict(people.aliases) == {"a@x": "ann", "b@x": "ann", "c@x": "bob"}
    with pytest.raises(DataError, match="rows 1, 2 name the same person with different values"):
        tn.read_people(rows)


WRONG = {
    "two people": ({"person": ["ann", "bob"], "alias": ["x9", "x9"]}, "the aliases in rows 1 and 2 are the same but stand for two people"),
    "a person and a stranger": ({"person": ["ann", "zoe"], "alias": ["x9", "x9"]}, "rows 1 and 2 are the same but stand for two people"),
    "another person": ({"person": ["ann"], "alias": ["bob"]}, "the alias in row 1 is the id of another person"),
    "nobody": ({"person": ["zoe"], "alias": ["x9"]}, "none of its 1 aliases is of a person in the people table"),
    "no column": ({"person": ["ann"], "alia": ["x9"]}, "the table of aliases has no column 'alias'; did you mean 'alia'?"),
    "floats": ({"person": ["ann"], "alias": [1.5]}, "holds floating-point numbers"),
    "misspelt": ("login_nam", "'login_nam' is no column and no file; did you mean 'login_name'?"),
    "one of several": (["login_name", "lgin"], "no column 'lgin'"),
    "none": ([], "aliases must name at least one column"),
    "a number": (3, "the table of aliases: int is not a path or a data frame"),
}


@pytest.mark.parametrize("case", WRONG)
def test_aliases_that_do_not_say_who_are_refused_without_an_id(case):
    aliases, message = WRONG[case]
    with pytest.raises(TienetError) as caught:
        tn.read_people({"person": ["ann", "bob"], "function": ["S", "M"], "login_name": ["a", "b"]}, aliases=aliases)
    assert message in str(caught.value)
    assert not any(name in str(caught.value) for name in ("ann", "zoe", "x9"))


def test_a_row_between_two_ids_of_one_person_is_a_self_loop():
    people = tn.read_people(TABLE, aliases=["mail", "login"])
    ties = tn.build_ties(log_of(("ann", "a@x"), ("aa", "ann.b@x"), ("ann", "bob")), people, rule=RULE)
    assert ties.ledger.counts == {"used": 1, "self_loop": 2}
    with pytest.raises(NoInteraction, match="between two ids of the same person; check the aliases"):
        tn.build_ties(log_of(("ann", "a@x")), people, rule=RULE)


def test_excluded_people_take_their_aliases_along_and_an_excluded_alias_stays_apart():
    people = tn.read_people(TABLE, aliases=["mail", "login"])
    log = log_of(("ann", "bob"), ("a@x", "cyn"), ("aa", "bob"), ("bob", "cyn"))
    without = tn.build_ties(log, people, rule=RULE, exclude={"person": ["ann"], "reason": ["bot"]})
    assert (without.ledger.counts, dict(without.excluded)) == ({"used": 1, "excluded_person": 3}, {"bot": 3})
    apart = tn.build_ties(log, people, rule=RULE, exclude={"person": ["a@x"], "reason": ["shared mailbox"]})
    assert (apart.ledger.counts, dict(apart.excluded)) == ({"used": 3, "excluded_person": 1}, {"shared mailbox": 1})
    assert "ann" in apart.people.person.tolist()


def test_replies_by_an_alias_count_for_the_latency():
    rows = {"event": ["m1", "m2"], "reply_to": [None, "m1"], "source": ["ann", "bob"], "target": ["bob", "ann"]}
    rows |= {"time": [datetime(2025, 1, 1, 10), datetime(2025, 1, 1, 12)]}
    people = tn.read_people(TABLE, aliases="login")
    for other in ({}, {"target": ["bb", "aa"], "source": ["aa", "bb"]}):
        for kind in (dict, pl.LazyFrame):
            ties = tn.build_ties(tn.read_log(kind(rows | other)), people, rule=RULE)
            assert ties.latency.tolist() == [2.0]


def test_people_with_aliases_are_the_same_after_pickling():
    import pickle

    people = pickle.loads(pickle.dumps(tn.read_people(TABLE, aliases="mail")))  # noqa: S301 - ours
    assert people.codes(["c@x", "ann.b@x"]).tolist() == [2, 0]
    assert people.without(["ann"]).codes(["c@x", "ann.b@x", "cyn"]).tolist() == [1, -1, 1]


@pytest.mark.sweep
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_writing_aliases_for_ids_changes_nothing(rows):
    roster = {"person": list("abcd"), "function": ["S", "M"] * 2, "other": ["a2", "b2", "c2", "d2"]}
    rows = [row for row in rows if row[0] != row[1]] or [(0, 1, True, False)]
    plain = log_of(*(("abcd"[i], "abcd"[j]) for i, j, _, _ in rows))
    mixed = log_of(*((roster["other" if x else "person"][i], roster["other" if y else "person"][j]) for i, j, x, y in rows))
    people = tn.read_people(roster, aliases="other")
    one, other = (tn.build_ties(log, people, rule=RULE) for log in (plain, mixed))
    for name in ("a", "b", "interactions", "a_to_b"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


# The people table


@pytest.mark.parametrize("blank", ["", " ", "  ", "\t", "\u00a0", "\u200b", "\ufeff ", None])
def test_an_id_of_blanks_is_nobody(blank):
    with pytest.warns(RowsRejected, match="missing_person 1"):
        people = tn.read_people({"person": ["ann", blank], "function": ["S", "M"]})
    assert people.person.tolist() == ["ann"]


def test_a_repeated_header_is_nobody(tmp_path):
    (tmp_path / "p.csv").write_text("person,function,team\nann,Sales,x\nperson,function,team\nbob,Marketing,y\n")
    with pytest.warns(RowsRejected, match="repeated_header 1"):
        people = tn.read_people(tmp_path / "p.csv")
    assert people.person.tolist() == ["ann", "bob"]
    assert people.ledger.counts == {"used": 2, "repeated_header": 1}
    assert tn.read_people({"person": ["person", "ann"], "function": ["Sales", "Sales"]}).person.tolist() == ["person", "ann"]


def test_a_column_of_lists_in_a_people_table_is_no_traceback():
    people = tn.read_people(pl.DataFrame({"person": ["ann"], "function": ["S"], "tags": [["x", "y"]]}))
    assert people.attributes["tags"].tolist() == ["['x', 'y']"]


# Messages


@pytest.mark.parametrize(
    "header",
    [
        "Anna Schmidt,Bob Meier",
        "Margret Meier,Tim Roth",
        "ann,bob,mail",
        "anna@f.example,bob@f.example",
        "4711,4712,2025-01-01",
        "Sorcia,Targan",
    ],
)
def test_a_first_line_of_data_is_not_shown(header, tmp_path):
    (tmp_path / "log.csv").write_text(f"{header}\n{header}\n")
    for read in (tn.read_log, tn.read_people):
        with pytest.raises(DataError, match="needs a line with column names") as caught:
            read(tmp_path / "log.csv")
        assert not any(name in str(caught.value) for name in header.split(","))


@pytest.mark.parametrize(
    "names", [["from", "to"], ["Sender Address", "who"], ["target", "wer"], ["Absender", "Empfänger"], ["StartDate", "p1"]]
)
def test_a_header_is_shown(names):
    with pytest.raises(DataError) as caught:
        tn.read_log({name: ["x"] for name in names})
    assert all(name in str(caught.value) for name in names)


HOSTILE = {
    "title of the window": "\x1b]0;pwned\x07",
    "eight bits": "\x9b31m",
    "reversed": "a\u202eb",
    "isolated": "a\u2066b",
    "mark": "\ufeffa",
    "new line": "a\nb\r\nc",
    "line separator": "a\u2028b",
    "half of a pair": "a\ud800b",
    "nothing": "\x00" * 1000,
    "bell": "\x07" * 3,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_errors_and_warnings_are_visible_text(case):
    text = HOSTILE[case]
    with pytest.warns(RowsUnmatched) as heard:
        warn(f"column {text} twice", RowsUnmatched)
    for message in (str(TienetError(f"column {text} twice")), str(heard[0].message)):
        assert message.startswith("column ")
        assert message.endswith(" twice")
        assert message.isprintable()
    with pytest.raises(DataError) as caught:
        tn.read_log({"source": ["a"], text or "x": ["b"]})
    assert str(caught.value).isprintable()


def test_a_long_message_keeps_its_beginning_and_its_end():
    message = one_line("the column is missing: " + "name, " * 200 + "so rename it")
    assert len(message) <= LONGEST
    assert message.startswith("the column is missing: name,")
    assert message.endswith("name, so rename it")
    assert len(one_line("9" * 10**6)) <= LONGEST


@given(st.text())
def test_a_message_is_one_short_printable_line(text):
    message = one_line(text)
    assert len(message) <= LONGEST
    assert not {category(letter) for letter in message} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert one_line(message) == message


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (10**5000, "a whole number of 16,610 bits"),
        (Fraction(1, 10**5000), "a Fraction"),
        ("9" * 10**6 + "x", "'" + "9" * 58 + "…"),
        (["ann"], "a list"),
        ({"ann": 1}, "a dict"),
        (None, "None"),
        (True, "True"),
        (b"abc", "b'abc'"),
        (float("nan"), "nan"),
        (np.float64(2.5), "2.5"),
        (np.array([1]), "an ndarray"),
    ],
    ids=range(11),
)
def test_a_value_is_shown_short_or_by_its_kind(value, written):
    assert shown(value) == written


@pytest.mark.parametrize("given_value", ["9" * 10**6 + "x", 10**5000, -(10**5000), "x" * 10**6, b"\x00" * 10**5], ids=range(5))
def test_a_rule_does_not_answer_with_a_million_characters(given_value):
    for field in ("half_life", "min_interactions", "size_weight", "max_size", "since", "min_weeks", "reciprocal"):
        with pytest.raises(ArgumentError) as caught:
            tn.TieRule(**{field: given_value})
        assert len(str(caught.value)) <= LONGEST


def test_addresses_are_not_offered():
    assert offer("x", ["ann@f.example", "tenure"]) == "; available: tenure, ..."
    assert offer("x", ["ann@f.example"]) == "; its 1 names look like data"
    assert offer("x", []) == "; none available"


def test_a_path_is_told_by_its_name(tmp_path):
    with pytest.raises(InputNotFound) as caught:
        tn.read_log(tmp_path / "private" / "log.csv")
    assert "'log.csv'" in str(caught.value)
    assert "private" not in str(caught.value)


def test_tables_for_people_hold_no_control_character():
    from tienet.output.tables.grid import clean

    assert clean("a\x9b31m\x1b[1mb\x85c\x7f") == "a 31m [1mb c"


# The terminal


def test_invisible_characters_are_escaped_for_a_terminal():
    assert escaped("ann\x1b]0;x\x07\x9b\u202e\n") == "ann\\x1b]0;x\\x07\\x9b\\u202e\n"
    assert escaped("müller, 李\t") == "müller, 李\t"


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a thing of Unix")
@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.sweep
def test_ids_give_no_orders_to_a_terminal_and_stay_as_they_are_in_a_pipe(terminal, tmp_path):
    import pty

    wild = "ann\x1b]0;pwned\x07"
    pd.DataFrame({"source": [wild] * 3, "target": ["bob"] * 3, "time": ["2025-01-01"] * 3}).to_csv(tmp_path / "log.csv", index=False)
    pd.DataFrame({"person": [wild, "bob"], "function": ["S", "M"]}).to_csv(tmp_path / "people.csv", index=False)
    command = [sys.executable, "-c", "from tienet.cli.app import main; main()", "ties", "log.csv", "--people", "people.csv", "-q"]
    if not terminal:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
        assert wild.encode() in done.stdout
        return
    ours, theirs = pty.openpty()
    running = subprocess.Popen(command, cwd=tmp_path, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        said += part
    assert running.wait() == 0, running.stderr.read()
    running.stderr.close()
    os.close(ours)
    assert rb"ann\x1b]0;pwned\x07" in said
    assert b"\x1b" not in said


# Together with the rules by which ids are compared

REPAIRED = ["capital letters", "capitals in the roster", "display names", "mixed", "mailto", "blanks", "no-break space", "zero width"]


@pytest.mark.sweep
@pytest.mark.parametrize("case", [*REPAIRED, "decomposed letters", "people in a cell", "addresses in a cell", "commas", "names and commas"])
def test_what_is_advised_makes_all_rows_match(case):
    roster, sources, _, rows = SPELLINGS[case]
    people = team_of(*roster)
    table = {"source": sources, "target": [roster[1]] * len(sources)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = match_people(tn.read_log(table), people)
        repaired = tn.read_log(table, **found.options)
        after = match_people(repaired, people)
        ties = tn.build_ties(repaired, people, rule=RULE)
    assert after.unknown <= found.unknown - rows + (len(sources) if "separator" in found.options else 0)
    # Everyone but outsiders in the same cell is known, and each row is a contact of the first with the second person.
    assert [(int(a), int(b)) for a, b in zip(ties.a, ties.b, strict=True)] == [(0, 1)]
    assert ties.interactions.tolist() == [float(len(sources))]


def test_aliases_are_compared_by_the_rule_of_the_log():
    people = tn.read_people({"person": [ANN, BOB], "function": ["S", "M"], "mail": ["Ann.Ab@f.example", None]}, aliases="mail")
    log = tn.read_log({"source": ["ANN.AB@F.EXAMPLE", "Ann <ann@f.example>"], "target": ["BOB@f.example"] * 2}, ids="address")
    assert match_people(log, people).unknown == 0
    assert tn.build_ties(log, people, rule=RULE).interactions.tolist() == [2.0]
