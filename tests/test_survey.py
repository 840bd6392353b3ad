from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import to_columns
from tienet.base.errors import ArgumentError, DataError, RowsRejected
from tienet.output.glossary import describe

ITEMS = ["frequency", "importance", "closeness"]
ROSTER = {"person": ["eve", "ann", "bob", "cat", "zoe"], "function": ["Sales", "Marketing", "Sales", "Marketing", "Sales"]}
LONG = {
    "respondent": ["ann", "bob", "cat", "ann", "eve", "cat"],
    "colleague": ["bob", "ann", "ann", "cat", "ann", "eve"],
    "frequency": [5, 4, 1, 3, 2, 1],
    "importance": [5, 2, 1, 3, 2, 1],
    "closeness": [5, 3, 1, 3, 5, 1],
}
# The same answers, one row per respondent; zoe did not answer.
WIDE = {
    "respondent": ["ann", "bob", "cat", "eve"],
    **{
        f"{item}_{person}": [
            next((LONG[item][row] for row in range(6) if (LONG["respondent"][row], LONG["colleague"][row]) == (who, person)), None)
            for who in ("ann", "bob", "cat", "eve")
        ]
        for item in ITEMS
        for person in ("ann", "bob", "cat", "eve")
    },
}


def people() -> tn.People:
    return tn.read_people(ROSTER)


def survey(table, **options) -> tn.Ties:
    return tn.read_survey(table, people(), **{"scale": (1, 5), **options})


def test_every_input_gives_the_ties_by_hand_and_the_callers_kind_of_frame(make_frame):
    ties = tn.read_survey(make_frame(LONG), people(), scale=(1, 5))
    assert isinstance(ties.frame, make_frame.given_back)
    found = to_columns(ties.frame)
    # ann-bob: 1 and (3 + 1 + 2)/4/3 = 0.5; ann-cat: 0.5 and 0; eve-ann: one answer, (1 + 1 + 4)/4/3 = 0.5, for both ends.
    assert found["a"] == ["eve", "ann", "ann"]
    assert found["b"] == ["ann", "bob", "cat"]
    assert found["interactions"] == [1, 2, 1]
    assert found["a_to_b"] == [1, 1, 1]
    assert found["b_to_a"] == [0, 1, 0]
    assert found["reciprocity"] == [0, 1, 0]
    assert found["strength_a"] == pytest.approx([0.5, 1, 0.5])
    assert found["strength_b"] == pytest.approx([0.5, 0.5, 0])
    assert found["strength"] == pytest.approx([0.5, 0.75, 0.25])
    assert found["frequency"] == found["regularity"] == found["channels"] == found["first"] == found["last"] == [None] * 3
    # cat has never to do with eve: rated, no tie.
    assert ties.pairs_below == 1
    assert ties.ledger.counts == {"used": 6}


def test_long_and_wide_are_the_same_survey(make_frame):
    long = survey(LONG, design="name_generator").frame
    wide = tn.read_survey(make_frame(WIDE), people(), shape="wide", scale=(1, 5), design="name_generator")
    assert to_columns(wide.frame) == to_columns(long)
    assert wide.ledger.counts == {"used": 6}


def test_an_empty_cell_of_a_roster_is_a_missing_answer_but_for_oneself():
    with pytest.warns(RowsRejected, match="6 of 12 answers rejected"):
        ties = survey(WIDE, shape="wide")
    assert ties.ledger.counts == {"used": 6, "missing_answer": 6}
    assert to_columns(ties.frame) == to_columns(survey(LONG).frame)


def test_egos_measure_their_own_answers():
    egos = tn.measure_egos(survey(LONG), of="marketing", toward=["sales"], strength="survey")
    # ann: her 1 on bob, and eve's 0.5 in place of an answer she did not give. cat: none to sales.
    assert egos.total_ties.ravel().tolist() == [2, 0]
    assert egos.tie_strength.ravel()[0] == pytest.approx(0.75)
    bob = tn.measure_egos(survey(LONG), of="sales", strength="survey")
    assert bob.tie_strength.ravel()[:2] == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize(
    ("options", "ties", "below"),
    [
        ({}, 3, 1),
        ({"threshold": 1}, 4, 0),
        ({"threshold": 3}, 3, 1),
        ({"threshold": 3.01}, 1, 3),
        ({"threshold": 5}, 1, 3),
        ({"reciprocal": True}, 1, 3),
        ({"design": "name_generator"}, 4, 0),
    ],
)
def test_what_names_a_tie(options, ties, below):
    found = survey(LONG, **options)
    assert (len(found), found.pairs_below) == (ties, below)


