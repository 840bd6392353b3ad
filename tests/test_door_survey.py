"""A survey by the doors of a log: every kind of file, ids and aliases, the study file and the commands, alone and beside a log."""

from __future__ import annotations

import csv
import json
import math
import re

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from files_of_kinds import xlsx
from test_cli import call, folder  # noqa: F401 - fixtures
from tienet.base.errors import ArgumentError, DataError, RowsRejected, RowsUnmatched
from tienet.network.survey import calibrated, compare_ties
from tienet.study.check import check_study
from tienet.study.verdict import verdicts

pytestmark = [
    pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport"),
    pytest.mark.filterwarnings("ignore::tienet.base.errors.SmallGroup"),
]

ROSTER = {"person": ["ann", "bob", "cat", "dan"], "function": ["Sales", "Marketing", "Marketing", "Sales"]}
# ann-bob: 5 and 3 of 1 to 5, so 1 and 0.5; ann-cat: 3 one way; dan-cat: 2 one way; cat-bob: 1, rated and no tie.
ROWS = [("ann", "bob", 5), ("bob", "ann", 3), ("ann", "cat", 3), ("dan", "cat", 2), ("cat", "bob", 1)]
EXPECTED = [("ann", "bob", 1.0, 0.5, 0.75), ("ann", "cat", 0.5, 0.5, 0.5), ("cat", "dan", 0.25, 0.25, 0.25)]
OPTIONS = {"items": ["closeness"], "scale": (1, 5)}


def long(rows=ROWS, names=("respondent", "colleague", "closeness")):
    return pd.DataFrame(rows, columns=list(names))


def people(**more):
    return tn.read_people(ROSTER, **more)


def found(ties):
    frame = ties.frame
    return list(frame[["a", "b", "strength_a", "strength_b", "strength"]].itertuples(index=False, name=None))


# --- The reader -------------------------------------------------------------------------------------------------------------------------


def written(place, kind):
    table = long()
    if kind == "semicolons":
        place.write_text(table.to_csv(index=False, sep=";"), encoding="utf-8")
    elif kind == "utf-16":
        place.write_text(table.to_csv(index=False, sep="\t"), encoding="utf-16")
    elif kind == "preamble":
        place.write_text("Answers to our survey\n\n" + table.to_csv(index=False), encoding="utf-8")
    elif kind == "parquet":
        table.to_parquet(place)
    elif kind == "lines":
        place.write_text(table.to_json(orient="records", lines=True), encoding="utf-8")
    elif kind == "gzip":
        table.to_csv(place, index=False, compression="gzip")
    else:
        place.write_bytes(xlsx({"Notes": [["what"], ["none"]], "Answers": [list(table), *map(list, ROWS)]}))
    return place


@pytest.mark.parametrize("kind", ["semicolons", "utf-16", "preamble", "parquet", "lines", "gzip", "workbook"])
@pytest.mark.filterwarnings("ignore::tienet.base.errors.FilesPassedOver")
def test_every_kind_of_file_gives_the_ties_by_hand(tmp_path, kind):
    if kind == "workbook":
        pytest.importorskip("python_calamine")
    assert found(tn.read_survey(written(tmp_path / "answers", kind), people(), **OPTIONS)) == EXPECTED


def test_delimiter_and_encoding_are_those_stated(tmp_path):
    roster = tn.read_people({"person": ["Jörg", "Anaïs"], "function": ["Sales", "Marketing"]})
    place = tmp_path / "answers.csv"
    place.write_text("respondent~colleague~closeness\nJörg~Anaïs~5\nAnaïs~Jörg~3\n", encoding="cp1252")
    ties = tn.read_survey(place, roster, delimiter="~", encoding="cp1252", **OPTIONS)
    assert found(ties) == [("Jörg", "Anaïs", 1.0, 0.5, 0.75)]


SPELLED = {
    "case": lambda one: one.upper(),
    "blanks": lambda one: f" {one}\u00a0",
    "names": lambda one: f"{one.title()} Smith <{one}@x.example>",
    "mailto": lambda one: f"mailto:{one}@x.example",
    "comment": lambda one: f"{one}@x.example (away)",
    "quoted": lambda one: f'"{one}, Dr." <{one}@X.example>',
    "widthless": lambda one: f"\u200b{one}",
}


