"""The specification of a study, validated before any data are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, get_args

from tienet.base.checks import checked_level, choice, flag, mapping, positive, text, whole
from tienet.base.checks import names as checked_names
from tienet.base.errors import ArgumentError, offer, shown
from tienet.base.paths import PathSpec
from tienet.base.record import Fixed
from tienet.base.wording import bare, column_label, lower
from tienet.network.privacy import FLOOR
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.sources.register import LogSource
from tienet.network.ties.network import Ties
from tienet.network.ties.rule import TieRule
from tienet.regression.covariance.register import chosen_covariance
from tienet.regression.families.errors import chosen_kind
from tienet.regression.families.family import Family
from tienet.regression.families.register import family_of
from tienet.regression.model.claro_ramos_model import NoTies
from tienet.regression.model.family_arguments import checked_family
from tienet.regression.model.specification import cluster_names
from tienet.study.asked import Asked, PeopleShown, checked_analyses, checked_column_labels, checked_key, checked_people_shown

TABLES = ("log", "people", "outcomes", "survey")
ANSWERS = ("items", "shape", "scale", "reverse", "threshold", "design", "reciprocal")  # what a study says about its survey
OF_LOG = ("exclude", "identities", "time_format", "separator", "skip")  # settings of a study that have no use without a log


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class StudySpecification:
    """The validated parameters of a `Study`: tables, tie rule, model and report."""

    log: PathSpec | InteractionLog | LogSource | Sequence[LogSource] | object = None
    survey: Any = None
    survey_options: Mapping[str, Any] = field(default_factory=dict)
    people: PathSpec | People | object
    outcomes: PathSpec | object
    outcome: str = "sales_growth"
    of: str = "sales"
    functions: Sequence[str] = ("marketing", "customer_service")
    controls: Sequence[str] = ()
    rule: TieRule = field(default_factory=TieRule)
    strength: str = None  # type: ignore[assignment]  # "frequency", or "survey" without a log
    no_ties: NoTies | None = None
    covariance: str | None = None
    cluster: str | tuple[str, str] | None = None
    center: Any = "mean"
    alpha: float = 0.05
    weights: str | None = None
    family: str | None = None
    exposure: str | None = None
    event: object = None
    exclude: PathSpec | object = None
    identities: PathSpec | object = None
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    time_format: str | Sequence[str] | None = None
    timezone: str = "UTC"
    separator: str | None = None
    ids: IdRule = "exact"
    aliases: PathSpec | object = None
    decimal: str | None = None
    skip: int | None = None
    delimiter: str | Mapping[str, str] | None = None
    encoding: str | Mapping[str, str] | None = None
    title: str = "Ties of the sales force and sales performance"
    floor: int = FLOOR
    retention: str | None = None
    names: bool = False
    outcome_label: str | None = None
    outcome_unit: str | None = None
    matters: float | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    other_analyses: Mapping[str, Any] = field(default_factory=dict)
    show: Sequence[str] = ()
    people_shown: PeopleShown = None  # type: ignore[assignment]  # "groups", or "names" with names=True
    key: PathSpec | bytes | None = None

    def __post_init__(self) -> None:
        if self.strength is None:
            object.__setattr__(self, "strength", "survey" if self.log is None else "frequency")
        self._refuse_wrong_types()
        self._refuse_survey()
        if self.no_ties is not None:
            choice("no_ties", self.no_ties, get_args(NoTies))
        object.__setattr__(self, "cluster", cluster_names(self.cluster))
        for name in ("functions", "controls"):
            object.__setattr__(self, name, tuple(checked_names(name, getattr(self, name))))
        if not self.functions:
            raise ArgumentError("functions is empty; name at least one function to which ties are counted")
        for table in self.columns:
            choice("a table of columns", table, TABLES)
        self._check_asked()

    def _refuse_wrong_types(self) -> None:
        """Check types here, because a study file can contain anything."""
        if callable(self.strength):
            raise ArgumentError(
                "strength of a study must be a name; register the function with tn.register_strength(name, function) and use its name"
            )
        for name in ("outcome", "of", "strength", "timezone", "ids", "title"):
            _filled(name, getattr(self, name))
        for name in ("covariance", "weights", "separator", "decimal", "retention"):
            if getattr(self, name) is not None:
                _filled(name, getattr(self, name))
        choice("ids", self.ids, get_args(IdRule))
        if self.log is None and self.survey is None:
            raise ArgumentError("a study needs a log, log='log.csv', or a survey, survey='answers.csv'")
        if isinstance(self.time_format, list | tuple):
            checked_names("time_format", self.time_format)
        elif self.time_format is not None:
            _filled("time_format", self.time_format)
        if self.skip is not None:
            whole("skip", self.skip, 0)
        for name in ("delimiter", "encoding"):
            given = getattr(self, name)
            for table, one in given.items() if isinstance(given, Mapping) else [] if given is None else [("", given)]:
                if table:
                    choice(f"a table of {name}", table, TABLES)
                _filled(f"{name} of {table}" if table else name, one)
        if not isinstance(self.columns, Mapping):
            raise ArgumentError(f"columns must map 'log', 'people', 'outcomes' or 'survey' to your column names; got {shown(self.columns)}")
        for table, names in self.columns.items():
            if not isinstance(names, Mapping) or not all(map(_is_own, names.values())):
                raise ArgumentError(f"columns: {table!r} must map standard column names to your column names, as strings")
        whole("floor", self.floor)
        flag("names", self.names)
        checked_level(self.alpha)

    def _check_asked(self) -> None:
        """Check what concerns the report and the other analyses."""
        for name in ("outcome_label", "outcome_unit"):
            if getattr(self, name) is not None:
                _filled(name, getattr(self, name))
        self._refuse_family()
        if self.matters is not None:
            positive("matters", self.matters)
        asked = Asked(self.rule, self.cluster, tuple(self.controls), self.log is not None)
        columns = (*self.controls, *self.cluster_columns, *self.show)
        set_ = partial(object.__setattr__, self)
        set_("show", tuple(checked_names("show", self.show)))
        set_("labels", Fixed(checked_column_labels(self.labels, columns)))
        set_("other_analyses", Fixed(checked_analyses(self.other_analyses, asked)))
        set_("people_shown", checked_people_shown(self.people_shown, self.names))
        set_("names", self.people_shown == "names")
        checked_key(self.key)

    def _refuse_family(self) -> None:
        """Check what concerns the family of the outcome."""
        checked_family(
            self.outcome, self.family, self.exposure, self.event, covariance=self.covariance, cluster=self.cluster, weights=self.weights
        )
        if self.fitted_family is not None and self.outcome_unit is not None:
            raise ArgumentError(
                f"outcome_unit is for least squares; with family={self.family!r} the report is in {self.measured_words}; leave it out"
            )

    def _refuse_survey(self) -> None:
        """Check what concerns a survey, and what a study without a log cannot have."""
        for name in mapping("survey_options", self.survey_options):
            if name not in ANSWERS:
                raise ArgumentError(f"survey_options: {name!r} is not a setting of a survey{offer(name, ANSWERS)}")
        if self.survey is None:
            if self.survey_options or "survey" in self.columns:
                raise ArgumentError("there are settings of a survey but no survey; give it, such as survey='answers.csv'")
            if self.strength == "calibrated":
                raise ArgumentError("strength='calibrated' needs a survey beside the log, such as survey='answers.csv'")
            return
        given = self.survey.given if isinstance(self.survey, Ties) else None
        if given is not None and given.ties_too:
            raise ArgumentError(
                f"survey holds ties of {given.name}, not answers of people; in a study they are a log, of months: "
                f"log=tn.network.sources.LogSource({given.name!r}, path); their scores are for measure_egos(ties, "
                f"strength={given.name!r}) and claro_ramos without a study"
            )
        if isinstance(self.survey, Ties) and (self.survey_options or "survey" in self.columns):
            raise ArgumentError("the survey is read already; say its columns, items and scale in read_survey")
        if self.log is None:
            self._refuse_of_log()
        elif self.strength == "survey":
            raise ArgumentError(
                "strength='survey' is for a study without a log; beside one, choose strength='calibrated', the strength that people "
                "would be expected to report for the ties of the log"
            )

    def _refuse_of_log(self) -> None:
        said = [name for name in OF_LOG if getattr(self, name) is not None]
        said += [name for name, usual in {"rule": TieRule(), "timezone": "UTC"}.items() if getattr(self, name) != usual]
        said += ["columns of the log"] if "log" in self.columns else []
        if said:
            told = "; a survey has threshold and reciprocal instead" if "rule" in said else ""
            raise ArgumentError(f"{said[0]} is for a log, and this study has only a survey; leave it out{told}")
        if self.strength == "calibrated":
            raise ArgumentError("strength='calibrated' needs a log beside the survey; without one, choose strength='survey'")

    def encoding_of(self, table: str) -> str | None:
        """The encoding of the CSV files of a table: "log", "people" or "outcomes"."""
        return self.encoding.get(table) if isinstance(self.encoding, Mapping) else self.encoding

    def delimiter_of(self, table: str) -> str | None:
        """The delimiter of the CSV files of a table. One without a table is that of the log, or of the survey without one."""
        if isinstance(self.delimiter, Mapping):
            return self.delimiter.get(table)
        return self.delimiter if table == ("survey" if self.log is None else "log") else None

    @property
    def outcome_words(self) -> str:
        """The outcome in words, for the middle of a sentence: its label, or else its column."""
        return self.outcome_label or lower(column_label(self.outcome))

    @property
    def fitted_family(self) -> Family | None:
        """The family of the outcome; None for least squares."""
        return family_of(self.family)

    @property
    def measured_words(self) -> str:
        """What slopes are measured in, in words: the outcome itself, or "log odds of won" with a family."""
        family, words = self.fitted_family, self.outcome_words
        return words if family is None else family.words(words, self.exposure is not None)

    @property
    def covariance_kind(self) -> str:
        """The kind of standard errors of the study's model."""
        family = self.fitted_family
        return chosen_covariance(self.covariance, self.cluster) if family is None else chosen_kind(family, self.covariance, self.cluster)

    def label_of(self, column: str) -> str:
        """A control, or another column, in words, for the middle of a sentence."""
        return self.labels.get(bare(column)) or lower(column_label(bare(column)))

    @property
    def log_settings(self) -> dict[str, Any]:
        """How the log is to be read: the arguments of `read_log` that the study states."""
        said = {
            "columns": self.columns.get("log"),
            "time_format": list(self.time_format) if isinstance(self.time_format, tuple) else self.time_format,
            "separator": self.separator,
            "ids": None if self.ids == "exact" else self.ids,
            "decimal": self.decimal,
            "skip": self.skip,
            "delimiter": self.delimiter_of("log"),
            "encoding": self.encoding_of("log"),
        }
        return {name: value for name, value in said.items() if value is not None}

    @property
    def log_sources(self) -> tuple[LogSource, ...]:
        """The exports that the log is read from; empty if it is a path, a data frame or already read."""
        given = tuple(self.log) if isinstance(self.log, list | tuple) else (self.log,)
        return given if all(isinstance(one, LogSource) for one in given) else ()

    @property
    def cluster_columns(self) -> tuple[str, ...]:
        """The cluster columns: none, one or two."""
        return (self.cluster,) if isinstance(self.cluster, str) else tuple(self.cluster or ())

    def __repr__(self) -> str:
        return f"<Study: {self}>"

    def __str__(self) -> str:
        toward = ", ".join(self.functions)
        controls = f", controls {', '.join(self.controls)}" if self.controls else ""
        origin = "Ties are from a survey." if self.log is None else self.rule
        return f"{self.outcome} of {self.of} on total ties and tie strength ({self.strength}) to {toward}{controls}. {origin}"


def _is_own(own: object) -> bool:
    """Whether a value names columns: one, several (of source, target or time), or none."""
    return own is None or isinstance(own, str) or (isinstance(own, list | tuple) and all(isinstance(one, str) for one in own))


def _filled(name: str, given: object) -> None:
    if not text(name, given):
        raise ArgumentError(f"{name} must not be empty")
