"""Longer texts of the report: methods, references, and the section for data protection."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from tienet import __version__
from tienet.base.bibliography import full_reference
from tienet.base.numbers import counted, coverage, listed, n_text, number
from tienet.base.wording import bare
from tienet.network.ties.strengths import find_strength
from tienet.study.page.network.view import Shown
from tienet.study.words.keys import period
from tienet.study.words.written import begun, observed_outcome

if TYPE_CHECKING:
    from tienet.network.reading.ledger import Ledger
    from tienet.network.ties.network import Ties
    from tienet.study.findings import StudyFindings


def methods(result: StudyFindings) -> list[str]:
    """Paragraphs for a methods section, with the numbers of this study."""
    return [_of_ties(result), _of_measures(result), _of_model(result), _of_probes(result)]


def _of_ties(result: StudyFindings) -> str:
    window, ledger = result.ties.window, result.ties.ledger
    when = f", {period(result)}," if window else ""
    rule = result.ties.rule_told.removesuffix(".")
    if result.log is None:
        return (
            f"Ties were derived from {ledger.used:,} survey answers among {len(result.people):,} people in "
            f"{counted(len(result.people.functions), 'function')} ({_read_in(ledger)} read; the ledger accounts for every "
            f"{ledger.unit} left out). {rule}. This resulted in {len(result.ties):,} ties."
        )
    compared = "" if result.comparison is None else f" Log and survey were compared: {result.comparison}."
    return (
        f"Ties were derived from {ledger.used:,} logged interactions{when} among {len(result.people):,} people in "
        f"{counted(len(result.people.functions), 'function')} ({_read_in(ledger)} read; the ledger accounts for every "
        f"{ledger.unit} left out). {rule}. This resulted in {len(result.ties):,} ties.{compared}"
    )


def _read_in(ledger: Ledger) -> str:
    """How many rows were read, or records and the interactions that they gave."""
    first = ledger.records
    if first is None:
        return f"{ledger.rows_in:,} rows were"
    return f"{ledger.rows_in:,} interactions in {counted(first.rows_in, first.unit)} were"


def _of_measures(result: StudyFindings) -> str:
    strength = find_strength(result.egos.strength)
    toward = listed(result.label(name) for name in result.probes)
    missing = (
        "People without ties to a function were excluded"
        if result.study.no_ties == "drop"
        else "People without ties to a function were given a tie strength of 0 and an indicator"
        if result.study.no_ties == "zero_with_indicator"
        else "Everyone had at least one tie to each"
    )
    return (
        f"For each of {result.cases.egos:,} people in {result.label(result.egos.of)}, total ties to {toward} are the number of people in "
        f"that function to whom they have a tie, and tie strength is the mean strength of these ties ({strength.name}: "
        f"{strength.meaning}). "
        f"{missing}."
    )


def _of_model(result: StudyFindings) -> str:
    fit, study = result.fit, result.study
    held = f", with {listed([study.label_of(name) for name in study.controls])} as controls" if study.controls else ""
    family = study.fitted_family
    how = "ordinary least squares" if family is None else f"{family.method} on the {fit.polynomial.response.link.scale}"
    return (
        f"{begun(observed_outcome(study))} was regressed by {how} on total ties, tie strength, their product and "
        f"the square of total ties, for each function{held} "
        f"({n_text(fit.n)}; {counted(fit.n_dropped, 'person', 'people')} dropped for missing values), in steps on the same people, "
        f"with {fit.covariance.label}. Variables in products and squares were {centring(result)}. "
        f"{_fitting(result)}"
    )


def _fitting(result: StudyFindings) -> str:
    """How well the model fits, and the smallest association that would be detected where that is defined."""
    fit: Any = result.fit
    if result.study.fitted_family is not None:
        likelihoods = f"{number(fit.log_likelihood)} ({number(fit.null_log_likelihood)} without predictors)"
        return f"The log likelihood is {likelihoods}, AIC = {number(fit.aic)}."
    return (
        f"R² = {number(fit.r_squared)}, adjusted R² = {number(fit.adj_r_squared)}. The smallest association of one added term that "
        f"this sample can detect with 80% power is f² = {number(result.detectable_f2)}."
    )


def centring(result: StudyFindings) -> str:
    """How variables in products and squares were centred, as words to follow "were"."""
    words = {"mean": "centred at their means", "none": "not centred"}
    return words.get(str(result.study.center), "centred at chosen values")


def _of_probes(result: StudyFindings) -> str:
    level = coverage(result.study.alpha)
    rebuilt = " and under other tie rules" if result.log is not None else ""
    return (
        "The product of total ties and tie strength was tested first (Gelman & Stern 2006); it was then probed with simple slopes at the "
        "mean of tie strength and one standard deviation below and above it (or at its 16th and 84th percentile where one standard "
        f"deviation lies outside the data), and with the Johnson-Neyman technique. Turning points are reported with {level} Fieller "
        "intervals, and the U test of Lind and Mehlum was used to test whether the curve turns within the data. "
        f"The study was run again without squares{rebuilt}. "
        f"Analyses were made with tienet {__version__}. "
        "These are associations; they do not show why performance differs."
    )


def works(result: StudyFindings) -> list[str]:
    """Keys of the works behind the results, each once and sorted."""
    probes = chain.from_iterable((each.slopes, each.region, each.turning, each.u, each.surface) for each in result.probes.values())
    compared = [] if result.comparison is None else [result.comparison]
    several = ["holm_1979"] if len(result.egos.functions) > 1 else []
    own = chain.from_iterable(record._works() for record in (*compared, result.fit, result.fit.steps, *probes))
    return sorted({"claro_ramos_2018", "choudhury_et_al_2010", "edwards_parry_1993", "gelman_stern_2006", *several, *own})


def references(result: StudyFindings) -> list[str]:
    """The software, then the works behind the results with titles and DOIs, sorted."""
    return [f"tienet {__version__}", *sorted(map(full_reference, works(result)))]


def privacy_sheet(result: StudyFindings, people: Shown, *, merged: Sequence[str]) -> list[tuple[str, str]]:
    """Questions of a works council or data protection officer, with answers for this report."""
    study = result.study
    return [
        (
            "What is the purpose?",
            f"To describe how ties within the firm are associated with {observed_outcome(study)}, for a group of people.",
        ),
        ("Which data were read?", _read(result)),
        (
            "Which data were not read?",
            "Subjects, texts, attachments and recordings of messages and meetings: the program has no column for them.",
        ),
        ("Which period?", _period(result)),
        ("Who is included?", _whom(result)),
        ("Who is shown, and how?", _shown(study.floor, people, merged)),
        ("How are pseudonyms made?", _made(people)),
        ("Could someone still be recognised?", f"{_recognised(people)}{_of_few(result)} Share this report with named readers only."),
        (
            "What if the report is made again?",
            "Two reports about nearly the same people can tell of those who are in one only. Means are therefore rounded so far that the "
            "difference leaves such a person anywhere within the spread of all, and counts of ties in the tables are multiples of "
            f"{study.floor}. That is no protection against many reports: release a new one only where at least {study.floor} people "
            "have come or gone.",
        ),
        (
            "How long is it kept?",
            study.retention or "Not stated yet: agree on a date and enter it as retention under [report] in the study file.",
        ),
        ("Where do the data go?", "Nowhere: the report is one file that loads nothing, sends nothing and opens offline."),
        (
            "What must it not be used for?",
            "Decisions about individuals, such as hiring, dismissal, promotion, pay or appraisal, and monitoring of individuals. "
            "It was not built or tested for that.",
        ),
    ]


def _read(result: StudyFindings) -> str:
    controls = [bare(name) for name in result.study.controls]
    others = sorted(set(result.people.attributes) - {*controls, *result.study.cluster_columns})
    unused = f" Other columns of the people table ({', '.join(others)}) were not used in the model." if others else ""
    kept = [*controls, *result.study.cluster_columns]
    more = f", {', '.join(kept)}" if kept else ""
    log = "" if result.log is None else f"From the interaction log: {', '.join(sorted(result.log.has))}. "
    survey = "" if result.survey is None else f"From the survey: {', '.join(_asked(result.survey))}. "
    return f"{log}{survey}From people and outcomes: person, function, {result.study.outcome}{more}.{unused}"


def _asked(survey: Ties) -> tuple[str, ...]:
    """The columns of a survey that were read."""
    items = survey.given.answers.items if survey.given is not None and survey.given.answers is not None else ()
    return ("respondent", "colleague", *items)


def _period(result: StudyFindings) -> str:
    window = result.ties.window
    if result.log is None:
        return "That of the survey; it is not in the data."
    return f"{begun(period(result))}." if window else "The log has no times."


def _whom(result: StudyFindings) -> str:
    what = "Answers by or about" if result.log is None else "Interactions with"
    return (
        f"{counted(len(result.people), 'person', 'people')} in the people table; the model covers "
        f"{counted(result.fit.n, 'person', 'people')} in "
        f"{result.label(result.egos.of)}. {what} anyone else are counted but not used."
    )


def _shown(floor: int, people: Shown, merged: Sequence[str]) -> str:
    who = {
        "groups": f"Groups of at least {floor} people; no individuals.",
        "pseudonyms": "In the network picture, people are shown under pseudonyms; the file contains no names and no ids.",
        "names": "In the network picture, people are shown by name, because names were requested.",
    }[people]
    small = (
        f"Functions with fewer than {floor} people are merged, with the next larger one if they are still too small together: "
        f"{', '.join(merged)}."
        if merged
        else f"Every function has at least {floor} people; smaller ones would be merged."
    )
    return f"{who} {small} Counts of ties between functions below {floor} are hidden, as are counts that would reveal them."


def _recognised(people: Shown) -> str:
    if people == "groups":
        return (
            "Hardly: only groups are shown, and figures count people, in columns without a number where they are few. Readers who know the "
            "firm may still recognise a small group, and who is in it."
        )
    return (
        "Possibly, by readers who know the firm, from an unusual pattern of ties: a network of persons makes nearly everyone unique. "
        "A pseudonymised network is personal data."
    )


def _of_few(result: StudyFindings) -> str:
    found = result.small_groups
    return f" Fewer than {result.study.floor} people are behind these numbers: {', '.join(found)}." if found else ""


def _made(people: Shown) -> str:
    if people == "groups":
        return "This report has no pseudonyms."
    if people == "names":
        return "This report has no pseudonyms: names were requested."
    return (
        "The people in a function are numbered in the order of a keyed hash of their ids (BLAKE2b). The key is 32 random bytes. Unless "
        "the author of the report provided a key, it was not stored, and the next report will number people differently."
    )
