"""Figures of expected ties, dependence on few people and hand-off times: their marks are the numbers of the results."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest

import tienet as tn
from drawing import drawn, marked, note
from networks import threads
from test_expected_ties import thin_firm
from test_network import ties_of
from tienet.base.errors import DataError
from tienet.output.figures.drawing import figure_data

mpl.use("Agg")
measures = tn.network.measures


def test_ratios_are_printed_bold_outside_the_middle_and_own_functions_are_blank():
    found = measures.expected_ties(thin_firm(), draws=100)
    ax = drawn(found)
    texts = {tuple(map(int, text.get_position()[::-1])): text for text in marked(ax, "ratio")}
    assert set(texts) == {(row, col) for row in range(4) for col in range(4) if row != col}
    for (row, col), text in texts.items():
        assert text.get_text() == f"{found.ratio[row, col]:.2f}"
        assert (text.get_fontweight() == "bold") == (found.thin[row, col] or found.thick[row, col])
    assert len(marked(ax, "own")) == 4
    assert not marked(ax, "hidden")
    low, high = ax.images[0].norm.vmin, ax.images[0].norm.vmax
    assert low == -high  # 1 is in the middle of the colours
    np.testing.assert_allclose(np.ma.filled(ax.images[0].get_array(), np.nan), np.clip(np.log2(found.ratio), low, high))
    assert "bold: outside the middle 95% of 100 rewirings, seed 0" in note(ax)


def test_hidden_pairs_are_hatched_and_no_number_of_theirs_is_drawn():
    found = measures.expected_ties(thin_firm(), draws=10, floor=7)  # A and B share 6 ties
    ax = drawn(found)
    assert found.hidden[0, 1]
    assert len(marked(ax, "hidden")) == int(found.hidden.sum())
    assert len(marked(ax, "ratio")) == 12 - int(found.hidden.sum())
    assert "hatched: fewer than 7" in note(ax)
    data = figure_data(found)
    assert data.loc[(data["mark"] == "cells"), "value"].notna().sum() == 12 - int(found.hidden.sum())


def test_no_ties_at_all_between_two_functions_is_the_darkest_colour():
    arcs = [(place, 12 + place) for place in range(6)] + [(6 + place, 18 + place) for place in range(6)]
    arcs += [(place, 12 + (place + 1) % 6) for place in range(6)] + [(6 + place, 18 + (place + 1) % 6) for place in range(6)]
    functions = [name for name in "ABCD" for _ in range(6)]
    ax = drawn(measures.expected_ties(ties_of(arcs, functions), draws=50))
    cells = np.ma.filled(ax.images[0].get_array(), np.nan)
    assert cells[0, 1] == ax.images[0].norm.vmin
    assert [text.get_text() for text in marked(ax, "ratio") if text.get_position() == (1, 0)] == ["0.00"]


def test_shares_of_dependence_and_what_is_not_shown():
    functions = ["Sales"] * 50 + ["Ops"] * 6 + ["IT"] * 6 + ["HR"] * 6
    arcs = [(place, 50) for place in range(10)] + [(place, 56) for place in range(15)] + [(place, 62 + place % 6) for place in range(12)]
    found = measures.dependence(ties_of(arcs, functions))
    ax = drawn(found)
    order = [found.functions.index(name) for name in ("hr", "ops", "it")]
    np.testing.assert_allclose(marked(ax, "one contact")[0].get_xdata(), found.one_contact[order])
    np.testing.assert_allclose(marked(ax, "left without")[0].get_xdata(), found.left_without[order[1:]])
    assert [text.get_text().strip() for text in marked(ax, "hidden")] == ["fewer than 5, not shown"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["hr (6)", "ops (6)", "it (6)"]
    assert marked(ax, "mark")[0].get_xdata()[0] == 0.1
    with pytest.raises(DataError, match="nothing to draw"):
        drawn(measures.dependence(ties_of(arcs, functions), floor=7))


def test_hand_off_times_in_the_order_of_their_medians():
    found = measures.handoff_times(*threads())
    ax = drawn(found)
    across = np.flatnonzero(~found.within)
    rows = across[np.argsort(found.median_hours[across], kind="stable")]
    np.testing.assert_allclose(marked(ax, "medians")[0].get_xdata(), found.median_hours[rows])
    bars = np.array([[segment[0][0], segment[1][0]] for segment in marked(ax, "middle half")[0].get_segments()])
    np.testing.assert_allclose(bars, np.column_stack([found.low_hours[rows], found.high_hours[rows]]))
    assert marked(ax, "within")[0].get_xdata()[0] == found.reference("sales")
    assert [text.get_text() for text in marked(ax, "unanswered")] == [f"{100 * share:.0f}%" for share in found.unanswered[rows]]
    assert {label.get_text() for label in ax.get_yticklabels()} == {
        "Sales → R&D", "R&D → Sales", "Sales → Customer Service", "Customer Service → Sales"
    }  # fmt: skip
    assert f"{int(found.messages[rows].sum())} first messages" in note(ax)
    assert all(float(tick).is_integer() for tick in ax.get_xticks())
    nothing = replace(found, median_hours=np.full(len(found.messages), np.nan))
    with pytest.raises(DataError, match="enough answered messages"):
        drawn(nothing)


def test_all_directions_have_no_single_reference():
    found = measures.handoff_times(*threads(), of=None)
    ax = drawn(found)
    assert len(ax.get_yticklabels()) == 6
    assert not marked(ax, "within")
