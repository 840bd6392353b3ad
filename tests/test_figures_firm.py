"""Figures of the firm, of groups and over time, and the numbers behind every figure."""

from __future__ import annotations

import time
import warnings
from dataclasses import replace
from datetime import datetime
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

import tienet as tn
from drawing import drawn, marked, note
from networks import threads
from tienet.base.errors import ArgumentError, DataError, OutsideSupport
from tienet.output.figures.drawing import figure_data, plot
from tienet.output.figures.matrix import bright
from tienet.output.figures.saving import figure_svg, save
from tienet.output.figures.sources import weekly_rows
from tienet.output.figures.spread import FLOOR

mpl.use("Agg")
WEIRD = ["Cost $x$ & $", "<script>alert(1)</script>", "\"Quoted\" 'name'", "R\u202eevil\u200b", "Party \U0001f389 \u9500", "L" * 200]


def random_ties(labels, n=60, rows=1500, seed=0):
    rng = np.random.default_rng(seed)
    ids = [f"someone{i:04d}" for i in range(n)]
    people = tn.read_people({"person": ids, "function": [labels[i % len(labels)] for i in range(n)]})
    a, b = rng.integers(0, n, (2, rows))
    log = tn.read_log({"source": [ids[i] for i in a[a != b]], "target": [ids[i] for i in b[a != b]]})
    return tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))


@pytest.fixture(scope="module")
def ties(firm):
    return tn.build_ties(firm.log, firm.people)


@pytest.fixture(scope="module")
def panel(firm):
    return tn.measure_panel(firm.log, firm.people, of="sales", toward=["marketing", "finance"], every="60d", window="60d")


@pytest.fixture(scope="module")
def split(firm):
    return tn.measure_panel(firm.log, firm.people, of="sales", toward=["marketing"], split="2025-04-01")


def survey_of_five():
    people = tn.read_people({"person": list("abcde"), "function": ["Sales", "Marketing", "Sales", "Marketing", "Sales"]})
    log = tn.read_log({"source": list("aaabbaacbdde"), "target": list("bbbaaccbceed")})
    answers = {"respondent": list("abcde"), "colleague": list("bcaed"), "closeness": [5, 4, 4, 3, 4]}
    surveyed = tn.read_survey(answers, people, items=["closeness"], scale=(1, 5), design="name_generator")
    return tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None)), surveyed


@pytest.fixture(scope="module")
def records(ties, panel, split, firm, study_result):
    """One result of every kind that the network half draws, with the statistics half's of a study."""
    log_ties, surveyed = survey_of_five()
    rng = np.random.default_rng(2)
    factor = rng.normal(size=(80, 1))
    egos = tn.measure_egos(ties, of="sales", toward=["marketing"])
    probes = study_result.probes["marketing"]
    measures, survey = tn.network.measures, tn.network.survey
    return [
        ties, egos, measures.ego_network(ties, egos.ego[0]), tn.function_matrix(ties), panel, split, firm.log, firm.log.ledger, firm.people,
        measures.structural_holes(ties), measures.diversity(ties), measures.brokerage(ties), measures.centrality(ties),
        measures.network_summary(ties),
        measures.exclusive_intermediaries(ties, of="sales", toward=["marketing"]), measures.ei_permutation(ties, draws=199),
        measures.handoffs(ties), measures.expected_ties(ties, draws=20), measures.dependence(ties), measures.handoff_times(*threads()),
        survey.compare_ties(log_ties, surveyed), survey.reliability(factor + rng.normal(size=(80, 4))),
        measures.tie_rule_sensitivity(firm.log, firm.people, of="sales", toward=["marketing"], grid={"min_interactions": [2, 5]}),
        tn.descriptives(study_result.data, ["tenure", "total_ties_marketing", "tie_strength_marketing"]), study_result.fit.steps,
        study_result.fit, probes.slopes, probes.region, probes.turning, probes.u, probes.surface,
    ]  # fmt: skip


