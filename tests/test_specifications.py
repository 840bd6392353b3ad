"""Interactions with and without squares against lmtest."""

from __future__ import annotations

import numpy as np
import pytest

import tienet as tn
from probing import EXPECTED, KINDS, fitted
from tienet.base.errors import ModelError


@pytest.mark.parametrize("kind", KINDS)
def test_both_specifications_against_r(kind: str) -> None:
    fit = fitted("v ~ x*z + x^2 + z^2 + w", covariance=kind)
    found = tn.regression.model.with_and_without_quadratics(fit)
    expected = EXPECTED["specifications"][kind]
    for suffix, r2, wanted in (("", found.r_squared, expected["with"]), ("_without", found.r_squared_without, expected["without"])):
        estimate, error, p = (getattr(found, f"{name}{suffix}")[0] for name in ("estimate", "std_error", "p_value"))
        assert (estimate, error, estimate / error, p, r2) == pytest.approx(wanted, rel=1e-8)
    assert found.df.tolist() == [fit.df]
    assert found.df_without.tolist() == [fit.df + 2]
    assert (found.terms, found.quadratics, found.change) == (("x:z",), ("x^2", "z^2"), ("none",))
    assert "same sign, same conclusion" in str(found)


def test_a_false_interaction_that_the_squares_take_away() -> None:
    # a pure curve in two correlated variables: without the square the product stands in for it
    rng = np.random.default_rng(8)
    x = rng.normal(size=400)
    z = 0.8 * x + 0.6 * rng.normal(size=400)
    fit = fitted("y ~ x*z + x^2 + z^2", {"x": x, "z": z, "y": x**2 + z**2 - 0.4 * x * z + rng.normal(size=400)})
    found = tn.regression.model.with_and_without_quadratics(fit)
    assert found.change == ("sign",)
    assert (found.estimate[0] < 0, found.estimate_without[0] > 0) == (True, True)
    assert "the sign changes" in str(found)
    pure = tn.regression.model.with_and_without_quadratics(fitted("y ~ x*z + x^2", {"x": x, "z": z, "y": x**2 + rng.normal(size=400)}))
    assert "significance" in pure.change[0]
    assert "significance at p < .05 changes" in str(pure)


def test_products_with_squares_inside_are_not_compared() -> None:
    found = tn.regression.model.with_and_without_quadratics(fitted("v ~ x^2*z + x*g"))
    assert found.terms == ("x:z", "x:g[north]", "x:g[south]", "x:g[west]")
    assert found.quadratics == ("x^2", "x^2:z")
    assert len(found.frame) == 4


def test_refusals() -> None:
    with pytest.raises(ModelError, match="has no square"):
        tn.regression.model.with_and_without_quadratics(fitted("v ~ x*z"))
    with pytest.raises(ModelError, match="no product of two variables"):
        tn.regression.model.with_and_without_quadratics(fitted("v ~ x + x^2 + z"))
