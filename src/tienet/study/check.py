"""Check a study before running it: what it would read, drop and estimate, without looking at the outcome."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from glob import has_magic
from pathlib import Path
from typing import Any

import numpy as np

from tienet.base.errors import InputNotFound, ModelError, RowsUnmatched, TienetWarning, warn
from tienet.base.frames import make_frame
from tienet.base.numbers import counted, listed, n_text, number, percent
from tienet.base.paths import is_path
from tienet.base.record import locked
from tienet.base.wording import bare
from tienet.network.measures.ego import measure_egos
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.log_columns import CANONICAL
from tienet.network.reading.matching import Matching, match_people
from tienet.network.reading.people import People
from tienet.network.survey.answers import ITEMS
from tienet.network.ties.network import Ties
from tienet.regression.core.formula import Formula, parse_formula
from tienet.regression.core.model_frame import ModelFrame
from tienet.regression.model.fit import ModerationFit, estimate
from tienet.regression.model.moderation import Moderation, read_sample, warn_few
from tienet.regression.power.sample_sizes import detectable_f2
from tienet.study import notable
from tienet.study.cards.others import names_of_analyses, timed
from tienet.study.chain import Study, log_of, people_of
from tienet.study.few import few_people, warn_few_people
from tienet.study.join import Cases, join_outcomes
from tienet.study.modelled import model_of
from tienet.study.surveyed import survey_of, ties_of

__all__ = ["Finding", "check_study"]


POWER = 0.8


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about a study.

    Parameters
    ----------
    topic
        "files", "columns" (of a table) or "exports", "people",
        "ids" (of exports), "survey" (beside a log), "rows", "compared" (log and survey), "ties",
        "egos", "cases", "model", "analyses", "clusters" or "power".
    text
        The finding as a sentence, without names of people.
    data
        The same as numbers and names.
    notable
        What to look at, as pairs of a topic and a sentence; empty if the finding is fine.
    """

    topic: str
    text: str
    data: Mapping[str, Any]
    notable: tuple[tuple[str, str], ...] = ()


def check_study(study: Study) -> Iterator[Finding]:
    """Check a study up to its model and yield the findings.

    Parameters
    ----------
    study
        The study to check.

    Yields
    ------
    Finding
        In the order of the steps, each as soon as it is known.

    Raises
    ------
    TienetError
        The error that `Study.run` would raise, after all earlier findings.

    Notes
    -----
    The model is fitted with random numbers in place of the outcome. This reveals collinear terms, rows that determine a coefficient on
    their own and unusable clusters, but nothing about the outcome.

    Examples
    --------
    >>> import tienet as tn
    >>> firm = tn.simulate_firm(n_people=400, seed=1)
    >>> study = tn.Study(log=firm.log, people=firm.people, outcomes=firm.outcomes, no_ties="drop")
    >>> [finding.topic for finding in check_study(study)][:4]
    ['files', 'columns', 'people', 'rows']
    """
    yield from _files(study)
    log = None if study.log is None else log_of(study)
    yield _columns_of_survey(study) if log is None else _exports(log) if log.exports else _columns(study, log)
    people = people_of(study)
    yield _people(people)
    if log is not None and log.found:
        yield _identities(match_people(people, log, study.identities))
    with _heard() as heard:
        survey = survey_of(study, people)
    unmatched = _unmatched(heard)
    if log is not None and survey is not None:
        yield _survey(study, survey, unmatched)
    with _heard() as heard:
        ties, comparison = ties_of(study, log, people, survey)
    yield _rows(ties, unmatched if log is None else _unmatched(heard))
    if comparison is not None:
        numbers = {name: values.tolist() for name, values in comparison._columns().items()}
        yield Finding("compared", f"{comparison}.", {**numbers, "pairs": comparison.dyads}, tuple(notable.of_comparison(comparison)))
    tied = f"{counted(len(ties.a), 'tie')} among {counted(len(ties.people), 'person', 'people')}. {ties.rule_told}"
    yield Finding("ties", tied, {"ties": len(ties.a), "people": len(ties.people), "rule": ties.rule_told})
    egos = measure_egos(ties, of=study.of, toward=study.functions, strength=study.strength)
    yield Finding("egos", f"{egos}.", {"of": egos.of, "egos": len(egos)})
    data, cases = join_outcomes(study, egos, ties.people)
    model = model_of(study, egos, data)
    formula = parse_formula(model.formula)
    sample = read_sample(model, make_frame(data, ties.backend))
    yield _cases(cases, sample)
    fit = _tried(model, formula, sample)
    yield _model(study, fit)
    yield _analyses(study, log)
    if sample.clusters is not None:
        yield _clusters(fit)
    with _heard() as heard:
        warn_few(fit)
        warn_few_people(few_people(fit, ties.people, egos.functions, study.floor), study.floor)
    yield _power(study, fit, heard)


