"""The `ties` and `measures` commands: from a log to ties, and to measures per person."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast

import typer

from tienet.base.errors import ArgumentError
from tienet.cli.options import in_options
from tienet.cli.session import STDOUT, JsonOption, QuietOption, examples, refuse_place, session
from tienet.cli.surveys import (
    Design,
    Item,
    OwnOfSurvey,
    Reverse,
    Scale,
    Shape,
    Survey,
    Threshold,
    read_answers,
    refuse_misplaced,
    scale_of,
)
from tienet.network.ties.strengths import STRENGTHS

if TYPE_CHECKING:
    from tienet.network.ties.network import Ties
    from tienet.network.ties.rule import TieRule

# Ties built from a log have no given strength.
_STRENGTHS = ", ".join(strength.name for strength in STRENGTHS if not strength.made_by)
SEVERAL = ("source", "target", "time")  # standard names that may stand for several columns
Reading: TypeAlias = Callable[[], "Ties"]
TableOption = Annotated[Path, typer.Option("--out", "-o", help="A .csv file, or - for stdout. It contains ids of people.")]
Own = Annotated[
    list[str] | None,
    typer.Option(metavar="STANDARD=YOURS", help="Standard column name=name in your file, such as source=sender; repeatable."),
]
OwnOfLog = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="STANDARD=YOURS",
        help="Standard column name=name in your log, such as source=sender, or several: target=To,Cc; repeatable.",
    ),
]
TimeFormat = Annotated[
    list[str] | None,
    typer.Option("--time-format", help="Such as '%d/%m/%Y %H:%M', epoch or epoch_ms; repeat it for a log with several formats."),
]
Separator = Annotated[str | None, typer.Option("--separator", help="What separates several people in one cell, such as ';'.")]
Ids = Annotated[
    str | None,
    typer.Option("--ids", help="Compare ids as they are (exact), without blanks (trim), or by the mail address in them (address)."),
]
Skip = Annotated[int | None, typer.Option("--skip", min=0, help="Number of lines above the header of the log.")]
Decimal = Annotated[str | None, typer.Option("--decimal", help="Decimal sign of numbers in the log, such as ','.")]
Delimiter = Annotated[str | None, typer.Option("--delimiter", help="Delimiter of the log, if it is not detected correctly.")]
Encoding = Annotated[str | None, typer.Option("--encoding", help="Encoding of CSV files that are not UTF-8, such as cp1252.")]


def read_ties(
    log: Annotated[
        str | None, typer.Argument(metavar="LOG", help="CSV, Excel, JSON, Parquet or Arrow; a folder, or a quoted pattern.")
    ] = None,
    *,
    people: Annotated[Path, typer.Option("--people", help="People table: person, function and attributes.")],
    exclude: Annotated[Path | None, typer.Option("--exclude", help="Table of ids that are not people: person, reason.")] = None,
    min_interactions: Annotated[float, typer.Option("--min-interactions", help="Fewest interactions for a tie.")] = 3,
    half_life: Annotated[str, typer.Option("--half-life", help="Age at which an interaction counts half, or none.")] = "90d",
    size_weight: Annotated[
        str, typer.Option("--size-weight", help="How an event's weight depends on its size: newman, pair or none.")
    ] = "newman",
    max_size: Annotated[str, typer.Option("--max-size", help="Ignore events with more people, or none.")] = "50",
    reciprocal: Annotated[bool, typer.Option("--reciprocal", help="Require interactions in both directions.")] = False,
    channel: Annotated[list[str] | None, typer.Option("--channel", metavar="NAME", help="Use only this channel; repeatable.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="First day of the window, such as 2025-01-31.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="End of the window; this day is excluded.")] = None,
    column: OwnOfLog = None,
    people_column: Own = None,
    aliases: Annotated[
        str | None, typer.Option("--aliases", help="Other ids of people: a column of the people table, or a table with person, alias.")
    ] = None,
    ids: Ids = None,
    separator: Separator = None,
    time_format: TimeFormat = None,
    timezone: Annotated[str, typer.Option("--timezone", help="Time zone of times without one.")] = "UTC",
    decimal: Decimal = None,
    skip: Skip = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    survey: Survey = None,
    survey_column: OwnOfSurvey = None,
    item: Item = None,
    scale: Scale = None,
    reverse: Reverse = None,
    threshold: Threshold = None,
    design: Design = None,
    shape: Shape = None,
) -> Ties:
    """Build ties under the rule given by the options, or read them from a survey; with both, calibrate them on the survey."""
    from tienet.network.reading.log import read_log
    from tienet.network.reading.people import read_people
    from tienet.network.survey.calibration import calibrated, compare_ties
    from tienet.network.ties.build import build_ties

    refuse_misplaced(log=log is not None, survey=survey is not None)
    others = {} if aliases is None else {"aliases": aliases}
    own_people = own_names(people_column, "--people-column")
    answers: dict[str, Any] = {"items": item, "scale": scale_of(scale), "reverse": reverse, "threshold": threshold}
    answers |= {"design": design, "shape": shape, "ids": ids, "encoding": encoding}
    own_survey = own_names(survey_column, "--survey-column") or None
    if log is None:
        roster = read_people(people, columns=own_people, encoding=encoding, **others)
        return read_answers(cast(Path, survey), roster, columns=own_survey, said=answers, reciprocal=reciprocal, delimiter=delimiter)
    # "none" removes a limit, as in a study file.
    limits = {"half_life": None if half_life == "none" else half_life, "max_size": None if max_size == "none" else _whole(max_size)}
    window = {"since": since, "until": until, "channels": tuple(channel) if channel else None}
    rule = _rule(min_interactions=min_interactions, size_weight=size_weight, reciprocal=reciprocal, **limits, **window)
    said = log_settings(column, time_format, separator=separator, ids=ids, decimal=decimal, skip=skip, delimiter=delimiter)
    found = read_log(log, timezone=timezone, encoding=encoding, progress=False, **said)
    roster = read_people(people, columns=own_people, encoding=encoding, **others)
    ties = build_ties(found, roster, rule=rule, exclude=exclude)
    if survey is None:
        return ties
    return calibrated(ties, compare_ties(ties, read_answers(survey, roster, columns=own_survey, said=answers)))


def with_ties(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of `read_ties` to a command; its first argument becomes a function that builds the ties."""
    shared = inspect.signature(read_ties, eval_str=True, locals={"Ties": Any}).parameters
    own = list(inspect.signature(command, eval_str=True, locals={"Ties": Any}).parameters.values())[1:]

    @wraps(command)
    def wrapped(**given: Any) -> None:
        command(partial(read_ties, **{name: given.pop(name) for name in shared}), **given)

    every = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in (*shared.values(), *own)]
    wrapped.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {one.name: one.annotation for one in every}
    return wrapped


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    for command, lines in EXAMPLES.items():
        app.command(epilog=examples(*lines))(with_ties(command))


