"""The links: derivatives against central differences, and the refusal of variables inside a term that could not be read."""

from __future__ import annotations

import numpy as np
import pytest

import tienet as tn
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.record import Fixed, changed
from tienet.regression.core.response import LINKS, link_named


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_derivatives_of_a_link_are_its_slopes(link):
    eta, step = np.linspace(-3, 3, 25), 1e-5
    for lower, upper in ((link.mean, link.first), (link.first, link.second), (link.second, link.third)):
        numeric = (lower(eta + step) - lower(eta - step)) / (2 * step)
        # a central difference is exact up to step^2 and rounding / step
        np.testing.assert_allclose(upper(eta) * np.ones_like(eta), numeric, rtol=1e-6, atol=1e-8)


def test_an_unknown_link_is_refused_with_the_known_ones():
    with pytest.raises(ArgumentError, match=r"'identity', 'log', 'logit'"):
        link_named("loggit")


def test_a_variable_inside_an_unread_term_is_not_probed():
    model = tn.PublishedModel({"x": 0.5, "z": 0.1, "x:z": 0.3, "spline": 1.0}, means={"x": 0, "z": 0, "spline": 0}, sds={"x": 1, "z": 1})
    hidden = changed(model.polynomial, unread=Fixed({"spline": ("x",)}))

    class Foreign:
        polynomial = hidden

    with pytest.raises(ModelError, match=r"the slope of x is not known: .* the term spline"):
        tn.simple_slopes(Foreign(), focal="x", moderator="z")
