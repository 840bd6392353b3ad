"""Where the sentences of a study stand, whose names they use, and what a study says of data that do not give every result."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from tienet.base.errors import ArgumentError
from tienet.base.writing import write_sheet
from tienet.study.cards.making import make_cards
from tienet.study.page.contents import protected, records, tabled
from tienet.study.page.council import privacy_sheet
from tienet.study.words.found import headline, how_sure, small_sample

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.TienetWarning")

STUDY = Path(tn.__file__).parent / "study"
_WORD = r"[(]?[A-Za-z]+(?:['’-][A-Za-z]+)*[,.;:)]*"
FOUR_WORDS = re.compile(rf"(?<![\w'’]){_WORD}(?: {_WORD}){{3}}")


# Where sentences stand -------------------------------------------------------------------------------------------------------------------


def said(tree):
    """Texts of a module that a reader may meet: no docstrings, no errors. What is put into a text counts as one word."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    silent = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented) and isinstance(node.body[0], ast.Expr)}
    silent |= {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Raise) for inner in ast.walk(node)}
    silent |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "it" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("part", ["page", "cards", "words"])
def test_all_sentences_of_the_page_stand_in_the_file_of_its_language(part):
    files = sorted((STUDY / part).rglob("*.py"))
    assert files
    prose = {file.name: [text for text in said(ast.parse(file.read_text(encoding="utf-8"))) if FOUR_WORDS.search(text)] for file in files}
    assert {name: texts for name, texts in prose.items() if texts} == {}


def test_prose_is_found_where_it_stands():
    module = '"""Four words in a docstring."""\nx = f"{n} people in the model"\nraise ValueError("this is an error")\ny = "page.found"\n'
    assert [text for text in said(ast.parse(module)) if FOUR_WORDS.search(text)] == ["it people in the model"]


# Whose names they use --------------------------------------------------------------------------------------------------------------------


LABELS = {"growth": "Rise", "contacts": "Colleagues", "closeness": "Nearness"}
PAIR = {"focal": "contacts", "moderator": "closeness"}


def fitted(labels=None):
    rng = np.random.default_rng(3)
    data = {"growth": rng.normal(size=40), "contacts": rng.integers(0, 9, 40), "closeness": rng.normal(size=40)}
    return tn.Moderation("growth ~ contacts*closeness + contacts^2", covariance="classical", labels=labels).fit(data)


def test_sentences_of_a_fit_use_its_labels():
    fit, plain = fitted(LABELS), fitted()
    probes = [tn.simple_slopes(fit, **PAIR), tn.johnson_neyman(fit, **PAIR), tn.turning_point(fit, focal="contacts")]
    others = [tn.predict_surface(fit, **PAIR), tn.u_test(fit, focal="contacts"), tn.regression.checks.linearity_check(fit, **PAIR)]
    for result in (*probes, *others):
        assert "Rise" in str(result)
        assert "Colleagues" in str(result)
        assert not any(name in str(result) for name in LABELS)
        if result is not others[0]:
            assert str(result).startswith(f"{result.sentence} Outcome Rise, ")
            assert (result.setting in str(result), result.setting in result.sentence) == (True, False)
    assert str(fit).startswith("Rise in 40 observations")
    assert "Colleagues" in tn.table(probes[0]).grid.note[0]
    assert "closeness" in str(tn.simple_slopes(plain, **PAIR))
    pd.testing.assert_frame_equal(probes[0].frame, tn.simple_slopes(plain, **PAIR).frame)
    assert list(fit.frame["term"]) == list(plain.frame["term"])


def test_a_misspelt_name_in_labels_is_refused():
    fit = fitted()
    slopes, data = tn.simple_slopes(fit, **PAIR), {"growth": [1.0, 2.0, 4.0, 3.0, 7.0], "contacts": [1, 2, 3, 5, 4]}
    doors = [
        lambda labels: tn.plot(slopes, labels=labels),
        lambda labels: tn.plot({"(1)": fit}, units=labels),
        lambda labels: tn.table(fit, labels=labels),
        lambda labels: tn.compare({"(1)": fit}, labels=labels),
        lambda labels: tn.descriptives(data, ["growth", "contacts"], labels=labels),
        lambda labels: tn.Moderation("growth ~ contacts", labels=labels).fit(data),
    ]
    for door in doors:
        with pytest.raises(ArgumentError, match=r"^(labels|units): there is no 'contcts' here; did you mean 'contacts'\?$"):
            door({"contcts": "Colleagues"})
        door({"contacts": "Colleagues", "of_another_model": "Other"})  # one mapping may serve several models


# What a spreadsheet makes of a table -----------------------------------------------------------------------------------------------------


def test_no_text_of_a_table_is_a_formula_for_a_spreadsheet(tmp_path):
    texts = ["-1 SD", "=1+1", "+1 SD", "@SUM(A1)", "\t=1", "＝1", "mean", "-0.5", "+2e-3", "", None]
    columns = {"=label": np.array(texts, dtype=object), "at": np.linspace(-1, 1, len(texts))}
    with write_sheet(tmp_path / "a.csv", columns).open(newline="", encoding="utf-8") as handle:
        header, *rows = csv.reader(handle)
    assert header == ["'=label", "at"]
    marked = ["'-1 SD", "'=1+1", "'+1 SD", "'@SUM(A1)", "'\t=1", "'＝1"]
    assert [row[0] for row in rows] == [*marked, "mean", "-0.5", "+2e-3", "", ""]
    assert [float(row[1]) for row in rows] == columns["at"].tolist()


