"""Tie strengths: the registry, functions of the columns of the ties, and strengths added by name."""

from __future__ import annotations

import ast
import os
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from functools import partial
from operator import itemgetter
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest

import tienet as tn
from frames import to_columns
from test_measures import ROSTER, random_log
from test_spells import MOVE, log_of
from tienet.base.errors import ArgumentError, DataError, TienetError
from tienet.network.columns import COLUMNS
from tienet.network.ties.strengths import ADDED, STRENGTHS, find_strength
from tienet.network.ties.tie_numbers import NUMBERS
from tienet.output.glossary import describe

SRC = Path(tn.__file__).parent
RULE = tn.TieRule(min_interactions=1, half_life="20d", max_size=None)
PLAIN = tn.TieRule(min_interactions=1, half_life=None, size_weight="none", max_size=None)
OF_A_LOG = [strength for strength in STRENGTHS if not strength.made_by and strength.name != "channels"]
LOG = {**random_log(), "channel": [("mail", "chat")[place % 2] for place in range(len(random_log()["source"]))]}


@pytest.fixture(autouse=True)
def _nothing_stays_registered():
    before = dict(ADDED)
    yield
    ADDED.clear()
    ADDED.update(before)


def ties_of(log=LOG, rule=RULE, people=ROSTER) -> tn.Ties:
    return tn.build_ties(tn.read_log(log), tn.read_people(people), rule=rule)


def moving() -> tn.Ties:
    """Ties of somebody whose function changes in their course, with a threshold that some parts miss."""
    rows = [
        (1, "ann", "mo"),
        (2, "mo", "ann"),
        (3, "ann", "mo"),
        (12, "mo", "ann"),
        (13, "ann", "mo"),
        (14, "ann", "cat"),
        (15, "cat", "ann"),
    ]
    return ties_of(log_of(rows), tn.TieRule(min_interactions=2, half_life="9d", reciprocal="min"), MOVE)


def sent(tie):
    """What each end wrote to the other: a sees a_to_b, b sees b_to_a."""
    return tie["a_to_b"], tie["b_to_a"]


# The register


@pytest.mark.parametrize(
    "strength", [*OF_A_LOG[:2], *(pytest.param(one, marks=pytest.mark.sweep) for one in OF_A_LOG[2:])], ids=lambda strength: strength.name
)
def test_a_registered_copy_of_a_strength_is_that_strength_everywhere(strength):
    tn.register_strength("copied", strength.values, unit=strength.unit, needs=strength.needs, of_part=strength.of_part)
    log, people = tn.read_log(LOG), tn.read_people(ROSTER)
    include = ["tie_strength_max", "tie_strength_sum", "tie_strength_median", "tie_share"]
    calls = (
        lambda name: tn.measure_egos(ties_of(), of="sales", strength=name, include=include).frame,
        lambda name: tn.measure_egos(moving(), of="sales", toward=["marketing", "sales", "service"], strength=name).frame,
        lambda name: tn.measure_panel(log, people, of="sales", rule=RULE, every="15d", window="30d", strength=name).frame,
        lambda name: tn.function_matrix(ties_of(), strength=name).frame,
        lambda name: (
            tn.network.measures.tie_rule_sensitivity(
                log, people, of="sales", base=RULE, grid={"min_interactions": [1, 2]}, strength=name
            ).frame
        ),
    )
    for call in calls:
        pd.testing.assert_frame_equal(call("copied"), call(strength.name), check_exact=True)


@pytest.mark.parametrize("name", ["frequency", "interactions", "regularity", "reciprocity", "strength"])
def test_a_function_that_gives_a_number_of_the_tie_is_that_number(name):
    ties = ties_of()
    by_name, by_function = (tn.measure_egos(ties, of="sales", strength=chosen) for chosen in (name, lambda tie: tie[name]))
    pd.testing.assert_frame_equal(by_function.frame, by_name.frame, check_exact=True)
    assert by_function.strength == "custom"


def test_the_matrix_sums_the_ties_own_strength_unless_told_otherwise():
    ties = ties_of()
    matrix = tn.function_matrix(ties)
    np.testing.assert_array_equal(matrix.strength, tn.function_matrix(ties, strength="frequency").strength)
    assert matrix.strength_name == "frequency"
    # Each tie is seen as its a_to_b and as its b_to_a, on average half of its interactions.
    np.testing.assert_allclose(tn.function_matrix(ties, sent).strength, tn.function_matrix(ties, "interactions").strength / 2, rtol=1e-12)


