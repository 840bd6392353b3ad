"""Tables for publication: their cells in all four formats, and the numbers behind them."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tienet as tn
from frames import FRAMES, as_kind, given_back
from test_docs import records
from tienet.base.errors import ArgumentError, DataError, OutputError
from tienet.base.numbers import cell, p_cell
from tienet.output.tables.descriptive_statistics import descriptives
from tienet.output.tables.grid import Grid, label_of
from tienet.output.tables.printing import Table
from tienet.output.tables.records import table
from tienet.output.tables.regression import compare, step_fits
from tienet.output.tables.write import to_html, to_latex, to_markdown

HERE = Path(__file__).parent
CARS = pd.read_csv(HERE / "data" / "mtcars.csv")
EXPECTED = json.loads((HERE / "oracles" / "tables" / "expected.json").read_text(encoding="utf-8"))
HOSTILE = 'a|b <script>alert("x")</script> $\\alpha$ 5 % & #1_y {z} ~ ^ [q] *b*'


def printed(estimates, p=None, **more):
    """A made-up model: anything with a frame of terms."""
    k = len(estimates)
    numbers = {
        "estimate": list(estimates.values()),
        "std_error": [0.1] * k,
        "statistic": [2.5] * k,
        "df": [40.0] * k,
        "p_value": p or [0.5] * k,
        "conf_low": [-0.1] * k,
        "conf_high": [0.3] * k,
    }
    return SimpleNamespace(frame=pd.DataFrame({"term": list(estimates), **numbers}), **more)


def fits():
    formulas = ("mpg ~ wt", "mpg ~ wt + hp", "mpg ~ wt + hp + wt^2 + hp^2")
    return {f"({place})": tn.Moderation(formula, covariance="classical").fit(CARS) for place, formula in enumerate(formulas, 1)}


def row(grid, label):
    return next(cells[1:] for cells in grid.rows if cells[0] == label)


class Cells(HTMLParser):
    """The texts of a table's cells, row by row."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.tags, self.inside = [], set(), False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


