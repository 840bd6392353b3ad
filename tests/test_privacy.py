"""Privacy: minimum group sizes, hidden cells that cannot be worked out, pseudonyms that cannot be recomputed."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from itertools import product

import numpy as np
import pytest

import tienet as tn
from tienet.base.errors import ArgumentError
from tienet.network.privacy import KEY_BYTES, small_functions

KEY = bytes(range(KEY_BYTES))
RULE = tn.TieRule(min_interactions=1, half_life=None)


def network(functions, pairs):
    """Ties between people numbered from 0, one interaction each."""
    ids = [f"p{at}" for at in range(len(functions))]
    people = tn.read_people({"person": ids, "function": list(functions)})
    log = tn.read_log({"source": [ids[a] for a, _ in pairs], "target": [ids[b] for _, b in pairs]})
    return tn.build_ties(log, people, rule=RULE)


def matrix(ties):
    """A function matrix with these numbers of ties."""
    ties = np.array(ties)
    size = len(ties)
    names = tuple(f"f{at}" for at in range(size))
    cells = ties.astype(float)
    members = np.full(size, 20)
    return tn.FunctionMatrix(names, names, members, ties, cells, cells / 400, cells * 0 + 0.5, 0.1, 0.2)


def consistent(ties, hidden):
    """Whole numbers near the true ones that the hidden cells could hold as well: the same margins and diagonal sum, none below 0."""
    cells = np.argwhere(np.triu(hidden))
    away = np.array(list(product(range(-3, 4), repeat=len(cells))))
    known = np.vstack([*((cells == row).any(axis=1) for row in range(len(ties))), cells[:, 0] == cells[:, 1]]).astype(int)
    values = ties[cells[:, 0], cells[:, 1]] + away[(away @ known.T == 0).all(axis=1)]
    return cells, values[(values >= 0).all(axis=1)]


@pytest.mark.parametrize(
    "ties",
    [
        [[9, 2, 8], [2, 7, 9], [8, 9, 6]],
        [[3, 8, 9], [8, 9, 7], [9, 7, 8]],
        [[9, 0, 8], [0, 2, 9], [8, 9, 6]],
        [[9, 4, 1], [4, 9, 8], [1, 8, 9]],
    ],
)
def test_no_small_cell_can_be_worked_out_from_the_margins(ties):
    made = tn.network.privacy.suppress(matrix(ties))
    cells, possible = consistent(np.array(ties), made.hidden)
    assert len(possible) > 1
    for place, (row, col) in enumerate(cells):
        if 0 < ties[row][col] < 5:
            assert len(set(possible[:, place])) > 1
    # A single hidden cell would be its row's margin less the others.
    assert int(np.triu(made.hidden).sum()) > 1


def test_hidden_cells_are_hidden_in_every_number_and_told_ones_are_as_they_were():
    whole = matrix([[9, 2, 8], [2, 7, 9], [8, 9, 6]])
    made = tn.network.privacy.suppress(whole)
    for name in ("ties", "strength", "density", "reciprocity"):
        assert np.isnan(getattr(made, name)[made.hidden]).all()
        np.testing.assert_array_equal(getattr(made, name)[~made.hidden], getattr(whole, name)[~made.hidden])
    assert (made.hidden == made.hidden.T).all()
    assert made.total == np.triu(whole.ties).sum()
    assert "hidden: fewer than 5 ties" in str(made)
    assert np.isnan(made.frame["ties"]).sum() == np.triu(made.hidden).sum()


def test_with_two_functions_the_index_is_hidden_too():
    made = tn.network.privacy.suppress(matrix([[9, 2], [2, 9]]))
    assert made.hidden.all()
    assert np.isnan(made.ei_index)
    assert "the E-I index is hidden" in str(made)


def test_where_no_cell_is_small_nothing_is_hidden():
    made = tn.network.privacy.suppress(matrix([[9, 0], [0, 9]]))
    assert not made.hidden.any()
    assert made.ei_index == 0.1


def test_the_figure_hatches_what_is_not_told():
    from matplotlib.figure import Figure

    made = tn.network.privacy.suppress(matrix([[9, 2, 8], [2, 7, 9], [8, 9, 6]]))
    ax = tn.plot(made, ax=Figure().subplots(), value="ties")
    texts = [text.get_text() for text in ax.texts if text.get_gid() == "cell"]
    assert texts.count("–") == made.hidden.sum()


def test_small_functions_become_one_that_is_large_enough():
    ties = network("AAAAAABBCDDDDDDDEEE", [(0, 6), (6, 8), (8, 9), (9, 16), (0, 1), (6, 7)])
    assert small_functions(ties, 5) == ("b", "c", "e")
    merged = tn.network.privacy.merge_small(ties, floor=5)
    sizes = {name: int(np.sum(merged.people.function == name)) for name in merged.people.functions}
    assert sizes == {"a": 6, "d": 7, "other_functions": 6}
    assert merged.people.labels["other_functions"] == "Other functions"
    assert tn.function_matrix(merged).ties.sum() > 0
    np.testing.assert_array_equal(merged.a, ties.a)


def test_one_small_function_takes_the_next_larger_one_with_it():
    ties = network("AAAAAABBBBBBBC", [(0, 6), (0, 13)])
    assert small_functions(ties, 5) == ("a", "c")


def test_where_all_are_large_enough_nothing_changes():
    ties = network("AAAAAABBBBBB", [(0, 6)])
    assert tn.network.privacy.merge_small(ties) is ties


def test_a_function_that_is_called_like_the_merged_one():
    people = ["Other functions"] * 2 + ["Sales"] * 6 + ["HR"] * 3
    merged = tn.network.privacy.merge_small(network(people, [(0, 2), (8, 2)]))
    assert set(merged.people.functions) == {"sales", "other_functions_"}


@pytest.mark.parametrize("floor", [0, 2.5, True, "5"])
def test_a_floor_that_is_no_number_of_people(floor):
    with pytest.raises(ArgumentError, match="floor must be a whole number"):
        tn.network.privacy.merge_small(network("AB", [(0, 1)]), floor=floor)


# p0, alone in A, moved to B.
MOVED = {
    "person": ["p0", "p0", *(f"p{at}" for at in range(1, 12))],
    "function": ["A", "B", *"BBBBB", *"CCCCCC"],
    "valid_from": [None, "2025-02-01", *[None] * 11],
    "valid_to": ["2025-02-01", None, *[None] * 11],
}


def test_functions_over_time_are_merged_too():
    log = tn.read_log({"time": ["2025-01-05", "2025-01-06", "2025-03-01"], "source": ["p0"] * 3, "target": ["p1", "p1", "p7"]})
    ties = tn.build_ties(log, tn.read_people(MOVED), rule=RULE)
    assert "a" in tn.function_matrix(ties).functions
    merged = tn.network.privacy.merge_small(ties)
    assert "a" not in tn.function_matrix(merged).functions
    assert np.triu(tn.function_matrix(merged).ties).sum() == np.triu(tn.function_matrix(ties).ties).sum() == len(ties)


def test_pseudonyms_follow_the_keyed_hash_and_nothing_else():
    people = network("BBBAAAAAAAAAAAA", [(0, 3)]).people
    names = tn.network.privacy.pseudonyms(people, KEY)
    assert sorted(names)[:3] == ["A 01", "A 02", "A 03"]
    assert len(set(names)) == len(people)
    digest = {one: blake2b(one.encode(), key=KEY, digest_size=32).digest() for one in people.person}
    holders = [one for one, function in zip(people.person, people.function, strict=True) if function == "a"]
    expected = {one: f"A {place:02d}" for place, one in enumerate(sorted(holders, key=digest.get), start=1)}
    assert {one: name for one, name in zip(people.person, names, strict=True) if name.startswith("A")} == expected


def test_the_order_of_the_roster_does_not_matter_and_another_key_does():
    people = network("A" * 40, [(0, 3)]).people
    turned = replace(people, person=people.person[::-1])
    assert dict(zip(people.person, tn.network.privacy.pseudonyms(people, KEY), strict=True)) == dict(
        zip(turned.person, tn.network.privacy.pseudonyms(turned, KEY), strict=True)
    )
    assert (
        tn.network.privacy.pseudonyms(people, KEY).tolist()
        != tn.network.privacy.pseudonyms(people, tn.network.privacy.pseudonym_key()).tolist()
    )
    assert tn.network.privacy.pseudonym_key() != tn.network.privacy.pseudonym_key()


@pytest.mark.parametrize("key", [b"", b"short", "x" * 32, None])
def test_a_key_that_is_none_is_refused(key):
    with pytest.raises(ArgumentError, match="32 secret bytes"):
        tn.network.privacy.pseudonyms(network("AB", [(0, 1)]).people, key)


def test_labels_that_only_their_end_tells_apart_stay_apart():
    long = "A very long label of a department "
    people = network([long + "one", long + "two"], [(0, 1)]).people
    assert len(set(tn.network.privacy.pseudonyms(people, KEY))) == 2


def test_a_function_that_all_have_left_is_merged_too():
    # Ann was in A for one interaction of three: no tie stands in A, but ties are counted toward it.
    log = tn.read_log({"time": ["2025-01-05", "2025-03-01", "2025-03-02"], "source": ["p0"] * 3, "target": ["p7"] * 3})
    ties = tn.build_ties(log, tn.read_people(MOVED), rule=RULE)
    assert tn.measure_egos(ties, of="c").functions == ("a", "b")
    assert "a" not in tn.measure_egos(tn.network.privacy.merge_small(ties), of="c").functions


def test_cells_that_only_fractions_could_fill_otherwise_are_given_away():
    # Two triangles of cells with 2 ties, joined by two cells with 1: in fractions the margins leave the latter 0 to 2 and the former
    # 1.5 to 2.5, in whole numbers nothing but what they are.
    ties = np.full((7, 7), 9)
    for a, b in ((0, 1), (1, 2), (0, 2), (4, 5), (5, 6), (4, 6)):
        ties[a, b] = ties[b, a] = 2
    for a, b in ((2, 3), (3, 4)):
        ties[a, b] = ties[b, a] = 1
    small = ties < 5
    cells = np.argwhere(np.triu(small))
    margins = np.array([(cells == row).any(axis=1) for row in range(7)]).astype(int)
    held = ties[cells[:, 0], cells[:, 1]]
    every = np.array(list(product(range(5), repeat=len(cells))))
    assert ((every @ margins.T == margins @ held).all(axis=1)).sum() == 1
    assert np.triu(tn.network.privacy.suppress(matrix(ties)).hidden).sum() > len(cells)


@pytest.mark.parametrize("seed", range(12))
def test_no_small_cell_of_a_random_matrix_can_be_worked_out(seed):
    rng = np.random.default_rng(seed)
    ties = np.triu(rng.integers(0, 8, (3, 3)))
    ties = ties + np.triu(ties, 1).T
    made = tn.network.privacy.suppress(matrix(ties), floor=3)
    if made.hidden.all() or not made.hidden.any():
        return
    cells, possible = consistent(ties, made.hidden)
    for place, (row, col) in enumerate(cells):
        assert not 0 < ties[row, col] < 3 or len(set(possible[:, place])) > 1