def test_the_tables_of_a_study_hold_no_formula(study_result, tmp_path):
    for name, columns in tabled(study_result, protected(study_result), None).items():
        with write_sheet(tmp_path / f"{name}.csv", columns).open(newline="", encoding="utf-8") as handle:
            cells = [cell for row in csv.reader(handle) for cell in row]
        assert not [cell for cell in cells if cell[:1] in tuple("=+-@") and not re.fullmatch(r"-[\d.]+(e[+-]?\d+)?|-inf", cell)]


# The council's sheet ---------------------------------------------------------------------------------------------------------------------


def test_the_councils_sheet_says_how_many_are_unique(study_result):
    people = study_result.people
    answer = dict(privacy_sheet(study_result, "groups", merged=()))["Could someone still be recognised?"]
    tenure = pd.DataFrame({"function": people.function, "tenure": people.attributes["tenure"]})
    unique = int((tenure.groupby(["function", "tenure"])["function"].transform("size") == 1).sum())
    assert unique >= 5
    assert f"Of {len(people):,} people in the people table" in answer
    assert f"{unique:,} by function and tenure" in answer
    assert "No one is unique by function" in answer
    assert "On this page no one is unique." in answer
    shown = dict(privacy_sheet(study_result, "names", merged=()))["Could someone still be recognised?"]
    assert re.search(r"In the network picture [\d,]+ are unique by function and strengths of ties", shown)


# Data that do not give every result ------------------------------------------------------------------------------------------------------


def small_study(ties, contacts, *, grade=False, n=60):
    """A study of `n` salespeople: the number of ties of each, and the number of contacts of each tie."""
    rng = np.random.default_rng(0)
    sales, others = [f"s{at}" for at in range(n)], [f"m{at}" for at in range(30)]
    pairs = [(s, others[o], contacts(at, rng)) for at, s in enumerate(sales) for o in rng.choice(30, ties(at, rng), replace=False)]
    log = pd.DataFrame([(s, o) for s, o, k in pairs for _ in range(k)], columns=["source", "target"])
    people = pd.DataFrame({"person": sales + others, "function": ["Sales"] * n + ["R&D"] * 30})
    if grade:
        people["grade"] = ["first", "second", *["third"] * (n + 28)]
    outcomes = pd.DataFrame({"person": sales, "sales_growth": rng.normal(5, 2, n)})
    rule = tn.TieRule(half_life=None)
    return tn.Study(
        log=log, people=people, outcomes=outcomes, of="Sales", functions=["R&D"], rule=rule, strength="interactions", no_ties="drop"
    )


def spread(low, high):
    return lambda at, rng: int(rng.integers(low, high))


def test_a_tie_strength_of_two_values_has_no_region(tmp_path):
    result = small_study(spread(2, 8), lambda at, rng: 4 if at % 3 else 10, grade=True).run()
    probes = result.probes["r_d"]
    assert (probes.region, probes.turning is None, result.fit.polynomial.variable("tie_strength_r_d").kind) == (None, False, "binary")
    page = result.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "There is no Johnson-Neyman region: tie strength to R&amp;D has only two values here." in page
    assert "Tie strength to R&amp;D has only two values, so no region was sought there." in page
    assert "fewer than 5 by function and grade" in page
    shown = protected(result)
    assert not {"regions_r_d", "floodlight_r_d", "map_r_d"} & {*tabled(result, shown, None), *records(result, shown)}
    assert not [name for name in tn.risk_report(result).files["file"] if "regions" in name or "floodlight" in name]


def test_two_numbers_of_ties_have_no_square(tmp_path):
    result = small_study(lambda at, rng: 2 if at % 2 else 5, spread(3, 12)).run()
    assert result.fit.terms == result.linear.terms
    assert result.probes["r_d"].turning is None
    (card,) = make_cards(result)
    assert "without squares" not in [one.name for one in card.others]
    page = result.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "total ties to R&amp;D have only two values here, so the model is without their square." in page
    assert "Total ties to R&amp;D have only two values, so their square was left out." in page


@pytest.mark.parametrize(("n", "df"), [(14, 9), (15, 10), (40, 35)])
def test_a_card_is_tested_from_ten_degrees_of_freedom_and_says_if_they_are_few(n, df):
    result = small_study(spread(2, 9), spread(3, 12), n=n).run()
    (card,) = make_cards(result)
    assert result.fit.n - len(result.fit.terms) == df
    assert (card.verdict == "too_few") == (df < 10)
    assert bool(how_sure(card, result.study)) == (df >= 10)
    few = f"With {n} salespeople, this test has only {df} degrees of freedom, so the estimates are unsure."
    assert small_sample(card, result.study) == (few if 10 <= df < 30 else "")
    if df < 10:
        assert headline(card, result.study).endswith("9 degrees of freedom are left, and it takes at least 10.")