def test_the_firm_has_a_dot_per_person_and_a_line_per_tie(ties):
    ax = drawn(ties, kind="network", strongest=None)
    groups, (lines,) = marked(ax, "people"), marked(ax, "ties")
    functions = ties.people.functions
    assert [len(group.get_offsets()) for group in groups] == [int(np.sum(ties.people.function == name)) for name in functions]
    assert len({tuple(group.get_facecolor()[0]) for group in groups}) == len(functions)
    assert len({group.get_paths()[0].vertices.tobytes() for group in groups}) == len(functions)
    order = np.argsort(ties.strength, kind="stable")
    share = ties.strength[order] / ties.strength.max()
    np.testing.assert_allclose(lines.get_linewidths(), np.clip(1.8 * share, 0.2, None))
    assert (np.diff(lines.get_colors()[:, 3]) >= 0).all()
    place = np.empty((len(ties.people), 2))
    numbers = [ties.adjacency(weight).sum(axis=1) for weight in ("strength", "ties")]
    inward = np.lexsort([-np.asarray(values).ravel() for values in numbers])  # from the middle out, not in the order of the roster
    for name, group in zip(functions, groups, strict=True):
        place[inward[ties.people.function[inward] == name]] = group.get_offsets()
    ends = np.array([(segment[0], segment[-1]) for segment in lines.get_segments()])
    np.testing.assert_allclose(ends[:, 0], place[ties.a][order])
    np.testing.assert_allclose(ends[:, 1], place[ties.b][order])


def test_discs_of_the_firm_do_not_overlap_and_their_area_is_people():
    ax = drawn(random_ties(["A"] * 5 + ["B"] * 2 + list("CDEF"), n=110), kind="network", level="functions")
    (nodes,) = marked(ax, "functions")
    data = figure_data(random_ties(["A"] * 5 + ["B"] * 2 + list("CDEF"), n=110), kind="network", level="functions")
    members = data.loc[data["mark"] == "functions", "value"].to_numpy()
    assert members.tolist() == [50, 20, 10, 10, 10, 10]
    np.testing.assert_allclose(nodes.get_sizes() / nodes.get_sizes()[0], members / members[0])
    at = nodes.get_offsets()
    unit = ax.get_window_extent().width / ax.figure.dpi * 72 / np.ptp(ax.get_xlim())
    radius = np.sqrt(nodes.get_sizes()) / 2 / unit
    apart = np.hypot(*(at[:, None] - at[None]).T) + 1e9 * np.eye(len(at))
    assert (apart > radius[:, None] + radius[None]).all()


def test_above_500_people_the_functions_are_drawn_with_links_as_wide_as_their_ties():
    ties = random_ties(list("ABC"), n=501, rows=4000)
    ax = drawn(ties, kind="network")
    assert not marked(ax, "people")
    matrix = tn.function_matrix(ties)
    (links,) = marked(ax, "links")
    counts = np.sort(matrix.ties[np.triu_indices(3, 1)])
    np.testing.assert_allclose(links.get_linewidths(), 8.0 * counts / matrix.ties.max())
    (nodes,) = marked(ax, "functions")
    np.testing.assert_allclose(nodes.get_linewidths(), 8.0 * np.diag(matrix.ties) / matrix.ties.max())
    with pytest.raises(ArgumentError, match="level='people'"):
        drawn(ties, kind="network", labels=True)


def test_the_firm_names_people_only_when_asked():
    ties = random_ties(["Sales", "Ops"], n=20, rows=80)
    silent, named = (figure_data(ties, kind="network", labels=asked) for asked in (False, True))
    assert not silent["text"].str.contains("someone").any()
    assert set(named.loc[named["mark"] == "person", "text"]) == set(ties.people.person)
    assert "someone" not in figure_svg(drawn(ties, kind="network", labels=True))


@pytest.mark.parametrize("options", [{"kind": "web"}, {"kind": "network", "level": "teams"}, {"labels": True}, {"level": "people"}])
def test_options_of_ties_that_do_not_go_together_are_refused(ties, options):
    with pytest.raises(ArgumentError):
        drawn(ties, **options)


def test_ten_thousand_ties_are_drawn_quickly():
    ties = random_ties(list("ABCDE"), n=480, rows=10700)
    assert len(ties) > 10_000
    start = time.perf_counter()
    ax = drawn(ties, kind="network", strongest=None)
    ax.figure.canvas.draw()
    assert time.perf_counter() - start < 4.0  # about 0.3 s on one idle core
    assert len(marked(ax, "ties")[0].get_segments()) == len(ties)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.MissingLetters")
