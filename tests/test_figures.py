"""Figures of the regression: lines, bands, labels and limits against the arrays of the results."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.textpath import TextPath

import tienet as tn
from drawing import drawn, marked, note
from tienet.base.errors import ArgumentError, OutputError
from tienet.output.figures import saving
from tienet.output.figures._labels import at_value, human, plain, term_label
from tienet.output.figures._style import fitted, text_size
from tienet.output.figures.drawing import plot
from tienet.output.figures.saving import figure_svg, save

mpl.use("Agg")


@pytest.fixture(scope="module")
def fit():
    rng = np.random.default_rng(7)
    n = 160
    ties, strength, tenure = rng.poisson(5, n).astype(float), rng.gamma(4, 0.1, n), rng.normal(5, 2, n)
    growth = 6 - 0.4 * (ties - 5) + 0.1 * (ties - 5) ** 2 + 2 * (strength - 0.4) - 2.0 * (ties - 5) * (strength - 0.4) + rng.normal(0, 1, n)
    data = {"sales_growth": growth, "total_ties_marketing": ties, "tie_strength_marketing": strength, "tenure": tenure}
    return tn.claro_ramos("sales_growth", ["marketing"], controls=["tenure"]).fit(data)


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(0)
    return tn.Moderation("y ~ x*z + x^2").fit({name: rng.normal(size=80) for name in "yxz"})


PAIR = {"focal": "total_ties_marketing", "moderator": "tie_strength_marketing"}


def test_returns_the_axes_given_and_leaves_global_settings_alone(fit):
    before = dict(mpl.rcParams)
    results = [fit, tn.predict_surface(fit, **PAIR), tn.johnson_neyman(fit, **PAIR), tn.simple_slopes(fit, **PAIR)]
    results += [tn.turning_point(fit, focal=PAIR["focal"]), tn.u_test(fit, focal=PAIR["focal"])]
    for result in results:
        ax = Figure().subplots()
        assert tn.plot(result, ax) is ax
        assert tn.plot(result, ax=ax) is ax
    assert dict(mpl.rcParams) == before


def test_without_axes_a_figure_is_opened_that_a_notebook_shows(fit):
    import matplotlib.pyplot as plt

    opened = set(plt.get_fignums())
    ax = plot(tn.simple_slopes(fit, **PAIR))
    assert ax.figure.number not in opened
    assert ax.figure.get_figwidth() == 3.5
    plt.close(ax.figure)


def test_a_figure_that_fails_is_not_left_open(fit):
    import matplotlib.pyplot as plt

    opened = plt.get_fignums()
    with pytest.raises(ArgumentError, match=r"per must be .*; got 'metre'"):
        plot(fit, per="metre")
    assert plt.get_fignums() == opened


@pytest.mark.parametrize("moderator_at", [None, [0.2, 0.4, 0.6]])
def test_surface_lines_bands_and_rug_are_those_of_the_result(fit, moderator_at):
    surface = tn.predict_surface(fit, **PAIR, moderator_at=moderator_at)
    ax = drawn(surface, rug=True)
    lines = marked(ax, "line")
    end = np.sort(surface.focal_observed)[int(np.ceil(0.97 * fit.n)) - 1]
    for i, line in enumerate(lines):
        np.testing.assert_array_equal(line.get_xdata(), surface.focal_values)
        seen = surface.inside[i] & (surface.focal_values <= end)
        np.testing.assert_array_equal(line.get_ydata(), np.where(seen, surface.estimate[i], np.nan))
        heights = marked(ax, "band")[i].get_paths()[0].vertices[:, 1]
        assert heights.min() == surface.conf_low[i][seen].min()
        assert heights.max() == surface.conf_high[i][seen].max()
    assert len(lines) == len(marked(ax, "band")) == len(surface.label)
    assert len({line.get_linestyle() + line.get_color() for line in lines}) == len(lines)
    assert len({repr(line._dash_pattern) for line in lines}) == len(lines)
    (rug,) = marked(ax, "rug")
    # Counts repeat: equal ones stand side by side, within a sixth of their distance to the next.
    np.testing.assert_array_equal(np.round(rug.get_xdata()), np.sort(surface.focal_observed))  # not in the order of the roster
    assert np.abs(rug.get_xdata() - np.sort(surface.focal_observed)).max() < 1 / 6
    assert len(np.unique(rug.get_xdata())) == fit.n
    assert len(rug.get_xdata()) == fit.n


def test_surface_says_what_is_drawn(fit):
    surface = tn.predict_surface(fit, **PAIR)
    ax = drawn(surface)
    low, high = surface.moderator_values
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Total ties to marketing", "Predicted sales growth")
    assert [text.get_text() for text in ax.texts] == [f"Weak ties\n{low:.2f}", f"Strong ties\n{high:.2f}"]
    assert ax.get_legend() is None
    legend = drawn(surface, legend=True).get_legend()
    assert legend.get_title().get_text() == "Tie strength to marketing"
    assert [text.get_text() for text in legend.get_texts()] == [f"−1 SD ({low:.2f})", f"+1 SD ({high:.2f})"]
    assert "95% bands" in note(ax)
    assert "HC3" in note(ax)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
def test_surface_is_not_drawn_beyond_the_data(fit):
    surface = tn.predict_surface(fit, **PAIR, over=(-10.0, 40.0))
    ax = drawn(surface)
    low, high = surface.focal_range
    for line in (line for line in ax.lines if line.get_gid() != "rug"):
        assert low <= line.get_xdata().min()
        assert line.get_xdata().max() <= high


def test_surface_without_moderator_has_one_line_and_no_legend(noise):
    ax = drawn(tn.predict_surface(noise, focal="x"))
    assert ax.get_legend() is None
    assert len(marked(ax, "line")) == 1


def test_regions_shade_what_the_bounds_say(fit):
    regions = tn.johnson_neyman(fit, **PAIR)
    ax = drawn(regions)
    assert ax.get_xlim() == regions.observed
    (line,) = marked(ax, "slope")
    np.testing.assert_array_equal(line.get_ydata(), regions.curve(line.get_xdata()).estimate)
    assert [line.get_xdata()[0] for line in marked(ax, "bound")] == list(regions.bounds_inside)
    wanted = [
        (max(low, regions.observed[0]), min(high, regions.observed[1]))
        for low, high, yes in zip(regions.low, regions.high, regions.significant, strict=True)
        if yes and low < regions.observed[1] and high > regions.observed[0]
    ]
    spans = marked(ax, "significant")
    np.testing.assert_allclose([(span.get_x(), span.get_x() + span.get_width()) for span in spans], wanted)
    assert all(span.get_hatch() for span in spans)
    assert not marked(ax, "rug")
    assert len(marked(drawn(regions, rug=True), "rug")[0].get_xdata()) == fit.n
    texts = [text.get_text() for text in ax.texts]
    assert texts == [f"{bound:.2f}".replace("-", "−") for bound in regions.bounds_inside]
    assert "slope differs from zero" in note(ax)


def test_regions_nowhere_shade_nothing(noise):
    regions = tn.johnson_neyman(noise, focal="x", moderator="z")
    ax = drawn(regions)
    assert regions.kind == "nowhere"
    assert not marked(ax, "significant")
    assert "nowhere in the observed range" in note(ax)


@pytest.mark.parametrize(
    ("control", "said"), [("pointwise", "95% band"), ("fdr", "false discovery rate"), ("simultaneous", "simultaneous band")]
)
def test_regions_name_their_control(fit, control, said):
    assert said in note(drawn(tn.johnson_neyman(fit, **PAIR, control=control)))


def test_turning_point_stands_on_the_curve_over_its_fieller_bar(fit):
    point = tn.turning_point(fit, focal=PAIR["focal"])
    ax = drawn(point)
    (diamond,), (curve,), (bar,) = (marked(ax, gid) for gid in ("turning point", "curve", "interval"))
    assert diamond.get_xdata()[0] == point.estimate
    assert abs(diamond.get_ydata()[0] - curve.get_ydata().min()) < 1e-2
    np.testing.assert_allclose(bar.get_xdata(), point.fieller)
    assert not marked(ax, "rug")
    assert len(marked(drawn(point, rug=True), "rug")[0].get_xdata()) == fit.n
    assert f"turns at {point.estimate:.2f}" in note(ax)


def test_a_turning_point_without_a_known_range_shows_both_intervals(fit):
    point = replace(tn.turning_point(fit, focal=PAIR["focal"]), curve=None)
    ax = drawn(point)
    fieller, delta = marked(ax, "interval")
    np.testing.assert_allclose(fieller.get_xdata(), point.fieller)
    np.testing.assert_allclose(delta.get_xdata(), point.delta)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["delta", "Fieller"]


def test_a_fieller_set_without_ends_goes_across_and_says_so(noise):
    point = tn.turning_point(noise, focal="x")
    ax = drawn(point)
    assert point.kind == "whole_line"
    assert tuple(marked(ax, "interval")[0].get_xdata()) == ax.get_xlim()
    assert "no interval can be given" in note(ax)


def test_simple_slopes_are_dots_with_whiskers(fit):
    slopes = tn.simple_slopes(fit, **PAIR)
    ax = drawn(slopes)
    np.testing.assert_allclose(marked(ax, "estimates")[0].get_offsets()[:, 0], slopes.estimate)
    ends = np.array([segment[:, 0] for segment in marked(ax, "whiskers")[0].get_segments()])
    np.testing.assert_allclose(ends, np.column_stack([slopes.conf_low, slopes.conf_high]))
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        f"{label.replace('-', '−')} ({at:.2f})" for label, at in zip(slopes.label, slopes.at, strict=True)
    ]
    filled = marked(ax, "estimates")[0].get_facecolors()[:, :3].min(axis=1) < 1
    np.testing.assert_array_equal(filled, slopes.p_value < slopes.alpha)


@pytest.mark.parametrize("per", ["unit", "sd"])
def test_coefficients_read_from_the_top(fit, per):
    ax = drawn(fit, per=per)
    spread = 1.0 if per == "unit" else fit.design.columns(fit.design.centers).std(axis=0, ddof=1)
    np.testing.assert_allclose(marked(ax, "estimates")[0].get_offsets()[::-1, 0], fit.estimate[1:] * spread)
    assert [label.get_text() for label in ax.get_yticklabels()][::-1] == [term_label(term) for term in fit.terms[1:]]


def test_the_intercept_is_drawn_when_asked_for(fit):
    assert drawn(fit, intercept=True).get_yticklabels()[-1].get_text() == "Intercept"


def test_u_test_curve_has_the_tested_slopes(fit):
    test = tn.u_test(fit, focal=PAIR["focal"])
    surface = tn.predict_surface(fit, focal=PAIR["focal"])
    ax = drawn(test)
    np.testing.assert_allclose(marked(ax, "curve")[0].get_ydata(), surface.estimate[0], rtol=1e-9)
    for line, slope in zip(marked(ax, "tangent"), test.slope, strict=True):
        (x0, x1), (y0, y1) = line.get_data()
        assert np.isclose((y1 - y0) / (x1 - x0), slope)
    assert marked(ax, "extremum")[0].get_xdata()[0] == test.extremum
    assert all("p " in text.get_text() for text in marked(ax, "end"))


def test_what_cannot_be_drawn_is_refused_in_one_line(fit):
    with pytest.raises(
        ArgumentError, match=r"no figure for a list; \d+ types of results have one, such as Ties, EgoMeasures, .*UTest$"
    ) as refused:
        tn.plot([])
    assert "\n" not in str(refused.value)
    with pytest.raises(ArgumentError, match="has no option 'intercpt'; did you mean 'intercept'"):
        plot(fit, intercpt=True)


def test_no_causal_words(fit, noise):
    results = [
        fit,
        tn.predict_surface(fit, **PAIR),
        tn.johnson_neyman(fit, **PAIR),
        tn.turning_point(noise, focal="x"),
        tn.u_test(fit, focal=PAIR["focal"]),
    ]
    for result in results:
        ax = drawn(result)
        words = " ".join([note(ax), ax.get_xlabel(), ax.get_ylabel(), *(text.get_text() for text in ax.texts)]).lower()
        assert not [word for word in ("effect", "impact", "cause", "drive", "influence") if word in words]


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_the_same_figure_gives_the_same_bytes(fit, tmp_path, ending):
    first, second = (save(drawn(fit), tmp_path / f"{name}{ending}") for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size > 1000


def test_svg_holds_no_comment_and_no_text(fit):
    svg = figure_svg(drawn(fit))
    assert "<!--" not in svg
    assert "<text" not in svg
    assert "marketing" not in svg


def test_a_place_that_cannot_be_written(fit, tmp_path):
    with pytest.raises(OutputError, match=r"cannot write .*no such file or directory"):
        save(drawn(fit), tmp_path / "nowhere" / "figure.png")
    with pytest.raises(ArgumentError, match=r"the ending of path must be .*; got '.bmp'"):
        save(drawn(fit), tmp_path / "figure.bmp")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("total_ties_customer_service", "Total ties to customer service"),
        ("tie_strength_marketing", "Tie strength to marketing"),
        ("sales_growth", "Sales growth"),
        ("region[north]", "Region: north"),
        ("x", "x"),
        ("US$_per_$", r"US\$ per \$"),
    ],
)
def test_names_are_put_in_words(name, shown):
    assert human(name) == shown


def test_long_and_odd_labels_are_short_and_plain():
    assert plain("a" * 60) == "a" * 27 + "…"
    assert term_label("tenure:total_ties_r_d") == "Tenure\n× total ties to r d"
    assert at_value("region[north]", "0", 0.0) == "no"


TEXT = "Slopes at −1 SD (0.74) of tie strength, To. Ava's office “fi” US\\$ 5,  95 % bands; HC3, n = 115 — Wavy Tea. é ǎ AV"


@pytest.mark.parametrize("width", [0.4, 1.1, 2.3, 9.0])
def test_lines_are_as_long_as_their_letters_drawn_in_one_piece(width):
    lines = fitted(TEXT, width)
    assert " ".join(lines) == TEXT
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        whole, longer = (TextPath((0, 0), words, size=7.5).get_extents().x1 / 72 for words in (line, f"{line} {following.split(' ')[0]}|"))
        assert text_size(line, 7.5)[0] == pytest.approx(whole, rel=1e-9)
        assert whole <= width or " " not in line
        assert not following or longer > width


def test_a_figure_keeps_its_layout_engine_and_canvas(fit, tmp_path):
    ax = drawn(fit)
    engine, canvas, dpi, place = ax.figure.get_layout_engine(), ax.figure.canvas, ax.figure.dpi, ax.get_position().bounds
    for ending in (".png", ".svg", ".pdf"):
        save(ax, tmp_path / f"a{ending}")
    assert ax.figure.get_layout_engine() is engine
    assert ax.figure.canvas is canvas
    assert (ax.figure.dpi, ax.get_position().bounds) == (dpi, place)


def test_a_pdf_holds_its_fonts_as_journals_ask_for_them(fit, tmp_path, monkeypatch):
    monkeypatch.setitem(saving._RC, "pdf.fonttype", 42)
    kinds = set(re.findall(rb"/Subtype /(CIDFontType\d|Type\d+)\b", save(drawn(fit), tmp_path / "ours.pdf").read_bytes()))
    assert b"CIDFontType2" in kinds
    assert b"Type3" not in kinds  # which many journals do not take


@pytest.mark.parametrize("ending", [".png", ".svg"])
def test_a_file_is_what_matplotlib_itself_lays_out(fit, tmp_path, ending):
    ours = save(drawn(fit), tmp_path / f"ours{ending}").read_bytes()
    with mpl.rc_context({"svg.hashsalt": "tienet", "svg.fonttype": "path"}):
        metadata = {"Software": None} if ending == ".png" else {"Date": None, "Creator": None}
        drawn(fit).figure.savefig(tmp_path / f"theirs{ending}", dpi=300, metadata=metadata)
    theirs = (tmp_path / f"theirs{ending}").read_bytes()
    if ending == ".png":
        np.testing.assert_array_equal(*(imread(BytesIO(image)) for image in (ours, theirs)))
    else:
        assert paths(ours) == paths(theirs)


def paths(svg):
    """Everything that is drawn in an SVG, without its title and comments."""
    return re.findall(rb' d="[^"]*"| transform="[^"]*"', svg)
