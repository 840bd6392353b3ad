"""The estimates of a card on the scale of the expected outcome: probabilities, counts or amounts."""

from __future__ import annotations

from dataclasses import replace

from tienet.regression.model.fit import ModerationFit
from tienet.regression.probes.effects_at_values import AverageEffects, average_effects
from tienet.regression.probes.second_differences import SecondDifference, second_difference
from tienet.study.cards.card import Estimate, Slopes
from tienet.study.cards.estimates import levels_of, variable
from tienet.study.specification import StudySpecification


def times(study: StudySpecification) -> float:
    """What the expected outcome is multiplied by for the cards: 100 for a probability, whose unit then is percentage points."""
    family = study.fitted_family
    return 100.0 if study.on_response and family is not None and family.events else 1.0


def expected_slopes(fit: ModerationFit, function: str, scaled: float) -> Slopes:
    """The average slope of total ties in the expected outcome at weak, mean and strong ties, and its second difference.

    Parameters
    ----------
    fit
        A fit with a link.
    function
        The function whose ties are meant.
    scaled
        What all estimates are multiplied by.
    """
    levels, total, strength = levels_of(fit, function), variable(fit, f"total_ties_{function}"), f"tie_strength_{function}"
    found = average_effects(fit, focal=total.name, moderator=strength, at=[levels.weak, levels.middle, levels.strong])
    apart = second_difference(fit, focal=total.name, moderator=strength, at={strength: (levels.weak, levels.strong)}, draws=0)
    # The effect of two values is the difference between them, which may be several ties apart.
    per = scaled / (total.high - total.low) if total.kind == "binary" else scaled
    weak, middle, strong = (_estimate(found, place, per) for place in range(3))
    return Slopes(weak, middle, strong, _estimate(apart, -1, per))


def in_units(found: Estimate, scaled: float) -> Estimate:
    """An estimate in other units."""
    parts = ("estimate", "std_error", "low", "high")
    return replace(found, **{name: scaled * getattr(found, name) for name in parts})


def _estimate(found: AverageEffects | SecondDifference, place: int, scaled: float) -> Estimate:
    columns = (found.estimate, found.std_error, found.conf_low, found.conf_high, found.p_value, found.dfs)
    return in_units(Estimate(*(float(column[place]) for column in columns)), scaled)
