"""What makes a tie, what its strength is, and why rows were left out, in sentences: by code, or in the words of who declared it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from tienet.base.numbers import as_typed, count
from tienet.base.time import is_day
from tienet.network.reading.ledger import LEFT_OUT, REASONS
from tienet.network.ties.strengths import find_strength
from tienet.study.language.reading import enumerated, holds, say, say_counted

if TYPE_CHECKING:
    from tienet.network.reading.ledger import Ledger
    from tienet.network.reading.people import People
    from tienet.network.survey.calibration import TieComparison
    from tienet.network.ties.network import Ties
    from tienet.network.ties.rule import TieRule


def ties_words(ties: Ties) -> str:
    """What makes a tie: the rule as it was applied, or the sentence of a source that states its ties."""
    if ties.given is not None and ties.given.stated:
        return ties.given.sentence
    return rule_words(ties.rule, sized=ties.sized)


def rule_words(rule: TieRule, *, sized: bool) -> str:
    """A tie rule as a sentence; `sized` says whether the log states how many people an event had."""
    least = say_counted("unit.interaction", rule.min_interactions)
    weeks = say("rule.weeks", n=rule.min_weeks) if rule.min_weeks > 1 else ""
    parts = [
        say("rule.tie", least=least, weeks=weeks, each=say("rule.each") if rule.reciprocal else ""),
        *_weight(rule, sized),
        *_sizes(rule, sized),
    ]
    if rule.channels is not None:
        parts.append(say(f"rule.only.{'one' if len(rule.channels) == 1 else 'other'}", channels=", ".join(rule.channels)))
    parts += _window(rule)
    return f"{'; '.join(parts)}."


def _weight(rule: TieRule, sized: bool) -> list[str]:
    """What an interaction weighs, by size, age and channel, and the strength that comes of it."""
    days = None if rule.half_life_days is None else say_counted("unit.day", rule.half_life_days)
    if sized or rule.size_weight == "none":
        parts = [say(f"rule.weight.{rule.size_weight}", age="" if days is None else say("rule.age.sized", days=days))]
    else:
        parts = [say("rule.weight.no_sizes" if rule.max_size is None else "rule.weight.no_sizes_no_limit")]
        parts += [] if days is None else [say("rule.age.no_sizes", days=days)]
    if rule.weights:
        each = ", ".join(say("rule.channel", weight=as_typed(weight), channel=channel) for channel, weight in rule.weights)
        parts.append(say("rule.channels", each=each))
    if rule.reciprocal in ("min", "geometric"):
        parts.append(say(f"rule.strength.{rule.reciprocal}"))
    return parts


def _sizes(rule: TieRule, sized: bool) -> list[str]:
    if rule.max_size is None:
        return []
    if sized:
        return [say("rule.max_size", n=rule.max_size)]
    return [say("rule.no_size")] if rule.size_weight == "none" else []


def _window(rule: TieRule) -> list[str]:
    moments = {"since": rule.since, "until": rule.until, "as_of_day" if is_day(rule.as_of) else "as_of": rule.as_of}
    ends = [say(f"rule.{key}", value=value) for key, value in moments.items() if value is not None]
    if not ends:
        return []
    days = say("rule.days") if any(map(is_day, moments.values())) else ""
    return [say("rule.window", ends=", ".join(ends), days=days)]


def strength_words(name: str) -> str:
    """What a tie strength is, to continue "the mean over these ties of ...": by its name, or as who registered it says."""
    return _known("strength", name, find_strength(name).meaning)


def reasons_worded(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a ledger with status and meaning in the language of the page; a declared reason keeps its own meaning."""
    return [
        {
            **row,
            "status": _known("reason_status", row["status"], row["status"]),
            "meaning": _known("reason", row["code"], row["meaning"]),
        }
        for row in rows
    ]


def ledger_words(ledger: Ledger) -> str:
    """What became of the rows of a ledger, without a full stop."""
    said = say("ledger.rows", rows=_rows(ledger), fates=_fates(ledger))
    if ledger.interactions is not None:
        said += say("ledger.gave", interactions=say_counted("unit.interaction", ledger.interactions))
    if ledger.records is not None:
        said += say("ledger.origin", rows=_rows(ledger.records), fates=_fates(ledger.records))
    return said


def _rows(ledger: Ledger) -> str:
    return say_counted(f"unit.{ledger.unit}", ledger.rows_in)


def _fates(ledger: Ledger) -> str:
    """How many rows were used and, of each other status, how many by reason."""
    told = [say("ledger.used", n=count(ledger.used))]
    reasons: dict[str, list[str]] = {status: [] for status in LEFT_OUT}
    for code, n in ledger.counts.items():
        reasons.setdefault(REASONS[code][0], []).append(say("ledger.reason", code=code, n=count(n)))
    for status in LEFT_OUT:
        if reasons[status]:
            word = say(f"reason_status.{status}")
            told.append(say("ledger.left_out", n=count(ledger.total(status)), status=word, reasons=", ".join(reasons[status])))
    return ", ".join(told)


def roster_words(people: People) -> str:
    """How many people each function of the people table has, the largest first, without a full stop."""
    sizes = {name: int(np.sum(people.function == name)) for name in people.functions}
    order = sorted(sizes, key=lambda name: (-sizes[name], name))
    each = [say("roster.function", function=people.labels[name], n=count(sizes[name])) for name in order]
    counts = {"people": say_counted("page.people", len(people)), "functions": say_counted("page.functions", len(sizes))}
    return say("roster.all", **counts, each=", ".join(each))


def compared_words(found: TieComparison) -> str:
    """How the ties of log and survey compare, without a full stop."""
    pairs = say_counted("compared.pair", found.dyads)
    best = ""
    if not np.isnan(found.spearman).all():
        at = int(np.nanargmax(np.abs(found.spearman)))
        numbers = {"spearman": _two(found.spearman[at]), "auc": _two(found.auc[at])}
        best = say("compared.closest", feature=_feature(found.feature[at]), **numbers)
    used = enumerated(map(_feature, found.used))
    fit = {"r2": _two(found.r_squared), "left_out": _two(found.r_squared_loo)}
    return say("compared.pairs", pairs=pairs, named=f"{found.named:,}", contacts=f"{found.contacts:,}", best=best, used=used, **fit)


def _feature(name: str) -> str:
    return _known("compared.feature", name, name)


def _two(value: float) -> str:
    return say("compared.unknown") if np.isnan(value) else f"{value:.2f}".replace("-", "−")


def _known(table: str, code: str, otherwise: str) -> str:
    """The entry of a code in a table of the language, or the text of whoever registered it."""
    key = f"{table}.{code}"
    return say(key) if holds(key) else otherwise