@pytest.mark.parametrize("labels", [WEIRD, ["Only"], [f"Department number {i}" for i in range(14)]], ids=["weird", "one", "many"])
def test_names_of_functions_are_drawn_as_they_stand(labels):
    ties = random_ties(labels, n=60, rows=150)
    matrix = tn.function_matrix(ties)
    every = ((ties, {"kind": "network"}), (ties, {"kind": "network", "level": "functions"}), (matrix, {"kind": "chord"}), (matrix, {}))
    for result, options in (
        *every,
        (ties.people, {}),
        (tn.network.measures.diversity(ties), {}),
        (tn.network.measures.centrality(ties), {}),
    ):
        ax = drawn(result, **options)
        ax.figure.draw_without_rendering()
        written = " ".join(text.get_text() for text in ax.figure.findobj(Text))
        assert "\u202e" not in written
        assert "\u200b" not in written
        if labels is not WEIRD:
            continue
        svg = figure_svg(ax)
        assert "<script" not in svg
        ET.fromstring(svg)  # noqa: S314


@pytest.mark.parametrize("value", ["ties", "strength"])
def test_chords_are_as_wide_as_the_ties(ties, value):
    matrix = tn.function_matrix(ties)
    ax = drawn(matrix, kind="chord", value=value)
    cells = getattr(matrix, value)
    data = figure_data(matrix, kind="chord", value=value)
    ribbons = data.loc[data["mark"] == "ribbons", "value"].to_numpy()
    upper = cells[np.triu_indices(len(cells))]
    np.testing.assert_allclose(ribbons, np.sort(upper[upper > 0])[::-1])
    spans = []
    for arc in marked(ax, "arc"):
        outer = arc.get_path().vertices[:80]
        turn = np.unwrap(np.arctan2(outer[:, 1], outer[:, 0]))
        spans.append(turn[0] - turn[-1])
    np.testing.assert_allclose(np.array(spans) / np.sum(spans), cells.sum(axis=1) / cells.sum(), rtol=1e-6)
    assert len(marked(ax, "function")) == len(cells)


def test_chords_of_what_is_no_sum_or_of_nothing_are_refused(ties):
    with pytest.raises(ArgumentError, match="widths are sums"):
        drawn(tn.function_matrix(ties), kind="chord", value="density")
    with pytest.raises(ArgumentError, match=r"kind must be one of .*; got 'pie'"):
        drawn(tn.function_matrix(ties), kind="pie")
    log = tn.read_log({"source": ["ann"], "target": ["bob"]})
    people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Ops"]})
    none = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=5, half_life=None))
    with pytest.raises(DataError, match="no ties to draw"):
        drawn(tn.function_matrix(none), kind="chord")
    with pytest.raises(DataError, match="no ties"):
        drawn(tn.network.measures.ei_permutation(none, draws=9))
    assert "0 ties" in note(drawn(none, kind="network"))


def test_text_in_cells_has_contrast_at_every_colour():
    for color in mpl.colormaps["cividis"](np.linspace(0, 1, 256)):
        rgb = color[:3]
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        level = float(linear @ [0.2126, 0.7152, 0.0722])
        ratio = (level + 0.05) / 0.05 if bright(color) else 1.05 / (level + 0.05)
        assert ratio >= 4.5


@pytest.mark.parametrize("value", ["total_ties", "tie_strength"])
def test_panels_show_means_and_the_middle_of_the_egos(panel, value):
    ax = drawn(panel, value=value)
    small = ax.child_axes
    assert [each.get_title() for each in small] == ["Marketing", "Finance"]
    for place, each in enumerate(small):
        numbers = getattr(panel, value)[:, :, place].astype(float)
        (line,), (band,) = marked(each, "mean"), marked(each, "band")
        np.testing.assert_allclose(line.get_ydata(), np.nanmean(numbers, axis=0))
        low, high = np.nanquantile(numbers, [0.1, 0.9], axis=0)
        heights = band.get_paths()[0].vertices[:, 1]
        np.testing.assert_allclose([heights.min(), heights.max()], [low.min(), high.max()])
    assert len({each.get_ylim() for each in small}) == 1