def test_each_end_has_the_strength_that_it_sees_worked_out_by_hand():
    # p0 (sales) writes to p3 and p4 (marketing) 3 times and once; p3 answers once. p1 hears from p3 twice and never answers.
    log = {"source": ["p0", "p0", "p0", "p0", "p3", "p3", "p3"], "target": ["p3", "p3", "p3", "p4", "p0", "p1", "p1"]}
    ties = ties_of(log, PLAIN)
    out = tn.measure_egos(ties, of="sales", toward=["marketing"], strength=sent)
    assert to_columns(out.frame)["tie_strength_marketing"] == [(3 + 1) / 2, 0.0, None]
    back = tn.measure_egos(ties, of="marketing", toward=["sales"], strength=sent)
    assert back.total_ties.ravel().tolist() == [2, 1]
    assert back.tie_strength.ravel().tolist() == [(1 + 2) / 2, 0.0]
    assert (out.strength, out.strength_scale) == ("sent", "sent")
    assert str(out).startswith("3 egos in sales; tie strength is sent; ")


def test_a_part_of_a_tie_has_the_strength_of_the_tie_unless_its_own_is_told():
    # Three of the five contacts with Mo were under Marketing.
    ties = moving()
    of_tie = tn.measure_egos(ties, of="sales", toward=["marketing"], strength=lambda tie: tie["interactions"])
    assert of_tie.tie_strength.ravel().tolist() == [5.0, pytest.approx(np.nan, nan_ok=True)]
    count = itemgetter("interactions")
    tn.register_strength("of_parts", count, of_part=lambda part: part["interactions"] * 10)
    of_part = tn.measure_egos(ties, of="sales", toward=["marketing", "service"], strength="of_parts")
    assert of_part.tie_strength[0].tolist() == [30.0, 2.0]
    tn.register_strength("bad_parts", count, of_part=lambda part: part["a_to_b"])
    with pytest.raises(DataError, match="strength='bad_parts' failed with KeyError"):
        tn.measure_egos(ties, of="sales", toward=["marketing"], strength="bad_parts")


# What it is called


def frequency(tie):
    """Not what its name says."""
    return tie["interactions"]


class Called:
    def __call__(self, tie):
        return tie["interactions"]


@pytest.mark.parametrize("function", [lambda tie: tie["interactions"], frequency, partial(sent), Called()])
def test_a_function_without_a_name_of_its_own_is_custom(function):
    egos = tn.measure_egos(ties_of(), of="sales", strength=function)
    assert egos.strength == "custom"
    assert "frequency" not in str(egos)
    assert "per week" not in tn.plot(egos).get_ylabel()
    assert "(custom)" in tn.plot(egos).get_ylabel()


def test_figures_glossary_and_sentences_say_what_was_registered():
    tn.register_strength("sent_out", sent, label="interactions sent", unit="messages", meaning="interactions from one to the other")
    egos = tn.measure_egos(ties_of(), of="sales", strength="sent_out")
    assert "(messages)" in tn.plot(egos).get_ylabel()
    assert "tie strength is sent_out" in str(egos)
    panel = tn.measure_panel(
        tn.read_log(LOG), tn.read_people(ROSTER), of="sales", rule=RULE, every="30d", window="30d", strength="sent_out"
    )
    assert panel.strength_scale == "messages"
    assert (describe("sent_out").unit, describe("sent_out").meaning) == ("messages", "interactions from one to the other")
    tn.register_strength("bare", sent)
    assert (find_strength("bare").scale, find_strength("bare").meaning) == ("bare", "bare")


def test_the_report_says_what_was_registered(study_result, tmp_path):
    tn.register_strength("sent_out", sent, label="interactions sent", unit="messages", meaning="interactions from <one> to the other")
    egos = tn.measure_egos(study_result.ties, of="sales", toward=study_result.egos.functions, strength="sent_out")
    assert not (egos.tie_strength == study_result.egos.tie_strength).all()
    result = replace(study_result, egos=egos, study=replace(study_result.study, strength="sent_out"))
    page = result.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Tie strength is the mean over these ties of interactions from &lt;one&gt; to the other; without ties" in page
    assert "the mean strength of these ties (sent_out: interactions from &lt;one&gt; to the other)" in page
    assert "of interactions per week, weighted for size and age; without" not in page
    assert "(sent_out)" in str(result.study)


