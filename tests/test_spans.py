"""Interactions in periods of time: one pass against ties built period by period, in every engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import tienet as tn
from tienet.base.errors import NoInteraction
from tienet.network.ties.spans import interactions_by_span

START = datetime(2025, 1, 1, tzinfo=UTC)
EDGES = [0, 3, 4, 11, 20, 30]  # days after the start


def counted(log, people, rule, start, end):
    """Interactions by pair of positions, of ties built for one span."""
    try:
        ties = tn.build_ties(log, people, rule=tn.TieRule(**rule, since=start, until=end, min_interactions=1e-9, half_life=None))
    except NoInteraction:
        return {}
    return dict(zip(zip(ties.a.tolist(), ties.b.tolist(), strict=True), ties.interactions.tolist(), strict=True))


@pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsUnmatched")  # one of the eight is a stranger
def test_one_pass_counts_what_ties_of_each_span_count(make_frame):
    rng = np.random.default_rng(2)
    names, n = [f"p{i}" for i in range(8)], 400
    ends = [rng.choice(names, 2, replace=False) for _ in range(n)]
    days = rng.uniform(0, 30, n)
    days[:6] = [0, 3, 4, 11, 20, 29.99]  # on the edges
    days = np.where((days > 4) & (days < 11) & (np.arange(n) > 6), 12.5, days)  # one span is nearly empty
    rows = {
        "time": [(START + timedelta(seconds=round(86400 * float(day)))).replace(tzinfo=None) for day in days],
        "source": [str(a) for a, _ in ends],
        "target": [str(b) for _, b in ends],
        "size": rng.integers(2, 70, n).tolist(),
    }
    people = tn.read_people({"person": names[:7], "function": ["A", "B", "A", "B", "C", "C", "A"]})
    log = tn.read_log(make_frame(rows), timezone="UTC")
    rule = {"max_size": 40}
    ties = tn.build_ties(log, people, rule=tn.TieRule(**rule, min_interactions=2, since="2025-01-01", until="2025-01-31"))
    moments = [START + timedelta(days=day) for day in EDGES]
    found = interactions_by_span(log, ties, [int(moment.timestamp()) * 1_000_000 for moment in moments])
    assert found.shape == (len(EDGES) - 1, len(ties))
    np.testing.assert_allclose(found.sum(axis=0), ties.interactions)
    for at in range(len(found)):
        expected = counted(log, people, rule, moments[at], moments[at + 1])
        pairs = zip(ties.a.tolist(), ties.b.tolist(), strict=True)
        assert found[at].tolist() == [expected.get(pair, 0.0) for pair in pairs]
