"""The `Study` class: runs all steps from the log to the probed model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from tienet.base.errors import ArgumentError, DataError, offer
from tienet.base.frames import make_frame
from tienet.network.measures.ego import measure_egos
from tienet.network.measures.functions import function_matrix
from tienet.network.reading.combined import combine
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.log import read_log
from tienet.network.reading.people import People, read_people
from tienet.regression.model.fit import renamed
from tienet.regression.model.refits import without_quadratics
from tienet.study.few import few_people, warn_few_people
from tienet.study.findings import probe
from tienet.study.join import join_outcomes
from tienet.study.modelled import model_of
from tienet.study.naming import study_names
from tienet.study.result import StudyResult
from tienet.study.specification import StudySpecification
from tienet.study.surveyed import survey_of, ties_of

__all__ = ["Study"]


OnStep: TypeAlias = Callable[[str, int, int], None]
CHAIN = (
    "reading the log",
    "reading the people",
    "reading the survey",
    "building ties",
    "measuring salespeople",
    "joining outcomes",
    "fitting",
    "probing",
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Study(StudySpecification):
    """A study of sales performance and ties.

    Parameters
    ----------
    log, people, outcomes
        Paths or data frames. `log` and `people` may also be the results of `read_log` (or another reader) and `read_people`, and `log` a
        `LogSource` or a list of them, which are combined. `outcomes` has a column ``person``, the outcome, and any controls that are not
        in the people table. With a survey, `log` may be left out: then the ties are those of the survey.
    survey
        A survey of ties: a path or data frame, or the result of `read_survey`. Beside a log, the two are compared (`compare_ties`).
    survey_options
        How to read it, as in `read_survey`: items, shape, scale, reverse, threshold, design, reciprocal.
    outcome
        Name of the outcome column.
    of
        The function whose people are studied.
    functions
        The functions to which their ties are counted.
    controls
        Columns of the people or outcomes table, entered linearly; text columns are categorical. ``C(region)`` makes one categorical,
        ``C(region, base="north")`` with this base, ``log(tenure)`` takes its logarithm.
    rule, strength
        The tie rule, and the definition of tie strength: "frequency" (default), "interactions", "composite", or another name as in
        `measure_egos`, such as one added by `register_strength`; without a log "survey" (default). With a survey beside the log also
        "calibrated": the strength that people would be expected to report.
    no_ties
        How to treat people without ties to a function, whose tie strength is missing: "drop" excludes and counts them,
        "zero_with_indicator" sets their strength to 0 and adds an indicator. There is no default: if there are such people, you must
        choose.
    covariance, cluster, center, alpha
        As in `Moderation`.
    weights
        A weight column of the people or outcomes table, as in `Moderation`.
    family, exposure, event
        What kind of outcome it is, as in `Moderation`. With a family the report is on the scale of its link, which every sentence names:
        "log odds of won". `exposure` is a column of the people or outcomes table.
    exclude
        A table (path or data frame) of ids that are not people, with columns ``person`` and ``reason``, as in `build_ties`.
    identities
        For exports: a table (path or data frame) of who is who in the systems, as in `match_people`. Every reader of the study gets it.
    columns
        Table ("log", "people", "outcomes", "survey") -> {standard name: your name}.
    time_format, timezone, separator, skip, decimal
        As in `read_log`.
    ids
        How ids of the log, the survey and the outcomes are compared with the people table: "exact", "trim" or "address", as in `read_log`.
    aliases
        Other ids of the people, as in `read_people`.
    delimiter
        Delimiter of the log (without one, of the survey), or table -> delimiter, for CSV files in which it is not detected correctly.
    encoding
        Encoding of CSV files that are not UTF-8, such as "cp1252", or table -> encoding if they differ.
    title
        Title of the report.
    floor
        Fewest people a function needs to be shown separately, and fewest ties for a count to be shown; smaller groups in the model
        give a warning.
    retention
        How long the report is kept, in words; printed in its section for works council and data protection.
    people_shown
        Whom the report's network shows: "groups" (default; functions and teams of at least `floor` people), "pseudonyms", or "names"
        (column `name` of the people table, else their ids).
    names
        True is the same as ``people_shown="names"``.
    show
        Columns of the people table that the report's network may be coloured and filtered by, such as ``["region"]``.
    key
        The secret key behind the pseudonyms, from `pseudonym_key`, or the path of its file. Without one, each report numbers people anew.
    outcome_label
        The outcome in words, as it stands in the middle of a sentence, such as "sales growth"; by default the column's name in words.
    outcome_unit
        Its unit, such as "percentage points".
    matters
        The smallest difference between the slopes at weak and at strong ties, in units of the outcome per tie, that this study calls
        important. With it, the report says so if any dependence on tie strength is smaller.
    labels
        Controls and other columns in words: {column: words}.
    other_analyses
        Other analyses, beside those without squares, under other tie rules and with Holm's correction. A mapping from "strength",
        "covariance", "controls" (lists of some of the controls), "no_ties" or a parameter of the tie rule to a list of other values; the
        study is run again with each of them.

    Examples
    --------
    >>> import tienet as tn
    >>> firm = tn.simulate_firm(n_people=400, seed=1)
    >>> study = tn.Study(log=firm.log, people=firm.people, outcomes=firm.outcomes, controls=["tenure"], no_ties="drop")
    >>> result = study.run()
    >>> result.fit.terms[:3]
    ('(Intercept)', 'tenure', 'total_ties_marketing')
    """

    def run(self, *, on_step: OnStep | None = None) -> StudyResult:
        """Run the study.

        Parameters
        ----------
        on_step
            Called before each step with its name, its number (from 0) and the number of steps; for progress bars.

        Returns
        -------
        StudyResult

        Raises
        ------
        TienetError
            If the study cannot be run; the message says in one line what is wrong, where, and what to do.
        """
        tell = on_step or (lambda _name, _at, _of: None)
        names = steps_of(self)
        steps = iter([(name, place, len(names)) for place, name in enumerate(names)])
        log = None
        if self.log is not None:
            tell(*next(steps))
            log = log_of(self)
        tell(*next(steps))
        people = people_of(self)
        survey = None
        if self.survey is not None:
            tell(*next(steps))
            survey = survey_of(self, people)
        tell(*next(steps))
        ties, comparison = ties_of(self, log, people, survey)
        tell(*next(steps))
        egos = measure_egos(ties, of=self.of, toward=self.functions, strength=self.strength)
        tell(*next(steps))
        data, cases = join_outcomes(self, egos, ties.people)
        tell(*next(steps))
        fit = renamed(model_of(self, egos, data).fit(make_frame(data, ties.backend)), study_names(self, egos))
        warn_few_people(few_people(fit, ties.people, egos.functions, self.floor), self.floor)
        tell(*next(steps))
        return StudyResult(
            study=self,
            log=log,
            people=ties.people,
            ties=ties,
            egos=egos,
            matrix=function_matrix(ties),
            data=data,
            cases=cases,
            fit=fit,
            linear=without_quadratics(fit),
            probes=probe(fit, egos.functions),
            survey=survey,
            comparison=comparison,
        )


def steps_of(study: StudySpecification) -> list[str]:
    """The steps of a study, for its progress."""
    left_out = {name for name, given in (("reading the log", study.log), ("reading the survey", study.survey)) if given is None}
    return [name for name in CHAIN if name not in left_out]


def log_of(study: StudySpecification) -> InteractionLog:
    """The log of a study that has one, read if it is not an `InteractionLog` already."""
    if isinstance(study.log, InteractionLog):
        if study.identities is not None:
            raise ArgumentError("the log is read already, so identities cannot join its ids; give identities to its reader")
        return study.log
    if study.log_sources:
        return _log_of_sources(study)
    if study.identities is not None:
        raise ArgumentError(
            "identities is for exports, and the log of this study is a table; name a reader, such as log = {slack = 'slack.zip'}, or "
            "give people their other ids with aliases"
        )
    return read_log(study.log, timezone=study.timezone, progress=False, **study.log_settings)  # a study reports its own steps


def _log_of_sources(study: StudySpecification) -> InteractionLog:
    """Read the exports, passing each reader those settings of the study that it accepts."""
    known = {name for source in study.log_sources for name in source.reader.options}
    said = study.log_settings | ({} if study.identities is None else {"identities": study.identities})
    for name in said:
        if name not in known and name != "encoding":  # the people table may need that one
            kinds = ", ".join(dict.fromkeys(source.kind for source in study.log_sources))
            written = "[columns.log]" if name == "columns" else name
            raise ArgumentError(f"{written} does not apply to exports read as {kinds}; remove it")
    # Without a stated zone, the reader chooses one or asks for it.
    offered: dict[str, object] = said | ({} if study.timezone == "UTC" else {"timezone": study.timezone}) | {"progress": False}
    if "people" in known:
        offered["people"] = people_of(study)
    return combine(*(source.read(offered) for source in study.log_sources))


def people_of(study: StudySpecification) -> People:
    """The people of a study, read if they are not a `People` already."""
    people = study.people if isinstance(study.people, People) else _read_people(study)
    for name in study.show:
        if name not in people.attributes:
            raise DataError(f"show: the people table has no column {name!r}{offer(name, people.attributes)}")
    return people


def _read_people(study: StudySpecification) -> People:
    said = {"aliases": study.aliases, "delimiter": study.delimiter_of("people")}
    stated: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    return read_people(study.people, columns=study.columns.get("people"), encoding=study.encoding_of("people"), **stated)
