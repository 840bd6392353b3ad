"""Argument validation: what a refusal says."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tienet.base import checks
from tienet.base.errors import ArgumentError, shown


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda: checks.choice("by", "tie", ("ties", "strength")), "by must be one of 'ties', 'strength'; got 'tie'; did you mean 'ties'?"),
        (lambda: checks.choice("by", ["ties"], ("ties", "strength")), "by must be one of 'ties', 'strength'; got a list"),
        (lambda: checks.text("outcome", 3), "outcome must be a string; got 3"),
        (lambda: checks.names("controls", "tenure"), "controls must be a list of names, such as ['tenure']; got 'tenure'"),
        (lambda: checks.names("terms", 1, single=True), "terms must be a name or a list of names, such as ['x', 'z']; got 1"),
        (lambda: checks.names("terms", ["x", 1]), "terms must be a list of names, such as ['x', 'z']; got a list containing 1"),
        (lambda: checks.real("q", "half"), "q must be a finite number; got 'half'"),
        (lambda: checks.real("q", 10**400), "q must be a finite number; got 1000000000000000"),
        (lambda: checks.reals("ends", (1.0, 2.0, 3.0), 2), "ends must be a list of 2 numbers; got a tuple"),
        (lambda: checks.positive("noise", -1, zero=True), "noise must be a number of at least 0; got -1"),
        (lambda: checks.positive("noise", 0), "noise must be a positive number; got 0"),
        (lambda: checks.whole("floor", np.float64(2.5)), "floor must be a whole number of at least 1; got 2.5"),
        (lambda: checks.whole("points", 1, 2, 10_000), "points must be a whole number from 2 to 10,000; got 1"),
        (lambda: checks.flag("directed", "no"), "directed must be True or False; got 'no'"),
        (lambda: checks.mapping("columns", "x"), "columns must be a mapping with names as keys, such as {'x': ...}; got 'x'"),
        (lambda: checks.mapping("columns", {1: "x"}), "columns must be a mapping with names as keys, such as {'x': ...}; got a dict"),
        (lambda: checks.generator("seed", "a"), "seed must be a whole number of at least 0, or a numpy Generator; got 'a'"),
        (lambda: checks.checked_level(2), "alpha must be between 0 and 1 (0.05 gives 95% intervals); got 2"),
        (lambda: checks.checked_labels({"x": 1}), "labels['x'] must be a string; got 1"),
        (lambda: checks.made_by("build_ties", dict, ties=[1]), "ties must be of type dict, as returned by build_ties; got a list"),
    ],
)
def test_a_refusal_says_what_the_argument_must_be_and_what_was_found(check, message):
    with pytest.raises(ArgumentError, match=re.escape(message)):
        check()


def test_a_closed_set_may_have_a_member_that_is_said_in_words():
    problem = ArgumentError.not_one_of("center", "median", ("mean", "none"), otherwise="a mapping of names to values")
    assert str(problem).startswith("center must be one of 'mean', 'none', or a mapping of names to values; got 'median'")
    assert str(ArgumentError.not_one_of("indicators", "c", ["m"])) == "indicators must be 'm'; got 'c'"


def test_a_message_shows_plain_values_only():
    assert [shown(value) for value in (None, "x", 0.5, True, np.int64(3))] == ["None", "'x'", "0.5", "True", "3"]
    assert [shown(value) for value in (["ann", "bob"], np.zeros(2), {"ann": 1})] == ["a list", "an ndarray", "a dict"]
    assert len(shown("x" * 500)) == 60


def test_numpy_values_pass_where_python_values_do():
    assert checks.whole("n", np.int32(4)) == 4
    assert checks.flag("on", np.True_) is True
    assert checks.real("q", np.float16(0.5)) == 0.5
    assert checks.generator("seed", 10**30).random() == checks.generator("seed", 10**30).random()
    given = np.random.default_rng(1)
    assert checks.generator("seed", given) is given
