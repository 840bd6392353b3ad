"""The other analyses: the whole study run again with one choice made otherwise."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from tienet.base.errors import DataError, ModelError, NoInteraction, TienetError, TienetWarning
from tienet.base.frames import Columns, make_frame
from tienet.network.measures.ego import EgoMeasures, measure_egos
from tienet.network.measures.tie_rules import TieRuleSensitivity, compare_rules, egos_under
from tienet.network.reading.interactions import InteractionLog
from tienet.network.survey.calibration import expected_answer
from tienet.network.ties.rule import TieRule
from tienet.network.ties.strengths import find_strength
from tienet.regression.model.fit import ModerationFit
from tienet.study.asked import RULE
from tienet.study.cards.card import Estimate, OtherAnalysis
from tienet.study.cards.estimates import difference, refusal
from tienet.study.findings import StudyFindings
from tienet.study.join import measure_columns
from tienet.study.language.reading import enumerated, say, say_counted
from tienet.study.modelled import model_of
from tienet.study.specification import StudySpecification

# One choice at a time; none of these rules needs another pass over the log.
THRESHOLDS = (2, 3, 5)
HALF_LIVES = ("30d", "90d", None)


@dataclass(frozen=True, slots=True, eq=False)
class Refit:
    """One of the other analyses, for all functions: its fit, or why there is none."""

    name: str
    fit: ModerationFit | None
    refused: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RuleMeasures:
    """The measures of the people studied under other tie rules, for the cards and for a table of the rules.

    Parameters
    ----------
    named
        Name in words -> rule.
    measured
        Rule -> its measures, or why there are none.
    """

    named: Mapping[str, TieRule]
    measured: Mapping[TieRule, EgoMeasures | str]


def measure_rules(result: StudyFindings) -> RuleMeasures:
    """Measure ties under other rules: other thresholds, other half-lives if the log has times, and what the study adds.

    All rules that only differ in these share one pass over the log. A calibration stays the one of the study. Empty without a log.

    Examples
    --------
    >>> import tienet as tn
    >>> firm = tn.simulate_firm(n_people=300, seed=5)
    >>> study = tn.Study(log=firm.log, people=firm.people, outcomes=firm.outcomes, no_ties="drop")
    >>> list(measure_rules(study.run()).named)
    ['ties from 2 interactions', 'ties from 5 interactions', 'half-life of 30 days', 'no half-life']
    """
    if result.log is None:
        return RuleMeasures({}, {})
    named = {name: changes["rule"] for name, changes in choices(result.study, timed=timed(result.log)) if "rule" in changes}
    compared = result.comparison if result.study.strength == "calibrated" else None
    under = partial(
        egos_under,
        result.log,
        result.people,  # excluded people have been removed
        of=result.egos.of,
        toward=result.egos.functions,
        strength=result.study.strength if compared is None else partial(expected_answer, compared),
    )
    with _silence():
        return RuleMeasures(named, _measured(under, list(named.values())))


def rule_sensitivity(result: StudyFindings, rules: RuleMeasures) -> TieRuleSensitivity | None:
    """Compare the measures under other rules with those of the study, without another pass over the log; None without a log."""
    if result.log is None:
        return None
    known = {rule: egos for rule, egos in rules.measured.items() if isinstance(egos, EgoMeasures)}
    named = {"base": result.study.rule} | {name: rule for name, rule in rules.named.items() if rule in known}
    return compare_rules(named, {result.study.rule: result.egos, **known})


def refits(result: StudyFindings, rules: RuleMeasures) -> tuple[Refit, ...]:
    """Run the other analyses of a study, in their order: without squares, under other rules, and what the study adds."""
    made = [Refit(say("analysis.squares"), result.linear)] if result.linear.terms != result.fit.terms else []
    with _silence():
        for name, changes in choices(result.study, timed=timed(result.log)):
            egos = _measures(result, rules, changes)
            made.append(Refit(name, None, egos) if isinstance(egos, str) else _refit(name, result, egos, changes))
    return tuple(made)


def names_of_analyses(study: StudySpecification, *, timed: bool) -> tuple[str, ...]:
    """The other analyses that a study is run again in, in words."""
    several = [say("analysis.holm", n=len(study.functions))] if len(study.functions) > 1 else []
    return (say("analysis.squares"), *several, *(name for name, _ in choices(study, timed=timed)))


def other_analyses(fit: ModerationFit, function: str, functions: Sequence[str], found: Sequence[Refit]) -> tuple[OtherAnalysis, ...]:
    """What the other analyses say about a function whose difference was tested; Holm's correction comes after the model without squares."""
    own = difference(fit, function)
    made = [_judged(one, function, own, fit.alpha) for one in found]
    first = sum(one.name == say("analysis.squares") for one in found[:1])
    return (*made[:first], *_holm(fit, function, functions, own), *made[first:])