@contextmanager
def _heard() -> Iterator[list[warnings.WarningMessage]]:
    """Collect the warnings of the library, and give them after all."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", TienetWarning)
        yield heard
    for one in heard:
        if issubclass(one.category, TienetWarning):
            warn(str(one.message), one.category)


def _unmatched(heard: Sequence[warnings.WarningMessage]) -> list[str]:
    """What the library says if many rows, or channels of the rule, match nothing."""
    return [str(one.message) for one in heard if issubclass(one.category, RowsUnmatched)]


def _files(study: Study) -> Iterator[Finding]:
    """Check that all files exist before reading the first; patterns are checked when read."""
    given = {**_logs(study), **{name: getattr(study, name) for name in ("people", "survey", "outcomes", "exclude", "identities", "key")}}
    paths = {name: str(value) for name, value in given.items() if is_path(value)}
    absent = [path for path in paths.values() if not has_magic(path) and not Path(path).exists()]
    kinds = {f"log {place}": f"{source.kind} export" for place, source in enumerate(study.log_sources, start=1) if source.kind != "table"}
    said = ", ".join(f"{kinds.get(name, name)} {path}{' (not found)' if path in absent else ''}" for name, path in paths.items())
    yield Finding("files", f"{said or 'none (the tables are in memory)'}.", {**paths, "not_there": absent})
    if absent:
        raise InputNotFound.path(absent[0])


def _logs(study: Study) -> dict[str, object]:
    """The sources of the log: "log", or "log 1", "log 2", ... if there are several exports."""
    sources = study.log_sources
    if len(sources) < 2:
        return {"log": sources[0].path if sources else study.log}
    return {f"log {place}": source.path for place, source in enumerate(sources, start=1)}


def _exports(log: InteractionLog) -> Finding:
    said = [f"{part.title}: {part.ledger}" for part in log.exports]
    counts = [{"export": part.title, "rows_in": part.ledger.rows_in, **part.ledger.counts} for part in log.exports]
    return Finding("exports", f"{'. '.join(said)}.", {"exports": counts}, tuple(notable.of_log(log)))


def _columns(study: Study, log: InteractionLog) -> Finding:
    sources = study.log_sources
    own = sources[0].options.get("columns") if len(sources) == 1 else None
    own = own or study.columns.get("log", {})
    mapped = {name: _joined(own.get(name) or name) for name in CANONICAL if name in log.has}
    said = ", ".join(name if name == yours else f"{name} (yours: {yours})" for name, yours in mapped.items())
    absent = [name for name in CANONICAL if name not in mapped]
    left = f"; optional, not found: {', '.join(absent)}" if absent else ""
    return Finding("columns", f"Columns of the log: {said}{left}.", mapped, tuple(notable.of_log(log)))


def _columns_of_survey(study: Study) -> Finding:
    own, said = study.columns.get("survey", {}), study.survey_options
    names = ["respondent", "answers"] if said.get("shape") == "wide" else ["respondent", "colleague", *said.get("items", ITEMS)]
    mapped = {name: own.get(name, "{item}_{person}" if name == "answers" else name) for name in names}
    listed_ = ", ".join(name if name == yours else f"{name} (yours: {yours})" for name, yours in mapped.items())
    read = "the survey is read already" if isinstance(study.survey, Ties) else listed_
    return Finding("columns", f"Columns of the survey: {read}.", {} if isinstance(study.survey, Ties) else mapped, _scale(study))


def _scale(study: Study) -> tuple[tuple[str, str], ...]:
    """A survey whose scale is not stated."""
    if isinstance(study.survey, Ties) or study.survey_options.get("scale") is not None:
        return ()
    return (("scale", "the ends of the survey's scale are not stated, so the lowest and highest answer stand for them; give scale=(1, 5)"),)


def _survey(study: Study, survey: Ties, unmatched: list[str]) -> Finding:
    counts = {"rows_in": survey.ledger.rows_in, **survey.ledger.counts}
    return Finding("survey", f"{survey}", counts, (*_scale(study), *notable.of_rows(survey.ledger, unmatched, of="survey")))


def _joined(own: str | Sequence[str]) -> str:
    return own if isinstance(own, str) else " and ".join(own)


def _people(people: People) -> Finding:
    names, counts = np.unique(people.function.astype(str), return_counts=True)
    found = dict(zip(names.tolist(), counts.tolist(), strict=True))
    said = ", ".join(f"{name} {count:,}" for name, count in found.items())
    text = f"{counted(len(people), 'person', 'people')} by function: {said}. Attributes: {', '.join(people.attributes) or 'none'}."
    return Finding(
        "people", text, {"people": len(people), "functions": found, "attributes": list(people.attributes)}, tuple(notable.of_people(people))
    )


def _identities(found: Matching) -> Finding:
    data = {"matched": len(found.matched), "left_out": len(found.left_out), "suggested": len(found.suggested)}
    data |= {"conflicts": len(found.conflicts), "unmatched": len(found.unmatched), "rows": found.rows, "unknown": found.unknown}
    return Finding("ids", f"{found}.", data, tuple(notable.of_identities(found)))


def _rows(ties: Ties, unmatched: list[str]) -> Finding:
    data = {"rows_in": ties.ledger.rows_in, **ties.ledger.counts, **ties.ledger.beside}
    return Finding("rows", f"{ties.ledger}.", data, tuple(notable.of_rows(ties.ledger, unmatched)))


def _cases(cases: Cases, sample: ModelFrame) -> Finding:
    lost = ", ".join(f"{name} {count:,}" for name, count in sample.dropped.items())
    text = (
        f"{counted(sample.n, 'case')} from {counted(cases.egos, 'person', 'people')}: {cases.without_outcome:,} have no outcome, "
        f"{sample.n_dropped:,} dropped for missing values{f' ({lost})' if lost else ''}; "
        f"{counted(cases.outcomes_of_others, 'outcome row')} about other people."
    )
    data = {"egos": cases.egos, "without_outcome": cases.without_outcome, "outcomes_of_others": cases.outcomes_of_others}
    return Finding(
        "cases",
        text,
        {**data, "n": sample.n, "dropped": sample.n_dropped, "missing": dict(sample.dropped)},
        tuple(notable.of_cases(cases, sample)),
    )


def _tried(model: Moderation, formula: Formula, sample: ModelFrame) -> ModerationFit:
    if np.ptp(sample.response) == 0:
        raise ModelError(f"{formula.outcome} has the same value in all {sample.n} rows used; choose an outcome that varies")
    return estimate(model, formula, replace(sample, response=locked(np.random.default_rng(0).normal(size=sample.n))))


def _model(study: Study, fit: ModerationFit) -> Finding:
    n, k = fit.n, len(fit.terms)
    kinds = _kinds(study, fit)
    controls = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds.items() if names)
    text = (
        f"{fit.outcome} on {counted(k, 'term')}: {', '.join(fit.terms)}. "
        f"{n_text(n)} for k = {k} coefficients, {n / k:.1f} cases each; {fit.covariance.label}."
        f"{f' Controls read as {controls}.' if controls else ''}"
    )
    data = {"formula": str(fit.formula), "terms": list(fit.terms), "n": n, "k": k, "covariance": fit.covariance.kind, **kinds}
    return Finding("model", text, data, tuple(notable.of_model(n, k)))


def _kinds(study: Study, fit: ModerationFit) -> dict[str, list[str]]:
    """The controls that were read as numbers, and as categories: a file does not tell one from the other."""
    categories = {variable.factor for variable in fit.variables.values()}
    controls = dict.fromkeys(bare(control) for control in study.controls)
    return {
        "numbers": [name for name in controls if name not in categories],
        "categories": [name for name in controls if name in categories],
    }


def _analyses(study: Study, log: InteractionLog | None) -> Finding:
    found = names_of_analyses(study, timed=timed(log))
    return Finding("analyses", f"Other analyses in the report: {'; '.join(found)}.", {"analyses": list(found)})


def _clusters(fit: ModerationFit) -> Finding:
    name, found = fit.covariance.cluster, fit.covariance.clusters
    by, groups = (listed(part) if isinstance(part, tuple) else part for part in (name, found))
    return Finding("clusters", f"{groups} clusters by {by}.", {"by": name, "clusters": found})


def _power(study: Study, fit: ModerationFit, heard: list[warnings.WarningMessage]) -> Finding:
    warned = tuple(("warning", str(one.message)) for one in heard)
    if study.fitted_family is not None:
        return Finding("power", f"f2 is not defined for {study.measured_words}.", {"f2": None, "power": POWER, "alpha": fit.alpha}, warned)
    least = detectable_f2(fit.n, len(fit.terms) - 1, power=POWER, alpha=fit.alpha)
    text = (
        f"The smallest f2 of one added term that can be detected with {percent(POWER)} power at alpha = {fit.alpha:g} is {number(least)}."
    )
    return Finding("power", text, {"f2": least, "power": POWER, "alpha": fit.alpha}, warned)