def test_no_other_file_tells_strengths_apart():
    """A second list would have to be kept in step by hand."""
    for path in SRC.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        held = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        assert "composite" not in held or path.name == "strengths.py", path
    page = "".join(path.read_text(encoding="utf-8") for path in SRC.rglob("*.html"))
    assert "composite" not in page
    assert "'frequency'" not in page
    for strength in STRENGTHS:
        assert strength.label
        assert strength.meaning
        assert set(strength.needs) <= set(NUMBERS)


# What a function gets


def test_the_numbers_are_the_columns_of_the_ties_frame():
    timed = {**LOG, "event": [f"e{place}" for place in range(len(LOG["source"]))]}
    timed["reply_to"] = [f"e{place - 1}" if place else None for place in range(len(timed["source"]))]
    ties = ties_of(timed)
    numbers, frame = tn.network.ties.TieNumbers(ties), ties.frame
    assert set(numbers) == set(frame.columns)
    for column in numbers:
        if column in ("a", "b"):
            assert ties.people.person[numbers[column]].tolist() == frame[column].tolist()
        else:
            np.testing.assert_array_equal(numbers[column], frame[column].to_numpy())
        with pytest.raises(ValueError, match="read-only"):
            numbers[column][0] = numbers[column][0]
    survey = tn.read_survey({"respondent": ["p0"], "colleague": ["p3"], "x": [4]}, tn.read_people(ROSTER), items=["x"], scale=(1, 5))
    assert tn.network.ties.TieNumbers(survey)["strength_a"].tolist() == [0.75]
    assert set(NUMBERS) == set(frame.columns) | {"strength_a", "strength_b"}


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("frequency", r"strength='asks' needs times \(frequency\), which the log does not have; use strength='interactions'"),
        ("first", r"strength='asks' needs times \(first\)"),
        ("channels", r"strength='asks' needs channels \(channels\)"),
        ("latency", r"strength='asks' needs replies \(latency\)"),
        ("strength_a", "strength='asks' needs answers .*only ties from read_survey or calibrated have"),
        ("reciprocty", "strength='asks' uses 'reciprocty', which is not a number of the tie; did you mean 'reciprocity'"),
    ],
)
def test_a_number_that_the_ties_lack_is_refused_where_it_is_asked_for(column, message):
    ties = ties_of({"source": ["p0"], "target": ["p3"]}, PLAIN)

    def asks(tie):
        return tie[column]

    with pytest.raises(TienetError, match=message):
        tn.measure_egos(ties, of="sales", strength=asks)
    assert column not in tn.network.ties.TieNumbers(ties)
    if column in NUMBERS:
        tn.register_strength("asks", lambda tie: tie["interactions"], needs=[column])
        with pytest.raises(DataError, match=message):
            tn.measure_egos(ties, of="sales", strength="asks")


def test_a_number_of_a_log_is_refused_for_a_survey():
    survey = tn.read_survey({"respondent": ["p0"], "colleague": ["p3"], "x": [4]}, tn.read_people(ROSTER), items=["x"], scale=(1, 5))
    with pytest.raises(DataError, match="strength='custom' is not available for survey ties; use strength='survey'"):
        tn.measure_egos(survey, of="sales", strength=lambda tie: tie["regularity"])
    for function, seen in ((lambda tie: tie["strength_a"], 0.75), (lambda tie: tie["strength"] * 2, 1.5)):
        egos = tn.measure_egos(survey, of="sales", toward=["marketing"], strength=function)
        assert egos.tie_strength[0].item() == seen


# Refusals


