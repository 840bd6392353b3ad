"""What every figure takes: names, units, title, note, legend, style, panels, fonts; and files of one drawing."""

from __future__ import annotations

import re
import warnings
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.text import Text

import tienet as tn
from drawing import drawn, marked, note
from tienet.base.errors import ArgumentError, MissingLetters
from tienet.cli.figures import read_labels
from tienet.output.figures._look import _family_with
from tienet.output.figures.drawing import figure_data, plot, sheet
from tienet.output.figures.saving import figure_svg, save, save_all
from tienet.output.figures.styles import GREY_SAFE, style

mpl.use("Agg")
PAIR = {"focal": "total_ties_r_d", "moderator": "tie_strength_r_d"}
OTHER = {"focal": "total_ties_it", "moderator": "tie_strength_it"}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    n = 150
    table = {"sales_growth": rng.normal(size=n), "tenure": rng.normal(5, 2, n)}
    for name in ("r_d", "it"):
        table |= {f"total_ties_{name}": rng.poisson(5, n).astype(float), f"tie_strength_{name}": rng.gamma(4, 0.1, n)}
    return table


@pytest.fixture(scope="module")
def fit(data):
    units = {"sales_growth": "percentage points"}
    return tn.claro_ramos("sales_growth", ["R&D", "IT"], controls=["tenure"], labels={"tenure": "Years here"}, units=units).fit(data)


def random_ties(labels, n, rows):
    rng = np.random.default_rng(0)
    ids = [f"someone{i:03d}" for i in range(n)]
    people = tn.read_people({"person": ids, "function": [labels[i % len(labels)] for i in range(n)]})
    a, b = rng.integers(0, n, (2, rows))
    log = tn.read_log({"source": [ids[i] for i in a[a != b]], "target": [ids[i] for i in b[a != b]]})
    return tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))


def texts(ax):
    return " ".join(" ".join(text.get_text().split()) for text in ax.figure.findobj(Text))


def test_names_and_units_go_with_every_result(fit):
    every = [
        (tn.predict_surface(fit, **PAIR), "Predicted sales growth (percentage points)"),
        (tn.simple_slopes(fit, **PAIR), "Slope of total ties to R&D (percentage points per tie)"),
        (tn.johnson_neyman(fit, **PAIR), "Slope of total ties to R&D (percentage points per tie)"),
        (tn.turning_point(fit, focal=PAIR["focal"]), "Predicted sales growth (percentage points)"),
        (fit, "Sales growth, percentage points per unit"),
    ]
    for result, axis in every:
        ax = drawn(result)
        assert axis in texts(ax)
        assert "R&D" in texts(ax)
        assert "r d" not in texts(ax)
    assert '<title id="title">Predicted sales growth (percentage points) by Total ties to R&amp;D</title>' in figure_svg(drawn(every[0][0]))
    for result in (fit, fit.vif, tn.regression.checks.collinearity(fit)):
        assert "Years here" in texts(drawn(result))
    renamed = drawn(every[0][0], labels={"r_d": "Labs", "sales_growth": "Growth"}, unit="%")
    assert (renamed.get_xlabel(), renamed.get_ylabel()) == ("Total ties to Labs", "Predicted growth (%)")


def test_a_standardised_fit_says_sd(fit):
    scored = tn.regression.model.standardize(fit)
    ax = drawn(tn.predict_surface(scored, **PAIR))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Total ties to R&D (SD)", "Predicted sales growth (SD)")
    assert drawn(scored).get_xlabel() == "Sales growth: SD per SD"
    assert "SD per SD" in drawn(tn.simple_slopes(scored, **PAIR)).get_xlabel().replace("\n", " ")


def test_title_note_and_legend(fit):
    surface = tn.predict_surface(fit, **PAIR)
    ax = drawn(surface, title="Ties to R&D", legend=True)
    ax.figure.draw_without_rendering()
    boxes = [part.get_window_extent() for part in (ax.title, ax._left_title, ax.get_legend(), ax.yaxis.label)]
    assert all(upper.y0 >= lower.y1 - 1 for upper, lower in pairwise(boxes))  # one over the other
    assert ax.get_title() == "Ties to R&D"
    bare = drawn(surface, note=False, legend=False)
    assert (note(bare), bare.get_legend(), [text.get_text() for text in bare.texts]) == ("", None, [])
    assert drawn(surface, legend="lower left").get_legend()._loc == 3
    refused = [
        ({"note": 1}, "note must be"),
        ({"legend": "outside"}, "legend must be"),
        ({"style": "comic"}, "style must be"),
        ({"title": 3}, "title must be"),
        ({"labels": True}, "labels must map"),
        ({"ttle": "x"}, "did you mean 'title'"),
    ]
    for wrong, said in refused:
        with pytest.raises(ArgumentError, match=said):
            drawn(surface, **wrong)


