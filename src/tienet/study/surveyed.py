"""The survey of a study: ties from its answers where there is no log, else a comparison with the ties of the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tienet.base.errors import ArgumentError, DataError
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.survey.answers import read_survey
from tienet.network.survey.calibration import TieComparison, calibrated, compare_ties
from tienet.network.ties.build import build_ties
from tienet.network.ties.network import Ties
from tienet.study.specification import StudySpecification


def survey_of(study: StudySpecification, people: People) -> Ties | None:
    """The ties of a study's survey, read if they are not `Ties` already; None if it has no survey."""
    if study.survey is None or isinstance(study.survey, Ties):
        return study.survey
    own: Mapping[str, str] | None = study.columns.get("survey")
    written: dict[str, Any] = {"encoding": study.encoding_of("survey"), "delimiter": study.delimiter_of("survey")}
    return read_survey(study.survey, people, columns=own, ids=study.ids, **written, **study.survey_options)


def ties_of(
    study: StudySpecification, log: InteractionLog | None, people: People, survey: Ties | None
) -> tuple[Ties, TieComparison | None]:
    """The ties of a study, from its log if it has one, and how log and survey compare; calibrated where the study asks for it.

    Raises
    ------
    DataError
        Log and survey cannot be compared, for example because too few people answered.
    """
    if log is None:
        if survey is None:
            raise ArgumentError("a study needs a log or a survey")
        return survey, None
    ties = build_ties(log, people, rule=study.rule, exclude=study.exclude)
    if survey is None:
        return ties, None
    try:
        compared = compare_ties(ties, survey)
    except DataError as problem:
        raise DataError(f"log and survey cannot be compared: {problem}; or leave the survey out") from None
    return calibrated(ties, compared) if study.strength == "calibrated" else ties, compared