def test_a_split_is_drawn_as_a_slope(split):
    (small,) = drawn(split).child_axes
    np.testing.assert_allclose(marked(small, "mean")[0].get_ydata(), split.total_ties[:, :, 0].mean(axis=0))
    assert [label.get_text() for label in small.get_xticklabels()] == ["before", "after"]
    assert "windows differ in length" in note(drawn(split))


@pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsUnmatched")  # most salespeople are taken from the roster
def test_nothing_of_fewer_than_five_egos_is_shown(firm):
    few = firm.people.person[firm.people.function == "sales"][: FLOOR - 1]
    gone = np.setdiff1d(firm.people.person[firm.people.function == "sales"], few)
    people = firm.people.without(list(gone))
    panel = tn.measure_panel(firm.log, people, of="sales", toward=["marketing"], split="2025-04-01")
    data = figure_data(panel)
    assert data["y"].isna().all()
    assert "2 means of fewer than 5 people not shown" in note(drawn(panel))
    rows = figure_data(tn.network.measures.centrality(tn.build_ties(firm.log, people)))
    assert "sales" not in " ".join(rows.loc[rows["mark"] == "medians", "y_label"]).lower()


def test_groups_show_their_median_and_quartiles(ties):
    diversity = tn.network.measures.diversity(ties)
    data = figure_data(diversity, measure="blau")
    medians = data[data["mark"] == "medians"].reset_index()
    spans = data[data["mark"] == "quartiles"].reset_index()
    for place, name in enumerate(sorted(set(diversity.function), reverse=True)):
        values = diversity.blau[diversity.function == name]
        values = values[~np.isnan(values)]
        np.testing.assert_allclose(
            [spans["x"][place], medians["x"][place], spans["x_end"][place]], np.quantile(values, [0.25, 0.5, 0.75]), rtol=1e-12
        )
    data = figure_data(diversity)
    expected = [diversity.expected_ei[diversity.function == name][0] for name in sorted(set(diversity.function), reverse=True)]
    np.testing.assert_array_equal(data.loc[data["mark"] == "expected", "x"], expected)
    with pytest.raises(ArgumentError, match=r"measure must be one of .*; got 'size'"):
        drawn(diversity, measure="size")


def test_holes_have_a_dot_per_person_with_ties_where_asked_for(ties):
    holes = tn.network.measures.structural_holes(ties)
    (dots,) = marked(drawn(holes, measure="efficiency", cases=True), "people")
    np.testing.assert_array_equal(np.sort(dots.get_ydata()), np.sort(holes.efficiency[holes.degree > 0]))
    counted = figure_data(holes, measure="efficiency").query("mark == 'people'")
    assert not np.isin(counted["y"], holes.efficiency).any()
    assert counted["value"].min() >= 5


def test_brokerage_stands_beside_what_chance_would_give(ties):
    result = tn.network.measures.brokerage(ties)
    data = figure_data(result)
    np.testing.assert_allclose(data.loc[data["mark"] == "observed", "x_end"], result.totals[::-1])
    np.testing.assert_allclose(data.loc[data["mark"] == "expected", "x"], result.expected_totals[::-1])
    assert list(data.loc[data["mark"] == "observed", "y_label"]) == [
        "All roles", "Liaison", "Gatekeeper", "Representative", "Itinerant", "Coordinator",
    ]  # fmt: skip


def test_the_ei_test_shows_its_draws_and_the_observed_index(ties):
    test = tn.network.measures.ei_permutation(ties, draws=199)
    ax = drawn(test)
    assert sum(bar.get_height() for bar in ax.patches) == test.draws
    assert marked(ax, "observed")[0].get_xdata()[0] == test.ei_index
    assert marked(ax, "expected")[0].get_xdata()[0] == test.ei_expected


