"""Simulated firms: people, a log, and sales growth computed from the ties in that log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tienet.base.checks import generator, mapping, positive, whole
from tienet.base.errors import ArgumentError
from tienet.base.record import locked
from tienet.network.measures.ego import EgoMeasures, measure_egos
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.log import read_log
from tienet.network.reading.people import People, read_people
from tienet.network.ties.build import build_ties
from tienet.network.ties.rule import TieRule
from tienet.study.simulate.contacts import draw_interactions
from tienet.study.simulate.truth import CENTERS, COEFFICIENTS, NOISE, Truth

__all__ = ["Firm", "simulate_firm"]


FUNCTIONS = {
    "Sales": 0.30,
    "Marketing": 0.14,
    "Customer Service": 0.18,
    "Operations": 0.16,
    "Finance": 0.08,
    "Product": 0.14,
}
REGIONS = ("North", "South", "West")
PARTNERS = ("marketing", "customer_service")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Firm:
    """A simulated firm.

    Parameters
    ----------
    log
        The interaction log.
    people
        The people table.
    outcomes
        pandas data frame, one row per salesperson: person, sales_growth (percent).
    truth
        The true coefficients.
    interactions
        The raw log as a pandas data frame: time, event, channel, size, source, target.
    """

    log: InteractionLog
    people: People
    outcomes: Any
    truth: Truth
    interactions: Any

    def __str__(self) -> str:
        return f"Simulated firm: {self.people}. {self.log}"

    def __repr__(self) -> str:
        return f"<Firm: {self}>"


def simulate_firm(n_people: int = 400, seed: int = 1, *, coefficients: Mapping[str, float] | None = None, noise: float = NOISE) -> Firm:
    """Simulate half a year of a firm's interactions and its salespeople's growth.

    Parameters
    ----------
    n_people
        People in the firm, at least 60; three in ten are in sales.
    seed
        The same seed gives the same firm.
    coefficients
        True coefficients that differ from the defaults, for example ``{"total_ties_marketing^2": 0}``.
    noise
        Standard deviation of the residuals, in percentage points of sales growth.

    Returns
    -------
    Firm

    Notes
    -----
    Ties are drawn per pair, with a propensity of both people toward each other's function; interactions per tie have a
    lognormal rate; events are mails, chats and meetings of two to six people. Sales growth is the surface of `Truth` at
    the total ties and tie strength ("frequency", default `TieRule`) measured in the log, plus normal noise. For a salesperson
    without ties to a function, its strength is set to the centre.

    Examples
    --------
    >>> import tienet as tn
    >>> firm = tn.simulate_firm(n_people=80, seed=3)
    >>> print(firm.people)
    80 people in 6 functions: Sales 24, Customer Service 14, Operations 13, Marketing 11, Product 11, Finance 7
    """
    if whole("n_people", n_people) < 60:
        raise ArgumentError(f"n_people must be at least 60, so that there are enough salespeople to study, got {n_people}")
    rng = generator("seed", seed)
    own = mapping("coefficients", coefficients)
    unknown = set(own) - set(COEFFICIENTS)
    if unknown:
        raise ArgumentError.not_one_of("a name in coefficients", sorted(unknown)[0], COEFFICIENTS)
    positive("noise", noise, zero=True)
    truth = Truth({**COEFFICIENTS, **own}, CENTERS, noise)
    table = _people(n_people, rng)
    interactions = draw_interactions(np.asarray(table["function"], dtype=object), rng)
    interactions["source"], interactions["target"] = (table["person"].to_numpy()[interactions[end]] for end in ("source", "target"))
    people, log = read_people(table), read_log(interactions)
    egos = measure_egos(build_ties(log, people, rule=TieRule()), of="sales", toward=PARTNERS)
    outcomes = _outcomes(egos, people, truth, rng)
    return Firm(log, people, outcomes, truth, interactions)


def _people(n: int, rng: np.random.Generator) -> Any:
    import pandas as pd

    shares = np.array(list(FUNCTIONS.values()))
    sizes = np.floor(shares * n).astype(int)
    sizes[np.argsort(-(shares * n - sizes), kind="stable")[: n - sizes.sum()]] += 1
    function = np.repeat(np.array(list(FUNCTIONS), dtype=object), sizes)
    # About ten people per team, all in the same function.
    within = np.concatenate([np.arange(size) for size in sizes])
    team = [f"{label[:2].upper()}{1 + place // 10:02d}" for label, place in zip(function, within, strict=True)]
    order = rng.permutation(n)
    return pd.DataFrame(
        {
            "person": [f"p{code:04d}" for code in range(1, n + 1)],
            "function": function[order],
            "team": np.array(team, dtype=object)[order],
            "region": rng.choice(REGIONS, size=n),
            "tenure": np.round(rng.gamma(2.0, 3.0, size=n), 1),
        }
    )


def _outcomes(egos: EgoMeasures, people: People, truth: Truth, rng: np.random.Generator) -> Any:
    import pandas as pd

    at = people.codes(egos.ego)
    values = {f"region[{name}]": (people.attributes["region"][at] == name).astype(float) for name in REGIONS[1:]}
    values["tenure"] = people.attributes["tenure"][at]
    for place, function in enumerate(egos.functions):
        strength = egos.tie_strength[:, place]
        values[f"total_ties_{function}"] = egos.total_ties[:, place].astype(float)
        values[f"tie_strength_{function}"] = np.where(np.isnan(strength), truth.centers[f"tie_strength_{function}"], strength)
    growth = truth.surface(values) + rng.normal(0.0, truth.noise, size=len(at))
    return pd.DataFrame({"person": egos.ego, "sales_growth": locked(np.round(growth, 6))})