@pytest.mark.parametrize("how", list(SPELLED))
def test_ids_are_compared_as_asked(how):
    table = long([(SPELLED[how](who), SPELLED[how](whom), value) for who, whom, value in ROWS])
    mail = "@" in SPELLED[how]("ann")
    roster = {**ROSTER, "person": [f"{one}@x.example" for one in ROSTER["person"]]} if mail else ROSTER
    ties = tn.read_survey(table, tn.read_people(roster), ids="address", **OPTIONS)
    assert [(a.partition("@")[0], b.partition("@")[0], *rest) for a, b, *rest in found(ties)] == EXPECTED
    assert ties.people.person.tolist() == roster["person"]


def test_aliases_count_for_their_person():
    roster = people(aliases=pd.DataFrame({"person": ["ann", "ann", "dan"], "alias": ["a.s", "anna", "d"]}))
    rows = [
        ("a.s", "bob", 5),
        ("bob", "anna", 3),
        ("ann", "cat", 3),
        ("d", "cat", 2),
        ("cat", "bob", 1),
        ("anna", "bob", 5),
        ("anna", "a.s", 4),
    ]
    ties = tn.read_survey(long(rows), roster, **OPTIONS)
    assert found(ties) == EXPECTED
    # The sixth row is the first again under another id, the seventh is ann about herself.
    assert ties.ledger.counts == {"used": 5, "self_loop": 1, "repeated_answer": 1}


def test_conflicting_answers_under_two_ids_are_both_rejected():
    roster = people(aliases=pd.DataFrame({"person": ["ann"], "alias": ["anna"]}))
    with pytest.warns(RowsRejected, match="2 of 6 answers rejected"):
        ties = tn.read_survey(long([*ROWS, ("anna", "bob", 4)]), roster, **OPTIONS)
    assert ties.ledger.counts == {"used": 4, "conflicting_answer": 2}


@pytest.mark.parametrize("how", ["exact", "address"])
def test_a_wide_table_leaves_out_its_diagonal_under_any_spelling(how):
    spelled = str.upper if how == "address" else str
    table = {"respondent": [spelled(one) for one in ROSTER["person"]]}
    for whom in ROSTER["person"]:
        cells = {who: value for who, about, value in ROWS if about == whom}
        # Everyone but oneself is rated; those not in ROWS are rated 1.
        table[f"closeness_{whom}"] = [None if who == whom else cells.get(who, 1) for who in ROSTER["person"]]
    ties = tn.read_survey(table, people(), shape="wide", ids=how, **OPTIONS)
    assert ties.ledger.counts == {"used": 12}
    # bob and cat rate each other 1; where one of two rates 1, that end of the tie is 0.
    assert found(ties) == [("ann", "bob", 1.0, 0.5, 0.75), ("ann", "cat", 0.5, 0.0, 0.25), ("cat", "dan", 0.0, 0.25, 0.125)]


def test_an_id_of_blanks_is_missing():
    with pytest.warns(RowsRejected, match="2 of 7 answers rejected"):
        ties = tn.read_survey(long([*ROWS, (" ", "bob", 3), ("ann", "\u00a0", 3)]), people(), **OPTIONS)
    assert ties.ledger.counts == {"used": 5, "missing_source": 1, "missing_target": 1}


def test_many_unknown_answers_are_told_with_the_rule_that_matches_and_no_id():
    rows = [*ROWS, ("ANN", "dan", 4), ("dan", "ANN", 4)]
    with pytest.warns(RowsUnmatched) as heard:
        ties = tn.read_survey(long(rows), people(), **OPTIONS)
    (said,) = [str(one.message) for one in heard]
    assert "2 of 7 rows name someone who is not in the people table (unknown_person); 2 of them match when case is ignored" in said
    assert "read the survey with ids='address'" in said
    assert "ANN" not in said
    assert ties.ledger.counts == {"used": 5, "unknown_person": 2}
    assert tn.read_survey(long(rows), people(), ids="address", **OPTIONS).ledger.counts == {"used": 7}


def test_a_survey_none_of_whose_ids_match_says_how_they_would():
    with pytest.raises(
        DataError, match=r"5 excluded \(unknown_person 5\); 5 of them match when case is ignored: read the survey with ids="
    ):
        tn.read_survey(long([(who.upper(), whom.upper(), value) for who, whom, value in ROWS]), people(), **OPTIONS)


