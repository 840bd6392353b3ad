from __future__ import annotations

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from tienet.base.errors import ArgumentError
from tienet.study.simulate.truth import CENTERS

PARTNERS = ("marketing", "customer_service")


@pytest.fixture(scope="module")
def plain_firm():
    """A firm whose outcomes carry no noise."""
    return tn.simulate_firm(n_people=120, seed=7, noise=0.0)


def surface(coefficients, centers, values):
    """The polynomial, term by term, at columns of values."""
    total = np.zeros(len(next(iter(values.values()))))
    for term, coefficient in coefficients.items():
        factor = np.ones_like(total)
        for name in [] if term == "intercept" else term.split(":"):
            base = name.removesuffix("^2")
            factor = factor * (values[base] - centers.get(base, 0.0)) ** (2 if name.endswith("^2") else 1)
        total = total + coefficient * factor
    return total


def test_the_same_seed_gives_the_same_firm_and_another_seed_another():
    first, again, other = (tn.simulate_firm(n_people=70, seed=seed) for seed in (2, 2, 3))
    pd.testing.assert_frame_equal(first.interactions, again.interactions)
    pd.testing.assert_frame_equal(first.outcomes, again.outcomes)
    pd.testing.assert_frame_equal(first.people.frame, again.people.frame)
    assert not first.outcomes["sales_growth"].equals(other.outcomes["sales_growth"])
    assert not first.interactions.equals(other.interactions)


@pytest.mark.parametrize("n_people", [60, 97, 150])
def test_the_firm_has_the_people_asked_for_three_in_ten_of_them_in_sales(n_people):
    firm = tn.simulate_firm(n_people=n_people, seed=1)
    assert len(firm.people) == n_people
    sellers = firm.people.person[firm.people.holders("sales")].tolist()
    assert firm.outcomes["person"].tolist() == sellers
    assert abs(len(sellers) - 0.3 * n_people) < 1
    assert np.isfinite(firm.outcomes["sales_growth"]).all()


def test_the_truth_has_the_signs_that_the_abstract_reports():
    truth = tn.simulate_firm(n_people=60).truth.coefficients
    signs = {
        "marketing": {"ties": -1, "strength": 1, "product": -1, "square": 1},
        "customer_service": {"ties": 1, "strength": -1, "product": -1, "square": -1},
    }
    for function, sign in signs.items():
        ties, strength = f"total_ties_{function}", f"tie_strength_{function}"
        found = {"ties": truth[ties], "strength": truth[strength], "product": truth[f"{ties}:{strength}"], "square": truth[f"{ties}^2"]}
        assert {name: np.sign(value) for name, value in found.items()} == sign


def test_without_noise_outcomes_are_the_surface_of_the_measures(plain_firm):
    egos = tn.measure_egos(tn.build_ties(plain_firm.log, plain_firm.people), of="sales", toward=PARTNERS).frame
    people = plain_firm.people.frame.set_index("person").loc[egos["ego"]]
    truth = plain_firm.truth
    values = {"tenure": people["tenure"].to_numpy()}
    values |= {f"region[{name}]": (people["region"] == name).to_numpy(float) for name in ("South", "West")}
    for function in PARTNERS:
        values[f"total_ties_{function}"] = egos[f"total_ties_{function}"].to_numpy()
        # Where there is no tie its strength counts as the centre.
        values[f"tie_strength_{function}"] = egos[f"tie_strength_{function}"].fillna(truth.centers[f"tie_strength_{function}"]).to_numpy()
    expected = surface(truth.coefficients, truth.centers, values)
    # Outcomes are stated to six decimals.
    np.testing.assert_allclose(plain_firm.outcomes["sales_growth"], expected, rtol=0, atol=6e-7)
    assert plain_firm.outcomes["person"].tolist() == egos["ego"].tolist()


@pytest.mark.sweep
def test_noise_has_the_spread_asked_for():
    quiet, loud = (tn.simulate_firm(n_people=400, seed=11, noise=noise) for noise in (0.0, 2.0))
    rest = loud.outcomes["sales_growth"] - quiet.outcomes["sales_growth"]
    # 120 draws: the standard deviation of their standard deviation is 2 / sqrt(240) = 0.13; four of them on either side.
    assert rest.std() == pytest.approx(2.0, abs=0.52)
    assert abs(rest.mean()) < 4 * 2.0 / np.sqrt(120)


