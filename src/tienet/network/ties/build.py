"""Build ties from a log and a roster, under a tie rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base import time as _time
from tienet.base.checks import made_by
from tienet.base.errors import DataError, NoInteraction
from tienet.base.frames import duckdb_in_one_line
from tienet.base.record import changed, read_only
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.people import People
from tienet.network.ties.answers import nothing_left, warn_channels, warn_unmatched
from tienet.network.ties.contacts import CONTACTS, ContactPass, contacts
from tienet.network.ties.exclusions import read_exclusions, roster_of, with_aliases, without_barred
from tienet.network.ties.latency import latency_of, reply_latency
from tienet.network.ties.network import Ties
from tienet.network.ties.pairs import Pairs, Window, contact_columns, group_pairs, per_week, reaches
from tienet.network.ties.rule import TieRule
from tienet.network.ties.segments import find_segments

__all__ = ["build_ties"]


def build_ties(log: InteractionLog, people: People, *, rule: TieRule | None = None, exclude: object = None) -> Ties:
    """Build the ties among the people of the roster from a log.

    Parameters
    ----------
    log
        From `read_log`.
    people
        From `read_people`. Interactions with anyone else are left out, and counted in the ledger; aliases count for their person.
    rule
        The tie rule; `TieRule()` by default.
    exclude
        A table (path or frame) of ids that are not people, with the columns ``person`` and ``reason`` ("bot", "shared mailbox", ...).
        They are removed from the roster; their interactions are counted in the ledger and, by reason, in `Ties.excluded`.

    Returns
    -------
    Ties

    Notes
    -----
    With events k between i and j, of age t_k (days before ``as_of``), with n_k people and weight w_k::

        interactions_ij = sum_k w_k
        frequency_ij    = sum_k w_k * 1/(n_k - 1) * 2^(-t_k / half_life)  /  weeks of the window

    Size weight "pair" uses 2/(n_k (n_k - 1)) instead of 1/(n_k - 1); channel weights are multiplied in. With f_ab and f_ba the same sums
    over one direction, reciprocal "min" has frequency = 2 min(f_ab, f_ba), and "geometric" 2 sqrt(f_ab f_ba).

    A tie is between two people, whatever their functions. If people change functions, `Ties.segments` divides the interactions by the
    functions held on the day (UTC); `measure_egos` and `function_matrix` use it.

    If more than a tenth of the rows that the rule counts name someone who is not in the people table, a warning (`RowsUnmatched`) says
    how many of them would match if ids were compared in another way; `tienet.network.reading.match_people` gives the counts. So does a
    channel that the rule and the log write differently.

    The window runs from `since` (or the first interaction) to `until` (or the last) and counts as one week at least. Days of the rule are
    days in the time zone of the log.

    Regularity, channels, first and last contact take a second pass over the log. It is made when one of them, or `Ties.frame`, is first
    read, or when the ties are pickled; until then the log must stay as it is. With `min_weeks` they come with the ties.

    Raises
    ------
    DataError
        The rule needs times or channels that the log does not have, people change functions and the log has no times, there is no
        interaction in the window, or no one in the roster is in the log.

    References
    ----------
    Newman, M. E. J. (2001). Scientific collaboration networks II. Physical Review E 64, 016132.
    Ahmad, W., Porter, M. A., & Beguerisse-Diaz, M. (2018). Tie-decay networks in continuous time. arXiv:1805.00193.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=2, half_life=None))
    >>> ties.frame[["a", "b", "interactions", "reciprocity"]]
         a    b  interactions  reciprocity
    0  ann  bob           2.0          1.0
    """
    made_by("read_log", InteractionLog, log=log)
    made_by("read_people", People, people=people)
    rule = TieRule() if rule is None else rule
    made_by("TieRule(...)", TieRule, rule=rule)
    return ties_under(log, people, (rule,), exclude=exclude, heard=True)[0]


def ties_under(log: InteractionLog, people: People, rules: Sequence[TieRule], *, exclude: object = None, heard: bool = False) -> list[Ties]:
    """The ties under rules that group alike, as `grouping` tells: the log is passed over once for all of them.

    `heard` says whether to warn of rows that name nobody.
    """
    for rule in rules:
        _refuse_unanswerable(log, rule, people)
    window = _window(log, rules[0])
    barred = with_aliases(read_exclusions(exclude), people, log.ids)
    people = without_barred(people, barred, log.ids)
    roster = roster_of(people, barred, log.ids)
    # Of the rules with one half-life, the one that counts weeks, if any does.
    ages = list({rule.half_life_days: rule for rule in sorted(rules, key=lambda rule: rule.min_weeks)}.values())
    with duckdb_in_one_line(log.origin):
        grouped = group_pairs(log, ages, window, roster)
    pairs, of_age = grouped[0], {rule.half_life_days: pairs for rule, pairs in zip(ages, grouped, strict=True)}
    ledger = log.ledger.after({**pairs.left_out, "excluded_person": sum(pairs.excluded.values())})
    if not len(pairs.a):
        raise nothing_left(log, rules[0], window, roster, pairs, ledger)
    if heard:
        warn_channels(log, rules[0])
        warn_unmatched(log, rules[0], window, roster, pairs)
    with duckdb_in_one_line(log.origin):
        latency = reply_latency(log, rules[0], window, people)
    later = ContactPass(log, rules[0], window, roster)
    made = []
    for rule in rules:
        ties = _ties(of_age[rule.half_life_days], later, people=people, rule=rule, ledger=ledger)
        with duckdb_in_one_line(log.origin):
            segments = find_segments(log, roster, people, ties.a, ties.b, rule=rule, window=window)
        made.append(changed(ties, excluded=pairs.excluded, latency=latency_of(ties, latency), segments=segments))
    return made


def grouping(rule: TieRule) -> TieRule:
    """The part of a rule that determines the grouping of a log; thresholds apply to the pairs, and half-lives share one pass."""
    both_ways = rule.reciprocal if isinstance(rule.reciprocal, str) else False
    return replace(rule, min_interactions=1, min_weeks=1, reciprocal=both_ways, half_life=None)


def _refuse_unanswerable(log: InteractionLog, rule: TieRule, people: People) -> None:
    if rule.needs_times and "time" not in log.has:
        raise DataError(
            "the tie rule uses times (half_life, since, until or as_of) but the log has none; "
            "map a time column, or use TieRule(half_life=None) and measure strength='interactions'"
        )
    if people.spells is not None and "time" not in log.has:
        raise DataError(
            "the people table has functions that change over time (valid_from, valid_to) but the log has no times; "
            "map a time column, or keep one row per person without these columns"
        )
    if rule.needs_channels and "channel" not in log.has:
        raise DataError("the tie rule uses channels but the log has none; map a channel column, or leave out channels and channel_weights")


def _window(log: InteractionLog, rule: TieRule) -> Window | None:
    """The window of the rule for this log; None where the log has no times."""
    if log.first is None or log.last is None:
        return None
    zone = log.timezone
    start, end, as_of = rule.start(zone), rule.end(zone), rule.age_zero(zone)
    start = log.first if start is None else start
    end = log.last + 1 if end is None else end
    as_of = end - 1 if as_of is None else as_of
    end = min(end, as_of + 1)
    if end <= start or start > log.last or end <= log.first:
        raise NoInteraction(
            f"there is no interaction in the window of the tie rule ({_time.day_text(start, zone)} to {_time.day_text(end - 1, zone)}); "
            f"the log runs from {_time.day_text(log.first, zone)} to {_time.day_text(log.last, zone)}"
        )
    return Window(start, end, as_of)


def _ties(pairs: Pairs, later: ContactPass, *, people: People, rule: TieRule, ledger: Ledger) -> Ties:
    weight, forward = pairs.columns["weight"], pairs.columns["forward"]
    backward, log, window = weight - forward, later.log, later.window
    enough = reaches(weight, rule.min_interactions)
    if rule.reciprocal:
        enough &= (forward > 0) & (backward > 0)
    if rule.min_weeks > 1:
        enough &= pairs.columns["weeks"] >= rule.min_weeks

    every = bool(enough.all())

    def kept(values: NDArray[Any]) -> NDArray[Any]:
        return read_only(values if every else values[enough])

    a, b = kept(pairs.a), kept(pairs.b)
    held: dict[str, Any]
    if "weeks" in pairs.columns or not contact_columns(log, window):
        held = contacts({name: kept(values) for name, values in pairs.columns.items()}, len(a), window)
    else:
        held = dict.fromkeys(CONTACTS, later.of(a, b, kept(pairs.columns["rows"])))
    return Ties(
        people=people,
        rule=rule,
        window=window,
        a=a,
        b=b,
        interactions=kept(weight),
        a_to_b=kept(forward),
        b_to_a=kept(backward),
        frequency=kept(per_week(pairs.columns["weighted"], pairs.columns["weighted_forward"], rule, window)),
        reciprocity=kept(2.0 * np.minimum(forward, backward) / weight),
        **held,
        pairs_below=int(np.sum(~enough)),
        ledger=ledger,
        backend=log.backend,
        sized="size" in log.has,
    )
