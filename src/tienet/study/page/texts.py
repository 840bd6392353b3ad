"""The methods text of the report, and the works behind it."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from tienet import __version__
from tienet.base.bibliography import full_reference
from tienet.base.numbers import count, coverage, level_text, n_text, number
from tienet.network.ties.strengths import find_strength
from tienet.study.language.reading import enumerated, say, say_counted
from tienet.study.words.keys import period
from tienet.study.words.ruled import compared_words, strength_words, ties_words
from tienet.study.words.written import begun, observed_outcome, outcome, scales, the_outcome

if TYPE_CHECKING:
    from tienet.network.reading.ledger import Ledger
    from tienet.study.findings import StudyFindings
    from tienet.study.specification import StudySpecification


def methods(result: StudyFindings) -> list[str]:
    """Paragraphs for a methods section, with the numbers of this study."""
    return [_of_ties(result), _of_measures(result), _of_model(result), _of_probes(result)]


def _of_ties(result: StudyFindings) -> str:
    ledger, compared = result.ties.ledger, result.comparison
    return say(
        "methods.ties_survey" if result.log is None else "methods.ties_log",
        used=count(ledger.used),
        when=say("methods.when", period=period(result)) if result.ties.window else "",
        people=say_counted("page.people", len(result.people)),
        functions=say_counted("page.functions", len(result.people.functions)),
        read=_read_in(ledger),
        unit=say(f"word.{ledger.unit}"),
        rule=ties_words(result.ties).removesuffix("."),
        ties=say_counted("unit.tie", len(result.ties)),
        compared="" if compared is None else say("methods.compared", comparison=compared_words(compared)),
    )


def _read_in(ledger: Ledger) -> str:
    """How many rows were read, or records and the interactions that they gave."""
    first = ledger.records
    if first is None:
        return say_counted("methods.read_rows", ledger.rows_in)
    return say_counted("methods.read_records", ledger.rows_in, records=say_counted(f"unit.{first.unit}", first.rows_in))


def _of_measures(result: StudyFindings) -> str:
    strength = find_strength(result.egos.strength)
    return say(
        "methods.measures",
        people=say_counted("page.people", result.cases.egos),
        of=result.label(result.egos.of),
        toward=enumerated(result.label(name) for name in result.egos.functions),
        strength=strength.name,
        meaning=strength_words(strength.name),
        missing=say(f"methods.no_ties.{result.study.no_ties or 'nobody'}"),
    )


def _of_model(result: StudyFindings) -> str:
    fit, study = result.fit, result.study
    controls = enumerated(study.label_of(name) for name in study.controls)
    straight = [name for name, probes in result.probes.items() if probes.turning is None]
    family = study.fitted_family
    return say(
        "methods.model",
        outcome=begun(observed_outcome(study)),
        how=say("methods.family", method=family.method, scale=fit.polynomial.response.link.scale)
        if family
        else say("methods.least_squares"),
        controls=say("methods.controls", controls=controls) if controls else "",
        n=n_text(fit.n),
        dropped=say_counted("page.people", fit.n_dropped),
        errors=fit.covariance.label,
        centred=centring(result),
        straight=say("methods.straight", functions=enumerated(map(result.label, straight))) if straight else "",
        fitting=_fitting(result),
    )


def _fitting(result: StudyFindings) -> str:
    """How well the model fits, and the smallest association that would be detected where that is defined."""
    fit: Any = result.fit
    if result.study.fitted_family is not None:
        likelihoods = {"with_": number(fit.log_likelihood), "without": number(fit.null_log_likelihood)}
        return say("methods.likelihood", **likelihoods, aic=number(fit.aic))
    return say("methods.r2", r2=number(fit.r_squared), adjusted=number(fit.adj_r_squared), f2=number(result.detectable_f2))


def centring(result: StudyFindings) -> str:
    """How variables in products and squares were centred, as words to follow "were"."""
    center = str(result.study.center)
    return say(f"methods.centred.{center if center in ('mean', 'none') else 'chosen'}")


def _of_probes(result: StudyFindings) -> str:
    study = result.study
    two = [name for name, probes in result.probes.items() if probes.region is None]
    return say(
        "methods.probes",
        coverage=coverage(study.alpha),
        scales=_scales(study) if study.on_response else "",
        two=say("methods.two", functions=enumerated(map(result.label, two))) if two else "",
        rules=say("methods.rules") if result.log is not None else "",
        version=__version__,
    )


def _scales(study: StudySpecification) -> str:
    """Which numbers are on which scale, and when a dependence counts as found."""
    return say("methods.scales", outcome=the_outcome(study, outcome(study)), level=level_text(study.alpha), **scales(study))


def works(result: StudyFindings) -> list[str]:
    """Keys of the works behind the results, each once and sorted."""
    probes = chain.from_iterable(each.records for each in result.probes.values())
    compared = [] if result.comparison is None else [result.comparison]
    several = ["holm_1979"] if len(result.egos.functions) > 1 else []
    own = chain.from_iterable(record._works() for record in (*compared, result.fit, result.fit.steps, *probes))
    return sorted({"claro_ramos_2018", "choudhury_et_al_2010", "edwards_parry_1993", "gelman_stern_2006", *several, *own})


def references(result: StudyFindings) -> list[str]:
    """The software, then the works behind the results with titles and DOIs, sorted."""
    return [f"tienet {__version__}", *sorted(map(full_reference, works(result)))]
