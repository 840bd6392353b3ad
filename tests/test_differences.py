"""Differences between simple slopes against emmeans and car."""

from __future__ import annotations

import numpy as np
import pytest

import tienet as tn
from probing import DATA, EXPECTED, KINDS, assert_table, fitted
from tienet.base.errors import ArgumentError, ModelError


@pytest.mark.parametrize("kind", KINDS)
def test_categories_two_by_two_and_jointly(kind: str) -> None:
    found = tn.regression.probes.slope_differences(fitted("y ~ x*g + z", covariance=kind), focal="x", moderator="g")
    expected = EXPECTED[f"categories_{kind}"]
    assert [f"{b} - {a}" for a, b in zip(found.label, found.against, strict=True)] == expected["pairs"]["label"]
    assert_table(found, expected["pairs"], sign=-1.0)
    joint = expected["joint"]
    assert (found.joint_df1, found.joint_df2) == (joint["df1"], joint["df2"])
    assert (found.joint_statistic, found.joint_p_value) == pytest.approx((joint["f"], joint["p"]), rel=1e-8)
    assert found.joint_p_value == pytest.approx(expected["joint_emmeans"]["p"], rel=1e-8)
    assert "All slopes equal: F(3, 171)" in str(found)


@pytest.mark.parametrize("kind", KINDS)
def test_the_six_differences_of_a_three_way_interaction(kind: str) -> None:
    fit = fitted("y ~ x*z*w", covariance=kind)
    found = tn.regression.probes.slope_differences(fit, focal="x", moderator=("z", "w"))
    assert_table(found, EXPECTED[f"three_way_{kind}"]["pairs"], sign=-1.0)
    assert found.label[2] == "z +1 SD, w +1 SD"
    assert found.against[2] == "z -1 SD, w -1 SD"
    assert found.moderators == ("z", "w")
    assert "dawson_richter_2006" in found._works()
    assert found.joint_df1 == 3
    for at in ("sd", {"z": "sd", "w": "sd"}, {"z": None, "w": None}):
        np.testing.assert_array_equal(
            tn.regression.probes.slope_differences(fit, focal="x", moderator=("z", "w"), at=at).estimate, found.estimate
        )
    by_mapping = tn.regression.probes.slope_differences(fit, focal="x", moderator="z", at={"z": "sd", "w": "sd"})
    np.testing.assert_array_equal(by_mapping.estimate, found.estimate)


def test_high_less_low_has_the_t_of_the_product() -> None:
    fit = fitted("y ~ x*z")
    found = tn.regression.probes.slope_differences(fit, focal="x", moderator="z")
    place = fit.terms.index("x:z")
    assert found.label == ("+1 SD",)
    assert found.estimate[0] == pytest.approx(2 * fit.variables["z"].sd * fit.estimate[place], rel=1e-10)
    assert found.statistic[0] == pytest.approx(fit.estimate[place] / fit.std_error[place], rel=1e-10)
    assert found.joint_statistic == pytest.approx(found.statistic[0] ** 2, rel=1e-9)
    assert (found.joint_df1, found.joint_p_value) == (1, pytest.approx(found.p_value[0], rel=1e-8))


def test_three_levels_of_a_straight_slope_have_one_direction() -> None:
    found = tn.regression.probes.slope_differences(fitted("y ~ x*z"), focal="x", moderator="z", at="percentiles")
    assert (len(found.label), found.joint_df1) == (3, 1)
    np.testing.assert_allclose(found.p_value, found.joint_p_value, rtol=1e-8)


def test_levels_with_the_same_slope_are_left_out() -> None:
    found = tn.regression.probes.slope_differences(fitted("y ~ x*z"), focal="x", moderator="z", at=[1.0, 1.0, 2.0])
    assert found.label == ("2", "2")
    with pytest.raises(ModelError, match="same at all these levels"):
        tn.regression.probes.slope_differences(fitted("y ~ x*z"), focal="x", moderator="z", at=[1.0, 1.0])


def test_a_variable_named_with_one_value_is_held() -> None:
    fit = fitted("y ~ x*z*w")
    found = tn.regression.probes.slope_differences(fit, focal="x", moderator="z", at={"w": 0.5})
    slopes = tn.simple_slopes(fit, focal="x", moderator="z", at={"w": 0.5, "z": "sd"})
    assert found.estimate[0] == pytest.approx(slopes.estimate[2] - slopes.estimate[0], rel=1e-12)
    assert found.held == {"w": 0.5}


def test_scale_of_the_variables_does_not_matter_for_the_joint_test() -> None:
    moved = DATA.assign(x=1e6 + 1e4 * DATA["x"], z=1e-4 * DATA["z"])
    before, after = (
        tn.regression.probes.slope_differences(fitted("y ~ x*z*w + x*g", data), focal="x", moderator=("z", "w", "g"))
        for data in (DATA, moved)
    )
    assert before.joint_df1 == after.joint_df1 == 6
    assert after.joint_statistic == pytest.approx(before.joint_statistic, rel=1e-7)
    np.testing.assert_allclose(after.statistic, before.statistic, rtol=1e-6)  # x keeps ten digits at 1e6


def test_plain_numbers_do_not_say_of_which_moderator() -> None:
    with pytest.raises(ArgumentError, match="does not say which moderator it is for"):
        tn.regression.probes.slope_differences(fitted("y ~ x*z*w"), focal="x", moderator=("z", "w"), at=[1, 2])


@pytest.mark.filterwarnings("ignore::tienet.base.errors.FewClusters")
def test_few_clusters_have_no_joint_test_of_many_slopes() -> None:
    data = DATA.assign(team=np.arange(180) % 3)
    found = tn.regression.probes.slope_differences(fitted("y ~ x*g", data, cluster="team"), focal="x", moderator="g")
    assert (found.joint_df1, found.joint_df2) == (3, 2)
    assert np.isnan([found.joint_statistic, found.joint_p_value]).all()
    assert found.dfs.tolist() == [2.0] * 6
    assert "no joint test of 3 differences" in str(found)