def test_every_row_is_accounted_for():
    rows = [
        ("ann", "bob", 5),
        ("ann", "bob", 5),
        ("bob", "ann", 2),
        ("bob", "ann", 3),
        ("ann", "ann", 5),
        (None, "ann", 5),
        ("ann", "", 5),
        ("ann", "stranger", 5),
        ("stranger", "ann", None),
        ("ann", "cat", None),
        ("ann", "eve", 6),
        ("ann", "zoe", float("inf")),
    ]
    table = dict(zip(("respondent", "colleague", "closeness"), zip(*rows, strict=True), strict=True))
    with pytest.warns(RowsRejected, match="7 of 12 answers rejected"):
        ties = survey(pd.DataFrame(table), items=["closeness"])
    assert ties.ledger.counts == {
        "used": 1,
        "repeated_answer": 1,
        "conflicting_answer": 2,
        "self_loop": 1,
        "missing_source": 1,
        "missing_target": 1,
        "unknown_person": 2,
        "missing_answer": 1,
        "outside_scale": 2,
    }
    assert ties.ledger.rows_in == 12
    assert ties.ledger.used == len(ties.given.answers.respondent)


def test_a_scale_that_is_not_given_is_observed_and_said():
    ties = survey({**LONG, "closeness": [7, 3, 1, 3, 5, 1]}, scale=None)
    assert "rescaled to 0-1 from 1 to 7, the lowest and highest answer observed since the scale was not given" in str(ties)
    assert "observed" not in str(survey(LONG))
    assert survey(LONG, scale=None).strength == pytest.approx(survey(LONG).strength)
    with pytest.raises(DataError, match=r"every answer is 3, so the ends of the scale are unknown; give them with scale="):
        survey({"respondent": ["ann"], "colleague": ["bob"], "closeness": [3]}, items=["closeness"], scale=None)


def test_reversed_items_and_scales_of_their_own():
    turned = {**LONG, "closeness": [6 - value for value in LONG["closeness"]]}
    assert survey(turned, reverse=["closeness"]).strength == pytest.approx(survey(LONG).strength)
    stretched = {**LONG, "importance": [10 * value for value in LONG["importance"]]}
    scale = {"frequency": (1, 5), "importance": (10, 50), "closeness": (1, 5)}
    assert survey(stretched, scale=scale).strength == pytest.approx(survey(LONG).strength)
    assert "(closeness reversed), rescaled to 0-1 from 1 to 5" in str(survey(turned, reverse=["closeness"]))


def test_columns_and_patterns_of_ones_own():
    renamed = {{"respondent": "id", "colleague": "about"}.get(name, name): values for name, values in LONG.items()}
    assert len(survey(renamed, columns={"respondent": "id", "colleague": "about"})) == 3
    wide = {"id": ["ann", "bob"], "ann": [None, 4], "bob": [5, None]}
    ties = survey(wide, shape="wide", items=["closeness"], columns={"respondent": "id", "answers": "{person}"})
    assert ties.strength.tolist() == [0.875]
    wide = {"id": ["ann"], "how often [bob]?": [5], "how close [bob]?": [3], "remark": ["none"]}
    ties = survey(wide, shape="wide", items=["often", "close"], columns={"respondent": "id", "answers": "how {item} [{person}]?"})
    assert ties.strength.tolist() == [0.75]


def test_other_libraries_get_the_stated_ties():
    ties = survey(LONG)
    assert ties.adjacency().sum() == pytest.approx(2 * 1.5)
    assert ties.to_networkx(directed=True).number_of_edges() == 4
    assert tn.network.measures.ego_network(ties, "ann").strength_name == "survey strength"
    assert tn.function_matrix(ties).ties.sum() > 0


@given(st.data())
def test_the_order_of_the_rows_changes_nothing_and_shift_and_scale_neither(data):
    n = data.draw(st.integers(1, 20))
    ends = st.sampled_from(ROSTER["person"])
    rows = data.draw(st.lists(st.tuples(ends, ends, st.integers(1, 5)), min_size=n, max_size=n))
    # One answer that is used whatever else was drawn.
    rows = [*(row for row in rows if set(row[:2]) != {"ann", "bob"}), ("ann", "bob", 4)]
    shuffled = data.draw(st.permutations(rows))

    def read(some, scale=(1, 5), stretch=1.0):
        table = pd.DataFrame(some, columns=["respondent", "colleague", "closeness"])
        table["closeness"] = table["closeness"] * stretch
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RowsRejected)
            return tn.read_survey(table, people(), items=["closeness"], scale=scale)

    one, other, stretched = read(rows), read(shuffled), read(rows, scale=(4, 20), stretch=4.0)
    assert one.ledger.rows_in == len(rows)
    for ties in (other, stretched):
        assert ties.ledger.counts == one.ledger.counts
        assert to_columns(ties.frame) == to_columns(one.frame)
    np.testing.assert_allclose(one.strength, (one.given.as_a + one.given.as_b) / 2)
    assert all(describe(column).meaning for column in one.frame.columns)
    # Every naming answer is an interaction.
    assert one.interactions.sum() == one.given.answers.names.sum()


