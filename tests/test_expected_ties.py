"""Ties against expected ties: all networks counted one by one, closed forms, plain edge swaps, and what is hidden."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chisquare

import tienet as tn
from frames import to_rows
from test_network import random_case, ties_of
from tienet.base.errors import ArgumentError
from tienet.network.measures import _rewiring
from tienet.network.measures.expected import _between_functions

expected_ties = tn.network.measures.expected_ties
# Few enough networks with these degrees to count them all: arcs and functions.
SMALL = {
    "two of each": ([(0, 2), (0, 4), (1, 3), (1, 2), (3, 5)], "AABBCC"),
    "a busy one": ([(0, 2), (0, 3), (0, 4), (1, 5), (2, 5), (3, 4)], "AABBCC"),
    "uneven": ([(0, 3), (1, 3), (2, 4), (0, 4), (3, 5), (1, 6), (4, 6)], "AAABBCD"),
}


def all_networks(arcs, functions):
    """Every simple network without ties within a function in which everyone has as many ties as in the given one."""
    n = len(functions)
    degree = np.bincount(np.ravel(arcs), minlength=n)
    allowed = [(a, b) for a, b in itertools.combinations(range(n), 2) if functions[a] != functions[b]]
    chosen = itertools.combinations(allowed, len(arcs))
    return [frozenset(ties) for ties in chosen if np.array_equal(np.bincount(np.ravel(ties), minlength=n), degree)]


def between(networks, functions, one, other):
    """Ties between two functions in each network."""
    return np.array([sum({functions[a], functions[b]} == {one, other} for a, b in ties) for ties in networks])


@pytest.mark.parametrize("room", [_rewiring._ROOM, 4])  # with little room the keys are hashed, and many couples wait
@pytest.mark.parametrize("case", SMALL.values(), ids=SMALL)
def test_all_networks_are_equally_likely(case, room, monkeypatch):
    monkeypatch.setattr(_rewiring, "_ROOM", room)
    if room == 4:
        monkeypatch.setattr(_rewiring, "_TURNS", 6.0)
    arcs, functions = case
    networks = all_networks(arcs, functions)
    assert len(networks) > 5
    draws = 40 * len(networks)
    _, ends = _between_functions(ties_of(arcs, functions))
    drawn = Counter(
        frozenset(tuple(sorted(pair)) for pair in zip(ends.person[a].tolist(), ends.person[b].tolist(), strict=True))
        for a, b in _rewiring.rewirings(ends, draws, np.random.default_rng(1))
    )
    assert set(drawn) == set(networks)
    assert chisquare([drawn[ties] for ties in networks]).pvalue > 1e-4


@pytest.mark.parametrize("case", SMALL.values(), ids=SMALL)
def test_expected_ties_and_quantiles_of_all_networks(case):
    arcs, functions = case
    networks = all_networks(arcs, functions)
    found = expected_ties(ties_of(arcs, functions), draws=1500, seed=3, floor=1)
    for row in to_rows(found.frame):
        one, other = row["function_a"].upper(), row["function_b"].upper()
        counts = between(networks, functions, one, other)
        assert row["ties"] == between([arcs], functions, one, other)[0]
        assert row["expected"] == pytest.approx(counts.mean(), abs=5 * counts.std() / np.sqrt(1000) + 1e-12)
        for bound, share in (("low", 0.025), ("high", 0.975)):
            # A quantile of the draws is one of all networks, up to the error of 1,500 draws in the share.
            near = np.quantile(counts, [share - 0.018, share + 0.018], method="inverted_cdf")
            assert near[0] <= row[bound] <= near[1]
        assert row["ratio"] == pytest.approx(row["ties"] / row["expected"])
        assert (row["thin"], row["thick"]) == (row["ties"] < row["low"], row["ties"] > row["high"])


def ring(people, functions, gaps):
    """Everyone tied to those some places ahead, on a ring: all have the same number of ties."""
    return [(a, (a + gap) % people) for a in range(people) for gap in gaps], [f"F{a % functions}" for a in range(people)]


def test_functions_that_are_alike_expect_the_same_number_of_ties():
    arcs, functions = ring(48, 4, (1, 2, 5))  # ties between neighbours in the ring of functions only, and across
    found = expected_ties(ties_of(arcs, functions), draws=600, floor=1)
    upper = np.triu_indices(4, 1)
    total = 3 * 48
    assert np.nansum(found.ties[upper]) == total
    np.testing.assert_allclose(found.expected[upper], total / 6, rtol=0.03)
    assert found.ties[0, 2] == found.ties[1, 3] == 24
    # The draws have no ties fewer than none, and the quantiles stand on either side of the mean.
    assert (found.low[upper] < total / 6).all()
    assert (found.high[upper] > total / 6).all()


def swapped_one_by_one(arcs, functions, rng, steps):
    """Plain double edge swaps, one at a time."""
    ties = [list(pair) for pair in arcs]
    there = {frozenset(pair) for pair in ties}
    for _ in range(steps):
        i, j = rng.integers(0, len(ties), 2)
        (a, b), (c, d) = ties[i], ties[j]
        if rng.random() < 0.5:
            c, d = d, c
        new = frozenset((a, d)), frozenset((c, b))
        if i == j or functions[a] == functions[d] or functions[c] == functions[b] or new[0] == new[1] or there & set(new):
            continue
        there -= {frozenset((a, b)), frozenset((c, d))}
        there |= set(new)
        ties[i], ties[j] = [a, d], [c, b]
    return ties


def test_as_plain_swaps_one_at_a_time():
    rng = np.random.default_rng(5)
    functions = np.array(["A", "B", "C"])[rng.choice(3, 40, p=[0.5, 0.3, 0.2])]
    # Some people have many ties, so that expected ties differ from those of random functions.
    busy = rng.pareto(1.5, 40) + 0.2
    pairs = [(a, b) for a, b in itertools.combinations(range(40), 2) if functions[a] != functions[b]]
    weight = np.array([busy[a] * busy[b] for a, b in pairs])
    arcs = [pairs[place] for place in rng.choice(len(pairs), 90, replace=False, p=weight / weight.sum())]
    ties = arcs
    plain = []
    for _ in range(80):
        ties = swapped_one_by_one(ties, functions, rng, 200)
        plain.append([sum({functions[a], functions[b]} == set(pair) for a, b in ties) for pair in ("AB", "AC", "BC")])
    found = expected_ties(ties_of(arcs, functions.tolist()), draws=500, floor=1)
    upper = np.triu_indices(3, 1)
    plain = np.array(plain)
    error = plain.std(axis=0) * np.sqrt(2 / 80 + 1 / 500)
    assert (np.abs(found.expected[upper] - plain.mean(axis=0)) < 4 * error + 1e-9).all()


@pytest.mark.parametrize("seed", range(25))
def test_every_draw_keeps_the_ties_of_everyone(seed):
    ties = ties_of(*random_case(seed))
    names, ends = _between_functions(ties)
    degree = np.bincount(np.concatenate([ends.a, ends.b]), minlength=len(ends.person))
    for a, b in _rewiring.rewirings(ends, 20, np.random.default_rng(seed)):
        np.testing.assert_array_equal(np.bincount(np.concatenate([a, b]), minlength=len(ends.person)), degree)
        assert (ends.function[a] != ends.function[b]).all()
        assert len({frozenset(pair) for pair in zip(ends.person[a].tolist(), ends.person[b].tolist(), strict=True)}) == len(a)
    found = expected_ties(ties, draws=20, floor=1)
    matrix = tn.function_matrix(ties)
    place = [matrix.functions.index(name) for name in names]
    off = ~np.eye(len(names), dtype=bool)
    np.testing.assert_array_equal(found.ties[off], matrix.ties[np.ix_(place, place)][off])
    np.testing.assert_allclose(np.nansum(found.expected, axis=1), np.nansum(found.ties, axis=1), atol=1e-9)


def thin_firm(within=0):
    """Four functions of 12; A and B share few ties, all other pairs 24."""
    rng = np.random.default_rng(0)
    functions = [name for name in "ABCD" for _ in range(12)]
    arcs = set()
    for one, other in itertools.combinations(range(4), 2):
        wanted = 6 if (one, other) == (0, 1) else 24
        cells = rng.choice(144, wanted, replace=False)
        arcs |= {(one * 12 + int(cell) // 12, other * 12 + int(cell) % 12) for cell in cells}
    arcs |= {(0, place) for place in range(1, 1 + within)}
    return ties_of(sorted(arcs), functions)


def test_a_thin_pair_is_found_and_told():
    found = expected_ties(thin_firm(), draws=300)
    assert [pair.tolist() for pair in found.ranked[:1]] == [[0, 1]]
    assert found.thin[0, 1]
    assert found.thin[1, 0]
    # A and B keep their ties, so what they lack with each other they have with C and D, who have fewer left for each other.
    assert set(map(tuple, np.argwhere(np.triu(found.thin)).tolist())) <= {(0, 1), (2, 3)}
    about = f"{found.expected[0, 1]:.0f}"
    assert str(found).startswith(f"a and b share the fewest ties for their size: 6, where about {about} would be expected.")
    assert "300 rewirings (seed 0)" in str(found)
    again = expected_ties(thin_firm(within=8), draws=300)  # ties within a function do not count
    np.testing.assert_array_equal(again.expected, found.expected)
    first, last, between_ = found.extremes()
    assert (len(first), len(last), between_) == (4, 2, 0)
    assert found.extremes(1, 2)[2] == 3


def test_nothing_thin_is_said_in_the_sentence_of_the_page():
    arcs, functions = ring(60, 4, (1, 2, 3))  # 30 ties in each of the six pairs
    found = expected_ties(ties_of(arcs, functions), draws=200)
    assert not found.thin.any()
    assert str(found).startswith("No pair of functions has clearly fewer ties than its size lets expect. Expected: ")


def test_two_functions_leave_nothing_to_compare():
    found = expected_ties(ties_of([(0, 2), (0, 3), (1, 3)], "AABB"), draws=50, floor=1)
    row = to_rows(found.frame)[0]
    assert (row["ties"], row["expected"], row["low"], row["high"], row["ratio"]) == (3, 3, 3, 3, 1)
    assert (row["thin"], row["thick"]) == (False, False)
    assert str(found).startswith("With fewer than four functions")


def test_three_functions_leave_nothing_to_compare_either():
    arcs, functions = ring(60, 3, (1, 2, 4))
    found = expected_ties(ties_of(arcs, functions), draws=50)
    drawn = found.frame[["ties", "expected", "low", "high"]].to_numpy()
    assert len(drawn) == 3
    assert (drawn == drawn[:, :1]).all()
    assert str(found).startswith("With fewer than four functions")


def test_one_function_or_none_across_gives_no_pairs():
    assert len(expected_ties(ties_of([(0, 1)], "AA"), draws=5).frame) == 0
    alone = to_rows(expected_ties(ties_of([(0, 1)], "AAB"), draws=5, floor=1).frame)[0]
    assert (alone["ties"], alone["expected"]) == (0, 0)
    assert alone["ratio"] is None


def test_people_without_a_function_are_left_out():
    arcs, functions = ring(48, 4, (1, 2))
    ties = ties_of(arcs, ["unassigned" if name == "F3" else name for name in functions])
    found = expected_ties(ties, draws=30)
    assert found.functions == ("f0", "f1", "f2")
    assert np.nansum(found.ties) / 2 == sum("F3" not in (functions[a], functions[b]) for a, b in arcs)


def test_a_function_with_one_hidden_pair_gets_a_second_one():
    for seed in range(25):
        rng = np.random.default_rng(seed)
        functions = rng.choice(list("ABCDE"), 60).tolist()
        arcs = [(int(a), int(b)) for a, b in rng.integers(0, 60, (90, 2)) if a != b]
        found = expected_ties(ties_of(arcs, functions), draws=5, floor=6)
        matrix = tn.function_matrix(ties_of(arcs, functions))
        off = ~np.eye(5, dtype=bool)
        assert (found.hidden.sum(axis=1) != 1).all()
        assert found.hidden[off & (matrix.ties > 0) & (matrix.ties < 6)].all()
        for name in ("ties", "expected", "ratio", "low", "high"):
            assert np.isnan(getattr(found, name)[found.hidden]).all()
        assert not (found.thin | found.thick)[found.hidden].any()


def test_functions_below_the_floor_are_hidden_and_so_is_what_another_matrix_hides():
    functions = ["A"] * 20 + ["B"] * 20 + ["C"] * 20 + ["D"] * 4
    rng = np.random.default_rng(1)
    arcs = [(int(a), int(b)) for a, b in rng.integers(0, 64, (400, 2)) if a != b]
    ties = ties_of(arcs, functions)
    found = expected_ties(ties, draws=5)
    assert found.hidden[3, :3].all()
    assert "hidden: fewer than 5 people or ties" in str(found)
    matrix = tn.function_matrix(ties)
    gone = matrix.ties.astype(float)
    gone[0, 1] = gone[1, 0] = np.nan
    told = expected_ties(ties, draws=5, floor=1, like=replace(matrix, ties=gone))
    assert told.hidden[0, 1]
    assert np.isnan(told.expected[0, 1])
    assert int(np.triu(told.hidden).sum()) == 3  # two more, so that it is not the only one of A or B


def test_people_who_change_functions_keep_their_ties_in_each():
    days = [f"2025-{month:02d}-{day:02d}" for month in (1, 2, 3, 4) for day in range(1, 29)]
    rng = np.random.default_rng(2)
    ends = [(int(a), int(b)) for a, b in rng.integers(0, 30, (700, 2)) if a != b]
    log = tn.read_log(
        {
            "time": [days[place % len(days)] for place in range(len(ends))],
            "source": [f"p{a}" for a, _ in ends],
            "target": [f"p{b}" for _, b in ends],
        }
    )
    rows = [(f"p{place}", "ABC"[place % 3], None, "2025-03-01") for place in range(10)]
    rows += [(f"p{place}", "BCA"[place % 3], "2025-03-01", None) for place in range(10)]
    rows += [(f"p{place}", "ABC"[place % 3], None, None) for place in range(10, 30)]
    people = tn.read_people(dict(zip(("person", "function", "valid_from", "valid_to"), map(list, zip(*rows, strict=True)), strict=True)))
    ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1))
    found = expected_ties(ties, draws=50, floor=1)
    off = ~np.eye(3, dtype=bool)
    np.testing.assert_array_equal(found.ties[off], tn.function_matrix(ties).ties[off])
    _, ends = _between_functions(ties)
    assert len(ends.person) > len(set(ends.person.tolist()))
    for a, b in _rewiring.rewirings(ends, 20, np.random.default_rng(0)):
        assert (ends.person[a] != ends.person[b]).all()


def test_a_seed_gives_the_same_numbers_and_a_generator_goes_on():
    ties = thin_firm()
    one, same = (expected_ties(ties, draws=20, seed=4) for _ in range(2))
    np.testing.assert_array_equal(one.expected, same.expected)
    given = expected_ties(ties, draws=20, seed=np.random.default_rng(4))
    np.testing.assert_array_equal(given.expected, one.expected)
    assert given.seed is None
    assert "seed" not in str(given)


@pytest.mark.parametrize("wrong", [{"draws": 0}, {"floor": 0}, {"seed": -1}, {"like": 3}])
def test_arguments_that_cannot_be_used(wrong):
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        expected_ties(thin_firm(), **{"draws": 5, **wrong})
