"""The sentences of a card: its headline, its chip, how sure it is, and one more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tienet.base.numbers import df_text
from tienet.study.cards.card import Card, Estimate, OtherAnalysis, Turn
from tienet.study.language.reading import say, say_counted
from tienet.study.words.written import (
    amount,
    as_stated,
    begun,
    card_decimals,
    estimate_text,
    fewer_words,
    fixed,
    is_probability,
    outcome,
    p_words,
    people_word,
    scales,
    short_outcome,
    the_outcome,
)

if TYPE_CHECKING:
    from tienet.study.specification import StudySpecification


SMALL_DF = 30  # degrees of freedom below which t intervals are clearly wider than normal ones
FOUND = frozenset({"same_sign", "opposite_signs", "only_weak", "only_strong", "neither"})


def headline(card: Card, study: StudySpecification) -> str:
    """What was found about a function, in one sentence with ``**`` around what is bold.

    Parameters
    ----------
    card
        From `make_cards`.
    study
        The study of the card.

    Returns
    -------
    str
        The sentence of the card's verdict: of the product first, then of the slopes.
    """
    if card.refused is not None:
        return say("headline.too_few", why=card.refused)
    weak, middle, strong = (_direction(slope, study) for slope in (card.weak, card.middle, card.strong))
    values = {"at_weak": weak, "at_mean": middle, "at_strong": strong, "degree": _degree(card), "higher": _directed("higher", study)}
    values |= {"outcome": outcome(study), "short": short_outcome(study), "the_short": the_outcome(study, short_outcome(study))}
    values |= scales(study)
    if card.verdict != "small":
        return say(f"headline.{card.verdict}", **values)
    size = as_stated(study.matters or 0.0, card_decimals(card), study)
    clear = card.middle is not None and card.middle.p_value < study.alpha
    return say("headline.small_clear" if clear else "headline.small_open", size=size, **values)


def chip(card: Card) -> str:
    """In how many analyses it was found, or that it is open."""
    if card.verdict == "too_few":
        return say("chip.too_few")
    return say_counted("chip.found", card.analyses, found=card.found_in) if is_found(card) else say("chip.open")


def is_found(card: Card) -> bool:
    """Whether the study found a difference between weak and strong ties."""
    return card.verdict in FOUND


def estimates(card: Card) -> tuple[tuple[str, str, Estimate], ...]:
    """The three estimates of a card: name, "+0.59 (0.37 to 0.82)" and numbers; none if nothing was tested."""
    named = (("weak", card.weak), ("strong", card.strong), ("difference", card.difference))
    decimals = card_decimals(card)
    return tuple((say(f"word.{key}"), estimate_text(found, decimals), found) for key, found in named if found is not None)


def levels_note(card: Card) -> str:
    """What weak and strong mean on this card, if not one standard deviation from the mean; else empty."""
    return say("estimate.sixths") if card.levels.percentiles else ""


def small_sample(card: Card, study: StudySpecification) -> str:
    """What a small sample means for the estimates of this card; empty with enough degrees of freedom, or if nothing was tested."""
    if card.difference is None or not card.difference.df < SMALL_DF:
        return ""
    return say("sure.small", people=f"{card.people:,} {people_word(study, card.people)}", df=df_text(card.difference.df))


def how_sure(card: Card, study: StudySpecification) -> str:
    """The p of the difference, and what the other analyses say; empty if nothing was tested.

    Where "(see which)" stands, the page links to the table of the other analyses.
    """
    if card.difference is None:
        return ""
    made = [one for one in card.others if one.difference is not None]
    said = [_tested(card, card.difference, study)]
    if made and card.verdict in ("scales_clear", "scales_open"):
        said.append(_others_of_link(made, study))
    elif made:
        said.append(_others_found(made) if is_found(card) else _others_open(made, study.alpha))
    if lost := len(card.others) - len(made):
        said.append(say_counted("sure.refused", lost, see=say("sure.see")))
    return " ".join(said)


def one_more(card: Card, study: StudySpecification) -> str:
    """Where the curve turns, or what an open difference could hide; empty if neither holds."""
    if card.turn is not None:
        return _turning(card, card.turn, study)
    return "" if card.unseen is None else say("more.unseen", size=amount(card.unseen, card_decimals(card), study))


def _direction(slope: Estimate | None, study: StudySpecification) -> str:
    return _directed("higher" if slope is not None and slope.estimate > 0 else "lower", study)


def _directed(way: str, study: StudySpecification) -> str:
    """Higher or lower; a higher or a lower probability."""
    return say(f"word.a_{way}" if is_probability(study) else f"word.{way}")


def _degree(card: Card) -> str:
    weak, strong = (0.0 if slope is None else abs(slope.estimate) for slope in (card.weak, card.strong))
    return say("word.less" if strong < weak else "word.more")


def _tested(card: Card, difference: Estimate, study: StudySpecification) -> str:
    """The p of the product; with a link the p of both scales."""
    if card.link is None:
        return say("sure.tested", p=p_words(difference.p_value, study.alpha))
    both = {"p": card.link.difference.p_value, "p_expected": difference.p_value}
    return say("sure.tested_both", **scales(study), **{key: p_words(p, study.alpha) for key, p in both.items()})


def _others_of_link(made: Sequence[OtherAnalysis], study: StudySpecification) -> str:
    """Where the answer depends on the scale: how many others find a difference on that of the link."""
    found, values = sum(one.difference is not None and one.difference.p_value < study.alpha for one in made), scales(study)
    if not found:
        return say_counted("sure.scale_none", len(made), **values)
    return say_counted("sure.scale_some", found, all=len(made), see=say("sure.see"), **values)


def _others_found(made: Sequence[OtherAnalysis]) -> str:
    n, see = len(made), say("sure.see")
    found, other_way = sum(one.found for one in made), sum(not one.same_sign for one in made)
    if n == 1:
        return say("sure.single_other_way" if other_way else "sure.single_finds" if found else "sure.single_points")
    find = say_counted("sure.find", found) if found else say("sure.find.none")
    if other_way:
        return say_counted("sure.other_way", other_way, all=n, find=find, see=see)
    if found == n:
        return say("sure.all_find", n=n)
    if not found:
        return say("sure.all_point_none", n=n, see=see)
    return say("sure.all_point", n=n, find=find, rest=say_counted("sure.rest", n - found), see=see)


def _others_open(made: Sequence[OtherAnalysis], alpha: float) -> str:
    """An open difference has no sign to share, so each analysis counts that finds one in either direction."""
    n, see = len(made), say("sure.see")
    found = sum(one.difference is not None and one.difference.p_value < alpha for one in made)
    if n == 1:
        return say("sure.single_some", see=see) if found else say("sure.single_none")
    return say_counted("sure.some", found, all=n, see=see) if found else say("sure.none_either", n=n)


def _turning(card: Card, turn: Turn, study: StudySpecification) -> str:
    ties, who = say_counted("unit.tie", round(turn.at)), fewer_words(turn.share_below, card.people, study)
    low, high = fixed(turn.low, 1), fixed(turn.high, 1)
    key = "more.highest" if turn.highest else "more.lowest"
    family = study.fitted_family
    key += "_count" if family is not None and family.counts else ""  # "expected deals" are several
    return say(key, outcome=begun(short_outcome(study)), ties=ties, low=low, high=high, who=who)
