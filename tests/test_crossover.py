"""Crossovers: against R (shared data), the complement of the floodlight, closed forms, and invariances."""

from __future__ import annotations

import numpy as np
import pytest

import tienet as tn
from drawing import drawn, marked, note
from models import data, expected
from tienet.base.errors import ArgumentError, ModelError

PAIR = {"focal": "x", "moderator": "z"}
RNG = np.random.default_rng(5)
X, Z, W = RNG.normal(4, 1, size=(3, 160))
NOISE = 0.6 * RNG.normal(size=160)
LINES = {"x": X, "z": Z, "w": W, "y": 0.5 * X + 0.6 * (X - 4.5) * (Z - 4) + NOISE}
CURVES = {"x": X, "z": Z, "w": W, "y": 0.5 * X + 0.5 * ((X - 4) ** 2 - 0.5) * (Z - 4) + NOISE}
KINDS = {"bounded": "bounded", "outside of two points": "two_rays", "whole line": "whole_line"}


def check(found: object, want: dict) -> None:
    # both programs solve the same quadratic in doubles; the crossing divides by a small product, which costs a few digits
    assert (found.estimate, found.std_error) == pytest.approx((want["est"], want["se_delta"]), rel=1e-7)
    assert found.delta == pytest.approx((want["delta_lo"], want["delta_hi"]), rel=1e-7)
    assert found.kind == KINDS[want["fieller"]["type"]]
    assert found.fieller == pytest.approx([want["fieller"][end] for end in ("lo", "hi") if end in want["fieller"]], rel=1e-7)


@pytest.mark.parametrize(
    ("entry", "table", "formula"), [("crossover", "three_way", "y ~ x*z + v"), ("crossover_bounded", "reliability", "y ~ x*z + c")]
)
def test_both_axes_against_r(entry: str, table: str, formula: str) -> None:
    want, found = expected(entry), tn.crossover(tn.Moderation(formula, covariance="HC3").fit(data(table)), **PAIR)
    check(found, want["on_x"])
    check(found.on_moderator[0].zero, want["on_z"])
    assert not found.inside
    assert found.settled == (entry == "crossover_bounded")


def test_three_way_against_r() -> None:
    fit = tn.Moderation("y ~ x*z*v", covariance="HC3").fit(data("three_way"))
    for row in expected("three_way")["crossover_on_x"]:
        check(tn.crossover(fit, **PAIR, at={"v": row["v"]}), row)


@pytest.mark.parametrize("covariance", ["classical", "CR2"])
def test_the_fieller_set_is_where_the_slope_of_the_moderator_does_not_differ_from_zero(covariance: str) -> None:
    team = {"cluster": "team"} if covariance == "CR2" else {}
    fit = tn.Moderation("y ~ x*z + w", covariance=covariance, **team).fit({**LINES, "team": np.arange(160) % 20})
    found = tn.crossover(fit, **PAIR)
    region = tn.johnson_neyman(fit, focal="z", moderator="x")
    assert found.kind == "bounded"
    assert found.fieller == region.bounds
    assert found.settled
    assert found.order == "disordinal"
    row = found.frame.iloc[0]
    assert (row["n_below"], row["n_above"]) == ((found.estimate > X).sum(), (found.estimate < X).sum())


def test_predicted_lines_are_equal_at_the_crossing() -> None:
    # with z squared the lines at the same distance on both sides of its mean cross
    for formula, table in (("y ~ x*z + x^2 + w", LINES), ("y ~ x*z + x^2*z + w", CURVES), ("y ~ x*z + x^2 + z^2", LINES)):
        fit = tn.Moderation(formula).fit(table)
        found = tn.crossover(fit, **PAIR)
        assert len(found.on_focal) == (2 if "x^2*z" in formula else 1)
        for crossing in found.on_focal:
            spot = crossing.zero.estimate
            lines = tn.predict_surface(fit, **PAIR, over=(spot, spot + 1), points=2).estimate
            assert lines[0, 0] == pytest.approx(lines[1, 0], rel=1e-9)
            low, high = crossing.zero.fieller
            assert low < spot < high


