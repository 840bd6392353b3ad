"""Figures of networks: lines, markers, cells and labels against the arrays of the results, without anyone's id."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.text import Text

import tienet as tn
from drawing import drawn, marked, note
from tienet.base.errors import ArgumentError
from tienet.output.figures._style import SMALL, text_size
from tienet.output.figures.saving import figure_svg

mpl.use("Agg")


@pytest.fixture(scope="module")
def firm():
    return tn.simulate_firm(80, seed=3)


@pytest.fixture(scope="module")
def ties(firm):
    return tn.build_ties(firm.log, firm.people)


@pytest.fixture(scope="module")
def egos(ties):
    return tn.measure_egos(ties, of="sales", toward=["marketing", "customer_service"])


@pytest.fixture(scope="module")
def net(ties, egos):
    return tn.network.measures.ego_network(ties, egos.ego[0])


def random_ties(labels, n=60, rows=1500, seed=0):
    rng = np.random.default_rng(seed)
    ids = [f"someone{i:03d}" for i in range(n)]
    people = tn.read_people({"person": ids, "function": [labels[i % len(labels)] for i in range(n)]})
    a, b = rng.integers(0, n, (2, rows))
    log = tn.read_log({"source": [ids[i] for i in a[a != b]], "target": [ids[i] for i in b[a != b]]})
    return tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))


def texts(ax):
    return [text.get_text() for text in ax.figure.findobj(Text)]


def test_ego_network_has_a_line_per_tie_as_wide_as_it_is_strong(net):
    ax = drawn(net)
    (lines,), (among,) = marked(ax, "ties"), marked(ax, "among")
    assert len(lines.get_segments()) == len(net.alter)
    assert len(among.get_segments()) == len(net.among)
    widths = np.asarray(lines.get_linewidths())
    share = net.strength / net.strength.max()
    thick = widths > 0.3
    np.testing.assert_allclose(widths[thick] / widths.max(), share[thick])
    assert all(np.allclose(segment[0], 0) for segment in lines.get_segments())


def test_ego_network_groups_alters_by_function_with_colour_and_marker(net):
    ax = drawn(net)
    groups = marked(ax, "alters")
    names = list(dict.fromkeys(net.function))
    assert [len(group.get_offsets()) for group in groups] == [int(np.sum(net.function == name)) for name in names]
    assert len({tuple(group.get_facecolor()[0]) for group in groups}) == len(names)
    assert len({group.get_paths()[0].vertices.tobytes() for group in groups}) == len(names)
    for label, name in zip(marked(ax, "function"), names, strict=True):
        count = int(np.sum(net.function == name))
        assert label.get_text().replace("\n", " ") == f"{net.labels[name]} ({count})"


def test_ego_network_names_the_unit_of_width(net):
    assert drawn(net).get_legend().get_title().get_text() == "Tie strength, interactions per week"


def test_ego_network_names_people_only_when_asked(net):
    silent, named = drawn(net), drawn(net, labels=True)
    everyone = [net.ego, *net.alter]
    assert not [text for text in texts(silent) if any(person in text for person in everyone)]
    assert [text.get_text() for text in marked(named, "person")] == list(net.alter)
    svg = figure_svg(named)
    assert not [person for person in everyone if person in svg]


@pytest.mark.parametrize("count", [1, 3, 20])
def test_names_of_functions_do_not_overlap(count):
    ties = random_ties([f"Department of Long Names {i}" for i in range(count)])
    ax = drawn(tn.network.measures.ego_network(ties, "someone000"))
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in marked(ax, "function")]
    assert not [(i, j) for i in range(len(boxes)) for j in range(i) if boxes[i].shrunk(0.96, 0.85).overlaps(boxes[j].shrunk(0.96, 0.85))]


def test_someone_without_ties_can_be_drawn():
    log = tn.read_log({"source": ["ann"], "target": ["bob"]})
    people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    ax = drawn(tn.network.measures.ego_network(ties, "cat"))
    assert "0 ties" in note(ax)
    assert ax.get_legend() is None


@pytest.mark.parametrize("value", ["density", "ties", "strength", "reciprocity"])
def test_matrix_shows_its_numbers(ties, value):
    matrix = tn.function_matrix(ties)
    ax = drawn(matrix, value=value)
    cells = getattr(matrix, value)
    np.testing.assert_allclose(np.ma.filled(ax.images[0].get_array(), np.nan), cells)
    assert ax.images[0].norm.vmin == 0
    printed = [text.get_text() for text in marked(ax, "cell")]
    assert len(printed) == cells.size
    if value == "ties":
        assert printed == [f"{number:,.0f}" for number in cells.ravel()]
    assert [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()] == list(matrix.labels)
    counts = np.array([[ties.people.function[i] == ties.people.function[j] for i, j in zip(ties.a, ties.b, strict=True)]])
    assert f"{counts.mean():.0%} of ties stay within a function" in note(ax)
    assert len(ax.figure.axes) == 2


def test_matrix_writes_dark_on_light_and_light_on_dark(ties):
    ax = drawn(tn.function_matrix(ties))
    image = ax.images[0]
    for text, number in zip(marked(ax, "cell"), image.get_array().ravel(), strict=True):
        luminance = np.dot(image.cmap(image.norm(number))[:3], [0.2126, 0.7152, 0.0722])
        if luminance > 0.6 or luminance < 0.3:
            assert (sum(to_rgba(text.get_color())[:3]) > 1.5) == (luminance < 0.3)


@pytest.mark.parametrize("count", [1, 2, 20])
def test_matrix_of_one_and_of_many_functions(count):
    matrix = tn.function_matrix(random_ties([f"Function ${i}$ of_the_firm with a long name" for i in range(count)]))
    ax = drawn(matrix)
    ax.figure.draw_without_rendering()
    assert len(marked(ax, "cell")) == count**2
    width = ax.get_window_extent().width / count
    assert all(text.get_window_extent().width < width for text in marked(ax, "cell"))
    assert len(ax.get_yticklabels()[0].get_text().replace("\n", " ").replace("\\$", "$")) <= 28


def test_a_cell_that_no_pair_could_fill_is_hatched():
    log = tn.read_log({"source": ["ann", "bob"], "target": ["bob", "ann"]})
    people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Marketing"]})
    matrix = tn.function_matrix(tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None)))
    ax = drawn(matrix)
    assert [text.get_text() for text in marked(ax, "cell")] == ["–", "1", "1", "–"]
    assert sum(patch.get_hatch() is not None for patch in ax.patches) == 2


@pytest.mark.parametrize("function", [None, "customer_service", "Customer Service"])
def test_egos_with_ties_are_dots_and_the_others_ticks(egos, function):
    ax = drawn(egos, function=function, cases=True)
    place = 0 if function is None else 1
    tied = egos.total_ties[:, place] > 0
    (dots,) = marked(ax, "egos")
    both = np.column_stack([egos.total_ties[tied, place], egos.tie_strength[tied, place]])
    np.testing.assert_array_equal(dots.get_xydata(), both[np.lexsort(both.T[::-1])])  # not in the order of the roster
    assert sum(len(ticks.get_xdata()) for ticks in marked(ax, "without")) == int(np.sum(~tied))
    assert ax.get_xlabel() == f"Total ties to {('Marketing', 'Customer Service')[place]}"
    assert "interactions per week" in ax.get_ylabel()
    assert not [text for text in texts(ax) if any(person in text for person in egos.ego)]


def test_egos_toward_a_function_not_measured(egos):
    with pytest.raises(ArgumentError, match=r"function must be .*; got 'finance'"):
        drawn(egos, function="finance")


def test_ties_per_person_with_the_median(ties):
    ax = drawn(ties)
    degree = np.asarray(ties.adjacency("ties").sum(axis=1)).ravel()
    assert sum(bar.get_height() for bar in ax.patches) == len(ties.people)
    assert marked(ax, "median")[0].get_xdata()[0] == np.median(degree)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Ties per person", "People")


def test_nobody_is_named_in_any_svg(ties, egos, net):
    for result in (ties, egos, net, tn.function_matrix(ties)):
        svg = figure_svg(drawn(result))
        assert "<!--" not in svg
        assert not [person for person in ties.people.person if person in svg]


def test_texts_are_measured_without_drawing():
    narrow, wide = text_size("in", SMALL), text_size("mmmm\nmm", SMALL)
    assert narrow[0] < wide[0]
    assert wide[1] == pytest.approx(2 * narrow[1])
