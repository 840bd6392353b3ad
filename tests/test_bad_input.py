"""Arguments that make no sense: one line that names what is wrong, never a traceback of numpy or pandas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tienet as tn
from tienet.errors import ArgumentError, DataError, TienetError
from tienet.inference.diagnostics import f_of

RNG = np.random.default_rng(8)
DATA = {name: RNG.normal(size=60) for name in ("y", "x", "z", "m", "iv")}
FIT = tn.Moderation("y ~ x*z + x^2", covariance="classical").fit(DATA)
NONSENSE = (float("nan"), -1, None, [], {}, ["x", ["y"]], b"x", object(), 1j)
PROBES: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "simple_slopes": (tn.simple_slopes, {"focal": "x", "moderator": "z"}),
    "slope_differences": (tn.slope_differences, {"focal": "x", "moderator": "z"}),
    "johnson_neyman": (tn.johnson_neyman, {"focal": "x", "moderator": "z"}),
    "turning_point": (tn.turning_point, {"focal": "x"}),
    "u_test": (tn.u_test, {"focal": "x"}),
    "slope_region": (tn.slope_region, {"focal": "x", "moderator": "z"}),
    "predict_surface": (tn.predict_surface, {"focal": "x"}),
}


@pytest.mark.parametrize("name", PROBES)
def test_probes_of_what_is_no_model(name: str) -> None:
    probe, options = PROBES[name]
    for model in NONSENSE:
        with pytest.raises(ArgumentError, match="has no fitted surface; pass a fit"):
            probe(model, **options)


@pytest.mark.parametrize("name", PROBES)
def test_focal_variables_that_are_no_name(name: str) -> None:
    probe, options = PROBES[name]
    for focal in NONSENSE:
        with pytest.raises(TienetError) as found:
            probe(FIT, **{**options, "focal": focal})
        assert "\n" not in str(found.value)


@pytest.mark.filterwarnings("ignore::tienet.errors.WeakIdentification")
@pytest.mark.parametrize("seed", [-1, 1.5, "a", None, [], True])
def test_seeds(seed: object) -> None:
    two = tn.Moderation("y ~ x")
    calls = (
        lambda: tn.bootstrap(FIT, 9, seed=seed),
        lambda: tn.moran(FIT, np.eye(60, k=1), draws=9, seed=seed),
        lambda: tn.control_function(two, DATA, endogenous="x", instruments="iv", draws=99, seed=seed),
        lambda: tn.mediation("y ~ x + m", DATA, mediator="m ~ x", focal="x", draws=9, seed=seed),
    )
    for call in calls:
        with pytest.raises(ArgumentError, match="is not a whole number of at least 0, and no numpy Generator"):
            call()


def test_names_numbers_and_tables() -> None:
    with pytest.raises(ArgumentError, match=r"terms holds 1, which is no name"):
        tn.joint_test(FIT, [1])
    with pytest.raises(ArgumentError, match=r"terms holds nan, which is no name"):
        tn.drop_terms(FIT, float("nan"))
    with pytest.raises(ArgumentError, match=r"f2='big' is not a number"):
        tn.power("big", 50, 1)
    with pytest.raises(ArgumentError, match=r"the model is a str"):
        tn.control_function("y ~ x", DATA, endogenous="x", instruments="iv")
    with pytest.raises(DataError, match=r"no lists of one length"):
        tn.Moderation("y ~ x").fit({"y": 1, "x": 2})
    with pytest.raises(ArgumentError, match=r"blocks='x' is no mapping"):
        tn.effect_sizes(FIT, blocks="x")
    with pytest.raises(ArgumentError, match=r"q='half' is not a number"):
        tn.sensitivity(FIT, "x:z", q="half")


def test_nothing_left_unexplained_has_no_f() -> None:
    for gain, rest, df2 in ((1.0, 0.0, 5.0), (0.0, 0.0, 5.0), (1.0, 1.0, 0.0)):
        found = f_of(gain, rest, 1, df2)
        assert np.isnan([found[0], found[3]]).all()
    assert f_of(2.0, 4.0, 2, 8)[0] == pytest.approx(2.0)


def test_the_robin_hood_rule_looks_for_the_turn_the_quadratic_begins_with() -> None:
    rng = np.random.default_rng(4)
    x = np.sort(rng.uniform(0, 10, 400))
    y = x + 0.1 * x**2 + rng.normal(0, 0.2, 400)  # rises from the start and bends up: the highest point, so a late break
    found = tn.two_lines(tn.Moderation("y ~ x + x^2").fit({"x": x, "y": y}), focal="x")
    assert found.break_at > np.quantile(x, 0.8)
    assert found.verdict == "neither"
