"""Figures of surfaces, steps and several models: lines, bands, labels and limits against the arrays; what is not drawn says why."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

import tienet as tn
from drawing import drawn, marked, note
from probing import DATA, fitted
from tienet.base.errors import ArgumentError
from tienet.base.record import Record
from tienet.output.figures._plot import UNDRAWN
from tienet.output.figures._style import fitted as broken_lines
from tienet.output.figures._style import text_size
from tienet.output.figures.drawing import figure_data, plot
from tienet.output.tables.regression import step_fits

mpl.use("Agg")
DOCS = Path(__file__).resolve().parents[1] / "docs"
PAIR = {"focal": "x", "moderator": "z"}
HOSTILE = {"east": "_$x^2$ & more", "north": "north < a very long name of a region > that goes on", "south": "$", "west": "a\nb"}


@pytest.fixture(scope="module")
def fit():
    return fitted("v ~ x*z + x^2 + w")


def words(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize("band", ["pointwise", "simultaneous"])
def test_bands_are_those_asked_for_and_filled_among_the_cases(fit, band):
    surface = tn.predict_surface(fit, **PAIR)
    ax = drawn(surface, band=band)
    for i, edge in enumerate(marked(ax, "band")):
        seen = np.isfinite(marked(ax, "line")[i].get_ydata())
        low, high = (limit[i][seen] for limit in surface.band(band))
        places, heights = edge.get_paths()[0].vertices.T
        assert (heights.min(), heights.max()) == (low.min(), high.max())
        among = surface.focal_values[seen]
        assert (places.min(), places.max()) == (among[0], among[-1])
    assert ("simultaneous" in note(ax)) == (band == "simultaneous")
    assert "lines end where people do" in note(ax)


def test_no_bands_no_rug_and_unknown_bands(fit):
    surface = tn.predict_surface(fit, **PAIR)
    ax = drawn(surface, band=None, rug=False)
    assert not marked(ax, "band") + marked(ax, "filled") + marked(ax, "rug")
    assert "no bands" in note(ax)
    assert "tick" not in note(ax)
    with pytest.raises(ArgumentError, match="band must be one of 'pointwise', 'simultaneous', None; got 'wide'"):
        drawn(surface, band="wide")


def test_lines_are_drawn_only_where_people_are(fit):
    surface = tn.predict_surface(fit, **PAIR)
    ax = drawn(surface)
    values = np.sort(surface.focal_observed)
    for i, line in enumerate(marked(ax, "line")):
        shown = np.isfinite(line.get_ydata())
        assert not (shown & ~surface.inside[i]).any()
        np.testing.assert_array_equal(line.get_ydata()[shown], surface.estimate[i][shown])
        last = surface.focal_values[shown][-1]
        assert (values > last).mean() >= 0.02 or not surface.inside[i][surface.focal_values > last].any()
    beyond = int(np.sum(values > ax.get_xlim()[1]))
    assert beyond <= 0.03 * len(values)
    assert f"{beyond} people" in note(ax) or "fewer than 5 people" in note(ax)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
def test_a_line_without_anybody_is_dotted(fit):
    ax = drawn(tn.predict_surface(fit, **PAIR, moderator_at=[0.0, 50.0]))
    assert "dotted: nobody there" in note(ax)
    assert len(marked(ax, "band")) == 1
    empty = np.isfinite(marked(ax, "line")[1].get_ydata())
    assert empty[0]
    assert empty.sum() > np.isfinite(marked(ax, "line")[0].get_ydata()).sum()


def test_partial_residuals_take_bands(fit):
    points = tn.regression.checks.partial_residuals(fit, **PAIR)
    ax = drawn(points, band="simultaneous", cases=True)
    assert len(marked(ax, "band")) == 2
    assert sum(len(dots.get_xdata()) for dots in marked(ax, "cases")) == fit.n
    assert not marked(drawn(points), "band")


def test_the_map_has_the_heights_the_cases_and_the_hull(fit):
    found = tn.regression.probes.response_surface(fit, **PAIR)
    ax = drawn(found, cases=True)
    (dots,) = marked(ax, "cases")
    cases = DATA[["x", "z"]].sort_values(["x", "z"]).to_numpy()  # not in the order of the roster
    np.testing.assert_array_equal(dots.get_xydata(), cases)
    (lines,) = marked(ax, "lines")
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        for x, z in path.vertices[3::60]:
            surface = tn.predict_surface(fit, **PAIR, moderator_at=[z], over=(x, x + 1), points=2)
            assert abs(surface.estimate[0, 0] - level) < 0.35  # between points of the grid a contour is straight
    assert [label.get_text() for label in lines.labelTexts if label.get_text()]
    assert marked(ax, "empty")[0].get_hatch()
    assert ax.get_xlim() == (found.focal_values[0], found.focal_values[-1])
    assert ax.get_ylim() == (found.moderator_values[0], found.moderator_values[-1])
    assert "of people at that point" in note(ax)
    assert "n = 180" in note(ax)
    assert not marked(drawn(found, cases=False), "cases")
    assert len(figure_data(found, cases=True).query("mark == 'cases'")) == 180


def test_the_map_counts_who_has_no_place():
    rng = np.random.default_rng(3)
    ties = rng.poisson(2, 80).astype(float)
    data = {"y": rng.normal(size=80), "total_ties_it": ties, "tie_strength_it": np.where(ties > 0, rng.gamma(4, 0.1, 80), np.nan)}
    fit = tn.claro_ramos("y", ["it"], no_ties="drop").fit(data)
    ax = drawn(tn.regression.probes.response_surface(fit, focal="total_ties_it", moderator="tie_strength_it"))
    assert f"{int((ties == 0).sum())} without tie strength to it left out" in note(ax)


def test_steps_are_bars_with_their_tests(fit):
    steps = fit.steps
    ax = drawn(steps)
    bars = [bar for bar in ax.patches if bar.get_gid() == "added"]
    np.testing.assert_allclose([bar.get_width() for bar in bars], steps.delta_r_squared)
    np.testing.assert_allclose([bar.get_x() + bar.get_width() for bar in bars], steps.r_squared)
    said = [text.get_text() for text in marked(ax, "test")]
    assert all(f"F({a:g}, {b:g}) = {f:.2f}" in text for a, b, f, text in zip(steps.df1, steps.df2, steps.f_change, said, strict=True))
    assert said[0].startswith(f"+{steps.delta_r_squared[0]:.3f}, F(")


def test_several_models_stand_in_one_row_a_term(fit):
    models = step_fits(fit)
    ax = drawn(models)
    assert words(ax) == list(models)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["x", "z", "x × z", "x²", "w"]
    for dots, whiskers, model in zip(marked(ax, "estimates"), marked(ax, "whiskers"), models.values(), strict=True):
        table = model.frame.iloc[1:].set_index("term")
        np.testing.assert_allclose(dots.get_offsets()[:, 0], table["estimate"])
        ends = np.array([segment[:, 0] for segment in whiskers.get_segments()])
        np.testing.assert_allclose(ends, table[["conf_low", "conf_high"]])
    heights = [dots.get_offsets()[-1, 1] for dots in marked(ax, "estimates")]
    assert (np.diff(heights) < 0).all()
    assert "n = 180" in note(ax)
    assert drawn(models, intercept=True).get_yticklabels()[0].get_text() == "Intercept"


def test_models_that_cannot_be_set_beside_each_other(fit):
    with pytest.raises(ArgumentError, match="no models to draw; pass them by name"):
        plot({})
    with pytest.raises(ArgumentError, match=r"plot: \(1\) is a JohnsonNeyman"):
        plot({"(1)": tn.johnson_neyman(fit, **PAIR)})
    with pytest.raises(ArgumentError, match="the figure of a dict has no option 'per'"):
        plot({"(1)": fit}, per="sd")


def test_variance_inflation_alone_and_with_its_condition_number(fit):
    alone, whole = drawn(fit.vif), drawn(tn.regression.checks.collinearity(fit))
    for gid in ("raw", "centred"):
        np.testing.assert_array_equal(marked(alone, gid)[0].get_xdata(), marked(whole, gid)[0].get_xdata())
    assert "condition" not in note(alone)
    assert "condition number" in note(whole)


def test_a_turning_point_beyond_the_data_is_marked_on_its_bar():
    x = np.linspace(0, 4, 120)
    y = (x - 5) ** 2 + np.random.default_rng(1).normal(0, 1, 120)
    point = tn.turning_point(tn.Moderation("y ~ x + x^2").fit({"x": x, "y": y}), focal="x")
    ax = drawn(point)
    assert marked(ax, "outside")[0].get_xdata()[0] == point.estimate
    np.testing.assert_allclose(marked(ax, "interval")[0].get_xdata(), point.fieller)
    np.testing.assert_allclose(marked(ax, "delta")[0].get_xdata(), point.delta)
    assert marked(ax, "curve")[0].get_xdata().max() == 4
    assert "outside the observed range" in note(ax)


def test_close_bounds_are_labelled_away_from_each_other():
    x, z = np.random.default_rng(0).normal(size=(2, 300))
    y = x * (z**2 - 1) + 1.5 * np.random.default_rng(1).normal(size=300)
    regions = tn.johnson_neyman(tn.Moderation("y ~ x*z^2").fit({"x": x, "z": z, "y": y}), focal="x", moderator="z")
    assert len(regions.bounds_inside) == 4
    ax = drawn(regions)
    assert [text.get_text().replace("−", "-") for text in ax.texts] == [f"{bound:.2f}" for bound in regions.bounds_inside]
    assert [text.get_ha() for text in ax.texts] == ["right", "left", "right", "left"]
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_hostile_names_of_categories_and_models_are_drawn_as_they_stand():
    surface = tn.predict_surface(fitted("y ~ x*g + z", DATA.assign(g=DATA["g"].map(HOSTILE))), focal="x", moderator="g")
    ax = drawn(surface)
    ax.figure.draw_without_rendering()
    assert len(words(ax)) == 4
    assert "\u200b_\\$x^2\\$ & more" in words(ax)
    legend, axes = ax.get_legend().get_window_extent(), ax.get_window_extent()
    assert legend.y0 >= axes.y1
    assert legend.x1 <= ax.figure.bbox.x1
    models = drawn({"_(1) $a$": fitted("y ~ x*g + z", DATA.assign(g=DATA["g"].map(HOSTILE)))})
    models.figure.draw_without_rendering()
    assert words(models) == ["\u200b_(1) \\$a\\$"]


def test_notes_beside_a_named_axis_stay_on_the_paper(fit):
    for result in (tn.simple_slopes(fit, **PAIR), tn.regression.probes.slope_differences(fit, **PAIR)):
        ax = drawn(replace(result, moderator="tie_strength_marketing", focal="total_ties_marketing"))
        ax.figure.draw_without_rendering()
        assert ax._left_title.get_window_extent().x1 <= ax.figure.bbox.x1


def test_hypotheses_that_are_terms_are_told_apart():
    names = ["total_ties_customer_service", "total_ties_customer_service^2", "total_ties_customer_service:tie_strength_customer_service"]
    ax = drawn(tn.regression.checks.adjust_p({**dict.fromkeys(names, 0.01), "H4: more is more": 0.02}))
    labels = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
    assert labels[:2] == ["Total ties to customer service", "Total ties² to customer service"]
    assert labels[2:] == ["Total ties × tie strength to customer service", "H4: more is more"]


def test_notes_are_as_wide_as_they_measure():
    text = "WWWW MMMM WWWW MMMM iiii llll with a wide and a narrow part"
    lines = broken_lines(text, 1.0)
    assert " ".join(lines) == text
    assert all(text_size(line, 7.5)[0] <= 1.0 for line in lines)
    assert broken_lines("WWWWWWWWWWWWWWWWWWWWWWWWW i", 0.5) == ["WWWWWWWWWWWWWWWWWWWWWWWWW", "i"]


def test_every_record_of_the_statistics_half_has_a_figure_or_a_reason():
    for home in ("regression", "output.tables"):
        package = importlib.import_module(f"tienet.{home}")
        for module in pkgutil.walk_packages(package.__path__, f"tienet.{home}."):
            kinds = vars(importlib.import_module(module.name)).values()
            for kind in (each for each in kinds if isinstance(each, type) and issubclass(each, Record)):
                if kind.__module__ == module.name and kind.__name__ not in ("Probe", "Fitted", "Resampled"):  # what several share
                    assert (plot.dispatch(kind) is not plot.dispatch(object)) != (kind in UNDRAWN), kind


def test_the_page_of_figures_has_its_images_and_stays_small():
    page = (DOCS / "figures.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"\((img/[\w-]+\.png)\)", page))
    assert shown == {f"img/{path.name}" for path in (DOCS / "img").iterdir()}, "run `make figures`"
    assert sum((DOCS / name).stat().st_size for name in shown) < 300_000


def test_what_is_not_drawn_says_why(fit):
    undrawn = [fit.covariance, tn.regression.model.joint_test(fit, ["x:z"]), tn.compare({"(1)": fit})]
    for result in undrawn:
        with pytest.raises(ArgumentError, match=f"no figure for a {type(result).__name__}: ") as refused:
            plot(result)
        assert "\n" not in str(refused.value)
