"""The texts of the page that are handed on as they stand: methods, references, and the sheet for data protection."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from tienet.base.numbers import counted, coverage, listed, n_text, number
from tienet.base.references import cited
from tienet.base.time import day_text
from tienet.base.wording import bare, column_label, lower
from tienet.network.ties.strengths import find_strength
from tienet.study.page.network import MOST_PEOPLE, NetworkView

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings


def methods(result: StudyFindings) -> list[str]:
    """Paragraphs for a methods section, in the past tense, with this study's numbers."""
    return [_of_ties(result), _of_measures(result), _of_model(result), _of_probes(result)]


def _of_ties(result: StudyFindings) -> str:
    window, ledger = result.ties.window, result.ties.ledger
    when = f" from {day_text(window.start)} to {day_text(window.end - 1)}" if window else ""
    rule = str(result.ties.rule).removesuffix(".")
    return (
        f"Ties were taken from {ledger.used:,} logged interactions{when} among {len(result.people):,} people in "
        f"{counted(len(result.people.functions), 'function')} ({ledger.rows_in:,} rows read; the ledger accounts for each "
        f"that was left out). {rule}. This gave {len(result.ties):,} ties."
    )


def _of_measures(result: StudyFindings) -> str:
    strength = find_strength(result.egos.strength)
    toward = listed(result.label(name) for name in result.probes)
    missing = (
        "People without a tie to a function were left out"
        if result.study.no_ties == "drop"
        else "People without a tie to a function have tie strength 0 and an indicator"
        if result.study.no_ties == "zero_with_indicator"
        else "Everybody had at least one tie to each"
    )
    return (
        f"For each of {result.cases.egos:,} people in {result.label(result.egos.of)}, total ties to {toward} are the people of that "
        f"function with whom there is a tie, and tie strength is the mean strength of those ties ({strength.name}: {strength.meaning}). "
        f"{missing}."
    )


def _of_model(result: StudyFindings) -> str:
    fit, study = result.fit, result.study
    held = f", with {listed([lower(column_label(bare(name))) for name in study.controls])} as controls" if study.controls else ""
    return (
        f"{column_label(study.outcome)} was regressed by ordinary least squares on total ties, tie strength, their product and "
        f"the square of total ties, for each function{held} "
        f"({n_text(fit.n)}; {counted(fit.n_dropped, 'case')} dropped for missing values), in steps on the same cases, "
        f"with {fit.covariance.label}. Numbers in products and squares were {centring(result)}. "
        f"R² = {number(fit.r_squared)}, adjusted {number(fit.adj_r_squared)}. The smallest association of one added term that "
        f"this sample finds with a power of 80% is f² = {number(result.detectable_f2)}."
    )


def centring(result: StudyFindings) -> str:
    """What was subtracted from numbers before products and squares were formed, to follow "were"."""
    words = {"mean": "centred at their means", "none": "not centred"}
    return words.get(str(result.study.center), "centred at chosen values")


def _of_probes(result: StudyFindings) -> str:
    level = coverage(result.study.alpha)
    return (
        "Interactions were probed by simple slopes at the mean of tie strength and one standard deviation below and above it, and by the "
        f"Johnson-Neyman technique; turning points are reported with Fieller intervals ({level}), and whether the curve turns "
        f"inside the data "
        "was tested with the U test of Lind and Mehlum. Every interaction was also estimated without the squares, on the same cases, "
        "and the ties were counted again under other tie rules. "
        "These are associations; no claim is made about what brings performance about."
    )


def references(result: StudyFindings) -> list[str]:
    """The software and the works behind the numbers of the page, in the order of what `.cite()` of each result says."""
    probes = chain.from_iterable((each.slopes, each.region, each.turning, each.u, each.surface) for each in result.probes.values())
    works = chain.from_iterable(record._works() for record in (result.fit, result.fit.steps, *probes))
    software, *rest = cited(["claro_ramos_2018", "choudhury_et_al_2010", "edwards_parry_1993", *works]).split("; ")
    return [software, *sorted(rest)]


