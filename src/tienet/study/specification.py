"""The specification of a study, validated before any data are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from tienet.base.checks import checked_level, choice, flag, text, whole
from tienet.base.checks import names as checked_names
from tienet.base.errors import ArgumentError
from tienet.base.paths import PathSpec
from tienet.network.privacy import FLOOR
from tienet.network.reading.log import InteractionLog
from tienet.network.reading.people import People
from tienet.network.sources.register import LogSource
from tienet.network.ties.rule import TieRule
from tienet.regression.model.claro_ramos_model import NoTies
from tienet.regression.model.specification import cluster_names


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class StudySpecification:
    """The validated parameters of a `Study`: tables, tie rule, model and report."""

    log: PathSpec | InteractionLog | LogSource | Sequence[LogSource] | object
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
        if self.no_ties is not None:
            choice("no_ties", self.no_ties, get_args(NoTies))
        object.__setattr__(self, "cluster", cluster_names(self.cluster))
        for name in ("functions", "controls"):
            object.__setattr__(self, name, tuple(checked_names(name, getattr(self, name))))
        if not self.functions:
            raise ArgumentError("functions is empty; name at least one function to which ties are counted")
        for table in self.columns:
            choice("a table of columns", table, ("log", "people", "outcomes"))

    def _refuse_wrong_types(self) -> None:
        """Check types here, because a study file can contain anything."""
        if callable(self.strength):
            raise ArgumentError(
                "strength of a study must be a name; register the function with tn.register_strength(name, function) and use its name"
            )
        for name in ("outcome", "of", "strength", "timezone", "title"):
            _filled(name, getattr(self, name))
        for name in ("covariance", "weights", "time_format", "encoding", "retention"):
            if getattr(self, name) is not None:
                _filled(name, getattr(self, name))
        for table, names in self.columns.items():
            if not isinstance(names, Mapping) or not all(isinstance(own, str) or own is None for own in names.values()):
                raise ArgumentError(f"columns: {table!r} must map standard column names to your column names, as strings")
        whole("floor", self.floor)
        flag("names", self.names)
        checked_level(self.alpha)

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
        return f"{self.outcome} of {self.of} on total ties and tie strength ({self.strength}) to {toward}{controls}. {self.rule}"


def _filled(name: str, given: object) -> None:
    if not text(name, given):
        raise ArgumentError(f"{name} must not be empty")