@pytest.mark.parametrize(
    ("made", "kind", "message"),
    [
        (lambda tie: tie["interactions"][:-1], ArgumentError, r"returns numbers of shape \(\d+,\) for \d+ ties; return one number per tie"),
        (lambda tie: tie["interactions"].sum(), ArgumentError, r"returns numbers of shape \(\) for"),
        (lambda tie: np.array([tie["a_to_b"], tie["b_to_a"]]), ArgumentError, r"shape \(2, \d+\).*or a pair of them \(as seen by a"),
        (lambda tie: (tie["a_to_b"], 1.0), ArgumentError, r"returns numbers of shape \(\) for"),
        (lambda tie: tie["interactions"].astype(str), ArgumentError, "returns a ndarray of type <U.*, not numbers"),
        (lambda tie: tie["interactions"] * 1j, ArgumentError, "of type complex128, not numbers"),
        (lambda _: None, ArgumentError, "returns a NoneType of type object, not numbers"),
        (lambda _: {}, ArgumentError, "returns a dict of type object, not numbers"),
        (lambda _: [[1.0], [1.0, 2.0]], ArgumentError, "returns a list that is not an array of numbers"),
        (lambda tie: np.ma.masked_less(tie["interactions"], 3), ArgumentError, "returns a MaskedArray"),
        (lambda tie: tie["interactions"] * np.nan, DataError, r"is missing \(NaN\) for all \d+ ties"),
        (lambda tie: (tie["a_to_b"] * np.nan, tie["a_to_b"] * np.nan), DataError, r"is missing \(NaN\) for all"),
        (lambda tie: np.where(tie["a_to_b"] > 1, np.inf, 1.0), DataError, r"is infinite for \d+ of \d+ ties"),
        (lambda tie: tie.interactions, DataError, "failed with AttributeError on the numbers of"),
        (lambda _: 1 / 0, DataError, "failed with ZeroDivisionError"),
        (lambda: 1.0, DataError, "failed with TypeError"),
        (type, ArgumentError, "not numbers"),
        (3, ArgumentError, "strength must be a name or a function of the numbers of the ties; got a value of type int"),
        (None, ArgumentError, "got a value of type NoneType"),
        ("", ArgumentError, "strength='' is not known"),
    ],
)
def test_what_is_no_strength_is_refused_in_one_line(made, kind, message):
    with pytest.raises(kind, match=message) as error:
        tn.measure_egos(ties_of(), of="sales", strength=made)
    assert "\n" not in str(error.value)
    assert not re.search(r"\bp\d\b", str(error.value))


def test_what_a_function_cannot_change_stays_as_it_is():
    ties = ties_of()
    before = ties.interactions.copy()

    def greedy(tie):
        tie["interactions"][:] = 0.0
        return tie["interactions"]

    with pytest.raises(DataError, match="strength='greedy' failed with ValueError"):
        tn.measure_egos(ties, of="sales", strength=greedy)
    np.testing.assert_array_equal(ties.interactions, before)


def test_a_number_missing_for_some_ties_is_missing_for_their_egos_only():
    log = {"source": ["p0", "p1", "p1"], "target": ["p3", "p3", "p4"]}
    egos = tn.measure_egos(
        ties_of(log, PLAIN), of="sales", toward=["marketing"], strength=lambda tie: np.where(tie["a"] == 0, np.nan, tie["interactions"])
    )
    assert to_columns(egos.frame)["tie_strength_marketing"] == [None, 1.0, None]
    assert egos.total_ties.ravel().tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("composite", sent), "a tie strength called 'composite' already exists"),
        (("taken", sent), "a tie strength called 'taken' already exists"),
        (("a_to_b", sent), "'a_to_b' is the name of a column with another meaning"),
        (("embeddedness", sent), "'embeddedness' is the name of a column"),
        (("total_ties_marketing", sent), "'total_ties_marketing' is the name of a column"),
        (("constraint", sent), "'constraint' is the name of a column"),
        (("custom", sent), "name 'custom' is reserved for functions without a name"),
        (("two words", sent), "name 'two words' must consist of letters, digits and underscores"),
        (("", sent), "name '' must consist of letters"),
        ((3, sent), "name is 3|name must be"),
        (("mine", "frequency"), "values must be a function of the numbers of the ties; got 'frequency'"),
    ],
)
def test_what_cannot_be_registered_is_refused(arguments, message):
    tn.register_strength("taken", sent)
    with pytest.raises(ArgumentError, match=message):
        tn.register_strength(*arguments)
    for options in ({"needs": ["frequenzy"]}, {"needs": "frequency"}, {"of_part": 3}, {"label": 3}, {"unit": None}, {"meaning": 3}):
        with pytest.raises(ArgumentError):
            tn.register_strength("mine", sent, **options)
    with pytest.raises(ArgumentError, match="strength='mine' is not known"):  # a refusal leaves nothing behind
        tn.measure_egos(ties_of(), of="sales", strength="mine")
    assert all(column.name not in ("taken", "mine") for group in COLUMNS.values() for column in group)


def test_a_misspelt_name_is_offered_what_was_registered():
    tn.register_strength("sent_out", sent)
    with pytest.raises(ArgumentError, match="strength='sentout' is not known; did you mean 'sent_out'"):
        tn.measure_egos(ties_of(), of="sales", strength="sentout")


# Over time, side by side, and away from the program that made it


