"""The `read` command: convert an export to a log."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tienet.base.errors import ArgumentError
from tienet.cli.identities import Identities
from tienet.cli.networks import Decimal, Delimiter, Encoding, Ids, Own, OwnOfLog, Separator, Skip, TimeFormat, log_settings, own_names
from tienet.cli.options import in_options
from tienet.cli.session import STDOUT, JsonOption, QuietOption, Session, examples, refuse_place, session
from tienet.network.sources.register import LogSource, readers

if TYPE_CHECKING:
    from tienet.network.reading.interactions import InteractionLog

KindArgument = Annotated[str, typer.Argument(metavar="KIND", help="The reader; see the list below.", autocompletion=lambda: [*readers()])]
OutOption = Annotated[Path, typer.Option("--out", "-o", help="A .parquet or .csv file, or - for CSV on stdout. It contains ids of people.")]
Option = Annotated[
    list[str] | None, typer.Option("--option", metavar="NAME=VALUE", help="Option of the reader, as in a study file; repeatable.")
]


def register(app: typer.Typer) -> None:
    """Add the command to the app; its help lists the readers registered so far."""
    width = max(map(len, readers()))
    known = "\n".join(f"  {kind.ljust(width)}  {reader.about} ({reader.takes})" for kind, reader in readers().items())
    app.command(epilog=f"\b\nReaders:\n{known}\n\n{examples(*EXAMPLES)}")(read)


def read(
    kind: KindArgument,
    path: Annotated[str, typer.Argument(metavar="PATH", help="The export to read.")],
    out: OutOption = STDOUT,
    option: Option = None,
    people: Annotated[Path | None, typer.Option("--people", help="People table: ids whose address it holds become its ids.")] = None,
    people_column: Own = None,
    identities: Identities = None,
    since: Annotated[str | None, typer.Option("--since", help="First day or moment that is read, such as 2025-01-31.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="End of the period; this day is excluded.")] = None,
    people_found: Annotated[Path | None, typer.Option("--people-found", help="A .csv file for the people that the export names.")] = None,
    rejects: Annotated[Path | None, typer.Option("--rejects", help="A .csv file for the places of rejected records.")] = None,
    column: OwnOfLog = None,
    ids: Ids = None,
    separator: Separator = None,
    time_format: TimeFormat = None,
    timezone: Annotated[str | None, typer.Option("--timezone", help="Time zone of times without one.")] = None,
    decimal: Decimal = None,
    skip: Skip = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Read an export and write its interactions, one per row.

    The file can be used as the log of a study, `tienet ties` or `tienet measures`.
    """
    refuse_place(out, (".parquet", ".csv"))
    for place in (people_found, rejects):
        if place is not None:
            refuse_place(place)
    written = {"separator": separator, "ids": ids, "decimal": decimal, "skip": skip, "delimiter": delimiter, "encoding": encoding}
    period = {"since": since, "until": until, "identities": identities}
    options = log_settings(column, time_format, timezone=timezone, **written, **period, people=people) | _options(option)
    try:
        source = LogSource(kind, path, options)
    except ArgumentError as problem:
        raise typer.BadParameter(in_options(str(problem))) from None
    with session("read", as_json=as_json, quiet=quiet) as say:
        with say.progress() as tell:
            tell("reading", 0, 1)
            if people is not None:
                source = _with_people(source, people, people_column)
            log = source.read({"progress": False})
        beside = _written_beside(log, people_found, rejects)
        _give(say, log, out, {"kind": kind, "ledger": log.ledger.counts, **log.ledger.beside, **beside})


def _with_people(source: LogSource, people: Path, columns: list[str] | None) -> LogSource:
    """An export that is read with the people table, whose columns may have other names."""
    from dataclasses import replace

    from tienet.network.reading.people import read_people

    roster = read_people(people, columns=own_names(columns, "--people-column"))
    return replace(source, options={**source.options, "people": roster})


def _written_beside(log: InteractionLog, people_found: Path | None, rejects: Path | None) -> dict[str, Path]:
    """Write the people that the export names, and the places of rejected records."""
    import numpy as np

    from tienet.base.writing import write_csv

    written = {}
    if people_found is not None:
        frame = log.people_found
        written["people_found"] = write_csv(people_found, {name: frame[name].to_numpy() for name in frame.columns})
    if rejects is not None:
        names = ("file", "line", "code")
        columns = {name: np.array([getattr(one, name) for one in log.rejects], dtype=object) for name in names}
        written["rejects"] = write_csv(rejects, columns)
    return written


def _give(say: Session, log: InteractionLog, out: Path, summary: Mapping[str, Any]) -> None:
    import numpy as np

    from tienet.network.reading.saving import write_log

    if out == STDOUT:
        columns = dict(log._columns())
        if "time" in columns:
            columns["time"] = np.datetime_as_string(columns["time"], timezone="UTC")
        say.give_table(columns, out, summary, str(log))
        return
    say.note(str(log))
    say.give(write_log(log, out), **summary, output=out)


def _options(given: list[str] | None) -> dict[str, Any]:
    pairs = [text.partition("=") for text in given or ()]
    for name, sign, value in pairs:
        if not (name and sign and value):
            raise typer.BadParameter(f"--option must have the form NAME=VALUE, got {name + sign + value!r}")
    return {name: _value(text) for name, _, text in pairs}


def _value(text: str) -> Any:
    """Parse true, false, numbers, lists, tables and quoted strings as in a study file; anything else is a plain string."""
    import tomllib

    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    as_written = isinstance(value, str | bool | int | list | dict) or (isinstance(value, float) and isfinite(value))
    return value if as_written else text  # dates, and ids such as nan, are left to the reader


EXAMPLES = (
    "tienet read table 'logs/*.csv' --column source=sender -o log.parquet",
    "tienet read table log.csv --delimiter ';' | head",
)