def test_two_people_who_become_one_are_refused():
    roster = tn.read_people({"person": ["ann", "Ann", "bob"], "function": ["Sales", "Sales", "Marketing"]})
    with pytest.raises(DataError, match=r"2 people \(number 1, 2\) have the same id as another when ids are compared by 'address'"):
        tn.read_survey(long([("ann", "bob", 5)]), roster, ids="address", **OPTIONS)
    with pytest.raises(ArgumentError, match="ids must be one of 'exact', 'trim', 'address'; got 'fuzzy'"):
        tn.read_survey(long(), people(), ids="fuzzy", **OPTIONS)


# --- A study ----------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def answers(firm):
    """Answers of everyone about whom they have a tie with, from 2 to 5 with how often they had contact."""
    ties = tn.build_ties(firm.log, firm.people)
    frame = ties.frame
    level = 2 + np.floor(4 * frame["frequency"].rank(pct=True).clip(upper=0.999)).astype(int)
    noise = np.random.default_rng(3).integers(-1, 2, size=len(frame))
    value = (level + noise).clip(2, 5)
    return pd.DataFrame({"respondent": frame["a"], "colleague": frame["b"], "closeness": value})


@pytest.fixture
def surveyed(folder, answers):  # noqa: F811
    """The folder of a study with answers.csv; the study file names no log."""
    answers.rename(columns={"respondent": "who"}).to_csv(folder / "answers.csv", index=False)
    text = 'people = "people.csv"\noutcomes = "outcomes.csv"\ncontrols = ["tenure"]\nno_ties = "drop"\n'
    text += '[survey]\npath = "answers.csv"\nitems = ["closeness"]\nscale = [1, 5]\n[columns.survey]\nrespondent = "who"\n'
    (folder / "study.toml").write_text(text)
    return folder


def given_of(firm, answers, **changes):
    known = {"people": firm.people, "outcomes": firm.outcomes, "controls": ["tenure"], "no_ties": "drop"}
    return {**known, "survey": answers, "survey_options": OPTIONS, **changes}


def by_hand(firm, answers):
    """Total ties and mean strength of each salesperson to marketing, counted with pandas."""
    function = dict(zip(firm.people.person, firm.people.function, strict=True))
    both = pd.concat([answers, answers.rename(columns={"respondent": "colleague", "colleague": "respondent"})])
    both = both[(both["respondent"].map(function) == "sales") & (both["colleague"].map(function) == "marketing")]
    return both.assign(s=(both["closeness"] - 1) / 4).groupby("respondent")["s"].agg(["size", "mean"])


def test_a_study_of_a_survey_is_the_chain_by_hand(firm, answers):
    result = tn.Study(**given_of(firm, answers)).run()
    assert result.log is None
    assert result.comparison is None
    assert result.study.strength == result.egos.strength == "survey"
    hand = by_hand(firm, answers)
    egos = result.egos.frame.set_index("ego")
    assert egos["total_ties_marketing"].sum() == hand["size"].sum()
    np.testing.assert_array_equal(egos.loc[hand.index, "total_ties_marketing"], hand["size"])
    np.testing.assert_allclose(egos.loc[hand.index, "tie_strength_marketing"], hand["mean"], rtol=1e-12)
    read = tn.read_survey(answers, firm.people, **OPTIONS)
    again = tn.Study(**given_of(firm, read, survey_options={})).run()
    np.testing.assert_array_equal(again.fit.estimate, result.fit.estimate)


def test_its_page_claims_no_log(firm, answers, tmp_path, without_figures):
    result = tn.Study(**given_of(firm, answers)).run()
    result.save(tmp_path / "results")
    page = (tmp_path / "results" / "report.html").read_text(encoding="utf-8")
    shown = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.S)
    assert "Answers of the survey" in shown
    assert f"Ties were derived from {len(answers):,} survey answers" in shown
    for claim in ("logged", "interaction log", "half-life", "Half-life", "The ties under other rules", "under other tie rules"):
        assert claim not in shown
    assert "at least one rated the other above the low end of the scale" in shown
    assert not (tmp_path / "results" / "tables" / "tie_rules.csv").exists()
    ledger = pd.read_csv(tmp_path / "results" / "tables" / "ledger.csv")
    assert ledger[["code", "rows"]].to_numpy().tolist() == [["used", len(answers)]]


def test_the_study_file_says_the_same(surveyed, firm, answers):
    study = tn.read_study(surveyed / "study.toml").study
    result = study.run()
    expected = tn.Study(**given_of(firm, answers)).run()
    np.testing.assert_allclose(result.fit.estimate, expected.fit.estimate, rtol=1e-10)
    assert "Ties are from a survey." in str(study)