def privacy_sheet(result: StudyFindings, view: NetworkView, *, merged: Sequence[str], names: bool) -> list[tuple[str, str]]:
    """Questions of a works council or a data protection officer, with the answers for this page."""
    study = result.study
    return [
        (
            "What is it for?",
            f"To describe how ties within the firm go together with {column_label(study.outcome).lower()}, for a group of people.",
        ),
        ("What was read?", _read(result)),
        (
            "What was not read?",
            "No subject, no text, no attachment and no recording of any message or meeting: the program has no column for them.",
        ),
        ("Which period?", _period(result)),
        ("About whom?", _whom(result)),
        ("Who is shown, and how?", _shown(study.floor, view, merged, names)),
        ("How are pseudonyms made?", _made(names, view.of_people)),
        (
            "Can somebody be recognised all the same?",
            "By those who know the firm, possibly: from an unusual pattern of ties, or from the strokes under the figures and the dots "
            f"on the maps.{_of_few(result)} A pseudonymised network is personal data. Hand the page to named readers only.",
        ),
        (
            "How long is it kept?",
            study.retention or "Not stated yet: agree on a date and write it as retention in [report] of the study file.",
        ),
        ("Where do the data go?", "Nowhere: the page is one file, fetches nothing and sends nothing; it opens without a network."),
        (
            "What must it not be used for?",
            "Decisions about individuals: hiring, dismissal, promotion, pay or appraisal; and watching what individuals do. "
            "Nothing here was built or tested for that.",
        ),
    ]


def _read(result: StudyFindings) -> str:
    controls = [bare(name) for name in result.study.controls]
    others = sorted(set(result.people.attributes) - {*controls, *result.study.cluster_columns})
    unused = f" Other columns of the people table ({', '.join(others)}) took no part in the model." if others else ""
    kept = [*controls, *result.study.cluster_columns]
    told = f", {', '.join(kept)}" if kept else ""
    log = ", ".join(sorted(result.log.has))
    return f"Of the interaction log: {log}. Of people and outcomes: person, function, {result.study.outcome}{told}.{unused}"


def _period(result: StudyFindings) -> str:
    window = result.ties.window
    return f"{day_text(window.start)} to {day_text(window.end - 1)}." if window else "The log states no times."


def _whom(result: StudyFindings) -> str:
    return (
        f"{counted(len(result.people), 'person', 'people')} of the people table; the model is about "
        f"{counted(result.fit.n, 'person', 'people')} of "
        f"{result.label(result.egos.of)}. Interactions with anybody else are counted and kept apart."
    )


def _shown(floor: int, view: NetworkView, merged: Sequence[str], names: bool) -> str:
    if view.of_people:
        who = (
            "People appear by name, because this was asked for."
            if names
            else "People appear under pseudonyms; no name and no id is in the file."
        )
    else:
        who = f"Nobody: above {MOST_PEOPLE} people, only functions are shown."
    small = (
        f"Functions with fewer than {floor} people are shown together with others as one, and their people not one by one: "
        f"{', '.join(merged)}."
        if merged
        else f"Every function has at least {floor} people; a smaller one would be merged with others."
    )
    return f"{who} {small} Numbers of ties between functions below {floor} are hidden, and others that would give them away."


def _of_few(result: StudyFindings) -> str:
    found = result.small_groups
    return f" Fewer than {result.study.floor} people stand behind these numbers: {', '.join(found)}." if found else ""


def _made(names: bool, of_people: bool) -> str:
    if not of_people:
        return "There are none."
    if names:
        return "There are none on this page: names were asked for."
    return (
        "People of a function are numbered in the order of a keyed hash of their ids (BLAKE2b). The key is 32 random bytes; unless "
        "the one who made the page gave a key of their own, it was never stored, and the next page numbers people differently."
    )
