"""The names of a study: functions as in the people table, outcome and controls as its file calls them, and their units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tienet.base.naming import Names
from tienet.base.record import Fixed
from tienet.base.wording import bare

if TYPE_CHECKING:
    from tienet.network.measures.ego import EgoMeasures
    from tienet.study.specification import StudySpecification


def study_names(study: StudySpecification, egos: EgoMeasures) -> Names:
    """Labels and units of all columns of a study's model."""
    labels = {**egos.ties.people.labels, **(getattr(study, "labels", None) or {})}
    units = dict(getattr(study, "units", None) or {})
    if outcome := getattr(study, "outcome_label", None):
        labels[study.outcome] = outcome
    if unit := getattr(study, "outcome_unit", None):
        units[study.outcome] = unit
    strengths = {f"tie_strength_{name}": egos.strength_scale for name in egos.functions} if egos.strength_scale else {}
    return Names(Fixed({bare(name): _capital(label) for name, label in labels.items()}), Fixed({**strengths, **units}))


def _capital(label: str) -> str:
    """A label for an axis or a row of a table, which begin with a capital letter."""
    return label[:1].upper() + label[1:]
