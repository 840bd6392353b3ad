"""Lines of a three-way interaction: against R (shared data), one call for each value, and the figure."""

from __future__ import annotations

import numpy as np
import pytest

import tienet as tn
from drawing import drawn, marked
from models import data, expected
from tienet.base.errors import ArgumentError, ModelError

PAIR = {"focal": "x", "moderator": "z"}
RNG = np.random.default_rng(4)
X, Z, W, U, NOISE = RNG.normal(size=(5, 90))
TABLE = {"x": X, "z": Z, "w": W, "u": U, "g": np.tile(["a", "b", "c"], 30), "y": X + Z * W + X * Z * W + U + NOISE}
FIT = tn.Moderation("y ~ x*z*w + u").fit(TABLE)


def test_eight_predictions_against_r() -> None:
    points = expected("three_way")["points"]
    fit = tn.Moderation("y ~ x*z*v", covariance="HC3").fit(data("three_way"))
    ends = sorted({point["x"] for point in points})
    found = tn.predict_surface(fit, **PAIR, second="v", over=tuple(ends), points=2)
    # second moderator, moderator, focal variable: the order of the file and of the frame
    for ours, theirs in (("second_at", "v"), ("at", "z"), ("value", "x"), ("estimate", "est"), ("std_error", "se"), ("conf_low", "lo")):
        np.testing.assert_allclose(found.frame[ours], [point[theirs] for point in points], rtol=1e-8, err_msg=ours)


def test_each_line_is_that_of_a_call_of_its_own_and_the_others_are_named() -> None:
    found = tn.predict_surface(FIT, **PAIR, at={"w": [-1, 1], "u": 0.5})
    for place, w in enumerate((-1, 1)):
        alone = tn.predict_surface(FIT, **PAIR, at={"w": w, "u": 0.5})
        for name in ("estimate", "std_error", "inside"):
            np.testing.assert_allclose(getattr(found, name)[2 * place : 2 * place + 2], getattr(alone, name), rtol=1e-12)
    assert found.second_label == ("-1", "-1", "1", "1")
    assert "z at +1 SD" in str(found)
    assert "w at -1: from" in str(found)
    assert "unless given (u = 0.500)" in str(found)


def test_a_category_can_be_the_second_moderator() -> None:
    fit = tn.Moderation("y ~ x*z*g").fit(TABLE)
    found = tn.predict_surface(fit, **PAIR, second="g")
    assert found.second_label == ("a", "a", "b", "b", "c", "c")
    np.testing.assert_allclose(found.estimate[2:4], tn.predict_surface(fit, **PAIR, at={"g": "b"}).estimate, rtol=1e-12)


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"second": "w", "at": {"u": [1, 2]}}, ArgumentError, "w and u both have several values"),
        ({"second": "x"}, ModelError, "already the focal variable"),
        ({"second": "z"}, ModelError, "already the moderator"),
        ({"second": "w", "moderator": None}, ArgumentError, "needs a first moderator"),
    ],
)
def test_what_is_no_second_moderator_is_refused(more: dict, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        tn.predict_surface(FIT, **{**PAIR, **more})


def test_colours_tell_the_moderator_and_dashes_the_second() -> None:
    ax = drawn(tn.predict_surface(FIT, **PAIR, second="w"))
    lines = marked(ax, "line")
    colours, dashes = [line.get_color() for line in lines], [line.get_linestyle() for line in lines]
    assert colours[:2] == colours[2:]
    assert colours[0] != colours[1]
    assert dashes[0] == dashes[1] != dashes[2] == dashes[3]
    assert [text.get_text()[:4] for text in ax.get_legend().get_texts()] == ["z −1", "z +1", "w −1", "w +1"]


def test_a_category_along_the_axis_has_its_predicted_means() -> None:
    # without other variables the means of the cells are the predictions
    table = {**TABLE, "b": np.repeat([0, 1], 45)}
    fit = tn.Moderation("y ~ g*b", covariance="classical").fit(table)
    found = tn.predict_surface(fit, focal="g", moderator="b")
    assert found.categories == ("a", "b", "c")
    cells = [[table["y"][(table["b"] == b) & (table["g"] == g)].mean() for g in "abc"] for b in (0, 1)]
    np.testing.assert_allclose(found.estimate, cells, rtol=1e-10)
    residual = sum(
        ((table["y"][(table["b"] == b) & (table["g"] == g)] - cells[b][j]) ** 2).sum() for b in (0, 1) for j, g in enumerate("abc")
    )
    np.testing.assert_allclose(found.std_error, np.sqrt(residual / 84 / 15), rtol=1e-10)
    np.testing.assert_allclose(tn.predict_surface(fit, focal="b", moderator="g").estimate.T, cells, rtol=1e-10)
    assert f"{cells[0][2]:.3f} in c" in str(found)
    ax = drawn(found)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["a", "b", "c"]
    np.testing.assert_allclose(np.concatenate([dots.get_offsets()[:, 1] for dots in marked(ax, "mean")]), np.ravel(cells))


def test_a_category_without_people_at_a_level_is_hollow() -> None:
    table = {**TABLE, "z": np.where(TABLE["g"] == "a", Z - 9, Z)}
    found = tn.predict_surface(tn.Moderation("y ~ g*z").fit(table), focal="g", moderator="z", moderator_at=[0.0])
    assert found.inside.tolist() == [[False, True, True]]
    with pytest.raises(ArgumentError, match="has no range"):
        tn.predict_surface(tn.Moderation("y ~ g*z").fit(table), focal="g", over=(0, 1))
