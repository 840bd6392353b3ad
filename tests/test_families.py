"""Models of outcomes that are not measured on a line, against R, statsmodels and closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from models import column, data, expected
from tienet.regression.model import Moderation

# The iterations stop at 1e-12; R's numbers were computed to the same.
CLOSE = {"rtol": 1e-8}
WON = "won ~ ties*strength + ties*crm"
R_NAMES = {"ties^2": "I(ties^2)", "age^2": "I(age^2)"}


def in_r(terms):
    return [R_NAMES.get(term, term) for term in terms]


def assert_coefficients(fit, table):
    frame = fit.frame
    names = in_r(frame["term"])
    for ours, theirs in (("estimate", "est"), ("std_error", "se"), ("p_value", "p"), ("conf_low", "lo"), ("conf_high", "hi")):
        np.testing.assert_allclose(frame[ours], column(table, names, theirs), **CLOSE, err_msg=ours)


def test_logit_as_in_r():
    numbers, wanted = data("won_deals"), expected("logit")
    fit = Moderation(WON, family="logit", center="none").fit(numbers)
    assert_coefficients(fit, wanted["coefficients"])
    assert (fit.log_likelihood, fit.aic) == pytest.approx((wanted["loglik"], wanted["aic"]), rel=1e-10)
    assert -2 * fit.null_log_likelihood == pytest.approx(wanted["null_deviance"], rel=1e-10)
    slopes = tn.simple_slopes(fit, focal="ties", moderator="strength", at={"crm": 0})
    table = pd.DataFrame(wanted["link_slopes_of_ties_crm0"])
    np.testing.assert_allclose(slopes.frame[["estimate", "std_error", "p_value"]], table[["est", "se", "p"]], **CLOSE)
    assert "Slope of ties on the log-odds scale at strength" in str(slopes)
    regions = tn.johnson_neyman(fit, focal="ties", moderator="strength", at={"crm": 0})
    np.testing.assert_allclose(regions.bounds, wanted["jn_over_strength_crm0"]["roots"], **CLOSE)


@pytest.mark.parametrize(("kind", "theirs"), [("HC0", "hc0_se"), ("CR0", "cr0_se"), ("CR1", "cr1_se")])
def test_robust_errors_of_a_logit_as_in_r(kind, theirs):
    clustered = kind.startswith("CR")
    fit = Moderation(WON, family="logit", covariance=kind, cluster="team" if clustered else None, center="none").fit(data("won_deals"))
    np.testing.assert_allclose(fit.std_error, column(expected("logit")["robust"][theirs], list(fit.terms)), **CLOSE)
    assert fit.df == (19 if clustered else np.inf)


def test_predictions_stay_probabilities():
    numbers, wanted = data("won_deals"), pd.DataFrame(expected("logit")["predictions"])
    found = Moderation(WON, family="logit").fit(numbers).predict(wanted[["ties", "strength", "crm"]])
    for ours, theirs in (
        ("estimate", "est"),
        ("std_error", "se_delta"),
        ("conf_low", "lo"),
        ("conf_high", "hi"),
        ("link_std_error", "link_se"),
    ):
        np.testing.assert_allclose(found[ours], wanted[theirs], **CLOSE, err_msg=ours)


def test_two_by_two_table_in_closed_form():
    """Log odds ratio and the root of the sum of the inverse counts."""
    counts = {(1, 1): 12, (1, 0): 8, (0, 1): 5, (0, 0): 15}
    rows = [pair for pair, count in counts.items() for _ in range(count)]
    fit = Moderation("won ~ crm", family="logit").fit({"crm": [crm for crm, _ in rows], "won": [won for _, won in rows]})
    assert fit.estimate == pytest.approx([np.log(5 / 15), np.log(12 * 15 / (8 * 5))], rel=1e-10)
    assert fit.std_error[1] == pytest.approx(sum(1 / count for count in counts.values()) ** 0.5, rel=1e-10)
