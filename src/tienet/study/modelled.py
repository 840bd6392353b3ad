"""The model of a study, for its own measures or for those of another analysis of the same data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.frames import Columns, is_missing
from tienet.network.measures.ego import EgoMeasures
from tienet.regression.model.claro_ramos_model import claro_ramos
from tienet.regression.model.moderation import Moderation
from tienet.study.specification import StudySpecification


def model_of(study: StudySpecification, egos: EgoMeasures, data: Columns) -> Moderation:
    """The model of a study; indicators only for functions to which someone has no tie, squares only of ties with more than two values.

    Parameters
    ----------
    study, egos
        The study and its measures.
    data
        Column name -> (n,) array, as from `join_outcomes`.
    """
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
        quadratics=_curved(egos.functions, data),
        family=study.family,
        exposure=study.exposure,
        event=study.event,
        no_ties="zero_with_indicator" if with_indicator else "drop",  # join_outcomes has already refused undecided cases
        indicators=indicators if with_indicator else (),
    )


def _curved(functions: Sequence[str], data: Columns) -> list[str]:
    """The functions to which total ties have more than two values among the people in the model; two determine no curve."""
    complete = ~np.any([_gaps(values) for values in data.values()], axis=0)
    return [name for name in functions if len(np.unique(data[f"total_ties_{name}"][complete])) > 2]


def _gaps(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a value is missing."""
    return np.isnan(values) if values.dtype.kind == "f" else np.array([is_missing(value) for value in values.tolist()], dtype=bool)
