"""A simulated firm with a known truth: log, people and outcomes in the sign pattern the 2018 abstract reports.

The people of each function turn to each other in mails, chats and meetings; sales growth is then computed from the
ties that the default tie rule finds in that log. So the regression's true coefficients are known exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet import _time
from tienet._frames import Columns
from tienet._record import Record, counted, locked
from tienet.errors import ArgumentError
from tienet.log import InteractionLog, read_log
from tienet.measures.ego import EgoMeasures, measure_egos
from tienet.people import People, read_people
from tienet.ties import TieRule, build_ties

FUNCTIONS = {
    "Sales": 0.30,
    "Marketing": 0.14,
    "Customer Service": 0.18,
    "Operations": 0.16,
    "Finance": 0.08,
    "Product": 0.14,
}
REGIONS = {"North": 0.0, "South": 0.6, "West": -0.4}
PARTNERS = ("marketing", "customer_service")
# Signs as in the abstract (interaction signs by inference); sizes are ours, in points of sales growth per tie and per
# weekly interaction. Nothing here is an estimate of the study: its tables are not public.
COEFFICIENTS: Mapping[str, float] = {
    "intercept": 6.0,
    "tenure": 0.10,
    "total_ties_marketing": -0.30,
    "tie_strength_marketing": 3.0,
    "total_ties_marketing^2": 0.07,
    "total_ties_marketing:tie_strength_marketing": -2.4,
    "total_ties_customer_service": 0.30,
    "tie_strength_customer_service": -3.0,
    "total_ties_customer_service^2": -0.07,
    "total_ties_customer_service:tie_strength_customer_service": -2.0,
}
CENTERS: Mapping[str, float] = {
    "total_ties_marketing": 4.0,
    "tie_strength_marketing": 0.25,
    "total_ties_customer_service": 5.0,
    "tie_strength_customer_service": 0.25,
}
NOISE = 1.5
DAYS = 182
START = "2025-01-06"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Truth(Record):
    """The coefficients behind a simulated firm's outcomes.

    Attributes
    ----------
    coefficients : mapping of str to float
        Per term, for variables minus `centers`.
    centers : mapping of str to float
        The values at which the main effects hold.
    noise : float
        Standard deviation of what the model leaves open, points of sales growth.
    """

    coefficients: Mapping[str, float]
    centers: Mapping[str, float]
    noise: float

    def at(self, centers: Mapping[str, float]) -> dict[str, float]:
        """The same surface written for other centres: main effects and intercept move, squares and products stay.

        With ``y = ... + b (x - c) + q (x - c)^2 + p (x - c)(z - d)``, moving c by h adds ``2 q h`` (and ``p`` times the move
        of d) to b.
        """
        moved = dict(self.coefficients)
        moves = {name: centers.get(name, center) - center for name, center in self.centers.items()}
        for name, h in moves.items():
            moved["intercept"] += self.coefficients[name] * h
            square = self.coefficients.get(f"{name}^2", 0.0)
            moved["intercept"] += square * h * h
            moved[name] += 2.0 * square * h
        for term, product in self.coefficients.items():
            if ":" in term:
                first, second = term.split(":")
                moved[first] += product * moves[second]
                moved[second] += product * moves[first]
                moved["intercept"] += product * moves[first] * moves[second]
        return moved

    def _columns(self) -> Columns:
        return {
            "term": np.array(list(self.coefficients), dtype=object),
            "true_value": np.array(list(self.coefficients.values()), dtype=float),
        }

    def __str__(self) -> str:
        return f"{counted(len(self.coefficients), 'true coefficient')}, residual standard deviation {self.noise:g}"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Firm:
    """A simulated firm.

    Attributes
    ----------
    log : InteractionLog
    people : People
    outcomes : pandas.DataFrame
        One row per salesperson: person, sales_growth (percent).
    truth : Truth
    interactions : pandas.DataFrame
        The raw log: time, event, channel, size, source, target.
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
        People in the firm, at least 60; three in ten sell.
    seed
        The same seed gives the same firm.
    coefficients
        Terms to set differently from the defaults, for example ``{"total_ties_marketing^2": 0}``.
    noise
        Standard deviation of the outcome around the surface, in points of sales growth.

    Returns
    -------
    Firm

    Notes
    -----
    Ties are drawn per pair with a propensity of both people toward each other's function, interactions per tie with a
    lognormal rate, events as mails, chats and meetings of two to six people. Sales growth is the surface of `Truth`, taken at
    the total ties and tie strength ("frequency", default `TieRule`) that the log itself shows, plus normal noise. Where a
    salesperson has no tie to a function its strength counts as the centre.

    Examples
    --------
    >>> import tienet as tn
    >>> firm = tn.simulate_firm(n_people=80, seed=3)
    >>> print(firm.people)
    80 people in 6 functions: Sales 24, Customer Service 14, Operations 13, Marketing 11, Product 11, Finance 7
    """
    if n_people < 60:
        raise ArgumentError(f"n_people must be at least 60 for a sales force that can be studied, not {n_people}")
    unknown = set(coefficients or {}) - set(COEFFICIENTS)
    if unknown:
        raise ArgumentError.not_one_of("coefficients", sorted(unknown)[0], COEFFICIENTS)
    rng = np.random.default_rng(seed)
    table = _people(n_people, rng)
    interactions = _interactions(np.asarray(table["function"], dtype=object), rng)
    interactions["source"], interactions["target"] = (table["person"].to_numpy()[interactions[end]] for end in ("source", "target"))
    people, log = read_people(table), read_log(interactions)
    egos = measure_egos(build_ties(log, people, rule=TieRule()), of="sales", toward=PARTNERS)
    truth = Truth({**COEFFICIENTS, **(coefficients or {})}, CENTERS, noise)
    outcomes = _outcomes(egos, people, truth, rng)
    return Firm(log, people, outcomes, truth, interactions)


def _people(n: int, rng: np.random.Generator) -> Any:
    import pandas as pd

    shares = np.array(list(FUNCTIONS.values()))
    sizes = np.floor(shares * n).astype(int)
    sizes[np.argsort(-(shares * n - sizes), kind="stable")[: n - sizes.sum()]] += 1
    function = np.repeat(np.array(list(FUNCTIONS), dtype=object), sizes)
    # Roughly ten people a team, never across functions.
    within = np.concatenate([np.arange(size) for size in sizes])
    team = [f"{label[:2].upper()}{1 + place // 10:02d}" for label, place in zip(function, within, strict=True)]
    order = rng.permutation(n)
    return pd.DataFrame(
        {
            "person": [f"p{code:04d}" for code in range(1, n + 1)],
            "function": function[order],
            "team": np.array(team, dtype=object)[order],
            "region": rng.choice(list(REGIONS), size=n),
            "tenure": np.round(rng.gamma(2.0, 3.0, size=n), 1),
        }
    )


def _interactions(function: NDArray[Any], rng: np.random.Generator) -> Any:
    """The log with people as positions: events drawn over ties, then spread over everyone in the event."""
    import pandas as pd

    first, second, rate = _acquaintances(function, rng)
    per_tie = rng.poisson(rate)
    starter_is_first = rng.random(per_tie.sum()) < 0.5
    tie = np.repeat(np.arange(len(first)), per_tie)
    starter = np.where(starter_is_first, first[tie], second[tie])
    other = np.where(starter_is_first, second[tie], first[tie])
    channel = rng.choice(3, size=len(tie), p=[0.45, 0.35, 0.20])
    group = _guests(starter, other, channel, first, second, len(function), rng)
    event, source, target, size = _rows(group, channel)
    log = pd.DataFrame(
        {
            "time": _times(len(tie), rng)[event],
            "event": [f"e{code:06d}" for code in (event + 1).tolist()],
            "channel": np.array(["mail", "chat", "meeting"], dtype=object)[channel[event]],
            "size": size,
            "source": source,
            "target": target,
        }
    )
    return log.sort_values(["time", "event", "source", "target"], ignore_index=True)


def _acquaintances(function: NDArray[Any], rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Pairs who work together and their interactions in half a year; each person leans toward some functions, and leans hard or not."""
    n = len(function)
    names, place = np.unique(function.astype(str), return_inverse=True)
    reach = rng.normal(0.0, 0.42, size=(n, len(names)))
    depth = rng.normal(0.0, 0.35, size=(n, len(names)))
    first, second = np.triu_indices(n, 1)
    same = place[first] == place[second]
    members = np.bincount(place)
    # Acquaintances in a function of usual size: most in one's own, then wherever sales is one of the two.
    sells = names == "Sales"
    wanted = np.where(same, 7.0, np.where(sells[place[first]] | sells[place[second]], 5.2, 2.2))
    logit = np.log(wanted / np.sqrt(members[place[first]] * members[place[second]]).clip(wanted + 1.0))
    chance = np.exp(logit + reach[first, place[second]] + reach[second, place[first]] - 0.2).clip(max=0.9)
    drawn = rng.random(len(first)) < chance
    first, second = first[drawn], second[drawn]
    rate = 10.0 * np.exp(depth[first, place[second]] + depth[second, place[first]] + rng.normal(0.0, 0.3, size=len(first)))
    return first, second, rate