def test_two_crossings_have_a_set_each() -> None:
    found = tn.crossover(tn.Moderation("y ~ x*z + x^2*z").fit(CURVES), **PAIR)
    bounds = tn.johnson_neyman(tn.Moderation("y ~ x*z + x^2*z").fit(CURVES), focal="z", moderator="x").bounds
    assert [limit for crossing in found.on_focal for limit in crossing.zero.fieller] == pytest.approx(bounds)
    assert found.estimate == min((c.zero.estimate for c in found.on_focal), key=lambda spot: abs(spot - X.mean()))
    assert "cross at" in str(found)
    assert " and at " in str(found)
    assert len(marked(drawn(found), "crossing")) == 2
    never = tn.crossover(tn.Moderation("y ~ x*z + x^2*z").fit({**CURVES, "y": CURVES["y"] + 3 * Z}), **PAIR)
    assert never.on_focal == ()
    assert "cross nowhere" in str(never)
    assert "do not cross" in note(drawn(never))


def test_units_move_the_crossing_with_them() -> None:
    before = tn.crossover(tn.Moderation("y ~ x*z").fit(LINES), **PAIR)
    after = tn.crossover(tn.Moderation("y ~ x*z", center="none").fit({**LINES, "x": 3 - 2 * X, "z": 10 * Z, "y": 5 * LINES["y"]}), **PAIR)
    assert after.estimate == pytest.approx(3 - 2 * before.estimate)
    assert after.std_error == pytest.approx(2 * before.std_error)
    assert sorted(after.fieller) == pytest.approx(sorted(3 - 2 * np.array(before.fieller)))


def test_what_cannot_cross_is_refused() -> None:
    fit = tn.Moderation("y ~ x*g + w").fit({**LINES, "g": (Z > 4).astype(int)})
    groups = tn.crossover(fit, focal="x", moderator="g")
    assert groups.on_moderator == ()
    with pytest.raises(ModelError, match=r"only two values.*focal='x', moderator='g'"):
        tn.crossover(fit, focal="g", moderator="x")
    with pytest.raises(ModelError, match="does not depend on w"):
        tn.crossover(fit, focal="x", moderator="w")
    with pytest.raises(ArgumentError, match="x varies here"):
        tn.crossover(fit, focal="x", moderator="g", at={"x": 1})
    with pytest.raises(ModelError, match="exactly zero"):
        tn.crossover(tn.PublishedModel({"x": 1, "z": 1, "x:z": 0}, means={"x": 0, "z": 0}), **PAIR)


def test_printed_models_cross_without_covariances() -> None:
    around = {"means": {"x": 2.5, "z": 0}, "sds": {"x": 1, "z": 1}, "n": 104}
    b = {"x": 0.2, "z": -0.6, "x:z": 0.3}
    bare = tn.crossover(tn.PublishedModel(b, **around), **PAIR)
    assert (bare.estimate, bare.kind, bare.fieller) == (2.0, "not known", ())
    assert "standard errors are not known" in str(bare)
    errors = {"x": 0.1, "z": 0.1, "x:z": 0.04}
    found = tn.crossover(tn.PublishedModel(b, std_errors=errors, **around), **PAIR)
    # the delta error is that of (b_z + 2 b_xz) / b_xz, between |.1 - 2 (.04)| / .3 and (.1 + 2 (.04)) / .3
    assert (found.on_focal[0].zero.std_error_low, found.on_focal[0].zero.std_error_high) == pytest.approx((0.02 / 0.3, 0.18 / 0.3))
    assert np.isnan(found.std_error)
    assert "at most" in str(found)
    # the widest set holds that of every covariance the errors allow
    for r in (-0.9, 0, 0.9):
        known = {(a, a): e**2 for a, e in errors.items()} | {("z", "x:z"): r * 0.1 * 0.04}
        low, high = tn.crossover(tn.PublishedModel(b, covariance=known, **around), **PAIR).fieller
        assert found.fieller[0] <= low < high <= found.fieller[1]
    assert "at most" in note(drawn(found))


def test_the_figure_marks_the_crossing_and_its_intervals() -> None:
    found = tn.crossover(tn.Moderation("y ~ x*z").fit(LINES), **PAIR)
    ax = drawn(found)
    (mark,) = marked(ax, "crossing")
    assert mark.get_xdata()[0] == found.estimate
    assert list(marked(ax, "interval")[0].get_xdata()) == list(found.fieller)
    far = tn.crossover(tn.Moderation("y ~ x*z").fit({**LINES, "y": LINES["y"] + 2.5 * Z}), **PAIR)
    assert not far.inside
    ax = drawn(far)
    assert marked(ax, "extension")
    assert "outside the observed range" in note(ax)
