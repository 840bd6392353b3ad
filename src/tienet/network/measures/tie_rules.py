"""Sensitivity to the tie rule: how total ties and the ranking of the egos depend on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by, mapping
from tienet.base.errors import ArgumentError, offer, shown
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import counted, number
from tienet.base.parallel import each, reach_of
from tienet.base.record import Record, locked
from tienet.network.measures.ego import EgoMeasures, measure_egos
from tienet.network.measures.functions import ratio
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.ties.build import grouping, ties_under
from tienet.network.ties.network import Ties
from tienet.network.ties.rule import TieRule
from tienet.network.ties.strengths import Strength, StrengthLike, chosen_strength

__all__ = ["TieRuleSensitivity", "compare_rules", "egos_under", "tie_rule_sensitivity"]


_FIELDS = tuple(field.name for field in fields(TieRule))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TieRuleSensitivity(Record):
    """The ties of one log under several tie rules, compared with the first one, the base.

    Parameters
    ----------
    rules
        The r tie rules.
    label
        What each rule changes relative to the base, or its given name; "base" for the first.
    of
        The function of the egos.
    functions, labels
        The f functions that ties are counted to, in snake_case and as the people table writes them.
    egos
        The n egos.
    ties
        (r,) number of ties in the whole network.
    jaccard
        (r,) ties under both the rule and the base, over ties under either; NaN where neither has any.
    mean_total_ties
        (r, f) mean number of ties per ego to people in the function.
    without
        (r, f) share of the egos without ties to the function, 0 to 1.
    rank_correlation
        (r, f) Spearman's correlation of total ties with those under the base, over the egos; NaN where either does not vary.
    strength_correlation
        (r, f) the same for tie strength, over egos with ties under both rules; NaN with fewer than three of them.
    """

    rules: tuple[TieRule, ...]
    label: tuple[str, ...]
    of: str
    functions: tuple[str, ...]
    labels: tuple[str, ...]
    egos: int
    ties: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    mean_total_ties: NDArray[np.float64]
    without: NDArray[np.float64]
    rank_correlation: NDArray[np.float64]
    strength_correlation: NDArray[np.float64]
    backend: Backend = "pandas"

    def __len__(self) -> int:
        return len(self.rules)

    def _works(self) -> tuple[str, ...]:
        return ("choudhury_et_al_2010",)

    def _columns(self) -> Columns:
        columns: dict[str, NDArray[Any]] = {"rule": np.array(self.label, dtype=object), "ties": self.ties, "jaccard": self.jaccard}
        for place, function in enumerate(self.functions):
            columns[f"mean_total_ties_{function}"] = self.mean_total_ties[:, place]
            columns[f"without_{function}"] = self.without[:, place]
            columns[f"rank_correlation_{function}"] = self.rank_correlation[:, place]
            columns[f"strength_correlation_{function}"] = self.strength_correlation[:, place]
        return columns

    def __str__(self) -> str:
        others = self.rank_correlation[1:]
        parts = []
        for place, label in enumerate(self.labels):
            known = others[~np.isnan(others[:, place]), place]
            range_ = f"{number(float(known.min()), 2)} to {number(float(known.max()), 2)}" if len(known) else "not known"
            means = self.mean_total_ties[:, place]
            parts.append(
                f"{label}: {number(float(means.min()), 2)} to {number(float(means.max()), 2)} ties on average, rank correlation with "
                f"the base rule {range_}"
            )
        return (
            f"{counted(self.egos, 'ego')} in {self.of} under {counted(len(self), 'tie rule')}, "
            f"{int(self.ties.min()):,} to {int(self.ties.max()):,} ties in the network; toward " + "; ".join(parts)
        )


def tie_rule_sensitivity(
    log: InteractionLog,
    people: People,
    *,
    of: str,
    toward: Sequence[str] | None = None,
    base: TieRule | None = None,
    rules: Sequence[TieRule] | Mapping[str, TieRule] | None = None,
    grid: Mapping[str, Sequence[Any]] | None = None,
    strength: StrengthLike = "frequency",
    exclude: object = None,
) -> TieRuleSensitivity:
    r"""Build the ties under several rules and compare the measures of the egos.

    Parameters
    ----------
    log
        From `read_log`.
    people
        From `read_people`.
    of
        The function whose people are the egos, by label or in snake_case.
    toward
        The functions that ties are counted to, by default every other one.
    base
        The rule that the others are compared with; `TieRule()` by default.
    rules
        The other rules, as a list, or as a mapping from names to rules.
    grid
        Instead of `rules`: a mapping from parameters of `TieRule` to lists of values. Every combination becomes a rule; all else is as in
        the base.
    strength
        As in `measure_egos`.
    exclude
        As in `build_ties`: ids that are not people, with reasons.

    Returns
    -------
    TieRuleSensitivity
        One entry per rule, the base first. Rules that equal an earlier one are left out.

    Notes
    -----
    With :math:`E_r` the ties under rule r, and :math:`t_{ir}` the total ties of ego i, of n:

    .. math::
        \text{jaccard}_r = \frac{|E_r \cap E_0|}{|E_r \cup E_0|}, \qquad
        \rho_r = \operatorname{corr}(\operatorname{rank} t_{\cdot r}, \operatorname{rank} t_{\cdot 0})

    Equal values share their mean rank. Egos without ties are included with 0. All rules use the same log, so these correlations have
    no p-values. Rules that differ only in half_life, min_interactions, min_weeks or reciprocal=True share one pass over the log; every
    other rule needs its own.

    Raises
    ------
    ArgumentError
        Neither or both of `rules` and `grid` are given, the grid names something that is not a parameter of a tie rule, or as in
        `measure_egos`.
    DataError
        As in `build_ties`.

    References
    ----------
    De Choudhury, M., Mason, W. A., Hofman, J. M., & Watts, D. J. (2010). Inferring relevant social networks from interpersonal
    communication. Proceedings of WWW 2010, 301-310.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "ann", "bob", "cat"], "target": ["bob", "bob", "cat", "dan"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat", "dan"], "function": ["Sales", "Ops", "Sales", "Ops"]})
    >>> base = tn.TieRule(min_interactions=1, half_life=None)
    >>> grid = {"min_interactions": [1, 2]}
    >>> compared = tn.network.measures.tie_rule_sensitivity(log, people, of="sales", base=base, grid=grid, strength="interactions")
    >>> compared.frame[["rule", "ties", "jaccard", "mean_total_ties_ops"]].round(3)
                     rule  ties  jaccard  mean_total_ties_ops
    0                base     3    1.000                  1.5
    1  min_interactions=2     1    0.333                  0.5
    """
    base = TieRule() if base is None else base
    made_by("read_log", InteractionLog, log=log)
    made_by("read_people", People, people=people)
    made_by("TieRule(...)", TieRule, base=base)
    named = _named(base, rules, grid)
    return compare_rules(named, egos_under(log, people, named.values(), of=of, toward=toward, strength=strength, exclude=exclude))


def egos_under(
    log: InteractionLog,
    people: People,
    rules: Iterable[TieRule],
    *,
    of: str,
    toward: Sequence[str] | None = None,
    strength: StrengthLike = "frequency",
    exclude: object = None,
) -> dict[TieRule, EgoMeasures]:
    """Measure the egos of one log under several rules; rules that group alike share one pass over the log.

    Parameters
    ----------
    log, people, of, toward, strength, exclude
        As in `tie_rule_sensitivity`.
    rules
        The rules.

    Returns
    -------
    dict
        Rule -> its measures, as `build_ties` and `measure_egos` give them.

    Raises
    ------
    DataError
        As in `build_ties`.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "ann", "bob"], "target": ["bob", "bob", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Ops", "Sales"]})
    >>> rules = [tn.TieRule(min_interactions=least, half_life=None) for least in (1, 2)]
    >>> found = egos_under(log, people, rules, of="sales", strength="interactions")
    >>> [egos.total_ties.sum() for egos in found.values()]
    [np.int64(2), np.int64(1)]
    """
    # One group of rules knows nothing of another: what runs here one after the other may run side by side, in another process too,
    # where a strength registered in this one is not known by its name.
    under = partial(_under, log, people, of=of, toward=toward, strength=chosen_strength(strength), exclude=exclude)
    return {rule: egos for group in each(under, _alike(rules), reach=reach_of(log.rows)) for rule, egos in group}


def compare_rules(named: Mapping[str, TieRule], measured: Mapping[TieRule, EgoMeasures]) -> TieRuleSensitivity:
    """Compare measures made under several rules.

    Parameters
    ----------
    named
        Name -> rule, the base first.
    measured
        Rule -> its measures, from `egos_under`.

    Returns
    -------
    TieRuleSensitivity
        One entry per name.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "ann", "bob"], "target": ["bob", "bob", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Ops", "Sales"]})
    >>> named = {name: tn.TieRule(min_interactions=least, half_life=None) for name, least in (("base", 1), ("twice", 2))}
    >>> measured = egos_under(log, people, named.values(), of="sales", strength="interactions")
    >>> compare_rules(named, measured).ties
    array([2, 1])
    """
    made = [measured[rule] for rule in named.values()]
    first = made[0]
    return TieRuleSensitivity(
        rules=tuple(named.values()),
        label=tuple(named),
        of=first.of,
        functions=first.functions,
        labels=tuple(first.ties.people.labels[name] for name in first.functions),
        egos=len(first),
        ties=locked([len(egos.ties) for egos in made], dtype=np.int64),
        jaccard=locked([_shared(egos.ties, first.ties) for egos in made]),
        mean_total_ties=locked([egos.total_ties.mean(axis=0) for egos in made]),
        without=locked([(egos.total_ties == 0).mean(axis=0) for egos in made]),
        rank_correlation=locked([_by_function(egos.total_ties, first.total_ties) for egos in made]),
        strength_correlation=locked([_by_function(egos.tie_strength, first.tie_strength) for egos in made]),
        backend=first.ties.backend,
    )


def _alike(rules: Iterable[TieRule]) -> list[list[TieRule]]:
    """Rules that need the log grouped once between them."""
    groups: dict[TieRule, list[TieRule]] = {}
    for rule in rules:
        groups.setdefault(grouping(rule), []).append(rule)
    return list(groups.values())


def _under(
    log: InteractionLog,
    people: People,
    rules: Sequence[TieRule],
    *,
    of: str,
    toward: Sequence[str] | None,
    strength: Strength,
    exclude: object,
) -> list[tuple[TieRule, EgoMeasures]]:
    made = ties_under(log, people, rules, exclude=exclude)
    return [(rule, measure_egos(ties, of=of, toward=toward, strength=strength)) for rule, ties in zip(rules, made, strict=True)]


def _named(
    base: TieRule, rules: Sequence[TieRule] | Mapping[str, TieRule] | None, grid: Mapping[str, Sequence[Any]] | None
) -> dict[str, TieRule]:
    """Name -> rule, the base first."""
    if (rules is None) == (grid is None):
        raise ArgumentError("give either rules=[...] or grid={'min_interactions': [1, 2, 3]}, not both")
    found = {"base": base}
    for name, rule in _of_grid(base, grid) if rules is None else _of_rules(base, rules):
        if not isinstance(rule, TieRule):
            raise ArgumentError(f"rules must contain tie rules, such as TieRule(min_interactions=2); got {type(rule).__name__}")
        if rule in found.values():
            continue
        if name in found:
            raise ArgumentError(f"rules: two different rules are called {name!r}; rename one of them")
        found[name] = rule
    if len(found) < 2:
        raise ArgumentError("rules and grid contain no rule other than the base; give at least one more to compare")
    return found


def _of_rules(base: TieRule, rules: Sequence[TieRule] | Mapping[str, TieRule] | None) -> Iterator[tuple[str, TieRule]]:
    if isinstance(rules, Mapping):
        yield from ((str(name), rule) for name, rule in rules.items())
        return
    if not isinstance(rules, TieRule | Sequence) or isinstance(rules, str):
        raise ArgumentError(f"rules must be a list of tie rules, or a mapping from names to tie rules; got {shown(rules)}")
    for rule in (rules,) if isinstance(rules, TieRule) else rules:
        yield _changes(base, rule), rule


def _changes(base: TieRule, rule: TieRule) -> str:
    """The parameters in which a rule differs from the base, written as arguments."""
    if not isinstance(rule, TieRule):
        return ""
    return ", ".join(_written(name, getattr(rule, name)) for name in _FIELDS if getattr(rule, name) != getattr(base, name))


def _written(name: str, value: object) -> str:
    return f"{name}={value}" if isinstance(value, str) else f"{name}={value!r}"


def _of_grid(base: TieRule, grid: Mapping[str, Sequence[Any]] | None) -> Iterator[tuple[str, TieRule]]:
    values = mapping("grid", grid)
    for name, wanted in values.items():
        if name not in _FIELDS:
            raise ArgumentError(f"grid: {name!r} is not a parameter of a tie rule{offer(name, _FIELDS)}")
        if isinstance(wanted, str) or not isinstance(wanted, Sequence | np.ndarray):
            raise ArgumentError(f"grid: the values of {name} must be a list, as in grid={{{name!r}: [{wanted!r}]}}")
    for chosen in product(*values.values()):
        rule = replace(base, **dict(zip(values, chosen, strict=True)))
        yield _changes(base, rule), rule


def _shared(ties: Ties, base: Ties) -> float:
    """Jaccard index: ties in both networks over ties in either."""
    size = len(base.people)
    mine, theirs = ties.a * size + ties.b, base.a * size + base.b
    both = len(np.intersect1d(mine, theirs, assume_unique=True))
    return ratio(both, len(mine) + len(theirs) - both)


def _by_function(values: NDArray[Any], base: NDArray[Any]) -> list[float]:
    return [_spearman(values[:, place].astype(float), base[:, place].astype(float)) for place in range(values.shape[1])]


def _spearman(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Rank correlation over the egos with values in both; NaN with fewer than three, or where one does not vary."""
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1; equal values share their mean rank."""
    _, place, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (np.cumsum(sizes) - (sizes - 1) / 2)[place]
    return ranks