def test_summary_handoffs_intermediaries_and_steps_show_their_numbers(ties, study_result):
    summary = tn.network.measures.network_summary(ties)
    assert marked(drawn(summary), "values")[0].get_xdata()[-1] == summary.density
    result = tn.network.measures.handoffs(ties)
    ax = drawn(result)
    for side, name in enumerate(result.functions):
        expected = [result.backup_coverage[side], result.within_two[side], result.carriers[side] / result.members[side]]
        np.testing.assert_allclose(marked(ax, name)[0].get_xdata(), expected)
    only = tn.network.measures.exclusive_intermediaries(ties, of="sales", toward=["marketing"])
    assert sum(bar.get_height() for bar in drawn(only).patches) == int((only.exclusive_pairs.sum(axis=1) > 0).sum())
    steps = study_result.fit.steps
    bars = marked(drawn(steps), "added")
    assert [bar.get_width() for bar in bars] == pytest.approx(list(steps.delta_r_squared))
    assert [bar.get_x() + bar.get_width() for bar in bars] == pytest.approx(list(steps.r_squared))


def test_correlations_stand_below_the_diagonal():
    rng = np.random.default_rng(1)
    table = tn.descriptives({name: rng.normal(size=40) for name in ("one", "two", "three")}, ["one", "two", "three"])
    ax = drawn(table)
    cells = np.ma.filled(ax.images[0].get_array(), np.nan)
    np.testing.assert_allclose(cells[np.tril_indices(3, -1)], table.correlation[np.tril_indices(3, -1)])
    assert np.isnan(cells[np.triu_indices(3)]).all()
    printed = [float(text.get_text().replace("−", "-")) for text in marked(ax, "cell")]
    np.testing.assert_allclose(printed, table.correlation[np.tril_indices(3, -1)], atol=0.005)


def test_surveys_show_their_coefficients():
    log_ties, surveyed = survey_of_five()
    result = tn.network.survey.compare_ties(log_ties, surveyed)
    ax = drawn(result)
    np.testing.assert_array_equal(marked(ax, "spearman")[0].get_xdata(), result.spearman[::-1])
    np.testing.assert_array_equal(marked(ax, "pearson")[0].get_xdata(), result.pearson[::-1])
    rng = np.random.default_rng(0)
    answers = tn.network.survey.reliability(rng.normal(size=(60, 1)) + rng.normal(size=(60, 3)), items=["a", "a" * 40, "a" * 41])
    ax = drawn(answers)
    np.testing.assert_array_equal(marked(ax, "loadings")[0].get_xdata(), answers.loadings[::-1])
    np.testing.assert_array_equal(marked(ax, "coefficients")[0].get_xdata(), [answers.ave, answers.composite_reliability, answers.alpha])


def test_the_log_shows_its_weeks_and_its_ledger(make_frame):
    days = [datetime(2025, 1, day) for day in (1, 7, 8, 30)]
    log = tn.read_log(make_frame({"time": days, "source": list("abca"), "target": list("bcaa")}), columns={})
    start, rows = weekly_rows(log)
    assert rows.tolist() == [2, 1]
    assert (start[1] - start[0]) / 86_400e6 == 7
    ax = drawn(log)
    upper, lower = ax.child_axes
    assert [bar.get_width() for bar in marked(lower, "rows")] == [1, 3]
    assert [label.get_text() for label in lower.get_yticklabels()] == ["self loop\n(excluded)", "used"]
    assert upper.get_ylabel() == "Rows used per week"


def test_people_and_a_log_without_times():
    people = tn.read_people({"person": list("abc"), "function": ["R&D", "Ops", "R&D"]})
    data = figure_data(people)
    assert list(data.loc[data["mark"] == "people", "y_label"]) == ["Ops", "R&D"]
    assert list(data.loc[data["mark"] == "people", "x_end"]) == [1, 2]
    assert "without times" in note(drawn(tn.read_log({"source": ["a"], "target": ["b"]})))


def test_rules_stand_from_the_base_down(firm):
    made = tn.network.measures.tie_rule_sensitivity(
        firm.log, firm.people, of="sales", toward=["marketing", "finance"], grid={"min_interactions": [2, 5]}
    )
    ax = drawn(made)
    for place, name in enumerate(made.functions):
        np.testing.assert_array_equal(marked(ax, name)[0].get_xdata(), made.mean_total_ties[:, place])
        np.testing.assert_array_equal(marked(ax, name)[0].get_ydata(), [2, 1, 0])
    assert [text.get_text() for text in marked(ax, "ties")] == [f"{count:,}" for count in made.ties]
    assert [float(text.get_text()) for text in marked(ax, "ρ")] == pytest.approx(made.rank_correlation.min(axis=1), abs=0.005)


