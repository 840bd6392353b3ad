"""Further measures from `include`: the same values as from their own functions, one row per ego."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from tienet.base.errors import ArgumentError
from tienet.network.measures.include import KNOWN, PER_FUNCTION
from tienet.output.glossary import describe


@pytest.fixture(scope="module")
def ties(firm):
    return tn.build_ties(firm.log, firm.people)


@pytest.fixture(scope="module")
def everything(ties):
    return tn.measure_egos(ties, of="sales", toward=["marketing", "finance"], include=["all"])


def test_all_of_it_is_there_and_documented(everything):
    columns = list(everything.frame.columns)
    expected = [name for name in KNOWN if name not in PER_FUNCTION]
    expected += [f"{name}_{function}" for name in PER_FUNCTION for function in ("marketing", "finance")]
    assert set(columns[5:]) == set(expected)
    for column in columns:
        entry = describe(column)
        assert entry.meaning
        assert entry.name.split("{")[0] == column if "{" not in entry.name else column.startswith(entry.name.split("{")[0])
    assert describe("tie_strength_max_finance").name == "tie_strength_max_{function}"


def test_each_family_gives_its_own_numbers(ties, everything):
    sales = ties.people.holders("sales")
    for family in (
        tn.network.measures.structural_holes(ties),
        tn.network.measures.diversity(ties),
        tn.network.measures.brokerage(ties),
        tn.network.measures.centrality(ties),
    ):
        frame = family.frame.iloc[sales]
        shared = [name for name in frame.columns if name in KNOWN]
        assert len(shared) >= 4
        for name in shared:
            np.testing.assert_array_equal(everything.frame[name], frame[name])


def test_statistics_per_function_are_those_of_the_ties_themselves(ties, everything):
    frame, people = ties.frame, ties.people.frame.set_index("person")["function"]
    one_way = frame[["a", "b", "frequency"]].set_axis(["ego", "alter", "s"], axis=1)
    both = pd.concat([one_way, one_way.rename(columns={"ego": "alter", "alter": "ego"})])
    ours = everything.frame.set_index("ego")
    for function in ("marketing", "finance"):
        there = both[both["alter"].map(people) == function].groupby("ego")["s"]
        for name, values in (("max", there.max()), ("median", there.median())):
            np.testing.assert_allclose(ours[f"tie_strength_{name}_{function}"], values.reindex(ours.index), rtol=1e-12)
        np.testing.assert_allclose(ours[f"tie_strength_sum_{function}"], there.sum().reindex(ours.index, fill_value=0.0), rtol=1e-12)
        share = there.size().reindex(ours.index, fill_value=0) / both.groupby("ego").size().reindex(ours.index)
        np.testing.assert_allclose(ours[f"tie_share_{function}"], share, rtol=1e-12)
    mean = ours["tie_strength_sum_marketing"] / ours["total_ties_marketing"]
    np.testing.assert_allclose(ours["tie_strength_marketing"], mean, rtol=1e-12)


def test_what_is_not_known_is_refused(ties):
    with pytest.raises(ArgumentError, match="did you mean 'constraint'"):
        tn.measure_egos(ties, of="sales", include=["constrant"])
    with pytest.raises(ArgumentError, match="include must be a list of names, such as"):
        tn.measure_egos(ties, of="sales", include="constraint")
