"""Levels of a moderator by name, and categories as moderators."""

from __future__ import annotations

import numpy as np
import pytest

import tienet as tn
from probing import DATA, EXPECTED, KINDS, assert_table, fitted
from tienet.base.errors import ArgumentError, ModelError, OutsideSupport


def test_rules_give_the_quantiles_of_r() -> None:
    fit = fitted("y ~ x*z")
    for rule, key in (("percentiles", "type7"), ("process", "type6")):
        slopes = tn.simple_slopes(fit, focal="x", moderator="z", at=rule)
        np.testing.assert_allclose(slopes.at, EXPECTED["percentiles"][key], rtol=1e-12)
        assert slopes.label == ("16th percentile", "50th percentile", "84th percentile")
        assert tn.predict_surface(fit, focal="x", moderator="z", at=rule).moderator_values.tolist() == slopes.at.tolist()
        assert tn.simple_slopes(fit, focal="x", moderator="z", at={"z": rule}).at.tolist() == slopes.at.tolist()
    assert "at z 16th percentile (-2.968)" in str(slopes)


def test_sd_is_the_default_by_name() -> None:
    fit = fitted("y ~ x*z")
    by_name, default = (tn.simple_slopes(fit, focal="x", moderator="z", **at) for at in ({"at": "sd"}, {}))
    assert by_name.at.tolist() == default.at.tolist()
    assert by_name.label == ("-1 SD", "mean", "+1 SD")
    assert tn.predict_surface(fit, focal="x", moderator="z", moderator_at="sd").label == ("-1 SD", "+1 SD")


def test_a_two_valued_variable_stands_at_its_values_under_every_rule() -> None:
    fit = fitted("y ~ x*d", DATA.assign(d=(DATA["w"] > 0) * 1.0))
    for rule in ("sd", "percentiles", "process"):
        assert tn.simple_slopes(fit, focal="x", moderator="d", at=rule).at.tolist() == [0.0, 1.0]


def test_percentiles_of_a_skewed_moderator_stay_in_the_data_where_the_sd_does_not() -> None:
    skewed = fitted("y ~ x*s", DATA.assign(s=np.exp(1.6 * DATA["w"])))
    with pytest.warns(OutsideSupport, match="s = -"):
        tn.simple_slopes(skewed, focal="x", moderator="s")
    inside = tn.simple_slopes(skewed, focal="x", moderator="s", at="percentiles")
    assert (inside.at >= skewed.variables["s"].low).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_slope_for_each_category_as_emtrends_has_them(kind: str) -> None:
    slopes = tn.simple_slopes(fitted("y ~ x*g + z", covariance=kind), focal="x", moderator="g")
    table = EXPECTED[f"categories_{kind}"]["slopes"]
    assert_table(slopes, table)
    assert (slopes.label, slopes.moderator) == (tuple(table["label"]), "g")
    assert np.isnan(slopes.at).all()
    assert slopes.held == {}
    assert "Slope of x at g east: 0.528" in str(slopes)


def test_some_categories_in_the_order_asked_for() -> None:
    fit = fitted("y ~ x*g + z")
    every = tn.simple_slopes(fit, focal="x", moderator="g")
    some = tn.simple_slopes(fit, focal="x", moderator="g", at=["west", "east"])
    assert some.label == ("west", "east")
    assert some.estimate.tolist() == every.estimate[[3, 0]].tolist()
    assert tn.simple_slopes(fit, focal="x", moderator="g", at="west").estimate.tolist() == [every.estimate[3]]
    assert tn.simple_slopes(fit, focal="x", moderator="g", at={"g": ["west"]}).label == ("west",)


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_for_each_category_as_emmeans_has_it(kind: str) -> None:
    fit = fitted("y ~ x*g + z", covariance=kind)
    surface = tn.predict_surface(fit, focal="x", moderator="g", at={"z": 0.5}, over=(2.5, 3.5), points=2)
    table = EXPECTED[f"categories_{kind}"]["means"]
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        np.testing.assert_allclose(getattr(surface, name)[:, 0], table[name], rtol=1e-8, err_msg=name)
    assert surface.label == tuple(table["label"])
    assert "g at east: from" in str(surface)


@pytest.mark.parametrize("kind", KINDS)
def test_a_category_against_the_base_over_a_number(kind: str) -> None:
    # emmeans: contrasts of category means at values of x are the slopes of the dummies there
    fit = fitted("y ~ x*g + z", covariance=kind)
    expected = EXPECTED[f"categories_{kind}"]["against_base"]
    for place, category in enumerate(("north", "south", "west")):
        found = tn.simple_slopes(fit, focal=f"g[{category}]", moderator="x", at=expected["x"])
        table = {name: [each[name][place] for each in expected["tables"]] for name in expected["tables"][0]}
        assert table["label"][0] == f"{category} - east"
        assert_table(found, table)
        regions = tn.johnson_neyman(fit, focal=f"g[{category}]", moderator="x")
        for x, p in zip(expected["x"], table["p_value"], strict=True):
            assert bool(regions.significant[np.searchsorted(regions.bounds, x)]) == (p < 0.05)


def test_a_dummy_as_focal_compares_whole_categories() -> None:
    fit = fitted("y ~ x*g + z")
    drawn = tn.predict_surface(fit, focal="g[west]", moderator="x", moderator_at=[2.5], at={"z": 0.5})
    lines = tn.predict_surface(fit, focal="x", moderator="g", at={"z": 0.5}, over=(2.5, 3.5), points=2)
    np.testing.assert_allclose(drawn.estimate[0], lines.estimate[[0, 3], 0], rtol=1e-10)


def test_row_order_does_not_matter_for_categories() -> None:
    shuffled = DATA.sample(frac=1, random_state=3)
    before, after = (tn.simple_slopes(fitted("y ~ x*g + z", data), focal="x", moderator="g") for data in (DATA, shuffled))
    np.testing.assert_allclose(before.estimate, after.estimate, rtol=1e-10)
    np.testing.assert_allclose(before.p_value, after.p_value, rtol=1e-8)


def test_refusals() -> None:
    fit = fitted("y ~ x*g + z")
    with pytest.raises(ArgumentError, match=r"g has no category 'nort'; did you mean 'north'"):
        tn.simple_slopes(fit, focal="x", moderator="g", at=["nort"])
    with pytest.raises(ModelError, match=r"slope of z does not depend on g in this model of y; add z:g"):
        tn.simple_slopes(fit, focal="z", moderator="g")
    with pytest.raises(ArgumentError, match=r"at must be .*; got 'quartiles'"):
        tn.simple_slopes(fitted("y ~ x*z"), focal="x", moderator="z", at="quartiles")