def test_people_without_ties_stand_in_a_strip_of_their_own():
    people = tn.read_people({"person": list("abcdefg"), "function": ["Sales"] * 6 + ["Ops"]})
    log = tn.read_log({"source": list("ab"), "target": list("gg")})
    egos = tn.measure_egos(
        tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None)), of="sales", strength="interactions"
    )
    ax = drawn(egos, cases=True)
    (strip,), (without,) = marked(ax, "strip"), marked(ax, "without")
    box = strip.get_extents().transformed(ax.transData.inverted())
    assert len(without.get_xdata()) == 4
    assert box.x0 < without.get_xdata().min()
    assert without.get_xdata().max() < box.x1 < 1
    assert "no\nties" in [text.get_text() for text in ax.texts]
    assert ax.get_xticklabels()[0].get_text() == "0"


def test_no_dot_says_by_its_place_in_the_file_whose_it_is(ties, study_result):
    """Whoever has the roster must not find somebody's dot by counting: people in another order, the same file."""
    turned = replace(ties.people, person=ties.people.person[::-1], function=ties.people.function[::-1], attributes={})
    last = len(ties.people) - 1
    again = replace(ties, people=turned, a=last - ties.a, b=last - ties.b)
    fit = study_result.fit
    back = tn.Moderation(str(fit.formula)).fit({name: values[::-1] for name, values in study_result.data.items()})
    pair = {"focal": "total_ties_marketing", "moderator": "tie_strength_marketing"}
    both = [
        (tn.measure_egos(one, of="sales", toward=["marketing"]), tn.network.measures.structural_holes(one, weight="ties"), one)
        for one in (ties, again)
    ]
    both = [
        (
            *found,
            tn.regression.checks.common_support(model, **pair),
            tn.regression.checks.partial_residuals(model, **pair),
            tn.regression.probes.slope_region(model, **pair),
        )
        for found, model in zip(both, (fit, back), strict=True)
    ]
    for here, there in zip(*both, strict=True):
        options = {"kind": "network"} if here is ties else {"cases": True}
        one, other = (figure_data(result, **options).query("mark in ('egos', 'people', 'cases')") for result in (here, there))
        assert len(one) > 50
        np.testing.assert_allclose(one[["x", "y"]], other[["x", "y"]], rtol=1e-6)


def test_every_figure_gives_its_numbers_names_nobody_and_can_be_read_aloud(records, firm):
    everyone = {str(person) for person in firm.people.person}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideSupport)
        for result in records:
            name = type(result).__name__
            data = figure_data(result)
            frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(data)
            assert len(frame), name
            assert list(frame.columns) == [
                "panel", "mark", "item", "x", "y", "x_end", "y_end", "value", "points", "text", "x_label", "y_label",
            ], name  # fmt: skip
            assert frame[["x", "y"]].notna().any(axis=None), name
            assert not everyone & set(frame[["text", "x_label", "y_label", "mark", "panel"]].to_numpy().ravel()), name
            title, described = list(ET.fromstring(figure_svg(drawn(result))))[:2]  # noqa: S314
            assert (title.tag.split("}")[1], described.tag.split("}")[1]) == ("title", "desc"), name
            assert len(title.text) > 1, name
            assert len(described.text) > 10, name
    kinds = {type(result) for result in records}
    network = {
        kind
        for kind in plot.registry
        if kind is not object and not kind.__module__.startswith(("tienet.regression.resampling", "tienet.p"))
    }
    assert {kind.__name__ for kind in network - kinds if kind.__module__.startswith("tienet.network.measures")} == set()


@pytest.mark.parametrize("ending", [".svg", ".pdf", ".png"])
def test_a_figure_saved_twice_gives_the_same_bytes(ties, panel, tmp_path, ending):
    for result, options in ((tn.function_matrix(ties), {}), (panel, {})) if ending == ".svg" else ((panel, {}),):
        ax = drawn(result, **options)
        first, second = (save(ax, tmp_path / f"{name}{ending}", dpi=60).read_bytes() for name in "ab")
        assert first == second
        assert first == save(drawn(result, **options), tmp_path / f"c{ending}", dpi=60).read_bytes()
