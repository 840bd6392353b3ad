"""The model of a study, for its own measures or for those of another analysis of the same data."""

from __future__ import annotations

from tienet.network.measures.ego import EgoMeasures
from tienet.regression.model.claro_ramos_model import claro_ramos
from tienet.regression.model.moderation import Moderation
from tienet.study.specification import StudySpecification


def model_of(study: StudySpecification, egos: EgoMeasures) -> Moderation:
    """The model of a study; indicators only for functions to which someone has no tie."""
    indicators = [name for place, name in enumerate(egos.functions) if (egos.total_ties[:, place] == 0).any()]
    with_indicator = study.no_ties == "zero_with_indicator" and indicators
    return claro_ramos(
        study.outcome,
        egos.functions,
        controls=study.controls,
        covariance=study.covariance,
        cluster=study.cluster,
        center=study.center,
        alpha=study.alpha,
        weights=study.weights,
        family=study.family,
        exposure=study.exposure,
        event=study.event,
        no_ties="zero_with_indicator" if with_indicator else "drop",  # join_outcomes has already refused undecided cases
        indicators=indicators if with_indicator else (),
    )
