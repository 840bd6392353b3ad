"""Several mediators: against R (shared data), the sum of paths, refitted resamples, and the joint error by influence."""

from __future__ import annotations

import numpy as np
import pytest

import tienet as tn
from drawing import drawn
from models import data, expected
from tienet.base.errors import ArgumentError, ModelError

mediation = tn.regression.resampling.mediation
RNG = np.random.default_rng(8)
N = 90
X, E1, E2, E3 = RNG.normal(size=(4, N))
M1 = 0.5 * X + E1
M2 = 0.4 * X - 0.3 * M1 + E2
TABLE = {"x": X, "m1": M1, "m2": M2, "g": np.repeat(["a", "b", "c"], N // 3), "y": 0.4 * M1 + 0.3 * M2 + 0.2 * X + E3}
PARALLEL = {"mediators": ["m1 ~ x", "m2 ~ x"], "focal": "x", "draws": 50}
SERIAL = {"mediators": ["m1 ~ x", "m2 ~ x + m1"], "focal": "x", "draws": 50}


def effects(found: object) -> dict[tuple[str, str], float]:
    return dict(zip(zip(found.effect, found.label, strict=True), found.estimate, strict=True))


def test_two_mediators_against_r() -> None:
    want = expected("two_mediators")
    found = mediation("y ~ x + m1 + m2", data("two_paths"), covariance="classical", **PARALLEL)
    assert found.effect == ("indirect", "indirect", "total indirect", "difference", "direct", "total")
    keys = ("m1", "m2", "total", "difference")
    # R and numpy solve the same least squares in doubles
    np.testing.assert_allclose(found.estimate[:4], [want["indirect"][key] for key in keys], rtol=1e-9)
    np.testing.assert_allclose(found.std_error[:4], [want["se_delta"][key] for key in keys], rtol=1e-9)
    np.testing.assert_allclose(found.estimate[4:], [want["direct"], want["total_effect"]], rtol=1e-9)


@pytest.mark.parametrize("options", [PARALLEL, SERIAL])
def test_direct_and_indirect_effects_add_up_to_the_slope_without_mediators(options: dict) -> None:
    found = mediation("y ~ x + m1 + m2", TABLE, **options)
    total = tn.Moderation("y ~ x").fit(TABLE).estimate[1]
    assert effects(found)["total", ""] == pytest.approx(total)
    through = [value for (effect, _), value in effects(found).items() if effect == "indirect"]
    assert effects(found)["total indirect", ""] == pytest.approx(sum(through))


def test_one_after_another_multiplies_along_the_path() -> None:
    found = mediation("y ~ x + m1 + m2", TABLE, **SERIAL)
    a1 = tn.Moderation("m1 ~ x").fit(TABLE).estimate[1]
    _, a2, d = tn.Moderation("m2 ~ x + m1").fit(TABLE).estimate
    _, _, b1, b2 = tn.Moderation("y ~ x + m1 + m2").fit(TABLE).estimate
    assert effects(found)["indirect", "m1 -> m2"] == pytest.approx(a1 * d * b2)
    assert effects(found)["indirect", "m2"] == pytest.approx(a2 * b2)
    assert effects(found)["difference", "m1 minus m1 -> m2"] == pytest.approx(a1 * b1 - a1 * d * b2)


def test_a_resample_has_the_same_rows_in_all_equations() -> None:
    # so the sum of paths is the total effect in each of them
    found = mediation("y ~ x + m1 + m2", TABLE, seed=4, **SERIAL)
    codes = np.random.default_rng(4).integers(0, N, (50, N))
    for draw in (0, 49):
        rows = codes[draw]
        slope = np.polyfit(X[rows], TABLE["y"][rows], 1)[0]
        assert found.estimates[draw, -1] == pytest.approx(slope)


def test_robust_errors_are_those_of_the_influence_of_each_row() -> None:
    # HC0 delta errors are the root of the sum of squared influences of the rows on the effect
    found = mediation("y ~ x + m1 + m2", TABLE, covariance="HC0", **PARALLEL)
    weights = np.ones(N)

    def weighted(given: np.ndarray) -> float:
        root = np.sqrt(given)[:, None]
        one = np.column_stack([np.ones(N), X])
        full = np.column_stack([one, M1, M2])
        a = np.linalg.lstsq(one * root, np.column_stack([M1, M2]) * root, rcond=None)[0][1]
        b = np.linalg.lstsq(full * root, TABLE["y"] * root[:, 0], rcond=None)[0][2:]
        return float(a @ b)

    step = 1e-6
    influence = [(weighted(weights + step * row) - weighted(weights - step * row)) / (2 * step) for row in np.eye(N)]
    # central differences leave about 1e-8 of the value
    assert found.std_error[2] == pytest.approx(np.linalg.norm(influence), rel=1e-6)


def test_a_categorical_focal_variable_has_a_joint_test() -> None:
    found = mediation("y ~ g + m1 + m2", TABLE, mediators=["m1 ~ g", "m2 ~ g"], focal="g", covariance="classical", draws=50)
    assert found.level[:1] + found.level[-1:] == ("b", "c")
    assert "All total indirect effects are zero: Wald F(2, 85)" in str(found)
    # the F of two effects does not depend on the base category
    other = {**TABLE, "g": np.array([{"a": "z", "b": "b", "c": "c"}[g] for g in TABLE["g"]])}
    moved = mediation("y ~ g + m1 + m2", other, mediators=["m1 ~ g", "m2 ~ g"], focal="g", covariance="classical", draws=50)
    assert moved.omnibus_statistic == pytest.approx(found.omnibus_statistic, rel=1e-9)
    assert "category" in found.frame


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"mediators": ["m1 ~ x"]}, ArgumentError, "at least two different mediators"),
        ({"mediators": ["m1 ~ x + m2", "m2 ~ x"]}, ModelError, "m2 must not be in the formula of m1"),
        ({"mediators": ["m1 ~ x + y", "m2 ~ x"]}, ModelError, "y must not be in the formula of m1"),
        ({"mediators": "m1 ~ x"}, ArgumentError, "must be a list of formulas"),
        ({"mediators": ["m1 ~ x", "g ~ x"]}, ModelError, "lacks the mediator g"),
        ({"mediator": "m1 ~ x"}, ArgumentError, "give either mediator="),
        ({"moderator": "x"}, ArgumentError, "a moderator"),
    ],
)
def test_refusals(options: dict, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        mediation("y ~ x + m1 + m2", TABLE, **{**PARALLEL, **options})


def test_the_figure_has_a_row_for_each_path() -> None:
    ax = drawn(mediation("y ~ x + m1 + m2", TABLE, **SERIAL))
    assert [tick.get_text().replace("\n", " ") for tick in ax.get_yticklabels()][::-1] == [
        "Through m1",
        "Through m2",
        "Through m1, then m2",
        "All paths",
        "Direct",
        "Total",
    ]
