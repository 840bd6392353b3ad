"""The person-to-person query of Viva Insights, against ties counted by other software and against the rows themselves."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from exporting import PLANTED, assert_closed, assert_no_planted, same_log
from real import find, network, table, vivainsights
from tienet.network.sources import viva_months
from tienet.network.sources.exports import recognise
from tienet.study.chain import log_of

QUERY = find("vivainsights") / "raw/p2p_data.csv.gz"
OLDER = find("vivainsights") / "raw/p2p_data_py.csv.gz"
ENDS = ["PrimaryCollaborator_PersonId", "SecondaryCollaborator_PersonId"]


@pytest.fixture(scope="module")
def ties():
    return tn.read_viva(QUERY)


@pytest.fixture(scope="module")
def rows():
    return pd.read_csv(QUERY, dtype=dict.fromkeys(ENDS, str), keep_default_na=False)


def test_ties_are_those_that_other_software_counted(ties):
    folder = find("vivainsights") / "expected_function"
    expected, listed = network(folder), table(folder / "ties.csv.gz")
    assert (len(ties.people), len(ties)) == (expected["n_people"], expected["n_undirected_ties"])
    assert ties.interactions.sum() == expected["total_weight"]
    assert int(((ties.a_to_b > 0) & (ties.b_to_a > 0)).sum()) == expected["n_mutual_pairs"]
    assert (ties.a_to_b > 0).sum() + (ties.b_to_a > 0).sum() == expected["n_directed_ties"]
    frame = ties.frame
    turned = frame["a"] > frame["b"]
    ours = pd.DataFrame(
        {
            "a": np.where(turned, frame["b"], frame["a"]),
            "b": np.where(turned, frame["a"], frame["b"]),
            "a_to_b": np.where(turned, frame["b_to_a"], frame["a_to_b"]),
            "b_to_a": np.where(turned, frame["a_to_b"], frame["b_to_a"]),
        }
    ).sort_values(["a", "b"], ignore_index=True)
    theirs = listed[["a", "b", "a_to_b", "b_to_a"]].sort_values(["a", "b"], ignore_index=True)
    pd.testing.assert_frame_equal(ours, theirs, check_dtype=False)


def test_ties_are_those_of_the_table_route(ties):
    other, _ = vivainsights()
    key = ["a", "b"]
    one, two = (
        pd.DataFrame({"a": frame[key].min(axis=1), "b": frame[key].max(axis=1), "months": frame["interactions"]}).sort_values(key)
        for frame in (ties.frame, other.frame)
    )
    assert one.to_numpy().tolist() == two.to_numpy().tolist()


def test_people_have_the_functions_of_the_query(ties):
    folder = find("vivainsights") / "expected_function"
    expected = network(folder)["functions"]
    found = pd.Series(ties.people.function).value_counts()
    assert sorted(found.tolist()) == sorted(expected.values())
    egos = tn.measure_egos(ties, of="Sales", toward=["Marketing"], strength="interactions").frame.set_index("ego")
    people = table(folder / "sales_people.csv").set_index("id")
    np.testing.assert_array_equal(egos.loc[people.index, "total_ties_marketing"], people["ties_to:Marketing"])
    by = tn.read_viva(QUERY, function="Organization")
    assert {"sales_and_marketing", "finance"} < set(by.people.function)
    assert set(by.people.attributes) == {"level_designation", "function_type"}


@pytest.mark.parametrize("score", ["strong", "diverse"])
def test_strength_is_the_mean_of_the_scores_that_each_side_has(rows, score):
    ties = tn.read_viva(QUERY, score=score)
    means = rows.groupby(ENDS)[f"{score.title()}_tie_score"].mean()
    frame = ties.frame
    there = means.reindex(pd.MultiIndex.from_frame(frame[["a", "b"]])).to_numpy()
    back = means.reindex(pd.MultiIndex.from_frame(frame[["b", "a"]])).to_numpy()
    np.testing.assert_allclose(frame["strength_a"], np.where(np.isnan(there), back, there), rtol=1e-12)
    np.testing.assert_allclose(frame["strength_b"], np.where(np.isnan(back), there, back), rtol=1e-12)
    egos = tn.measure_egos(ties, of="Sales", toward=["Marketing"], strength="viva").frame.set_index("ego")
    sales = rows[(rows["PrimaryCollaborator_FunctionType"] == "Sales") & (rows["SecondaryCollaborator_FunctionType"] == "Marketing")]
    one = sales[ENDS[0]].iloc[0]
    near = [max(pair, pair[::-1], key=lambda ends: ends[0] == one) for pair in means.index if one in pair]
    marketing = set(rows.loc[rows["SecondaryCollaborator_FunctionType"] == "Marketing", ENDS[1]])
    seen = [means.get(pair, means.get(pair[::-1])) for pair in set(near) if pair[1] in marketing]
    assert egos.loc[one, "tie_strength_marketing"] == pytest.approx(np.mean(seen))


def test_the_older_sample_writes_the_day_first():
    ties, log = tn.read_viva(OLDER), viva_months(OLDER)
    assert (len(ties), ties.ledger.counts) == (2_014, {"used": 2_014})
    assert {str(one)[:10] for one in log.frame["time"]} == {"2023-04-01"}
    assert set(ties.people.function) == {"unassigned"}


@pytest.mark.parametrize(
    "days",
    [
        ("1/5/2025", "1/12/2025", "1/19/2025"),  # weeks of January, the month first
        ("05/01/2025", "12/01/2025", "19/01/2025"),
        ("05.01.2025", "12.01.2025", "12.01.2025 00:00"),
    ],
)
def test_days_of_weeks_tell_the_place_of_the_month(tmp_path, days):
    header = "PrimaryCollaborator_PersonId;SecondaryCollaborator_PersonId;MetricDate"
    (tmp_path / "p2p.csv").write_text("\n".join([header, *(f"a;b{at};{day}" for at, day in enumerate(days))]))
    log = viva_months(tmp_path)
    assert log.ledger.counts == {"used": 3}
    assert {str(one)[:8] for one in log.frame["time"]} == {"2025-01-"}


def test_months_can_be_chosen(rows):
    ties = tn.read_viva(QUERY, since="2023-08-01", until="2023-09-01")
    kept = rows["MetricDate"] == "2023-08-01"
    assert ties.ledger.counts == {"used": int(kept.sum()), "outside_period": int((~kept).sum())}
    assert (ties.interactions <= 2).all()


def test_the_log_of_months_has_a_record_for_each_row(rows):
    log = viva_months(QUERY)
    assert_closed(log, len(rows))
    assert log.ledger.counts == {"used": len(rows)}
    assert set(log.frame["channel"]) == {"together"}
    assert any("not a contact" in note for note in log.notes)


def test_a_people_table_decides_who_counts(ties):
    few = ties.people.person[:50].tolist()
    ours = tn.read_viva(QUERY, tn.read_people({"person": few, "function": ["Sales"] * 50}))
    assert ours.ledger.counts["unknown_person"] + ours.ledger.used == 11_550
    assert len(ours.people) == 50


def test_a_study_does_not_take_them_for_answers_of_a_survey(ties):
    sales = ties.people.person[ties.people.function == "sales"]
    outcomes = pd.DataFrame({"person": sales, "revenue": np.linspace(1, 9, len(sales)) ** 1.5})
    how = {"people": ties.people, "outcomes": outcomes, "outcome": "revenue", "functions": ["Marketing"], "no_ties": "drop"}
    with pytest.raises(
        tn.TienetError, match=r"survey holds ties of viva, not answers.*log=tn\.network\.sources\.LogSource\('viva', path\)"
    ):
        tn.Study(survey=ties, strength="viva", **how)
    # What the message names can be done.
    log = log_of(tn.Study(log=tn.network.sources.LogSource("viva", QUERY), **how))
    assert log.ledger.used == 11_550
    egos = tn.measure_egos(ties, of="sales", toward=["marketing"], strength="viva")
    assert np.isfinite(egos.frame["tie_strength_marketing"]).any()


def test_sentences_say_what_a_tie_is(ties):
    said = str(ties)
    assert "A tie is a pair that Viva lists in at least one month, of 3 read" in said
    assert "11,550 rows in: 11,550 used" in said
    assert "had contact" not in said


@pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
def test_bad_rows_are_counted(tmp_path):
    header = "PrimaryCollaborator_PersonId,SecondaryCollaborator_PersonId,MetricDate,Strong_tie_score"
    rows = ["a,b,2025-02-01,0.5", "a,b,2025-02-01,0.5", "b,a,2025-02-01,NA", ",b,2025-02-01,0.5", "a,NA,2025-02-01,0.5", "a,a,2025-02-01,1"]
    rows += ["a,b,never,0.5", "a,b,,0.5", "a,b,2025-03-01,1.5", "a,b,2025-03-01,high"]
    (tmp_path / "p2p.csv").write_text("\n".join([header, *rows]))
    ties = tn.read_viva(tmp_path)
    assert ties.ledger.counts == {
        "used": 2, "missing_source": 1, "missing_target": 1, "missing_time": 1, "bad_time": 1, "outside_scale": 2, "self_loop": 1,
        "repeated_record": 1,
    }  # fmt: skip
    assert ties.given.as_a.tolist() == ties.given.as_b.tolist() == [0.5]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("zanzibarplan,b\n1,2\n", "looked for CSV with PrimaryCollaborator_PersonId"),
        (
            "PrimaryCollaborator_PersonId,SecondaryCollaborator_PersonId,MetricDate\nzanzibarplan,b,2025-02-01\n",
            "no column Strong_tie_score",
        ),
        ("PrimaryCollaborator_PersonId,SecondaryCollaborator_PersonId,MetricDate,Strong_tie_score\n", "no row names a person"),
        ("PrimaryCollaborator_PersonId,SecondaryCollaborator_PersonId,MetricDate,Strong_tie_score\nzanzibarplan,,x,1\n", "no usable row"),
    ],
)
def test_other_files_give_one_line_without_content(tmp_path, content, words):
    (tmp_path / "zanzibarplan.csv").write_text(content)
    with pytest.raises(tn.TienetError, match=words) as problem:
        tn.read_viva(tmp_path)
    assert_no_planted(None, str(problem.value))
    assert "\n" not in str(problem.value)


def test_an_unknown_attribute_gets_the_closest_name():
    with pytest.raises(tn.TienetError, match="did you mean 'function_type'"):
        tn.read_viva(QUERY, function="FunctionTypes")


# An independent count: a dictionary of months and scores for each ordered pair.


def check(seed, folder):
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    prefixes = draw.choice([("PrimaryCollaborator_", "SecondaryCollaborator_"), ("TieOrigin_", "TieDestination_")])
    people = [f"id-{number}" for number in range(draw.randint(2, 7))]
    functions = {one: draw.choice(["Sales", "Marketing"]) for one in people}
    scores, repeats = {}, 0
    lines = []
    for _ in range(draw.randint(1, 40)):
        one, other = draw.sample(people, 2)
        month, score = draw.randint(1, 12), draw.randint(0, 1000) / 1000
        day = draw.choice([f"2025-{month:02d}-01", f"2025-{month:02d}-01 00:00:00"])
        lines.append(f"{one};{functions[one]};{PLANTED[0]};{other};{functions[other]};{PLANTED[1]};{day};{score}")
        if (one, other, month) in scores:
            repeats += 1
        else:
            scores[one, other, month] = score
    header = [f"{prefix}{name}" for prefix in prefixes for name in ("PersonId", "FunctionType", "Note")]
    cut = draw.randint(0, len(lines))
    for name, part in (("a", lines[:cut]), ("b", lines[cut:])):
        content = "\r\n".join([";".join([*header, "MetricDate", "Strong_tie_score"]), *part])
        (folder / f"{name}.csv").write_bytes(content.encode(draw.choice(["utf-8-sig", "utf-16"])))
    ties = tn.read_viva(folder)
    assert ties.ledger.counts == {"used": len(scores)} | ({"repeated_record": repeats} if repeats else {})
    frame = ties.frame
    assert len(frame) == len({frozenset(key[:2]) for key in scores})
    for row in frame.itertuples():
        there = [score for key, score in scores.items() if key[:2] == (row.a, row.b)]
        back = [score for key, score in scores.items() if key[:2] == (row.b, row.a)]
        assert (row.a_to_b, row.b_to_a) == (len(there), len(back))
        assert row.strength_a == pytest.approx(np.mean(there or back))
        assert row.strength_b == pytest.approx(np.mean(back or there))
    named = dict(zip(ties.people.person, ties.people.function, strict=True))
    assert all(named[one] == functions[one].lower() for one in named)
    assert_no_planted(None, str(ties), frame.to_csv())
    log = viva_months(folder)
    assert_closed(log, len(lines))
    assert_no_planted(log)


@pytest.mark.parametrize("seed", range(1, 11))
def test_generated_queries_give_what_was_written(seed, tmp_path):
    check(seed, tmp_path)


@pytest.mark.exports
@pytest.mark.parametrize("seed", range(11, 511))
def test_many_generated_queries_give_what_was_written(seed, tmp_path):
    check(seed, tmp_path)


def test_rows_in_another_order_give_the_same_log(tmp_path, rows):
    part = rows.head(400)
    for name, frame in (("plain", part), ("shuffled", part.sample(frac=1, random_state=1))):
        (tmp_path / name).mkdir()
        frame.to_csv(tmp_path / name / "p2p.csv", index=False)
    same_log(viva_months(tmp_path / "plain"), viva_months(tmp_path / "shuffled"))


def test_recognition():
    assert recognise(QUERY) == recognise(OLDER) == "viva"