def ties(reading: Reading, out: TableOption = STDOUT, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Build ties from a log and write them, one row per pair."""
    refuse_place(out)
    with session("ties", as_json=as_json, quiet=quiet) as say:
        with say.progress() as tell:
            tell("building ties", 0, 1)
            built = reading()
        summary = {
            "ties": len(built.a),
            "people": len(built.people),
            "rule": built.rule_told,
            "ledger": built.ledger.counts,
            **built.ledger.beside,
        }
        say.give_table(built._columns(), out, summary, str(built))


def measures(
    reading: Reading,
    of: Annotated[str, typer.Option("--of", help="Function whose people are measured.")],
    toward: Annotated[
        list[str] | None,
        typer.Option("--toward", metavar="FUNCTION", help="Function to which ties are counted, by default every other; repeatable."),
    ] = None,
    strength: Annotated[
        str | None,
        typer.Option(
            "--strength",
            help=f"Definition of tie strength: {_STRENGTHS}, or calibrated with log and survey; frequency by default, "
            "with a survey alone survey.",
        ),
    ] = None,
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="COLUMN", help="Additional measure, such as constraint, or all; repeatable.")
    ] = None,
    out: TableOption = STDOUT,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure each person in a function and write one row per person."""
    from tienet.network.measures.ego import measure_egos

    refuse_place(out)
    with session("measures", as_json=as_json, quiet=quiet) as say:
        with say.progress() as tell:
            tell("measuring", 0, 1)
            built = reading()
            usual = "survey" if built.given is not None and built.given.answers is not None else "frequency"
            egos = measure_egos(built, of=of, toward=toward or None, strength=strength or usual, include=include or ())
        summary = {"of": egos.of, "egos": len(egos), "functions": egos.functions, "strength": egos.strength}
        say.give_table(egos._columns(), out, summary, str(egos))


def _rule(**fields: Any) -> TieRule:
    from tienet.network.ties.rule import TieRule

    try:
        return TieRule(**fields)
    except ArgumentError as problem:
        raise typer.BadParameter(in_options(str(problem))) from None


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"--max-size must be a whole number or none, got {text!r}") from None


def own_names(given: list[str] | None, option: str) -> Mapping[str, str]:
    """Standard column names and yours, from a repeated option."""
    pairs = [text.partition("=") for text in given or ()]
    for ours, sign, yours in pairs:
        if not (ours and sign and yours):
            raise typer.BadParameter(f"{option} must have the form STANDARD=YOURS, such as source=sender, got {ours + sign + yours!r}")
    return {ours: yours for ours, _, yours in pairs}


def log_settings(column: list[str] | None, time_format: list[str] | None, **options: Any) -> dict[str, Any]:
    """The arguments of `read_log` that the options state; several columns for one name are given as `target=To,Cc`."""
    own: dict[str, Any] = {}
    for text in column or ():
        for ours, yours in own_names([text], "--column").items():
            several = [*_listed(own.get(ours)), *(yours.split(",") if ours in SEVERAL else [yours])]
            own[ours] = several[0] if len(several) == 1 else several
    formats = time_format[0] if time_format and len(time_format) == 1 else time_format
    said = {"columns": own or None, "time_format": formats or None, **options}
    return {name: value for name, value in said.items() if value is not None}


def _listed(own: Any) -> list[str]:
    return own if isinstance(own, list) else [own] if own is not None else []


EXAMPLES: Mapping[Callable[..., None], tuple[str, ...]] = {
    ties: (
        "tienet ties log.csv --people people.csv -o ties.csv",
        "tienet ties 'logs/*.parquet' --people people.csv --column source=sender | head",
        "tienet ties --survey answers.csv --people people.csv --item closeness --scale 1,5",
    ),
    measures: ("tienet measures log.csv --people people.csv --of sales --toward marketing -o egos.csv",),
}
