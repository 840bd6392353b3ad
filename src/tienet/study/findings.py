"""The results of a study, and the probes of each function's terms."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tienet.base.errors import OutsideSupport
from tienet.base.frames import Backend, Columns
from tienet.base.record import Record
from tienet.network.measures.ego import EgoMeasures
from tienet.network.measures.functions import FunctionMatrix
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.survey.calibration import TieComparison
from tienet.network.ties.network import Ties
from tienet.regression.core.response import Scale
from tienet.regression.model.fit import ModerationFit
from tienet.regression.power.sample_sizes import detectable_f2
from tienet.regression.probes.effects_at_values import AverageEffects, average_effects
from tienet.regression.probes.johnson_neyman_regions import johnson_neyman
from tienet.regression.probes.predicted_surfaces import Surface, predict_surface
from tienet.regression.probes.regions import JohnsonNeyman
from tienet.regression.probes.slopes import SimpleSlopes, simple_slopes
from tienet.regression.probes.turning_points import TurningPoint, turning_point
from tienet.regression.probes.u_tests import UTest, u_test
from tienet.study.few import few_people
from tienet.study.join import Cases
from tienet.study.specification import StudySpecification

__all__ = ["Probes", "StudyFindings"]


@dataclass(frozen=True, slots=True, eq=False)
class Probes:
    """The probes of one function's terms.

    Parameters
    ----------
    function
        The function to which ties are counted.
    slopes
        Slope of total ties at low, mean and high tie strength, with total ties at their mean.
    region
        Where along tie strength this slope differs from zero; None if tie strength has only two values.
    turning
        The turning point of the curve of total ties; None if total ties have only two values.
    u
        The test whether the curve turns within the data; None likewise.
    surface
        The predicted values of the interaction figure; with a link those of the expected outcome.
    effects, expected_region
        With a link: average slopes of the expected outcome at low, mean and high tie strength, and where along it they differ from zero.
    """

    function: str
    slopes: SimpleSlopes
    region: JohnsonNeyman | None
    turning: TurningPoint | None
    u: UTest | None
    surface: Surface
    effects: AverageEffects | None = None
    expected_region: JohnsonNeyman | None = None

    @property
    def records(self) -> tuple[Record, ...]:
        """The probes that there are."""
        all_ = (self.slopes, self.region, self.turning, self.u, self.surface, self.effects, self.expected_region)
        return tuple(one for one in all_ if one is not None)


def probe(fit: ModerationFit, functions: Sequence[str], *, on_response: bool = False) -> Mapping[str, Probes]:
    """Run all probes for each function's total ties and tie strength; two values have no region and no curve.

    With `on_response`, those of the expected outcome as well.
    """
    scale: Scale = "response" if on_response else "link"
    made = {}
    for name in functions:
        total, strength = f"total_ties_{name}", f"tie_strength_{name}"
        two, curved = fit.polynomial.variable(strength).kind == "binary", f"{total}^2" in fit.terms
        made[name] = Probes(
            name,
            simple_slopes(fit, focal=total, moderator=strength),
            None if two else johnson_neyman(fit, focal=total, moderator=strength),
            turning_point(fit, focal=total) if curved else None,
            u_test(fit, focal=total) if curved else None,
            predict_surface(fit, focal=total, moderator=strength, scale=scale),
            *(_expected(fit, total, strength, two) if on_response else ()),
        )
    return made


def _expected(fit: ModerationFit, total: str, strength: str, two: bool) -> tuple[AverageEffects, JohnsonNeyman | None]:
    """The probes of the expected outcome; of values outside the data, those of the link have warned."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideSupport)
        effects = average_effects(fit, focal=total, moderator=strength)
    return effects, None if two else johnson_neyman(fit, focal=total, moderator=strength, scale="response")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StudyFindings(Record):
    """All results of a study, from the ledger to the probes.

    Parameters
    ----------
    study
        The specification of the study.
    log, people, ties, egos, matrix
        The network results.
    data
        Column name -> (n,) array, one row per person studied, before rows are dropped.
    cases
        How many people are studied, and how many have an outcome and ties.
    fit
        The model with squares.
    linear
        The same model without squares, on the same rows.
    probes
        Function -> its probes.
    survey, comparison
        The ties of the survey, and how log and survey compare; None without a survey, and the comparison also without a log.
    """

    study: StudySpecification
    log: InteractionLog | None
    people: People
    ties: Ties
    egos: EgoMeasures
    matrix: FunctionMatrix
    data: Columns
    cases: Cases
    fit: ModerationFit
    linear: ModerationFit
    probes: Mapping[str, Probes]
    survey: Ties | None = None
    comparison: TieComparison | None = None

    @property
    def backend(self) -> Backend:
        """The frame library of the input, used by `frame`."""
        return self.ties.backend

    def _works(self) -> tuple[str, ...]:
        probed = [key for one in self.probes.values() for record in one.records for key in record._works()]
        compared = () if self.comparison is None else self.comparison._works()
        return (*self.egos._works(), *compared, *self.matrix._works(), *self.fit._works(), *self.fit.steps._works(), *probed)

    def _columns(self) -> Columns:
        return self.fit._columns()

    @property
    def detectable_f2(self) -> float:
        """The smallest f2 of one added term that this sample size detects with 80% power at the study's alpha."""
        return detectable_f2(self.fit.n, len(self.fit.terms) - 1, added=1, power=0.8, alpha=self.study.alpha)

    @property
    def small_groups(self) -> tuple[str, ...]:
        """Parts of the model based on fewer people than the study's floor, in words."""
        return few_people(self.fit, self.people, self.egos.functions, self.study.floor)

    def label(self, function: str) -> str:
        """The label of a function as written in the people table."""
        return self.people.labels[function]

    def __str__(self) -> str:
        return f"{self.ties} {self.fit}"