def unmarked(text):
    """What a reader of rendered Markdown sees in the cells of a pipe table."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = [[part.strip() for part in re.split(r"(?<!\\)\|", line)[1:-1]] for line in (lines[0], *lines[2:])]
    return [[re.sub(r"\\(.)", r"\1", part) for part in cells] for cells in rows]


# the cells


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.000"), (-0.0, "0.000"), (1.23456, "1.235"), (-1.5, "−1.500"), (0.0004, "0.0004"), (-0.00041237, "−0.000412")],
)
def test_numbers_have_three_decimals_unless_they_would_be_gone(value, text):
    assert cell(value) == text


def test_infinite_and_unknown_numbers_are_said():
    assert [cell(value) for value in (np.nan, np.inf, -np.inf)] == ["–", "∞", "−∞"]


@pytest.mark.parametrize(("p", "text"), [(0.0, "< .001"), (0.00099, "< .001"), (0.001, ".001"), (0.0496, ".050"), (1.0, "1.000")])
def test_p_is_never_zero(p, text):
    assert p_cell(p) == text


def test_stars_are_for_p_below_a_level_and_not_at_it():
    model = printed(dict.fromkeys("abcdef", 1.0), p=[0.05, 0.0499, 0.01, 0.0099, 0.001, 0.00099])
    grid = compare({"m": model}).grid
    assert [cells[1] for cells in grid.rows[::2]] == ["1.000", "1.000*", "1.000*", "1.000**", "1.000**", "1.000***"]
    assert "* p < .05, ** p < .01, *** p < .001" in grid.note
    ten = compare({"m": model}, stars=(0.1,)).grid
    assert [cells[1] for cells in ten.rows[::2]] == ["1.000*"] * 6
    assert "* p < .1" in ten.note
    none = compare({"m": model}, stars=()).grid
    assert [cells[1] for cells in none.rows[::2]] == ["1.000"] * 6
    assert not any("p <" in sentence for sentence in none.note)


def test_labels_are_for_terms_or_for_their_variables():
    labels = {"ties": "Ties, IT", "ties:age": "Ties by age", "region": "Area"}
    assert label_of("ties", labels) == "Ties, IT"
    assert label_of("ties:age", labels) == "Ties by age"
    assert label_of("ties^2", labels) == "Ties, IT²"
    assert label_of("tenure:ties", labels) == "Tenure × Ties, IT"
    assert label_of("ties:tenure", labels) == "Ties, IT × tenure"
    assert label_of("region[a:b]", labels) == "Area: a:b"
    assert label_of("(Intercept)", labels) == "Intercept"
    assert label_of("total_ties_marketing:tie_strength_marketing", {}) == "Total ties × tie strength to marketing"


# models side by side


def test_a_term_that_a_model_lacks_is_blank_and_an_unknown_number_a_dash():
    found = compare({"one": printed({"x": 1.0}), "two": printed({"x": np.nan, "z": -2.0}, n=30, r_squared=0.4567)}).grid
    assert found.rows == (
        ("x", "1.000", "–"),
        ("", "(0.100)", "(0.100)"),
        ("z", "", "−2.000"),
        ("", "", "(0.100)"),
        ("n", "", "30"),
        ("R²", "", ".457"),
    )
    assert found.foot == 4
    assert "– = not known" in found.note


@pytest.mark.parametrize(
    ("show", "text"), [("std_error", "(0.100)"), ("interval", "[−0.100, 0.300]"), ("statistic", "(2.50)"), ("p_value", "(< .001)")]
)
def test_what_stands_under_the_estimates(show, text):
    grid = compare({"m": printed({"x": 1.0}, p=[0.0001], alpha=0.1)}, show=show).grid
    assert grid.rows[1] == ("", text)
    assert ("Intervals in brackets (90%)" in grid.note) == (show == "interval")


def test_steps_against_anova_in_r():
    found = compare(fits(), criteria=True)
    delta, f, p = (row(found.grid, label) for label in ("ΔR²", "F of ΔR² (df)", "p of ΔR²"))
    assert delta[0] == f[0] == p[0] == ""
    for place, step in enumerate(EXPECTED["steps"], 1):
        assert delta[place] == f"{step['delta']:.3f}".removeprefix("0")
        assert f[place] == f"{step['f']:.2f} ({step['df1']}, {step['df2']})"
        assert p[place] == ("< .001" if step["p"] < 0.001 else f"{step['p']:.3f}".removeprefix("0"))
    assert row(found.grid, "n") == ("32",) * 3
    assert row(found.grid, "Rows dropped") == ("0",) * 3
    assert "ΔR² and its F compare with the column to the left" in found.grid.note


def test_steps_of_a_fit_show_the_change_that_the_fit_knows(study_result):
    steps, grid = study_result.fit.steps, compare(step_fits(study_result.fit)).grid
    assert grid.header[1:] == steps.step
    told = zip(row(grid, "ΔR²")[1:], row(grid, "F of ΔR² (df)")[1:], steps.delta_r_squared[1:], steps.f_change[1:], strict=True)
    for delta, f, true_delta, true_f in told:
        assert float(delta) == pytest.approx(true_delta, abs=5.1e-4)
        assert float(f.split()[0]) == pytest.approx(true_f, abs=5.1e-3)


def test_no_change_is_shown_between_models_that_are_not_nested():
    small, large = tn.Moderation("mpg ~ wt", covariance="HC3"), tn.Moderation("mpg ~ wt + hp", covariance="HC3")
    fewer = CARS.assign(hp=CARS.hp.where(CARS.hp > 60))
    apart = {
        "rows": (small.fit(CARS), large.fit(fewer)),
        "errors": (tn.Moderation("mpg ~ wt", covariance="HC1").fit(CARS), large.fit(CARS)),
        "terms": (tn.Moderation("mpg ~ hp", covariance="HC3").fit(CARS), small.fit(CARS)),
        "outcome": (tn.Moderation("hp ~ wt", covariance="HC3").fit(CARS), large.fit(CARS)),
        "order": (large.fit(CARS), small.fit(CARS)),
        "values": (small.fit(CARS.assign(wt=CARS.wt * 2)), large.fit(CARS)),
    }
    for why, (first, second) in apart.items():
        assert "ΔR²" not in [cells[0] for cells in compare({"a": first, "b": second}).grid.rows], why
    assert "ΔR²" in [cells[0] for cells in compare({"a": small.fit(CARS), "b": large.fit(CARS)}).grid.rows]


def test_the_note_names_errors_df_centring_and_outcomes():
    data = CARS.assign(group=np.arange(32) % 8)
    one = tn.Moderation("mpg ~ wt*hp", covariance="classical").fit(data)
    with pytest.warns(tn.base.errors.FewClusters):
        two = tn.Moderation("hp ~ wt", cluster="group", covariance="CR1").fit(data)
    note = compare({"A": one, "B": two}, labels={"wt": "Weight"}).grid.note
    assert note[0] == "A: Outcome mpg; B: Outcome hp"
    assert "A: classical standard errors; B: CR1 standard errors clustered by group (8 clusters)" in note
    assert "df: 28 (A), 7 (B)" in note
    assert f"Centred in products and squares: Weight (at {data.wt.mean():.3f}), hp (at {data.hp.mean():.3f})" in note
    alone = compare({"A": one}).grid
    assert "Classical standard errors" in alone.note
    assert "df = 28" in alone.note
    assert alone.title == "Regression of mpg"
    bare = tn.Moderation("mpg ~ wt*hp", covariance="classical", center="none").fit(data)
    assert any("A: Centred" in sentence and "B: not centred" in sentence for sentence in compare({"A": one, "B": bare}).grid.note)
    scored = compare({"A": one, "z": tn.regression.model.standardize(one)}).grid.note
    assert "z: outcome and numeric variables as z-scores, their standard deviations taken as known" in scored


def test_instrumented_fits_stand_beside_fits():
    rng = np.random.default_rng(1)
    x, z, e, noise = rng.normal(size=(4, 80))
    model = tn.Moderation("y ~ w*z", covariance="HC3")
    data = {"y": x + 2 * e + z + noise, "w": x + e, "z": z, "x": x}
    instrumented = tn.regression.endogeneity.two_stage_least_squares(model, data, endogenous="w", instruments="x")
    grid = compare({"OLS": model.fit(data), "2SLS": instrumented}).grid
    assert row(grid, "w")[1].rstrip("*") == cell(instrumented.estimate[1])
    assert row(grid, "n") == ("80", "80")
    assert row(grid, "R²")[1] == ""
    assert f"Centred in products and squares: w (at {cell(data['w'].mean())}), z (at {cell(z.mean())})" in grid.note


def test_printed_models_stand_beside_fits():
    model = tn.PublishedModel({"wt": -5.3, "hp": None}, std_errors={"wt": 0.5}, means={"wt": 3}, n=32, outcome="mpg")
    grid = compare({"print": model, "here": fits()["(2)"]}).grid
    assert row(grid, "wt")[0] == "−5.300***"
    assert row(grid, "hp")[0] == "–"
    assert row(grid, "n") == ("32", "32")
    assert "df = 29" in grid.note
    assert any(sentence.startswith("print: printed standard errors") for sentence in grid.note)


def test_the_frame_holds_the_numbers_of_every_model():
    models = fits()
    frame = compare(models).frame
    assert list(frame["model"].unique()) == list(models)
    for name, fit in models.items():
        own = frame[frame.model == name]
        assert list(own.term) == list(fit.terms)
        np.testing.assert_array_equal(own.estimate, fit.estimate)
        np.testing.assert_array_equal(own.std_error, fit.std_error)
    assert compare(models).cite() == models["(1)"].cite()


@pytest.mark.parametrize("kind", ["polars", "pyarrow"])
def test_frames_of_other_libraries_give_the_same_table(kind):
    model = fits()["(2)"]
    frame = model.frame
    if kind == "polars":
        other = pytest.importorskip("polars").from_pandas(frame)
    else:
        other = pytest.importorskip("pyarrow").Table.from_pandas(frame)
    assert compare({"m": SimpleNamespace(frame=other)}).grid.rows == compare({"m": SimpleNamespace(frame=frame)}).grid.rows


def test_what_is_no_model_is_refused():
    fit = fits()["(3)"]
    for other in (fit.steps, fit.vif, fit.covariance, tn.simple_slopes(fit, focal="wt"), 3, None, CARS):
        with pytest.raises(ArgumentError, match=rf"compare: m is a {type(other).__name__}"):
            compare({"m": other})
    twice = printed({"x": 1.0})
    twice.frame = pd.concat([twice.frame, twice.frame])
    with pytest.raises(ArgumentError, match="does not have one row per term"):
        compare({"m": twice})
    for nothing in ({}, fit, [fit]):
        with pytest.raises(ArgumentError, match="models by name"):
            compare(nothing)
    with pytest.raises(ArgumentError, match=r"show must be .*; got 'errors'"):
        compare({"m": fit}, show="errors")
    for stars in ((0.05, 1.0), (0,), ("a",), 0.05):
        with pytest.raises(ArgumentError, match="levels between 0 and 1"):
            compare({"m": fit}, stars=stars)
    for digits in (-1, 2.0, True, 11):
        with pytest.raises(ArgumentError, match="decimals from 0 to 10"):
            compare({"m": fit}, digits=digits)


# descriptives


def test_correlations_and_their_p_against_r_and_scipy():
    names = EXPECTED["names"]
    found = descriptives(CARS, names)
    for pair in EXPECTED["correlations"]:
        a, b = names.index(pair["a"]), names.index(pair["b"])
        other = stats.pearsonr(CARS[pair["a"]], CARS[pair["b"]])
        for r, p in ((pair["r"], pair["p"]), (other.statistic, other.pvalue)):
            np.testing.assert_allclose(found.correlation[a, b], r, rtol=1e-8)
            np.testing.assert_allclose(found.p_value[a, b], p, rtol=1e-8)
            np.testing.assert_allclose(found.p_value[b, a], p, rtol=1e-8)
    assert np.isnan(np.diag(found.p_value)).all()
    assert {"p_r_1", "r_3"} <= set(found.frame.columns)


def test_stars_of_correlations_follow_scipy():
    rng = np.random.default_rng(3)
    data = {f"v{place}": rng.normal(size=40) + place * np.linspace(0, 0.5, 40) for place in range(6)}
    grid = descriptives(data, list(data)).grid
    names = list(data)
    for a, name in enumerate(names):
        for b in range(a):
            p = stats.pearsonr(data[name], data[names[b]]).pvalue
            assert grid.rows[a][5 + b].count("*") == sum(p < level for level in (0.05, 0.01, 0.001))
        assert grid.rows[a][6 + a :] == ("",) * (5 - a)


def test_descriptives_as_printed():
    found = descriptives({"x": [1.0, 2.0, 3.0, np.nan], "ties_it": [2.0, 4.0, 6.0, 8.0]}, ["x", "ties_it"], alphas={"ties_it": 0.9})
    grid = found.grid
    assert grid.header == ("Variable", "Mean", "SD", "Min", "Max", "1", "2")
    assert grid.rows == (
        ("1. x", "2.00", "1.00", "1.00", "3.00", "–", ""),
        ("2. Ties it", "4.00", "2.00", "2.00", "6.00", "1.00***", "(.90)"),
    )
    assert grid.note[0] == "n = 3, complete rows only (listwise)"
    assert "Cronbach" in found.cite()
    np.testing.assert_array_equal(found.frame["alpha"], [np.nan, 0.9])
    named = descriptives({"x": [1.0, 2.0, 3.0]}, ["x"], labels={"x": "Growth"})
    assert named.grid.rows[0][0] == "1. Growth"
    assert "alpha" not in named.frame.columns
    assert "Cronbach" not in named.cite()


def test_alphas_may_come_from_reliability():
    judged = tn.network.survey.reliability([[1, 2, 1], [3, 3, 4], [2, 3, 2], [5, 4, 5]])
    found = descriptives(CARS, ["mpg", "wt"], alphas={"wt": judged})
    assert found.alphas[1] == judged.alpha
    assert found.grid.rows[1][-1] == "(.93)"


def test_correlations_without_an_answer_are_a_dash():
    found = descriptives({"x": [1.0, 2.0, 3.0], "c": [1.0, 1.0, 1.0]}, ["x", "c"])
    assert found.grid.rows[1][5] == "–"
    assert np.isnan(found.p_value[0, 1])
    two = descriptives({"x": [1.0, 2.0], "y": [1.0, 3.0]}, ["x", "y"])
    assert np.isnan(two.p_value).all()
    assert two.grid.rows[1][5] == "1.00"


def test_descriptives_refuse_alphas_that_fit_nothing():
    with pytest.raises(ArgumentError, match=r"alphas names 'wtt'.*did you mean 'wt'"):
        descriptives(CARS, ["mpg", "wt"], alphas={"wtt": 0.9})
    for wrong in (1.2, np.nan, "high", True, tn.network.survey.reliability([[1], [2], [4]])):
        with pytest.raises(ArgumentError, match="not a number up to 1"):
            descriptives(CARS, ["mpg"], alphas={"mpg": wrong})
    with pytest.raises(DataError, match="did you mean 'mpg'"):
        descriptives(CARS, ["mgp"])


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_frame_gives_the_same_descriptives(kind, tmp_path):
    found = descriptives(as_kind(kind, {"x": [1.0, 2.0, 4.0], "y": [3.0, 1.0, 2.0]}, tmp_path), ["x", "y"])
    assert found.grid.rows[0][1:3] == ("2.33", "1.53")
    assert isinstance(found.frame, given_back(kind))


# any result


def test_any_result_becomes_a_table(study_result):
    slopes = study_result.probes["marketing"].slopes
    found = table(slopes)
    assert found.grid.title == "Simple slopes"
    assert found.grid.header[:5] == ("Label", "At", "Estimate", "SE", "t")
    assert found.grid.rows[0][0] == "−1 SD"
    assert row(found.grid, "mean")[1] == cell(slopes.estimate[1])
    assert found.cite() == slopes.cite()
    some = table(slopes, columns=["estimate", "p_value"], labels={"estimate": "Slope"}, digits=1)
    assert some.grid.header == ("Slope", "p")
    assert list(some.frame.columns) == ["estimate", "p_value"]
    vif = table(study_result.fit.vif, labels={"tenure": "Years here"})
    assert "Years here" in [cells[0] for cells in vif.grid.rows]
    text = table(study_result.matrix).markdown()
    assert "| nan |" not in text
    assert table(descriptives(CARS, ["mpg", "wt"])).grid == descriptives(CARS, ["mpg", "wt"]).grid
    with pytest.raises(ArgumentError, match="no column 'estimat'; did you mean 'estimate'"):
        table(slopes, columns=["estimat"])
    with pytest.raises(ArgumentError, match="needs a tienet result"):
        table(CARS)


def test_heads_say_what_a_statistic_is(study_result):
    assert "t" in table(study_result.fit).grid.header
    joint = table(tn.regression.model.joint_test(study_result.fit, ["tenure"])).grid
    assert "Statistic" in joint.header
    assert "t" not in joint.header
    adjusted = table(tn.regression.checks.adjust_p([0.01, 0.02])).grid
    assert adjusted.header[1:] == ("p", "p adjusted")


def test_every_result_can_be_a_table_with_the_same_cells_everywhere(study_result):
    for record in records(study_result):
        found = table(record)
        cells = [list(found.grid.header), *map(list, found.grid.rows[:30])]
        short = replace(found.grid, rows=found.grid.rows[:30])
        assert Cells(to_html(short)).rows == cells, type(record)
        assert unmarked(to_markdown(short)) == cells, type(record)
        assert not {"nan", "None", "NaT", "<NA>"} & {text for line in cells for text in line}, type(record)
        assert to_latex(short).count(r" \\") == len(cells)


def test_a_notebook_shows_the_table_unless_its_rows_are_people(study_result):
    assert "<table" in compare(fits())._repr_html_()
    assert "<table" not in table(study_result.egos)._repr_html_()
    assert "<table" in table(study_result.egos).html()


# the four outputs

MADE = Grid(
    title="A table",
    header=("", "(1)", "(2)"),
    rows=(("x", "−0.512**", ""), ("", "(0.103)", "[−1.0, 2.0]"), ("R²", ".457", "–")),
    note=("5 % of n", "* p < .05"),
    align="lrr",
    foot=2,
)


def test_markdown_as_written_by_hand():
    assert to_markdown(MADE) == (
        "**A table**\n\n"
        "|  | (1) | (2) |\n"
        "| --- | ---: | ---: |\n"
        "| x | −0.512\\*\\* |  |\n"
        "|  | (0.103) | \\[−1.0, 2.0\\] |\n"
        "| R² | .457 | – |\n\n"
        "*Note.* 5 % of n. \\* p \\< .05.\n"
    )


def test_latex_as_written_by_hand():
    assert to_latex(MADE).splitlines() == [
        r"% in the preamble: \usepackage{booktabs}",
        r"\begin{table}[htbp]",
        r"\centering",
        r"\caption{A table}",
        r"\begin{tabular}{lr@{\hspace{1.5em}}r@{\hspace{1.0em}}}",  # room for what hangs out: two stars, one bracket
        r"\toprule",
        r" & (1) & (2) \\",
        r"\midrule",
        r"x & $-$0.512\rlap{**} &  \\",
        r" & (0.103\rlap{)} & {[}$-$1.0, 2.0\rlap{{]}} \\",
        r"\midrule",
        r"R\textsuperscript{2} & .457 & -- \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\par\smallskip\parbox{\linewidth}{\footnotesize\textit{Note.} 5 \% of n. * p \textless{} .05.}",
        r"\end{table}",
    ]


def test_html_has_the_cells_and_the_three_rules():
    text = to_html(MADE)
    parsed = Cells(text)
    assert parsed.rows == [["", "(1)", "(2)"], *map(list, MADE.rows)]
    assert "\n<p" in text
    assert text.count("border-top:2px") == text.count("border-bottom:2px") == text.count("border-top:1px") == 3  # once a column
    assert "−0.512" in text


def test_hostile_names_stay_text_in_every_output(tmp_path):
    docx = pytest.importorskip("docx")
    found = compare({HOSTILE: printed({"x": 1.0})}, labels={"x": HOSTILE})
    rows = [["", HOSTILE], [HOSTILE, "1.000"], ["", "(0.100)"]]
    assert unmarked(found.markdown())[:3] == rows
    parsed = Cells(found.html())
    assert parsed.rows[:3] == rows
    assert parsed.tags <= {"div", "table", "caption", "thead", "tbody", "tr", "td", "th", "p", "i", "span"}
    assert "$" not in found.html()
    assert "mathjax_ignore" in found.html()
    body = found.latex().split(r"\midrule")[1]
    assert r"a\textbar{}b \textless{}script\textgreater{}" in body
    assert r"\$\textbackslash{}alpha\$ 5 \% \& \#1\_y \{z\} \textasciitilde{} \textasciicircum{} {[}q{]} *b*" in body
    written = docx.Document(found.docx(tmp_path / "t.docx"))
    assert written.tables[0].cell(1, 0).text == HOSTILE


def test_rows_that_latex_would_read_as_options():
    text = to_latex(Grid("", ("*a", "b"), (("*x", "1"), ("[y]", "2")), align="lr"))
    assert r"{}*x & 1 \\" in text
    assert r"{[}y{]} & 2 \\" in text


def test_control_characters_and_line_ends_leave_the_cells(tmp_path):
    pytest.importorskip("docx")
    found = compare({"a\nb\x00c": printed({"x": 1.0})}, labels={"x": "l\r\n|m\x0b\ud800"})
    assert found.grid.header == ("", "a b c")
    assert found.grid.rows[0][0] == "l |m"
    assert all(line.count("|") >= 3 for line in found.markdown().splitlines()[2:5])
    found.docx(tmp_path / "t.docx")


def test_all_four_outputs_hold_the_same_cells(tmp_path):
    docx = pytest.importorskip("docx")
    for number, found in enumerate((compare(fits()), descriptives(CARS, ["mpg", "wt", "hp"]), table(fits()["(2)"]))):
        cells = [list(found.grid.header), *map(list, found.grid.rows)]
        assert Cells(found.html()).rows == cells
        assert unmarked(found.markdown()) == cells
        written = docx.Document(found.docx(tmp_path / f"{number}.docx")).tables[0]
        assert [[part.text for part in line.cells] for line in written.rows] == cells
        lines = [line for line in found.latex().splitlines() if line.endswith(r" \\")]
        assert [line.count("&") for line in lines] == [len(line) - 1 for line in cells]
        for sentence in found.grid.note:
            assert sentence in html.unescape(found.html())


def test_the_document_has_three_rules_a_title_and_a_note(tmp_path):
    docx = pytest.importorskip("docx")
    path = compare(fits()).docx(tmp_path / "table.docx")
    assert path == tmp_path / "table.docx"
    document = docx.Document(path)
    assert document.paragraphs[0].text == "Regression of mpg"
    assert document.paragraphs[-1].text.startswith("Note. Standard errors in parentheses.")
    (written,) = document.tables
    ruled = {
        place: {edge.tag.split("}")[1] for edge in line._tr.iter() if edge.tag.endswith(("}top", "}bottom"))}
        for place, line in enumerate(written.rows)
    }
    last, foot = len(written.rows) - 1, 1 + compare(fits()).grid.foot
    assert {place: edges for place, edges in ruled.items() if edges} == {0: {"top", "bottom"}, foot: {"top"}, last: {"bottom"}}


def test_labels_of_the_model_stand_in_its_table_and_give_way_to_those_of_the_call():
    labels = {"mpg": "range", "hp": "Power", "wt": "Weight"}
    fit = tn.Moderation("mpg ~ hp*wt", covariance="classical", labels=labels).fit(CARS)
    grid = compare({"(1)": fit}).grid
    assert grid.title == "Regression of range"
    assert [row[0] for row in grid.rows[:8:2]] == ["Intercept", "Power", "Weight", "Power × Weight"]
    renamed = compare({"(1)": fit}, labels={"wt": "Mass"}).grid
    assert [row[0] for row in renamed.rows[:8:2]] == ["Intercept", "Power", "Mass", "Power × Mass"]


def test_without_python_docx_one_line_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(OutputError, match=re.escape("pip install tienet[word]")) as caught:
        compare(fits()).docx(tmp_path / "t.docx")
    assert "\n" not in str(caught.value)


def test_the_columns_of_a_document_are_as_wide_as_what_they_hold(tmp_path):
    docx = pytest.importorskip("docx")
    data = {name: np.random.default_rng(1).normal(size=30) for name in ("sales_growth_of_the_year", "ties", "strength")}
    descriptives(data, list(data)).docx(tmp_path / "t.docx")
    document = docx.Document(str(tmp_path / "t.docx"))
    widths = [column.width for column in document.tables[0].columns]
    page = document.sections[0]
    assert widths[0] > 2 * max(widths[1:])  # the names, beside numbers of five characters
    assert sum(widths) == pytest.approx(page.page_width - page.left_margin - page.right_margin, rel=1e-4)
    assert [cell.width for cell in document.tables[0].rows[1].cells] == widths


def test_a_document_that_cannot_be_written(tmp_path):
    pytest.importorskip("docx")
    with pytest.raises(OutputError, match="cannot write"):
        compare(fits()).docx(tmp_path / "none" / "t.docx")


def test_the_note_names_the_category_that_the_others_are_compared_with():
    data = {"y": [1.0, 2, 4, 3, 6, 5], "x": [1.0, 3, 2, 5, 4, 7], "region": ["south", "north"] * 3}
    plain, regional = (tn.Moderation(formula, covariance="classical").fit(data) for formula in ("y ~ x", "y ~ x + region"))
    assert "Reference category Region: north" in compare({"(1)": plain, "(2)": regional}).grid.note
    assert not any("eference" in said for said in compare({"(1)": plain}).grid.note)
    assert "Reference category Sales area: north" in compare({"(2)": regional}, labels={"region": "Sales area"}).grid.note


def test_latex_compiles_where_there_is_a_latex(tmp_path):
    from shutil import which

    if which("pdflatex") is None:
        pytest.skip("no pdflatex on this machine: install TeX Live with booktabs")
    body = "\n".join([compare({HOSTILE: printed({"x": 1.0})}, labels={"x": HOSTILE}).latex(), descriptives(CARS, ["mpg", "wt"]).latex()])
    (tmp_path / "t.tex").write_text(
        "\\documentclass{article}\n\\usepackage[utf8]{inputenc}\\usepackage{booktabs}\n\\begin{document}\n" + body + "\\end{document}\n",
        encoding="utf-8",
    )
    done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]


def test_a_table_is_a_record_with_a_sentence():
    found = compare(fits())
    assert isinstance(found, Table)
    assert str(found).startswith("Regression table of 3 models and 5 terms")
    assert repr(found).startswith("<Table: ")