def _judged(one: Refit, function: str, own: Estimate, alpha: float) -> OtherAnalysis:
    refused = one.refused if one.fit is None else refusal(one.fit, function)
    if one.fit is None or refused is not None:
        return OtherAnalysis(one.name, None, found=False, same_sign=False, refused=refused)
    theirs = difference(one.fit, function)
    alike = bool(np.sign(theirs.estimate) == np.sign(own.estimate))
    return OtherAnalysis(one.name, theirs, found=alike and theirs.p_value < alpha, same_sign=alike)


def _holm(fit: ModerationFit, function: str, functions: Sequence[str], own: Estimate) -> Iterator[OtherAnalysis]:
    """The study's own difference, with p corrected for the number of functions; nothing for one function, where it is the same."""
    p_values = {name: difference(fit, name).p_value for name in functions if refusal(fit, name) is None}
    if len(p_values) > 1:
        p = holm(p_values)[function]
        yield OtherAnalysis(say("analysis.holm", n=len(p_values)), replace(own, p_value=p), found=p < fit.alpha, same_sign=True)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """P-values corrected by Holm's method.

    Those of `adjust_p`, which loads statsmodels for them.

    Examples
    --------
    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'c': 0.06, 'b': 0.06}
    """
    corrected, largest = {}, 0.0
    for place, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        largest = max(largest, min(1.0, (len(p_values) - place) * p))
        corrected[name] = largest
    return corrected


