"""A log with all the cases that engines handle differently, in every kind of frame."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

import tienet as tn
from frames import to_rows
from tienet.base.errors import RowsUnmatched

T0 = datetime(2025, 3, 28, 23, 30)
PEOPLE = {
    "person": ["001", "Ann", "ann", "bob", "cat", "mo", "mo", "zoe", "bot@x"],
    "function": ["Sales", "Sales", "Ops", "Ops", "Sales", "Marketing", "Sales", "Ops", "Ops"],
    "valid_from": [None, None, None, None, None, None, "2025-04-05", None, None],
    "valid_to": [None, None, None, None, None, "2025-04-05", None, None, None],
}
EXCLUDED = {"person": ["bot@x", "list@x"], "reason": ["bot", "mailing list"]}
RULES = {
    "plain": tn.TieRule(min_interactions=1, half_life=None, size_weight="none", max_size=None),
    "default": tn.TieRule(min_interactions=1),
    "pair": tn.TieRule(min_interactions=1, half_life="36h", size_weight="pair", reciprocal="geometric", channel_weights={"chat": 0.5}),
    "strict": tn.TieRule(min_interactions=2, half_life="2w", reciprocal="min", channels=["mail", "chat"], min_weeks=2, since="2025-03-30"),
}


CASES = [("default", {}), ("strict", {}), ("plain", {"whole_ids": True}), ("pair", {"far": True})]


def hard_log(*, whole_ids: bool = False, far: bool = False) -> dict[str, list[Any]]:
    """Duplicate events, unknown and excluded people, gaps, sizes of 13, weights, replies, days around a change; `far`: decades between."""
    random = np.random.default_rng(4)
    ids = ["001", "Ann", "ann", "bob", "cat", "mo", "zoe", "stranger", "bot@x", "list@x"]
    rows = []
    for k in range(400):
        source, target = random.choice(len(ids), 2, replace=False)
        event = None if k % 7 == 0 else f"e{k}"
        moment = T0 + timedelta(minutes=int(random.integers(0, 40 * 24 * 60)), microseconds=int(random.integers(0, 10**6)))
        answers = f"e{k - 3}" if k % 3 == 0 and k > 3 else None
        row = [moment, ids[source], ids[target], ["mail", "chat", None, "Mail"][k % 4], [2.0, None, 13.0, 6.0, 51.0][k % 5]]
        rows.append([*row, [1.0, 0.1, 2.5][k % 3], event, answers])
        if answers:  # the one asked back, by the one who was asked
            rows.append([moment + timedelta(minutes=k), ids[target], ids[source], "mail", 2.0, 1.0, f"r{k}", event])
        if k % 5 == 0:  # listed again, with another channel and a smaller weight
            rows.append([moment, ids[source], ids[target], "chat", 2.0, 0.1, event, None])
    rows += [[T0, "ann", "ann", "mail", 2.0, 1.0, "self", None], [T0, "ann", "bob", "mail", 2.0, 0.0, "zero", None]]
    if far:
        rows += [[datetime(year, 5, 1, 12, 0, 0, 1), "ann", "bob", "mail", 2.0, 1.0, f"y{year}", None] for year in (1931, 1969, 1970, 2036)]
    columns = {name: list(values) for name, values in zip(NAMES, zip(*rows, strict=True), strict=True)}
    if whole_ids:
        numbers = {name: at - 2 for at, name in enumerate(ids)}
        columns |= {end: [numbers[name] for name in columns[end]] for end in ("source", "target")}
    return columns


NAMES = ("time", "source", "target", "channel", "size", "weight", "event", "reply_to")


def roster(*, whole_ids: bool = False) -> dict[str, list[Any]]:
    """The people of the log; as whole numbers some are negative."""
    if not whole_ids:
        return PEOPLE
    ids = ["001", "Ann", "ann", "bob", "cat", "mo", "zoe", "stranger", "bot@x", "list@x"]
    return PEOPLE | {"person": [str(ids.index(name) - 2) for name in PEOPLE["person"]]}


def excluded(*, whole_ids: bool = False) -> dict[str, list[Any]]:
    return EXCLUDED | {"person": ["6", "7"]} if whole_ids else EXCLUDED


def everything(log: Any, rule: tn.TieRule, *, whole_ids: bool = False, timezone: str = "UTC") -> dict[str, Any]:
    """All that the tie step makes of a log: counts to be compared exactly, numbers to 1e-9."""
    read = tn.read_log(log, timezone=timezone)
    with pytest.warns(RowsUnmatched) as heard:
        ties = tn.build_ties(read, tn.read_people(roster(whole_ids=whole_ids)), rule=rule, exclude=excluded(whole_ids=whole_ids))
    said = " ".join(str(one.message) for one in heard)
    assert "rows name someone who is not in the people table" in said  # the stranger
    assert ("channels names 'mail', but" in said) == (rule.channels is not None)  # some rows have 'Mail'
    counts = {"ledger": ties.ledger.counts, "excluded": dict(ties.excluded), "below": ties.pairs_below, "ends": (read.first, read.last)}
    segments = ties.segments
    assert segments is not None
    assert ties.latency is not None
    numbers = {name: getattr(segments, name) for name in ("tie", "interactions", "frequency", "weighted", "weighted_a_to_b", "last")}
    functions = [*segments.function_a.tolist(), *segments.function_b.tolist()]
    return counts | {"channels": read.channels, "ties": to_rows(ties.frame), "latency": ties.latency, "functions": functions, **numbers}


def assert_same(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Counts exactly, floats to 1e-9."""
    from frames import same

    for name, value in wanted.items():
        if name == "ties":
            assert same(found[name], value)
            assert len(value) > 5
            for column in ("rows", "a", "b", "channels", "first", "last"):
                assert [row.get(column) for row in found[name]] == [row.get(column) for row in value]
        elif isinstance(value, np.ndarray):
            np.testing.assert_allclose(found[name], value, rtol=1e-9, atol=1e-12, err_msg=name)
        else:
            assert found[name] == value, name
