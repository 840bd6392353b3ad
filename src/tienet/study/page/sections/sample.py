"""Data and sample: what counts as a tie, which rows and people were used, means and correlations, and what is not on the page."""

from __future__ import annotations

from tienet.base.frames import rows
from tienet.base.numbers import counted, n_text
from tienet.study.language.reading import say, say_counted
from tienet.study.page.contents import described
from tienet.study.page.exports import export_parts, people_found
from tienet.study.page.material import Material
from tienet.study.page.section import Section
from tienet.study.page.sentences import sample
from tienet.study.words.ruled import compared_words, ledger_words, reasons_worded, roster_words, strength_words, ties_words
from tienet.study.words.written import people_word


def build(material: Material) -> Section:
    """Every row and everyone is accounted for."""
    result = material.result
    means, exports = described(result, material.shown), export_parts(result)
    return Section(
        "sample",
        "specialists",
        say("page.sample.heading"),
        say("page.sample.heading"),
        {
            "rule": [ties_words(result.ties), *_measures(material)],
            "read": say("page.sample.read_exports", columns=", ".join(sorted(result.log.has)))
            if exports and result.log
            else _read(material),
            "ledger": reasons_worded(rows(result.ties.ledger._columns())),
            "rows_in": result.ties.ledger.rows_in,
            "rows": _rows_words(material, bool(exports)),
            "people": _people(material),
            "survey": _survey(material),
            "exports": exports,
            "found": people_found(result),
            "merged": _merged(material),
            "left_out": material.left_out,
            "means": means,
            "caption": say("page.sample.descriptives", n=n_text(result.fit.n)),
            "names": [material.name(name) for name in means.names],
        },
        say("page.sample.folded", rows=counted(result.ties.ledger.rows_in, result.ties.ledger.unit), people=_of(material)),
    )


def _rows_words(material: Material, exports: bool) -> dict[str, str]:
    """What the rows of the ledger are: of a log, of a survey, or interactions of exports."""
    kind = "exports" if exports else "survey" if material.result.log is None else "log"
    unit = "interactions" if exports else "rows"
    return {"caption": say(f"page.sample.rows_{kind}"), "rows": say(f"page.sample.{unit}"), "all": say(f"page.sample.all_{unit}")}


def _of(material: Material) -> str:
    studied, there = material.result.fit.n, material.result.cases.egos
    of = f" {say('key.studied_of', n=f'{there:,}')}" if there > studied else ""
    return f"{studied:,}{of} {people_word(material.result.study)}"


def _measures(material: Material) -> list[str]:
    result = material.result
    meaning = strength_words(result.egos.strength)
    indicator = say("page.sample.indicator") if result.study.no_ties == "zero_with_indicator" else ""
    ties = say_counted("unit.tie", len(result.ties))
    pairs = say_counted("page.sample.pairs", result.ties.pairs_below)
    below = "page.sample.below_survey" if result.log is None else "page.sample.below_log"
    total = "page.sample.total" if people_word(result.study, 1) == say("word.salesperson.one") else "page.sample.total_person"
    return [say(total), say("page.sample.strength", meaning=meaning, indicator=indicator), say(below, ties=ties, pairs=pairs)]


def _read(material: Material) -> str:
    log = material.result.log
    return say("page.sample.read_survey") if log is None else say("page.sample.read_log", columns=", ".join(sorted(log.has)))


def _people(material: Material) -> list[str]:
    result = material.result
    told = [say("page.sample.people", people=roster_words(result.people)).replace("..", ".")]
    if len(result.people.ledger.counts) > 1:
        told.append(f"{ledger_words(result.people.ledger)}.")
    few = result.small_groups
    return [*told, *sample(material), *([say("page.sample.small", floor=result.study.floor, groups=", ".join(few))] if few else [])]


def _survey(material: Material) -> list[str]:
    result = material.result
    if result.comparison is None or result.survey is None or result.survey.given is None:
        return []
    told = say("page.sample.survey", ledger=ledger_words(result.survey.ledger), how=result.survey.given.sentence)
    return [told, f"{compared_words(result.comparison)}."]


def _merged(material: Material) -> str:
    if not material.shown.merged:
        return ""
    names = ", ".join(material.label(name) for name in material.shown.merged)
    return say("page.sample.merged", floor=material.result.study.floor, others=say("page.other_functions"), names=names)