def test_a_path_alone_takes_the_usual_items(surveyed, answers):
    answers.assign(frequency=answers["closeness"], importance=answers["closeness"]).to_csv(surveyed / "all.csv", index=False)
    (surveyed / "short.toml").write_text('survey = "all.csv"\npeople = "people.csv"\noutcomes = "outcomes.csv"\nno_ties = "drop"\n')
    findings = list(check_study(tn.read_study(surveyed / "short.toml").study))
    topics = [one.topic for one in findings]
    assert topics == ["files", "columns", "people", "rows", "ties", "egos", "cases", "model", "analyses", "power"]
    assert findings[1].text == "Columns of the survey: respondent, colleague, frequency, importance, closeness."
    (said,) = [one for one in verdicts(findings) if one.topic == "scale"]
    assert said.state == "look at this"
    assert findings[3].data["rows_in"] == findings[3].data["used"] == len(answers)
    assert "a tie is a pair of whom at least one rated the other" in findings[4].text


def test_the_check_looks_at_rejected_and_unknown_answers(firm, answers):
    spoilt = answers.copy()
    spoilt.loc[:79, "closeness"] = 9
    spoilt["respondent"] = spoilt["respondent"].where(spoilt.index % 4 > 0, spoilt["respondent"].str.upper())
    with pytest.warns(RowsRejected), pytest.warns(RowsUnmatched):
        findings = list(check_study(tn.Study(**given_of(firm, spoilt))))
    said = {one.topic: one.text for one in verdicts(findings) if one.state == "look at this"}
    assert said["rejected rows"].startswith(f"60 of {len(answers):,} rows")
    assert "match when case is ignored" in said["unknown people"]
    assert findings[3].data["outside_scale"] == 60  # of the 80, 20 are by unknown people


def test_beside_a_log_the_two_are_compared(firm, answers):
    study = tn.Study(**given_of(firm, answers, log=firm.log))
    result = study.run()
    ties = tn.build_ties(firm.log, firm.people)
    expected = compare_ties(ties, tn.read_survey(answers, firm.people, **OPTIONS))
    assert result.egos.strength == "frequency"
    np.testing.assert_array_equal(result.comparison.pearson, expected.pearson)
    # Pairs of two people who both answered something.
    both = int(answers["colleague"].isin(answers["respondent"]).sum())
    assert result.comparison.dyads == expected.dyads == both
    np.testing.assert_array_equal(result.ties.strength, ties.strength)
    findings = {one.topic: one for one in check_study(study)}
    assert list(findings)[:7] == ["files", "columns", "people", "survey", "rows", "compared", "ties"]
    assert findings["compared"].text == f"{expected}."
    assert findings["compared"].data["pairs"] == both
    assert findings["survey"].data["rows_in"] == len(answers)
    assert findings["rows"].data["rows_in"] == firm.log.ledger.rows_in


def test_a_calibrated_study_has_the_strength_of_the_formula(firm, answers, tmp_path, without_figures):
    result = tn.Study(**given_of(firm, answers, log=firm.log, strength="calibrated")).run()
    fit, frame = result.comparison, result.ties.frame
    expected = np.full(len(frame), fit.intercept)
    for place, name in enumerate(fit.feature):
        if not math.isnan(fit.coefficient[place]):
            expected += fit.coefficient[place] * (np.log(1 + frame[name]) - fit.center[place]) / fit.scale[place]
    np.testing.assert_allclose(frame["strength"], np.clip(expected, 0, 1), rtol=1e-10)
    assert result.egos.strength == "calibrated"
    result.save(tmp_path / "results")
    page = (tmp_path / "results" / "report.html").read_text(encoding="utf-8")
    assert "Log and survey" in page
    assert str(result.comparison).partition(";")[0] in page
    rules = pd.read_csv(tmp_path / "results" / "tables" / "tie_rules.csv")
    assert rules["rule"][0] == "base"
    strongest = [name for name in rules if name.startswith(("strength_correlation", "strength_rank"))]
    assert strongest
    assert rules[strongest].iloc[0].tolist() == pytest.approx([1.0] * len(strongest))
    assert set(pd.read_csv(tmp_path / "results" / "tables" / "survey.csv")["feature"]) == set(fit.feature)