def _guests(
    starter: NDArray[np.int64],
    other: NDArray[np.int64],
    channel: NDArray[np.int64],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    n: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Who is in each event: (events, 6) positions, the starter first, -1 where nobody is; guests are acquaintances of the starter."""
    ends, alters = np.concatenate([first, second]), np.concatenate([second, first])
    order = np.argsort(ends, kind="stable")
    alters = alters[order]
    begin = np.searchsorted(ends[order], np.arange(n + 1))
    extra = np.minimum(rng.geometric(np.array([0.85, 0.97, 0.65])[channel]) - 1, 4)
    pick = begin[starter][:, None] + (rng.random((len(starter), 4)) * (begin[starter + 1] - begin[starter])[:, None]).astype(np.int64)
    guests = np.where(np.arange(4) < extra[:, None], alters[pick], -1)
    everyone = np.column_stack([starter, other, guests])
    # A guest drawn twice, or the other person drawn again, is one person.
    for column in range(2, 6):
        again = (everyone[:, :column] == everyone[:, [column]]).any(axis=1)
        everyone[again, column] = -1
    return everyone


def _rows(
    group: NDArray[np.int64], channel: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Event, source, target and size per row: a mail or chat goes from its sender to each recipient, a meeting both ways between all."""
    size = (group >= 0).sum(axis=1)
    parts = []
    for here in range(6):
        for there in range(6):
            if here == there:
                continue
            both = (group[:, here] >= 0) & (group[:, there] >= 0) & ((here == 0) | (channel == 2))
            event = np.flatnonzero(both)
            parts.append((event, group[event, here], group[event, there], size[event]))
    event, source, target, people = (np.concatenate(column) for column in zip(*parts, strict=True))
    return event, source, target, people


def _times(events: int, rng: np.random.Generator) -> NDArray[np.datetime64]:
    """Working days, mostly in working hours, to the second."""
    weeks, weekday = rng.integers(0, DAYS // 7, size=events), rng.integers(0, 5, size=events)
    hour = np.clip(rng.normal(13.0, 2.5, size=events), 6.0, 22.0)
    seconds = np.floor((weeks * 7 + weekday) * 86_400 + hour * 3600.0).astype(np.int64)
    return (_time.moment(START) // _time.SECOND + seconds).astype("datetime64[s]")


def _outcomes(egos: EgoMeasures, people: People, truth: Truth, rng: np.random.Generator) -> Any:
    import pandas as pd

    at = people.codes(egos.ego)
    values = {"tenure": people.attributes["tenure"][at]}
    for place, function in enumerate(egos.functions):
        values[f"total_ties_{function}"] = egos.total_ties[:, place] - truth.centers[f"total_ties_{function}"]
        strength = egos.tie_strength[:, place] - truth.centers[f"tie_strength_{function}"]
        values[f"tie_strength_{function}"] = np.nan_to_num(strength, nan=0.0)
    region = np.array([REGIONS[name] for name in people.attributes["region"][at]])
    growth = truth.coefficients["intercept"] + region + rng.normal(0.0, truth.noise, size=len(at))
    for term, coefficient in truth.coefficients.items():
        if term != "intercept":
            growth = growth + coefficient * _monomial(term, values)
    return pd.DataFrame({"person": egos.ego, "sales_growth": locked(np.round(growth, 6))})


def _monomial(term: str, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    factors = [values[name.removesuffix("^2")] ** (2 if name.endswith("^2") else 1) for name in term.split(":")]
    return np.asarray(np.prod(factors, axis=0))
