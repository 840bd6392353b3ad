"""The specification of a study, and the chain that it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, get_args

from tienet._covariance import checked_level
from tienet._files import PathSpec
from tienet._frames import make_frame
from tienet.errors import ArgumentError
from tienet.log import InteractionLog, read_log
from tienet.measures.ego import EgoMeasures, measure_egos
from tienet.measures.functions import function_matrix
from tienet.moderation import Moderation, claro_ramos, without_quadratics
from tienet.moderation.model import NoTies, cluster_names
from tienet.people import People, read_people
from tienet.privacy import FLOOR
from tienet.study.few import few_people, warn_few_people
from tienet.study.join import join_outcomes
from tienet.study.result import StudyResult, probe
from tienet.ties import TieRule, build_ties

OnStep: TypeAlias = Callable[[str, int, int], None]
CHAIN = ("reading the log", "reading the people", "building ties", "measuring salespeople", "joining outcomes", "fitting", "probing")


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
    weights
        A column of the people or outcomes table with weights, as in `Moderation`.
    exclude
        A table (path or frame) of ids that are no people, with the columns ``person`` and ``reason``, as in `build_ties`.
    columns
        Table ("log", "people", "outcomes") -> {canonical name: your name}.
    time_format, timezone
        As in `read_log`.
    encoding
        Of CSV files that are not UTF-8, such as "cp1252".
    title
        Of the report.
    floor
        People that a function needs in order to be shown on its own, and ties that a number of ties needs; groups of the model with
        fewer people are warned of.
    retention
        How long the report is kept, in words; printed on its sheet for works council and data protection.
    names
        Whether the report calls people by name (column `name` of the people table, else their ids); by default they have pseudonyms.

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
    cluster: str | tuple[str, str] | None = None
    center: Any = "mean"
    alpha: float = 0.05
    weights: str | None = None
    exclude: PathSpec | object = None
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    time_format: str | None = None
    timezone: str = "UTC"
    encoding: str | None = None
    title: str = "Ties of the sales force and sales performance"
    floor: int = FLOOR
    retention: str | None = None
    names: bool = False

    def __post_init__(self) -> None:
        self._refuse_wrong_types()
        if self.no_ties is not None and self.no_ties not in get_args(NoTies):
            raise ArgumentError.not_one_of("no_ties", self.no_ties, get_args(NoTies))
        object.__setattr__(self, "cluster", cluster_names(self.cluster))
        for name in ("functions", "controls"):
            value = getattr(self, name)
            object.__setattr__(self, name, tuple(value))
        if not self.functions:
            raise ArgumentError("functions is empty; name at least one function that the ties go to")
        for table in self.columns:
            if table not in ("log", "people", "outcomes"):
                raise ArgumentError.not_one_of("columns", table, ("log", "people", "outcomes"))

    def _refuse_wrong_types(self) -> None:
        """A study file can hold anything; what is not a name is said before it surprises somebody further on."""
        for name in ("outcome", "of", "strength", "timezone", "title"):
            if not (isinstance(getattr(self, name), str) and getattr(self, name)):
                raise ArgumentError(f"{name} must be a text, not {getattr(self, name)!r}")
        for name in ("covariance", "weights", "time_format", "encoding", "retention"):
            if not (getattr(self, name) is None or (isinstance(getattr(self, name), str) and getattr(self, name))):
                raise ArgumentError(f"{name} must be a text, not {getattr(self, name)!r}")
        for name in ("functions", "controls"):
            value = getattr(self, name)
            if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(one, str) for one in value):
                raise ArgumentError(f"{name} must be a list of names, not {value!r}")
        for table, names in self.columns.items():
            if not isinstance(names, Mapping) or not all(isinstance(own, str) or own is None for own in names.values()):
                raise ArgumentError(f"columns: {table!r} must give your name for each of ours, as text")
        if not isinstance(self.floor, int) or isinstance(self.floor, bool) or self.floor < 1:
            raise ArgumentError(f"floor must be a whole number of people, at least 1, not {self.floor!r}")
        if not isinstance(self.names, bool):
            raise ArgumentError(f"names must be true or false, not {self.names!r}")
        checked_level(self.alpha)

    @property
    def cluster_columns(self) -> tuple[str, ...]:
        """The columns that group the rows: none, one or two."""
        return (self.cluster,) if isinstance(self.cluster, str) else tuple(self.cluster or ())

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
        steps = iter([(name, place, len(CHAIN)) for place, name in enumerate(CHAIN)])
        tell(*next(steps))
        log = self._read_log()
        tell(*next(steps))
        people = self._read_people()
        tell(*next(steps))
        ties = build_ties(log, people, rule=self.rule, exclude=self.exclude)
        tell(*next(steps))
        egos = measure_egos(ties, of=self.of, toward=self.functions, strength=self.strength)
        tell(*next(steps))
        data, cases = join_outcomes(self, egos, ties.people)
        tell(*next(steps))
        fit = self._model(egos).fit(make_frame(data, log.backend))
        warn_few_people(few_people(fit, ties.people, egos.functions, self.floor), self.floor)
        tell(*next(steps))
        return StudyResult(
            self, log, ties.people, ties, egos, function_matrix(ties), data, cases, fit, without_quadratics(fit), probe(fit, egos.functions)
        )

    def _read_log(self) -> InteractionLog:
        if isinstance(self.log, InteractionLog):
            return self.log
        return read_log(
            self.log,
            columns=self.columns.get("log"),
            time_format=self.time_format,
            timezone=self.timezone,
            encoding=self.encoding,
            progress=False,  # a study tells its own steps
        )

    def _read_people(self) -> People:
        return (
            self.people
            if isinstance(self.people, People)
            else read_people(self.people, columns=self.columns.get("people"), encoding=self.encoding)
        )

    def _model(self, egos: EgoMeasures) -> Moderation:
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
            weights=self.weights,
            no_ties="zero_with_indicator" if with_indicator else "drop",  # undecided cases were refused before
            indicators=indicators if with_indicator else (),
        )