def test_a_window_for_which_a_function_has_no_number_is_missing_not_refused():
    days = ["2025-01-01", "2025-01-02", "2025-02-10", "2025-02-11"]
    log = tn.read_log({"time": days, "source": ["p0", "p0", "p0", "p3"], "target": ["p3", "p3", "p3", "p0"]})

    def returned(tie):
        return np.where(tie["b_to_a"] > 0, tie["b_to_a"], np.nan)

    panel = tn.measure_panel(
        log, tn.read_people(ROSTER), of="sales", toward=["marketing"], rule=PLAIN, split="2025-02-01", strength=returned
    )
    assert panel.strength == "returned"
    assert panel.tie_strength[0, :, 0].tolist() == [pytest.approx(np.nan, nan_ok=True), 1.0]
    assert panel.total_ties[0, :, 0].tolist() == [1, 1]


@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.sweep
def test_a_strength_of_ones_own_goes_along_to_other_processes(backend):
    factor = 2.0
    tn.register_strength("doubled", lambda tie: tie["frequency"] * factor)
    log, people = tn.read_log(LOG), tn.read_people(ROSTER)
    rules = partial(tn.network.measures.tie_rule_sensitivity, log, people, of="sales", base=RULE, grid={"min_interactions": [1, 2]})
    panel = partial(tn.measure_panel, log, people, of="sales", rule=RULE, every="15d", window="30d")
    for call in (rules, panel):
        alone = call(strength="doubled").frame
        with joblib.parallel_config(backend=backend, n_jobs=2):
            pd.testing.assert_frame_equal(call(strength="doubled").frame, alone)
            pd.testing.assert_frame_equal(call(strength=lambda tie: tie["frequency"] * factor).frame, alone)


def test_measures_by_a_function_can_be_pickled_and_drawn_by_who_does_not_know_it():
    tn.register_strength("sent_out", sent, unit="messages")
    for chosen in ("sent_out", lambda tie: tie["interactions"]):
        egos = tn.measure_egos(ties_of(), of="sales", strength=chosen)
        ADDED.pop("sent_out", None)
        back = pickle.loads(pickle.dumps(egos))  # noqa: S301 - our own bytes
        pd.testing.assert_frame_equal(back.frame, egos.frame)
        assert (back.strength, back.strength_scale) == (egos.strength, egos.strength_scale)
        assert f"({egos.strength_scale})" in tn.plot(back).get_ylabel()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The tables of a small firm as files."""
    firm, place = tn.simulate_firm(n_people=120, seed=3), tmp_path_factory.mktemp("firm")
    firm.interactions.to_csv(place / "log.csv", index=False)
    firm.people.frame.to_csv(place / "people.csv", index=False)
    firm.outcomes.to_csv(place / "outcomes.csv", index=False)
    return place


@pytest.mark.filterwarnings("ignore::tienet.base.errors.TienetWarning")
def test_a_study_and_its_file_find_what_was_registered(folder):
    composite = find_strength("composite")
    tn.register_strength("copied", composite.values, unit="z-score")
    text = 'log = "log.csv"\npeople = "people.csv"\noutcomes = "outcomes.csv"\nno_ties = "drop"\nstrength = "{}"\n'
    made = {}
    for name in ("copied", "composite"):
        (folder / "study.toml").write_text(text.format(name), encoding="utf-8")
        made[name] = tn.read_study(folder / "study.toml").study.run()
    np.testing.assert_array_equal(made["copied"].fit.estimate, made["composite"].fit.estimate)
    assert made["copied"].egos.strength == "copied"
    with pytest.raises(ArgumentError, match=r"strength of a study must be a name.*register_strength"):
        tn.Study(log="log.csv", people="people.csv", outcomes="outcomes.csv", strength=sent)


@pytest.mark.sweep
def test_the_command_finds_what_an_installed_package_brings(folder, tmp_path):
    (tmp_path / "ourfirm.py").write_text(
        "import tienet as tn\ntn.register_strength('our_count', lambda tie: tie['interactions'], unit='interactions')\n", encoding="utf-8"
    )
    about = tmp_path / "ourfirm-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: ourfirm\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[tienet.strengths]\nour_count = ourfirm\n", encoding="utf-8")
    command = [sys.executable, "-c", "from tienet.cli.app import main; main()", "measures", str(folder / "log.csv")]
    command += ["--people", str(folder / "people.csv"), "--of", "sales", "--strength"]
    outside = {**os.environ, "PYTHONPATH": str(tmp_path)}
    made = [
        subprocess.run([*command, name], capture_output=True, text=True, env=outside) for name in ("our_count", "interactions", "ourcount")
    ]
    assert made[0].returncode == made[1].returncode == 0, made[0].stderr
    assert made[0].stdout == made[1].stdout
    assert "tie strength is our_count" in made[0].stderr
    assert made[2].returncode == 65
    assert "did you mean 'our_count'" in made[2].stderr
