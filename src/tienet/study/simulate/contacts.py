"""Simulated interactions: ties, events along them, and the rows of the log."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base import time as _time

DAYS = 182
START = "2025-01-06"


def draw_interactions(function: NDArray[Any], rng: np.random.Generator) -> Any:
    """Simulate a log with people as positions: draw events along ties, then expand each event to all its participants."""
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
    """Draw pairs with ties and their interactions in half a year; people differ in whom they reach and how often."""
    n = len(function)
    names, place = np.unique(function.astype(str), return_inverse=True)
    reach = rng.normal(0.0, 0.42, size=(n, len(names)))
    depth = rng.normal(0.0, 0.35, size=(n, len(names)))
    first, second = np.triu_indices(n, 1)
    same = place[first] == place[second]
    members = np.bincount(place)
    # Expected ties to a function of average size: most within one's own, then between sales and others.
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
    """The participants of each event: (events, 6) positions, the starter first, -1 for none; guests have a tie to the starter."""
    ends, alters = np.concatenate([first, second]), np.concatenate([second, first])
    order = np.argsort(ends, kind="stable")
    alters = alters[order]
    begin = np.searchsorted(ends[order], np.arange(n + 1))
    extra = np.minimum(rng.geometric(np.array([0.85, 0.97, 0.65])[channel]) - 1, 4)
    pick = begin[starter][:, None] + (rng.random((len(starter), 4)) * (begin[starter + 1] - begin[starter])[:, None]).astype(np.int64)
    guests = np.where(np.arange(4) < extra[:, None], alters[pick], -1)
    everyone = np.column_stack([starter, other, guests])
    # Drop guests who are in the event already.
    for column in range(2, 6):
        again = (everyone[:, :column] == everyone[:, [column]]).any(axis=1)
        everyone[again, column] = -1
    return everyone


def _rows(
    group: NDArray[np.int64], channel: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Event, source, target and size per row: mails and chats go from sender to recipients, meetings both ways between all."""
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
    """Times on weekdays, mostly in working hours, to the second."""
    weeks, weekday = rng.integers(0, DAYS // 7, size=events), rng.integers(0, 5, size=events)
    hour = np.clip(rng.normal(13.0, 2.5, size=events), 6.0, 22.0)
    seconds = np.floor((weeks * 7 + weekday) * 86_400 + hour * 3600.0).astype(np.int64)
    return (_time.moment(START) // _time.SECOND + seconds).astype("datetime64[s]")
