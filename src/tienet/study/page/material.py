"""What the sections of the page are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tienet.base.naming import Names
from tienet.base.record import Fixed
from tienet.base.wording import lower, term_label
from tienet.network.privacy import pseudonym_key
from tienet.study.cards.card import Card
from tienet.study.cards.making import make_cards
from tienet.study.cards.others import measure_rules
from tienet.study.language.reading import holds, say, say_counted
from tienet.study.origin.keys import read_key
from tienet.study.page.contents import Protected, other_rules, protected
from tienet.study.page.network.people import MOST_PEOPLE
from tienet.study.page.network.view import Shown
from tienet.study.page.questions import Questions, answers_of
from tienet.study.words.written import begun, observed_outcome, outcome

if TYPE_CHECKING:
    from tienet.network.measures.tie_rules import TieRuleSensitivity
    from tienet.study.findings import StudyFindings

_CALL = re.compile(r", \w+\(\.\.\.\)")  # such as ", two_lines(...)"
_HYPHEN = re.compile(r"(?<![\w)])-(?=[\d.])")  # before a number


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """The results of a study with all that the page adds to them.

    Parameters
    ----------
    result
        The results of the study.
    cards
        One per function.
    shown
        The network and the probes as they may be shown.
    rules
        The ties under other rules as they may be told; None without a log.
    people
        Who is drawn in the network; groups where there are too many people for marks of persons.
    key
        The key behind the pseudonyms.
    key_given
        Whether the study or the caller gave it.
    questions
        The answers to the three questions.
    left_out
        Sections that are not on the page, in sentences; filled as the page is put together.
    """

    result: StudyFindings
    cards: tuple[Card, ...]
    shown: Protected
    rules: TieRuleSensitivity | None
    people: Shown
    key: bytes
    key_given: bool
    questions: Questions
    left_out: tuple[str, ...] = ()

    def label(self, function: str) -> str:
        """The label of a function as the people table writes it."""
        return self.result.label(function)

    def name(self, term: str) -> str:
        """A term of the model in words, with labels of functions, controls and the outcome."""
        study = self.result.study
        if term == study.outcome:
            return begun(observed_outcome(study))
        return term_label(term, {**self.result.people.labels, **{column: begun(label) for column, label in study.labels.items()}})

    def spoken(self, sentence: str) -> str:
        """A sentence of a result, without the Python in it and with true minus signs."""
        return begun(_HYPHEN.sub("−", _CALL.sub("", sentence)))

    @property
    def names(self) -> Names:
        """Variables, terms and the outcome in words for the middle of a sentence, as results write them."""
        fit = self.result.fit
        return Names(Fixed({name: lower(self.name(name)) for name in (fit.outcome, *fit.variables, *fit.terms[1:])}))

    @property
    def functions_words(self) -> str:
        """How many functions there are, in words."""
        return say_counted("page.functions", len(self.result.people.functions))

    @property
    def people_words(self) -> str:
        """How many people there are, in words."""
        return say_counted("page.people", len(self.result.people))

    def axis(self) -> str:
        """The title of the outcome's axis, with its unit."""
        return say("page.found.axis", outcome=outcome(self.result.study), unit=self.unit())

    def unit(self) -> str:
        """The unit of the outcome in brackets, after its name; empty without one."""
        unit = self.result.study.outcome_unit
        return f" ({say(f'page.axis_unit.{unit}') if holds(f'page.axis_unit.{unit}') else unit})" if unit else ""


def material_of(result: StudyFindings) -> Material:
    """Make what the page needs from the results of a study; reads the log once more, for the ties under other rules."""
    rules = measure_rules(result)
    shown = protected(result)
    return Material(
        result=result,
        cards=make_cards(result, rules),
        shown=shown,
        rules=other_rules(result, shown, rules),
        people="groups",
        key=pseudonym_key(),
        key_given=False,
        questions=answers_of(result, shown),
    )


def with_people(material: Material, *, people: Shown | None, key: bytes | None) -> Material:
    """The same with who is drawn and under which key; by default as the study says."""
    study = material.result.study
    wanted: Any = people or study.people_shown
    own = read_key(study.key if key is None else key)
    many = len(material.shown.ties.people) > MOST_PEOPLE
    return replace(material, people="groups" if many else wanted, key=own or material.key, key_given=own is not None)