def test_refusals():
    with pytest.raises(DataError, match="no column 'closeness'"):
        survey({"respondent": ["ann"], "colleague": ["bob"]}, items=["closeness"])
    with pytest.raises(ArgumentError, match="reverse: 'closness' is not an item; did you mean 'closeness'"):
        survey(LONG, reverse=["closness"])
    with pytest.raises(ArgumentError, match=r"shape must be .*; got 'tall'"):
        survey(LONG, shape="tall")
    with pytest.raises(ArgumentError, match=r"design must be .*; got 'census'"):
        survey(LONG, design="census")
    with pytest.raises(ArgumentError, match="items must be distinct"):
        survey(LONG, items=["closeness", "closeness"])
    with pytest.raises(ArgumentError, match="items and reverse must be lists"):
        survey(LONG, items="closeness")
    with pytest.raises(ArgumentError, match="'respondant' is not a canonical column of a long survey; did you mean 'respondent'"):
        survey(LONG, columns={"respondant": "x"})
    for scale in ((5, 1), (1, 1), (1, 2, 3), (1, float("nan")), "ab"):
        with pytest.raises(ArgumentError, match=r"scale must be \(low, high\)"):
            survey(LONG, scale=scale)
    with pytest.raises(ArgumentError, match="scale must give the ends of every item"):
        survey(LONG, scale={"closeness": (1, 5)})
    with pytest.raises(ArgumentError, match="threshold=6 lies outside the scale from 1 to 5"):
        survey(LONG, threshold=6)
    with pytest.raises(ArgumentError, match="threshold needs one scale for all items"):
        survey(LONG, threshold=3, scale={"frequency": (1, 5), "importance": (0, 5), "closeness": (1, 5)})
    with pytest.raises(DataError, match=r"no usable row: 6 rows in: 0 used, 6 excluded \(unknown_person 6\); compare its ids"):
        survey({**LONG, "respondent": ["x"] * 6})
    with pytest.raises(DataError, match="column 'respondent' holds floating-point numbers"):
        survey({**LONG, "respondent": [1.0] * 6})
    with pytest.raises(ArgumentError, match=r"must contain \{person\} and, for several items, \{item\} once"):
        survey(WIDE, shape="wide", columns={"answers": "{person}"})
    with pytest.raises(ArgumentError, match="for more than one item"):
        survey({"respondent": ["ann"], "a_b_c": [1]}, shape="wide", items=["a", "a_b"])
    with pytest.raises(DataError, match="no column matches the pattern"):
        survey({"respondent": ["ann"], "x": [1]}, shape="wide")


def test_messages_about_a_wide_table_name_nobody():
    with pytest.raises(DataError, match="column 2 must contain answers as numbers") as error:
        survey({"respondent": ["ann"], "closeness_secretbob": ["often"]}, shape="wide", items=["closeness"])
    assert "secret" not in str(error.value)
    with pytest.raises(DataError, match="no column 'respondent'") as error:
        survey({"who": ["ann"], "closeness_secretbob": [3]}, shape="wide", items=["closeness"])
    assert "secret" not in str(error.value)


def test_a_strength_that_the_ties_do_not_have_is_refused():
    for name in ("frequency", "composite", "channels"):
        with pytest.raises(DataError, match=f"strength='{name}' is not available for survey ties; use strength='survey'"):
            tn.measure_egos(survey(LONG), of="sales", strength=name)
    log = tn.read_log({"source": ["ann"], "target": ["bob"]})
    logged = tn.build_ties(log, people(), rule=tn.TieRule(min_interactions=1, half_life=None))
    for name, maker in (("survey", "read_survey"), ("calibrated", "calibrated")):
        with pytest.raises(DataError, match=f"strength='{name}' needs ties made by {maker}"):
            tn.measure_egos(logged, of="sales", strength=name)


def test_the_face_shows_nobody():
    text = str(survey(LONG)) + repr(survey(LONG))
    assert not [person for person in ROSTER["person"] if person in text.split()]
    assert "at least one rated the other above the low end of the scale" in text