def choices(study: StudySpecification, *, timed: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """The choices made otherwise, in words and as changes of the study: tie rules first, then what the study adds beside them."""
    if study.log is not None:
        yield from ((_rule_name(name, rule), {"rule": rule}) for name, rule in _rules(study, timed))
    asked = study.other_analyses
    own = {"strength": study.strength, "no_ties": study.no_ties, "controls": study.controls}
    own["covariance"] = study.covariance_kind
    for name in ("strength", "covariance", "controls", "no_ties"):
        for value in dict.fromkeys(asked.get(name, ())):
            if value != own[name]:
                yield _choice_name(name, value, study), {name: value}


def timed(log: InteractionLog | None) -> bool:
    """Whether the ties are from a log with times."""
    return log is not None and "time" in log.has


def _rules(study: StudySpecification, timed: bool) -> Iterator[tuple[str, TieRule]]:
    """Other tie rules with the parameter that differs: the usual ones, and those that the study adds."""
    usual: dict[str, Sequence[Any]] = {"min_interactions": THRESHOLDS, "half_life": HALF_LIVES if timed else ()}
    asked = {name: values for name, values in study.other_analyses.items() if name in RULE}
    seen = {_same(study.rule)}
    for name, value in ((name, value) for group in (usual, asked) for name, values in group.items() for value in values):
        rule = replace(study.rule, **{name: value})
        if _same(rule) not in seen:
            seen.add(_same(rule))
            yield name, rule


def _same(rule: TieRule) -> TieRule:
    """A rule with its half-life in days, so that 12 weeks equal 84 days."""
    return replace(rule, half_life=rule.half_life_days)


def _rule_name(name: str, rule: TieRule) -> str:
    value = getattr(rule, name)
    if name == "half_life":
        days = rule.half_life_days
        return say("analysis.half_life_none") if days is None else say("analysis.half_life", value=say_counted("unit.day", days))
    if name in ("max_size", "channels") and value is None:
        return say(f"analysis.{name}_none")
    if name in ("size_weight", "reciprocal"):
        return say(f"analysis.{name}.{str(value).lower()}")
    units = {"min_interactions": "unit.interaction", "min_weeks": "unit.week"}
    if name in units:
        return say(f"analysis.{name}", value=say_counted(units[name], value))
    if name in ("max_size", "channels"):
        return say(f"analysis.{name}", value=enumerated(value) if name == "channels" else value)
    return say("analysis.rule", value=f"{name} = {value}")


def _measured(under: Callable[..., dict[TieRule, EgoMeasures]], rules: list[TieRule]) -> dict[TieRule, EgoMeasures | str]:
    """Measure all rules together; if that fails, one by one, to know which of them cannot be measured, and why."""
    try:
        return dict(under(rules=rules)) if rules else {}
    except TienetError as problem:
        if len(rules) == 1:
            return {rules[0]: _clause(problem)}
    return {rule: egos for one in rules for rule, egos in _measured(under, [one]).items()}


def _choice_name(name: str, value: Any, study: StudySpecification) -> str:
    if name == "strength":
        return say("analysis.strength", value=find_strength(value).label)
    if name == "controls":
        return say("analysis.controls", value=enumerated(map(study.label_of, value))) if value else say("analysis.controls_none")
    return say(f"analysis.no_ties.{value}") if name == "no_ties" else say("analysis.covariance", value=value)


def _measures(result: StudyFindings, rules: RuleMeasures, changes: Mapping[str, Any]) -> EgoMeasures | str:
    """The measures of another analysis, or why there are none."""
    if "rule" in changes:
        return rules.measured[changes["rule"]]
    if "strength" not in changes:
        return result.egos
    try:
        return measure_egos(result.ties, of=result.egos.of, toward=result.egos.functions, strength=changes["strength"])
    except TienetError as problem:
        return _clause(problem)


def _refit(name: str, result: StudyFindings, egos: EgoMeasures, changes: Mapping[str, Any]) -> Refit:
    """Fit the study's model with a choice made otherwise; people, outcome and controls are joined already."""
    # Where nobody is without ties in the study, it made no choice about them.
    study = replace(result.study, **{"no_ties": result.study.no_ties or "drop", "other_analyses": {}, "labels": {}, **changes})
    try:
        data = _data(result, study, egos)
        fit = model_of(study, egos, data).fit(make_frame(data, result.ties.backend))
    except TienetError as problem:
        return Refit(name, None, _clause(problem))
    return Refit(name, fit)


def _clause(problem: TienetError) -> str:
    """Why an analysis could not be made, for the page. The messages of errors may point to single rows, so the page never has them."""
    if isinstance(problem, NoInteraction):
        return say("refused.no_interaction")
    return say("refused.model" if isinstance(problem, ModelError) else "refused.data")


def _data(result: StudyFindings, study: StudySpecification, egos: EgoMeasures) -> Columns:
    if not np.array_equal(egos.ego, result.data["person"]):
        raise DataError("it studies other people")
    ours = {f"{family}_{name}" for family in ("total_ties", "tie_strength", "no_ties") for name in egos.functions}
    kept = {name: values for name, values in result.data.items() if name not in ours}
    return {**kept, **measure_columns(study, egos)}


class _silence(warnings.catch_warnings):  # noqa: N801 - used like a function
    """Leave out the library's warnings: the study itself has given them."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.simplefilter("ignore", TienetWarning)