def test_every_kind_takes_the_common_options(fit):
    ties = random_ties(["Sales", "R&D", "IT"], n=40, rows=200)
    every = [
        ties,
        tn.function_matrix(ties),
        ties.people,
        tn.measure_egos(ties, of="sales", strength="interactions"),
        tn.network.measures.diversity(ties),
    ]
    for result in (*every, fit, fit.steps, tn.regression.checks.collinearity(fit), {"(1)": fit}):
        ax = drawn(result, title="A title", note=False, legend=False, style="journal", labels={"r_d": "Labs"})
        assert (ax.get_title(), note(ax), ax.get_legend()) == ("A title", "", None)
        assert ax.figure.get_figwidth() == pytest.approx(drawn(result).figure.get_figwidth() * 3.35 / 3.5)


def lightness(color):
    rgb = np.array(mpl.colors.to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return 116 * float(linear @ [0.2126, 0.7152, 0.0722]) ** (1 / 3) - 16  # CIE 1976


def test_colours_of_the_journal_differ_in_grey(fit):
    values = sorted(map(lightness, GREY_SAFE))
    assert min(np.diff(values)) > 5
    with style("journal", font="serif", width="double"):
        ax = drawn(tn.predict_surface(fit, **PAIR))
    assert marked(ax, "line")[0].get_color() == GREY_SAFE[0]
    assert ax.xaxis.label.get_fontfamily()[-1] == "DejaVu Sans"
    assert "Serif" in ax.xaxis.label.get_fontfamily()[0] or "Times" in ax.xaxis.label.get_fontfamily()[0]
    assert ax.figure.get_figwidth() == 7.0
    assert drawn(tn.predict_surface(fit, **PAIR)).figure.get_figwidth() == 3.5
    with pytest.raises(ArgumentError, match="font 'No such font' is not installed"):
        style(font="No such font")


def test_panels_of_one_figure(fit):
    both = [tn.predict_surface(fit, **PAIR), tn.predict_surface(fit, **OTHER)]
    ax = plot(both, sheet(both))
    panels = ax.figure.axes
    assert [panel.get_title() for panel in panels] == ["a", "b"]
    assert [panel.get_xlabel() for panel in panels] == ["Total ties to R&D", "Total ties to IT"]
    assert panels[0].get_ylim() == panels[1].get_ylim()
    assert [note(panel) for panel in panels] == ["", ""]
    assert ax.figure.get_supxlabel().count("95% bands") == 1
    ax.figure.draw_without_rendering()
    whole = ax.figure.bbox
    for text in (part for panel in panels for part in (panel.title, panel.xaxis.label, panel.yaxis.label, *panel.texts)):
        if text.get_text():
            box = text.get_window_extent()
            assert box.x0 >= -1, text
            assert box.x1 <= whole.x1 + 1, text
            assert box.y1 <= whole.y1 + 1, text
    assert "Total ties to IT" in figure_svg(ax)
    assert set(figure_data(both)["panel"]) == {"a", "b"}
    same = plot([fit.vif, fit.vif], [Figure().subplots(), Figure().subplots()], title=["One", "Two"])
    assert same.get_title() == "a One"
    models = plot([{"(1)": fit}, {"(1)": fit}], sheet([{"(1)": fit}, {"(1)": fit}]))
    assert [panel.get_legend() is None for panel in models.figure.axes] == [False, True]
    refused = [
        (both, Figure().subplots(), "list of 2 matplotlib Axes"),
        ([1, 2], None, "no figure for a int"),
        ([], None, "no figure for a list"),
    ]
    for wrong, ax, said in refused:
        with pytest.raises(ArgumentError, match=said):
            plot(wrong, ax)
    with pytest.raises(ArgumentError, match="title must be a list"):
        drawn(both, title="One")


def test_counts_have_whole_ticks_and_the_axis_ends_with_the_people(fit, data):
    for pair in (PAIR, OTHER):
        ax = drawn(tn.predict_surface(fit, **pair))
        assert all(tick == round(tick) for tick in ax.get_xticks())
        values = data[pair["focal"]]
        assert np.mean(values <= ax.get_xlim()[1]) >= 0.97
        assert np.mean(values < np.floor(ax.get_xlim()[1])) < 0.97
    assert all(tick == round(tick) for tick in drawn(tn.turning_point(fit, focal=PAIR["focal"])).get_xticks())


def test_a_range_that_is_asked_for_stays(fit):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ax = drawn(tn.predict_surface(fit, **PAIR, over=(0.0, 4.0)))
    assert "not shown" not in note(ax)


def test_a_function_keeps_its_colour():
    ties = random_ties(["Zoo", "Sales", "R&D", "IT"], n=40, rows=300)
    order = list(ties.people.labels)
    network = drawn(ties, kind="network", level="functions")
    (nodes,) = marked(network, "functions")
    by_name = dict(zip(ties.people.functions, map(tuple, nodes.get_facecolor()), strict=True))
    chord = drawn(tn.function_matrix(ties), kind="chord")
    arcs = dict(zip(ties.people.functions, [tuple(arc.get_facecolor()) for arc in marked(chord, "arc")], strict=True))
    colors = [mpl.colors.to_rgba(color) for color in style().colors]
    for name in ties.people.functions:
        assert by_name[name] == arcs[name] == colors[order.index(name)]
    ego = tn.network.measures.ego_network(ties, str(ties.people.person[0]))
    for name, dots in zip(dict.fromkeys(ego.function.tolist()), marked(drawn(ego), "alters"), strict=True):
        assert tuple(dots.get_facecolor()[0]) == by_name[name]


def test_the_network_draws_the_strongest_ties_and_says_so():
    ties = random_ties(list("ABC"), n=60, rows=900)
    ax = drawn(ties, kind="network", level="people", strongest=50)
    count = len(marked(ax, "ties")[0].get_segments())
    least = np.sort(ties.strength)[-50]
    assert count == int(np.sum(ties.strength >= least))
    assert f"The {count} strongest of {len(ties):,} ties" in note(ax)
    assert len(marked(drawn(ties, kind="network", strongest=None), "ties")[0].get_segments()) == len(ties)


def test_regions_of_a_printed_model_stay_where_people_are():
    around = {"means": {"x": 4.0, "z": 2.9}, "sds": {"x": 2.0, "z": 1.1}, "n": 150}
    given = {("x", "x"): 0.0144, ("z", "z"): 0.09, ("x:z", "x:z"): 0.0121, ("x", "z"): 0.001, ("x", "x:z"): -0.002, ("z", "x:z"): 0.001}
    model = tn.PublishedModel(coefficients={"(Intercept)": 5, "x": -0.4, "z": 0.6, "x:z": 0.25}, covariance=given, **around)
    regions = tn.johnson_neyman(model, focal="x", moderator="z")
    low, high = drawn(regions).get_xlim()
    assert 2.9 - 4.2 * 1.1 <= low <= 2.9 - 2 * 1.1
    assert 2.9 + 2 * 1.1 <= high <= 2.9 + 4.2 * 1.1


def font_with(letter, path):
    """A font with one letter, a square."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    for move, point in zip("mlll", [(100, 0), (100, 700), (900, 700), (900, 0)], strict=True):
        (pen.moveTo if move == "m" else pen.lineTo)(point)
    pen.closePath()
    square = pen.glyph()
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder([".notdef", "square"])
    made.setupCharacterMap({ord(letter): "square"})
    made.setupGlyf({".notdef": square, "square": square})
    made.setupHorizontalMetrics({".notdef": (1000, 100), "square": (1000, 100)})
    made.setupHorizontalHeader(ascent=800, descent=-200)
    made.setupNameTable({"familyName": "Square test", "styleName": "Regular"})
    made.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    made.setupPost()
    made.save(path)


def test_letters_of_any_script(tmp_path):
    letter = "\U00013000"  # an Egyptian hieroglyph, which few fonts have
    people = tn.read_people({"person": list("abc"), "function": [f"Team {letter}", "Sales", "Sales"]})
    before = list(fontManager.ttflist)
    _family_with.cache_clear()
    if _family_with(ord(letter)) is None:
        with pytest.warns(MissingLetters, match=r"letters of some names \(Egyptian\).*font=") as told:
            ax = drawn(people)
        assert len(told) == 1
        assert "Team ▯" in texts(ax)
    font_with(letter, tmp_path / "square.ttf")
    try:
        fontManager.addfont(tmp_path / "square.ttf")
        _family_with.cache_clear()
        ax = drawn(people)  # a warning would be an error
        assert f"Team {letter}" in texts(ax)
        save(ax, tmp_path / "people.svg")
    finally:
        fontManager.ttflist[:] = before
        _family_with.cache_clear()


def test_all_formats_come_from_one_layout(fit, tmp_path, monkeypatch):
    ax = drawn(tn.predict_surface(fit, **PAIR))
    engine = ax.figure.get_layout_engine()
    ran = []
    execute = type(engine).execute
    monkeypatch.setattr(type(engine), "execute", lambda self, figure: (ran.append(1), execute(self, figure)))
    assert [path.suffix for path in save_all(ax, tmp_path / "fig", endings=(".svg", ".png", ".pdf"), dpi=60)] == [".svg", ".png", ".pdf"]
    assert len(ran) == 1
    assert (tmp_path / "fig.svg").read_text() == figure_svg(ax)
    with pytest.raises(ArgumentError, match="endings must be one of"):
        save_all(ax, tmp_path / "fig", endings=(".gif",))


def test_labels_of_the_command(tmp_path):
    (tmp_path / "labels.toml").write_text('[labels]\ntenure = "Years here"\nr_d = "Labs"\n')
    (tmp_path / "labels.json").write_text('{"tenure": "Years"}')
    assert read_labels([str(tmp_path / "labels.toml"), "r_d=R & D"]) == {"tenure": "Years here", "r_d": "R & D"}
    assert read_labels([str(tmp_path / "labels.json")]) == {"tenure": "Years"}
    for wrong in ("nothing.toml", str(tmp_path)):
        with pytest.raises(ArgumentError, match=re.escape(f"--labels {wrong}")):
            read_labels([wrong])


def test_panels_are_axes_of_one_figure(fit):
    ax = plot([fit.vif, fit.steps], sheet([fit.vif, fit.steps]))
    assert isinstance(ax, Axes)
    assert len(ax.figure.axes) == 2
