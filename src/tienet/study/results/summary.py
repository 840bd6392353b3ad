"""The cards of the page as text, for a mail or slides, and the methods with their references."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tienet.base.numbers import coverage
from tienet.base.wording import visible
from tienet.study.cards.card import Card
from tienet.study.language.reading import say
from tienet.study.page.material import Material
from tienet.study.page.sections.limits import lines_of
from tienet.study.page.texts import methods, references
from tienet.study.words.found import chip, estimates, headline, how_sure, levels_note, one_more, small_sample
from tienet.study.words.keys import key_numbers, period
from tienet.study.words.readings import caption, how_to_read
from tienet.study.words.written import begun

_MARKS = re.compile(r"[\\`\[\]<>#|_~]|(?<!\*)\*(?!\*)")  # Markdown within a name; ** is set by the words themselves


def summary_text(material: Material) -> str:
    """Title, key numbers, a paragraph per card, how to read them and what not to conclude, as Markdown."""
    study = material.result.study
    words = {"people": material.people_words, "functions": material.functions_words}
    where = say("page.source_survey" if material.result.log is None else "page.source_log", **words)
    numbers = key_numbers(material.result, material.questions.thinnest)
    blocks = [
        f"# {_plain(study.title)}",
        f"{_plain(begun(period(material.result)))}. {_plain(begun(where))}.",
        "\n".join(f"- {' '.join(filter(None, (one.number, one.beside)))}: {_plain(one.phrase)}" for one in numbers),
        f"## {say('page.found.heading')}",
        *(block for card in material.cards for block in _card(material, card)),
        f"{_plain(caption(study))}; {say('summary.intervals', coverage=coverage(study.alpha))}",
        _read(material),
        f"## {say('page.limits.heading')}",
        "\n".join(f"- {_plain(line)}" for line in lines_of(material)),
        f"{say('page.found.not_for')} {say('page.found.not_for_what')}",
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _card(material: Material, card: Card) -> Iterator[str]:
    study = material.result.study
    yield f"### {_plain(card.label)}: {_plain(chip(card))}"
    yield _plain(headline(card, study))
    values = [f"- {name}: {text}" for name, text, _ in estimates(card)]
    yield "\n".join([*values, *([f"- {_plain(levels_note(card))}"] if levels_note(card) and values else [])])
    small = small_sample(card, study)
    sure = how_sure(card, study).replace(say("sure.see"), "")  # a link, on the page
    yield _plain(" ".join(filter(None, (small, sure, one_more(card, study)))))


def _read(material: Material) -> str:
    said = how_to_read(material.cards, material.result.study)
    return f"**{say('read.title')}** {_plain(said)}" if said else ""


def methods_text(material: Material) -> str:
    """The methods section and its references, as Markdown."""
    paragraphs = map(_plain, methods(material.result))
    works = "\n".join(f"- {_plain(one)}" for one in references(material.result))
    return "\n\n".join([f"# {say('summary.methods')}", *paragraphs, f"## {say('summary.references')}", works]) + "\n"


def _plain(text: str) -> str:
    """A text of the words, in which names show as they are."""
    return " ".join(_MARKS.sub(lambda found: f"\\{found[0]}", visible(text)).split())