def test_too_few_answers_beside_a_log_are_refused_with_a_way_out(firm, answers):
    with pytest.raises(DataError, match=r"^log and survey cannot be compared: 0 pairs .*; or leave the survey out$"):
        tn.Study(**given_of(firm, answers.iloc[:2], log=firm.log)).run()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"survey": None, "survey_options": {}}, "a study needs a log, log='log.csv', or a survey, survey='answers.csv'"),
        ({"survey": None, "log": "log.csv"}, "there are settings of a survey but no survey"),
        ({"survey": None, "survey_options": {}, "log": "log.csv", "strength": "calibrated"}, "needs a survey beside the log"),
        ({"strength": "calibrated"}, "strength='calibrated' needs a log beside the survey"),
        ({"strength": "survey", "log": "log.csv"}, "beside one, choose strength='calibrated'"),
        ({"rule": tn.TieRule(min_interactions=5)}, "rule is for a log, .* a survey has threshold and reciprocal instead"),
        ({"exclude": "bots.csv"}, "exclude is for a log, and this study has only a survey; leave it out"),
        ({"time_format": "%Y"}, "time_format is for a log"),
        ({"timezone": "Europe/Berlin"}, "timezone is for a log"),
        ({"separator": ";"}, "separator is for a log"),
        ({"columns": {"log": {"source": "x"}}}, "columns of the log is for a log"),
        ({"survey_options": {"scales": (1, 5)}}, "survey_options: 'scales' is not a setting of a survey; did you mean 'scale'"),
        ({"survey_options": ["scale"]}, "survey_options must"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(firm, changes, said):
    with pytest.raises(ArgumentError, match=said) as error:
        tn.Study(**given_of(firm, "answers.csv", **changes))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("survey = 3\n", "survey must be a path in quotes, got 3"),
        ("[survey]\nitems = ['closeness']\n", r"\[survey\] does not say where the answers are; write path = \"answers.csv\""),
        ("[survey]\npath = 'a.csv'\nscales = [1, 5]\n", "'scales' is not a known key; did you mean 'scale'"),
        ("survey = 'a.csv'\n[rule]\nmin_interactions = 3\n", r"\[rule\] is for a log, .* use threshold, reciprocal in \[survey\]"),
        ("", 'does not say where the log is; write log = "log.csv"'),
    ],
)
def test_a_study_file_that_does_not_fit_is_refused(tmp_path, text, said):
    (tmp_path / "study.toml").write_text('people = "people.csv"\noutcomes = "outcomes.csv"\n' + text)
    with pytest.raises((ArgumentError, DataError), match=said):
        tn.read_study(tmp_path / "study.toml")


# --- The commands -----------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path):
    pd.DataFrame(ROSTER).to_csv(tmp_path / "people.csv", index=False)
    long(names=("who", "colleague", "closeness")).to_csv(tmp_path / "answers.csv", index=False, sep=";")
    own = ("--survey-column", "respondent=who", "--item", "closeness", "--scale", "1,5")
    return ("--people", tmp_path / "people.csv", "--survey", tmp_path / "answers.csv", *own)


def test_ties_and_measures_of_a_survey(call, small):  # noqa: F811
    code, out, err = call("ties", *small)
    assert code == 0
    assert [(row["a"], row["b"], float(row["strength"])) for row in csv.DictReader(out)] == [(a, b, s) for a, b, _, _, s in EXPECTED]
    assert "5 rows in: 5 used" in err
    code, out, err = call("measures", *small, "--of", "sales", "--json")
    (said,) = map(json.loads, out)
    assert (code, said["strength"]) == (0, "survey")
    # ann: her own 1 on bob and 0.5 on cat; dan: his 0.25 on cat.
    assert [(row["ego"], row["total_ties_marketing"], row["tie_strength_marketing"]) for row in said["rows"]] == [
        ("ann", 2, 0.75),
        ("dan", 1, 0.25),
    ]
    code, out, _ = call("ties", *small, "--threshold", "3", "--reciprocal", "--json")
    (said,) = map(json.loads, out)
    assert [(row["a"], row["b"]) for row in said["rows"]] == [("ann", "bob")]
    assert "a tie is a pair of whom both gave the other 3 or more on average" in said["rule"]


