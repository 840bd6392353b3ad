"""Count the interactions of each tie in several periods, in one pass over the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tienet.base.frames import duckdb_in_one_line
from tienet.network.reading.interactions import InteractionLog
from tienet.network.ties.exclusions import roster_of
from tienet.network.ties.network import Ties
from tienet.network.ties.pairs import group_spans


def interactions_by_span(log: InteractionLog, ties: Ties, edges: Sequence[int]) -> NDArray[np.float64]:
    """Count the interactions of each tie in each period. A period includes its first edge and excludes its last.

    Parameters
    ----------
    log
        The log that the ties were built from, with times.
    ties
        The t ties.
    edges
        The w + 1 edges of the periods in ascending order, microseconds UTC.

    Returns
    -------
    (w, t) array
        Interactions that the rule of the ties counts, without weights for size or age.
    """
    plain = replace(ties.rule, half_life=None, size_weight="none", channel_weights=(), reciprocal=False)
    with duckdb_in_one_line(log.origin):
        found = group_spans(log, plain, edges, roster_of(ties.people, {}, log.ids))
    counts = np.zeros((len(edges) - 1, len(ties)))
    if not len(ties):
        return counts
    key = ties.a * len(ties.people) + ties.b
    order = np.argsort(key)
    pair = found.a * len(ties.people) + found.b
    place = order[np.minimum(np.searchsorted(key, pair, sorter=order), len(key) - 1)]
    known = key[place] == pair
    counts[found.span[known], place[known]] = found.weight[known]
    return counts
