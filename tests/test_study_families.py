"""Studies of outcomes that are yes or no, or counts: the cards, the page and the command line are on the scale of the link and say so."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from test_cli_commands import call  # noqa: F401 - a fixture
from tienet.base.errors import ArgumentError
from tienet.study.cards.making import make_cards
from tienet.study.check import check_study
from tienet.study.page.material import material_of, with_people
from tienet.study.page.rendering import rendered
from tienet.study.words.found import headline
from tienet.study.words.readings import caption

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport", "ignore::tienet.base.errors.SmallGroup")


@pytest.fixture(scope="module")
def outcomes(firm):
    rng, growth = np.random.default_rng(0), firm.outcomes.sales_growth
    z = (growth - growth.mean()) / growth.std()
    won = np.where(rng.random(len(z)) < 1 / (1 + np.exp(-1.5 * z)), "yes", "no")
    months = rng.integers(6, 18, len(z))
    return firm.outcomes.assign(won=won, months=months, deals=rng.poisson(np.exp(-1 + 0.4 * z) * months))


def study(firm, outcomes, **options):
    return tn.Study(log=firm.log, people=firm.people, outcomes=outcomes, controls=["tenure"], no_ties="drop", **options)


@pytest.fixture(scope="module")
def result(firm, outcomes):
    return study(firm, outcomes, outcome="won", family="logit", event="yes", outcome_label="a deal won").run()


def test_the_study_is_the_model_fitted_by_hand(firm, outcomes, result):
    ties = tn.build_ties(firm.log, firm.people)
    egos = tn.measure_egos(ties, of="sales", toward=["marketing", "customer_service"])
    data = egos.frame.merge(outcomes, left_on="ego", right_on="person").merge(firm.people.frame, on="person")
    functions = ("marketing", "customer_service")
    by_hand = tn.claro_ramos("won", functions, controls=["tenure"], no_ties="drop", family="logit", event="yes").fit(data)
    np.testing.assert_allclose(by_hand.estimate, result.fit.estimate, rtol=1e-9)
    assert set(result.linear.terms) == {term for term in result.fit.terms if "^2" not in term}


def test_cards_name_the_scale(result):
    for card in make_cards(result):
        assert "log odds of a deal won" in headline(card, result.study)
        assert card.middle.df == np.inf
    assert caption(result.study) == "Log odds of a deal won per additional tie"


def test_the_page_has_a_likelihood_and_no_r2(result):
    page = rendered(with_people(material_of(result), people=None, key=None))
    words = re.sub(r"<[^>]+>|\s+", " ", page)
    assert "logistic regression on the log-odds scale" in words
    assert "Expected log odds of a deal won" in words
    assert "is the share with a deal won" in words
    assert len(re.findall("R²|f²", words)) == 1  # that an R² is not defined
    assert "ordinary least squares" not in words


def test_a_count_with_its_exposure(firm, outcomes):
    counts = study(firm, outcomes, outcome="deals", family="poisson", exposure="months").run()
    assert "log rate of deals" in headline(make_cards(counts)[0], counts.study)
    np.testing.assert_allclose(counts.fit.polynomial.response.offset, np.log(counts.fit.sample.exposure))


def test_checking_does_not_model_the_outcome(firm, outcomes):
    options = {"outcome": "won", "family": "logit", "event": "yes"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tienet.regression.model.moderation.maximise", None)
        found = {one.topic: one.text for one in check_study(study(firm, outcomes, **options))}
    assert found["power"] == "f2 is not defined for log odds of won."


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"family": "logit", "outcome_unit": "points"}, "outcome_unit is for least squares; .* in log odds of sales growth"),
        ({"family": "log"}, "family must be one of"),
        ({"family": "poisson", "covariance": "HC3"}, "covariance='HC3' cannot be used with family='poisson'"),
        ({"exposure": "months"}, "set family, or leave exposure out"),
    ],
)
def test_settings_that_are_refused(firm, outcomes, options, message):
    with pytest.raises(ArgumentError, match=message):
        study(firm, outcomes, **options)


def test_the_command_fit(call, tmp_path):  # noqa: F811
    rng = np.random.default_rng(2)
    rows = pd.DataFrame({"x": rng.normal(size=80), "won": rng.choice(["no", "yes"], 80)})
    rows.to_csv(tmp_path / "rows.csv", index=False)
    code, out, _ = call("fit", tmp_path / "rows.csv", "--formula", "won ~ x", "--family", "logit", "--event", "yes", "--json", "-q")
    fit = tn.Moderation("won ~ x", family="logit", event="yes").fit(rows)
    said = json.loads(out[0])
    assert (code, "r_squared" in said) == (0, False)
    assert said["log_likelihood"] == pytest.approx(fit.log_likelihood, rel=1e-9)
    np.testing.assert_allclose([row["estimate"] for row in said["coefficients"]], fit.estimate, rtol=1e-9)
    code, _, err = call("fit", tmp_path / "rows.csv", "--formula", "won ~ x", "--family", "logistic")
    assert code == 2
    assert "did you mean 'logit'" in err.replace("\n", " ")