def test_beside_a_log_ties_are_calibrated(call, folder, firm, answers):  # noqa: F811
    answers.to_csv(folder / "answers.csv", index=False)
    words = (
        folder / "log.csv",
        "--people",
        folder / "people.csv",
        "--survey",
        folder / "answers.csv",
        "--item",
        "closeness",
        "--scale",
        "1,5",
    )
    code, out, err = call("ties", *words)
    assert code == 0
    assert "Strength is calibrated on a survey" in err
    ties = tn.build_ties(firm.log, firm.people)
    expected = calibrated(ties, compare_ties(ties, tn.read_survey(answers, firm.people, **OPTIONS)))
    np.testing.assert_allclose([float(row["strength"]) for row in csv.DictReader(out)], expected.strength, rtol=1e-9)
    code, out, _ = call("measures", *words, "--of", "sales", "--strength", "calibrated", "--quiet")
    egos = tn.measure_egos(expected, of="sales", strength="calibrated").frame
    assert [float(row["total_ties_marketing"]) for row in csv.DictReader(out)] == egos["total_ties_marketing"].tolist()


@pytest.mark.sweep
def test_study_and_check_of_a_survey(call, surveyed):  # noqa: F811
    code, out, _ = call("check", surveyed / "study.toml")
    assert code == 0
    assert any(line.startswith("columns:  Columns of the survey: respondent (yours: who), colleague, closeness.") for line in out)
    assert "fine          rows" in out
    code, out, _ = call("study", surveyed / "study.toml", "--json")
    (said,) = map(json.loads, out)
    assert code == 0
    assert list(said["rows"]) == ["used"]
    text = (surveyed / "study.toml").read_text()
    (surveyed / "study.toml").write_text(f'log = "log.csv"\nstrength = "calibrated"\n{text}')
    code, out, _ = call("study", surveyed / "study.toml", "--json")
    (said,) = map(json.loads, out)
    assert code == 0
    assert "interactions" in [row["feature"] for row in said["survey"]]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--scale", "five"), 2, "--scale must be LOW,HIGH, such as 1,5, got 'five'"),
        (("--half-life", "30d"), 2, "--half-life needs a log, LOG; add it or leave the option out"),
        (("--min-interactions", "3"), 2, "for a survey use --threshold"),
        (("--item", "warmth"), 65, "no column 'warmth'"),
        (("--survey-column", "respondent=x"), 65, "no column 'x'"),
        (("--design", "census"), 2, "census"),
        (("--survey-column", "person=who"), 65, "'person' is not a canonical column of a long survey"),
    ],
)
def test_options_that_do_not_fit_are_refused_in_one_line(call, small, words, code, said):  # noqa: F811
    ended, out, err = call("ties", *small, *words)
    assert (ended, out) == (code, [])
    assert said in err
    assert err.count("\n") == 1


def test_neither_log_nor_survey_and_settings_without_a_survey(call, small, tmp_path):  # noqa: F811
    assert call("ties", *small[:2])[::2] == (
        2,
        "tienet: Invalid value: give a log, LOG, or a survey, --survey answers.csv; see 'tienet ties --help'\n",
    )
    ended, _, err = call("ties", tmp_path / "log.csv", *small[:2], "--scale", "1,5")
    assert ended == 2
    assert "--scale needs a survey, --survey answers.csv; add it or leave the option out" in err


def test_repairs_are_in_the_words_of_the_study_file(call, surveyed):  # noqa: F811
    pd.read_csv(surveyed / "answers.csv").assign(closeness=3).to_csv(surveyed / "answers.csv", index=False)
    (surveyed / "study.toml").write_text((surveyed / "study.toml").read_text().replace("scale = [1, 5]\n", ""))
    assert "give them with scale = [1, 5] under [survey]" in call("check", surveyed / "study.toml")[2]
    (surveyed / "study.toml").write_text((surveyed / "study.toml").read_text().replace("respondent =", "colleague ="))
    assert "has no column 'respondent'" in call("check", surveyed / "study.toml")[2]


def test_repairs_are_in_the_words_of_the_command(call, small, tmp_path):  # noqa: F811
    long([("ANN", "BOB", 5), ("BOB", "ANN", 3)]).to_csv(tmp_path / "loud.csv", index=False)
    survey = ("--people", tmp_path / "people.csv", "--survey", tmp_path / "loud.csv", "--item", "closeness")
    pd.DataFrame(ROSTER).to_csv(tmp_path / "people.csv", index=False)
    ended, _, err = call("ties", *survey, "--scale", "1,5")
    assert ended == 65
    assert "read the survey with --ids 'address'" in err
    assert call("ties", *survey, "--scale", "1,5", "--ids", "address", "--quiet")[0] == 0
    long([("ann", "bob", 3)]).to_csv(tmp_path / "loud.csv", index=False)
    assert "give them with --scale 1,5 or what they are" in call("ties", *survey)[2]