def test_the_log_and_the_measures_use_what_read_log_reads(plain_firm):
    again = tn.read_log(plain_firm.interactions)
    assert again.ledger.counts == plain_firm.log.ledger.counts
    assert again.ledger.used == again.ledger.rows_in == len(plain_firm.interactions)
    assert set(plain_firm.interactions["channel"]) == {"mail", "chat", "meeting"}
    people = plain_firm.interactions.groupby("event")[["source", "target", "size"]]
    for _, event in itertools.islice(people, 300):
        assert set(event["size"]) == {len(set(event["source"]) | set(event["target"]))}
    assert plain_firm.interactions["time"].dt.day_of_week.max() <= 4


def test_meetings_are_listed_both_ways_and_messages_from_one_sender(plain_firm):
    for channel, event in itertools.islice(plain_firm.interactions.groupby(["channel", "event"]), 0, None, 37):
        rows = set(zip(event["source"], event["target"], strict=True))
        size = event["size"].iloc[0]
        assert len(rows) == len(event) == (size * (size - 1) if channel[0] == "meeting" else size - 1)
        assert (len(set(event["source"])) == 1) == (channel[0] != "meeting")


@given(
    st.fixed_dictionaries({name: st.floats(-10, 20) for name in CENTERS}),
    st.fixed_dictionaries({name: st.floats(-10, 20) for name in ("tenure", "region[South]", "region[West]", *CENTERS)}),
)
def test_the_truth_at_other_centres_is_the_same_surface(truth_of_any_firm, centers, point):
    truth = truth_of_any_firm
    values = {name: np.array([value]) for name, value in point.items()}
    before, after = surface(truth.coefficients, truth.centers, values), surface(truth.at(centers), centers, values)
    # Terms up to 0.09 * 30^2 and 2.4 * 30 * 30 cancel: 1e-9 is far above their rounding.
    np.testing.assert_allclose(after, before, rtol=1e-9, atol=1e-9)


@pytest.fixture(scope="module")
def truth_of_any_firm(plain_firm):
    return plain_firm.truth


def test_centres_that_stay_change_nothing(plain_firm):
    truth = plain_firm.truth
    assert truth.at({}) == dict(truth.coefficients)
    assert truth.at(truth.centers) == pytest.approx(dict(truth.coefficients), rel=1e-12)
    moved = truth.at({"total_ties_marketing": 5.0})
    unmoved = [term for term in moved if moved[term] == truth.coefficients[term]]
    assert set(moved) - set(unmoved) == {"intercept", "total_ties_marketing", "tie_strength_marketing"}


def test_coefficients_can_be_set_and_misspelt_ones_are_refused():
    flat = {"total_ties_marketing^2": 0.0}
    firm, bent = tn.simulate_firm(n_people=60, seed=4, coefficients=flat, noise=0.0), tn.simulate_firm(n_people=60, seed=4, noise=0.0)
    assert firm.truth.coefficients["total_ties_marketing^2"] == 0.0
    ties = tn.measure_egos(tn.build_ties(firm.log, firm.people), of="sales", toward=PARTNERS).total_ties[:, 0]
    lost = bent.truth.coefficients["total_ties_marketing^2"] * (ties - bent.truth.centers["total_ties_marketing"]) ** 2
    np.testing.assert_allclose(bent.outcomes["sales_growth"] - firm.outcomes["sales_growth"], lost, rtol=0, atol=1.1e-6)
    with pytest.raises(ArgumentError, match=re.escape("got 'total_ties_marketng'; did you mean 'total_ties_marketing'")):
        tn.simulate_firm(n_people=60, coefficients={"total_ties_marketng": 1.0})


def test_a_firm_too_small_to_study_is_refused():
    with pytest.raises(ArgumentError, match="n_people must be at least 60"):
        tn.simulate_firm(n_people=59)


def test_the_face_of_a_firm_shows_no_person(plain_firm):
    text = str(plain_firm) + repr(plain_firm.log) + repr(plain_firm.people) + str(plain_firm.truth)
    assert not any(person in text for person in plain_firm.people.person)
    assert str(plain_firm.truth) == "12 true coefficients, residual standard deviation 0"
