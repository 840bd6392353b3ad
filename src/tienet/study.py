"""The whole chain as one specification: log, people and outcomes in; ties, measures, fit and probes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet._files import PathSpec
from tienet._frames import Backend, Columns, make_frame, require_columns
from tienet._record import Record, counted
from tienet._tables import Table, load_table
from tienet.errors import ArgumentError, DataError, offer
from tienet.inference.power import detectable_f2
from tienet.log import InteractionLog, read_log
from tienet.measures.ego import EgoMeasures, measure_egos
from tienet.measures.functions import FunctionMatrix, function_matrix
from tienet.moderation import ModerationFit, claro_ramos, without_quadratics
from tienet.moderation.model import NoTies
from tienet.people import People, read_people
from tienet.probes import (
    JohnsonNeyman,
    SimpleSlopes,
    Surface,
    TurningPoint,
    UTest,
    johnson_neyman,
    predict_surface,
    simple_slopes,
    turning_point,
    u_test,
)
from tienet.ties import TieRule, Ties, build_ties

if TYPE_CHECKING:
    from pathlib import Path

OnStep: TypeAlias = Callable[[str, int, int], None]
STEPS = ("reading the log", "reading the people", "building ties", "measuring salespeople", "joining outcomes", "fitting", "probing")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Study:
    """A study of sales performance on ties, before it meets data.

    Parameters
    ----------
    log, people, outcomes
        Paths or frames; `log` and `people` may also be what `read_log` and `read_people` return. `outcomes` has a column
        ``person``, the outcome, and any controls that the people table does not have.
    outcome
        Column of the outcome.
    of
        The function whose people are studied.
    functions
        The functions that their ties go to.
    controls
        Columns of the people or outcomes table that enter linearly; text is categorical.
    rule, strength
        The tie rule, and what tie strength means ("frequency", "interactions", "composite").
    no_ties
        What happens to those without any tie to a function, whose tie strength is missing: "drop" leaves them out, counted;
        "zero_with_indicator" sets their strength to 0 and adds an indicator. No default: where it matters, running without refuses.
    covariance, cluster, center, alpha
        As in `Moderation`.
    columns
        Table ("log", "people", "outcomes") -> {canonical name: your name}.
    time_format, timezone
        As in `read_log`.

    Examples
    --------
    >>> import tienet as tn
    >>> firm = tn.simulate_firm(n_people=400, seed=1)
    >>> study = tn.Study(log=firm.log, people=firm.people, outcomes=firm.outcomes, controls=["tenure"], no_ties="drop")
    >>> result = study.run()
    >>> result.fit.terms[:3]
    ('(Intercept)', 'tenure', 'total_ties_marketing')
    """

    log: PathSpec | InteractionLog | object
    people: PathSpec | People | object
    outcomes: PathSpec | object
    outcome: str = "sales_growth"
    of: str = "sales"
    functions: Sequence[str] = ("marketing", "customer_service")
    controls: Sequence[str] = ()
    rule: TieRule = field(default_factory=TieRule)
    strength: str = "frequency"
    no_ties: NoTies | None = None
    covariance: str | None = None
    cluster: str | None = None
    center: Any = "mean"
    alpha: float = 0.05
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    time_format: str | None = None
    timezone: str = "UTC"
    title: str = "Ties of the sales force and sales performance"

    def __post_init__(self) -> None:
        if self.no_ties is not None and self.no_ties not in get_args(NoTies):
            raise ArgumentError.not_one_of("no_ties", self.no_ties, get_args(NoTies))
        for name in ("functions", "controls"):
            value = getattr(self, name)
            if isinstance(value, str):
                raise ArgumentError(f"{name}={value!r} is one text; write a list of names, [{value!r}]")
            object.__setattr__(self, name, tuple(value))
        if not self.functions:
            raise ArgumentError("functions is empty; name at least one function that the ties go to")
        for table in self.columns:
            if table not in ("log", "people", "outcomes"):
                raise ArgumentError.not_one_of("columns", table, ("log", "people", "outcomes"))

    def __repr__(self) -> str:
        return f"<Study: {self}>"

    def __str__(self) -> str:
        toward = ", ".join(self.functions)
        controls = f", controls {', '.join(self.controls)}" if self.controls else ""
        return f"{self.outcome} of {self.of} on total ties and tie strength ({self.strength}) to {toward}{controls}. {self.rule}"

    def run(self, *, on_step: OnStep | None = None) -> StudyResult:
        """Run the chain.

        Parameters
        ----------
        on_step
            Called before each step with its name, its number from 0 and how many there are; for progress bars.

        Returns
        -------
        StudyResult

        Raises
        ------
        TienetError
            In one line: what stands in the way, where, and what to do.
        """
        tell = on_step or (lambda _name, _at, _of: None)
        steps = iter([(name, place, len(STEPS)) for place, name in enumerate(STEPS)])
        tell(*next(steps))
        log = self._read_log()
        tell(*next(steps))
        people = self._read_people()
        tell(*next(steps))
        ties = build_ties(log, people, rule=self.rule)
        tell(*next(steps))
        egos = measure_egos(ties, of=self.of, toward=self.functions, strength=self.strength)
        tell(*next(steps))
        data, cases = self._join(egos, people)
        tell(*next(steps))
        fit = self._model(egos).fit(make_frame(data))
        tell(*next(steps))
        return StudyResult(
            self, log, people, ties, egos, function_matrix(ties), data, cases, fit, without_quadratics(fit), _probes(fit, egos.functions)
        )

    def _read_log(self) -> InteractionLog:
        if isinstance(self.log, InteractionLog):
            return self.log
        return read_log(self.log, columns=self.columns.get("log"), time_format=self.time_format, timezone=self.timezone)

    def _read_people(self) -> People:
        return self.people if isinstance(self.people, People) else read_people(self.people, columns=self.columns.get("people"))

    def _model(self, egos: EgoMeasures) -> Any:
        indicators = [name for place, name in enumerate(egos.functions) if (egos.total_ties[:, place] == 0).any()]
        with_indicator = self.no_ties == "zero_with_indicator" and indicators
        return claro_ramos(
            self.outcome,
            egos.functions,
            controls=self.controls,
            covariance=self.covariance,
            cluster=self.cluster,
            center=self.center,
            alpha=self.alpha,
            no_ties="zero_with_indicator" if with_indicator else "drop",  # undecided cases were refused before
            indicators=indicators if with_indicator else (),
        )

    def _join(self, egos: EgoMeasures, people: People) -> tuple[Columns, Cases]:
        """One row per ego: measures, controls, cluster and outcome; and the account of who is in the model and who is not."""
        table = load_table(self.outcomes, where="the outcomes table")
        data = {"person": egos.ego, **self._measures(egos)}
        position, matched, unmatched = _match(table, self.columns.get("outcomes", {}), self.outcome, egos.ego)
        has_row = position >= 0
        data[self.outcome] = _taken(table.numbers(self._own(self.outcome)), position)
        wanted = [_bare(name) for name in self.controls] + ([self.cluster] if self.cluster else [])
        for name in wanted:
            data[name] = self._column(name, egos, people, table, position)
        no_ties = {name: int(np.sum(egos.total_ties[:, place] == 0)) for place, name in enumerate(egos.functions)}
        return data, Cases(len(egos), int((~has_row).sum()), matched, unmatched, no_ties)

    def _own(self, name: str) -> str:
        return self.columns.get("outcomes", {}).get(name, name)

    def _measures(self, egos: EgoMeasures) -> dict[str, NDArray[Any]]:
        self._refuse_undecided(egos)
        data: dict[str, NDArray[Any]] = {}
        for place, name in enumerate(egos.functions):
            total, strength = egos.total_ties[:, place], egos.tie_strength[:, place]
            data[f"total_ties_{name}"] = total
            if self.no_ties == "zero_with_indicator":
                data[f"no_ties_{name}"] = (total == 0).astype(float)
                strength = np.where(total == 0, 0.0, strength)
            data[f"tie_strength_{name}"] = strength
        return data

    def _refuse_undecided(self, egos: EgoMeasures) -> None:
        """Stop where people without ties have not been decided on, or where the decision has no standard error."""
        none = {name: int(np.sum(egos.total_ties[:, place] == 0)) for place, name in enumerate(egos.functions)}
        leveraged = self.cluster is None and self.covariance not in ("classical", "HC0", "HC1")
        alone = [name for name, count in none.items() if count == 1]
        if self.no_ties == "zero_with_indicator" and leveraged and alone:
            raise DataError(
                f"one person alone has no tie to {' and one to '.join(alone)}, so an indicator would be about that person only and "
                f"{self.covariance or 'HC3'} standard errors are not defined; say no_ties='drop', or covariance='HC1'"
            )
        if self.no_ties is None and any(none.values()):
            listed = ", ".join(f"{count} without a tie to {name}" for name, count in none.items() if count)
            raise DataError(
                f"of {counted(len(egos), 'person', 'people')} in {egos.of}, {listed}: their tie strength is missing; "
                "decide with no_ties='drop' (leave them out) or no_ties='zero_with_indicator'"
            )

    def _column(self, name: str, egos: EgoMeasures, people: People, table: Table, position: NDArray[np.int64]) -> NDArray[Any]:
        """A control or the cluster, from the people table or from the outcomes table."""
        here, there = name in people.attributes, self._own(name) in table.names
        if here and there:
            raise DataError(f"column {name!r} stands in the people table and in the outcomes table; rename or remove one of them")
        if here:
            return people.attributes[name][people.codes(egos.ego)]
        if there:
            return _taken(table.values(self._own(name)), position)
        known = [*people.attributes, *table.names]
        raise DataError(f"neither the people table nor the outcomes table has a column {name!r}{offer(name, known)}")


def _bare(control: str) -> str:
    return control[2:-1].strip() if control.startswith("C(") and control.endswith(")") else control


def _match(table: Table, columns: Mapping[str, str], outcome: str, egos: NDArray[Any]) -> tuple[NDArray[np.int64], int, int]:
    """The outcome row of each ego (-1 where there is none), egos matched, and rows of people who are not egos."""
    import pandas as pd

    person = columns.get("person", "person")
    require_columns(table.names, [person, columns.get(outcome, outcome)], where=table.where)
    ids = pd.Index(table.text(person), dtype=object)
    stated = ids[ids.notna()]
    if stated.has_duplicates:
        repeated = int(stated.duplicated().sum())
        raise DataError(f"{table.where}: {counted(repeated, 'row')} repeat a person; keep one outcome per person")
    position: NDArray[np.int64] = ids.get_indexer(pd.Index(egos, dtype=object)) if len(stated) else np.full(len(egos), -1)
    matched = int((position >= 0).sum())
    if not matched:
        raise DataError(
            f"none of the {len(stated):,} people in {table.where} is among the {len(egos):,} studied; compare how the two tables write ids"
        )
    return position, matched, len(stated) - matched


def _taken(values: NDArray[Any], position: NDArray[np.int64]) -> NDArray[Any]:
    """Values of the matched rows; missing where there is no row."""
    found = values[np.maximum(position, 0)].copy()
    found[position < 0] = None if found.dtype == object else np.nan
    return found


@dataclass(frozen=True, slots=True)
class Cases:
    """Who is studied: egos, those without an outcome row, matched ones, outcome rows of others, and egos without ties per function."""

    egos: int
    without_outcome: int
    matched: int
    outcomes_of_others: int
    no_ties: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Probes:
    """What is asked of one function's part of the model.

    Attributes
    ----------
    slopes
        Slope of total ties at low, mean and high tie strength, total ties at their mean.
    region
        Where along tie strength that slope differs from zero.
    turning
        Where the curve of total ties turns; `u` tests whether it really turns inside the data.
    surface
        The interaction figure's numbers.
    """

    function: str
    slopes: SimpleSlopes
    region: JohnsonNeyman
    turning: TurningPoint
    u: UTest
    surface: Surface


def _probes(fit: ModerationFit, functions: Sequence[str]) -> Mapping[str, Probes]:
    made = {}
    for name in functions:
        total, strength = f"total_ties_{name}", f"tie_strength_{name}"
        made[name] = Probes(
            name,
            simple_slopes(fit, focal=total, moderator=strength),
            johnson_neyman(fit, focal=total, moderator=strength),
            turning_point(fit, focal=total),
            u_test(fit, focal=total),
            predict_surface(fit, focal=total, moderator=strength),
        )
    return made


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StudyResult(Record):
    """Everything a study found, from the ledger to the probes.

    Attributes
    ----------
    study : Study
    log, people, ties, egos, matrix
        The network half's results.
    data : mapping of str to (n,) array
        One row per ego, before rows are dropped.
    cases : Cases
    fit : ModerationFit
        The model with quadratics; `linear` is the same on the same rows without them.
    probes : mapping of str to Probes
        Per function.
    """

    study: Study
    log: InteractionLog
    people: People
    ties: Ties
    egos: EgoMeasures
    matrix: FunctionMatrix
    data: Columns
    cases: Cases
    fit: ModerationFit
    linear: ModerationFit
    probes: Mapping[str, Probes]

    @property
    def backend(self) -> Backend:
        """The kind of frame to give back."""
        return self.log.backend

    def _columns(self) -> Columns:
        return self.fit._columns()

    @property
    def detectable_f2(self) -> float:
        """The smallest f2 of one added term that this sample size finds with power .80 at the study's alpha."""
        return detectable_f2(self.fit.n, len(self.fit.terms) - 1, added=1, power=0.8, alpha=self.study.alpha)

    def label(self, function: str) -> str:
        """A function's label as the people table writes it."""
        return self.people.labels[function]

    def report(self, path: PathSpec) -> Path:
        """Write the study as one self-contained HTML page; returns where it is."""
        from tienet.report import write_report

        return write_report(self, path)

    def save(self, folder: PathSpec) -> list[Path]:
        """Write report.html, figures/ and tables/ into a folder; returns what was written."""
        from tienet.report import save_study

        return save_study(self, folder)

    def __str__(self) -> str:
        return f"{self.ties} {self.fit}"
