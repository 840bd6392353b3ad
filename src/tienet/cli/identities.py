"""The `identify` command: write the table of identities to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tienet.base.errors import OutputError, file_name
from tienet.cli.networks import Own, own_names
from tienet.cli.session import STDOUT, JsonOption, QuietOption, Session, examples, refuse_place, session

if TYPE_CHECKING:
    from tienet.network.reading.interactions import InteractionLog
    from tienet.network.reading.matching import Matching
    from tienet.network.reading.people import People

Identities = Annotated[
    Path | None, typer.Option("--identities", help="Table of who is who in the systems: person, kind, value; `tienet identify` writes one.")
]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command(epilog=examples(*EXAMPLES))(identify)


def identify(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCES", help="A study file, or exports: paths, or KIND=PATH where the reader is not recognised."),
    ],
    people: Annotated[
        Path | None, typer.Option("--people", help="People table: person, function and attributes; for a study file, its own.")
    ] = None,
    people_column: Own = None,
    identities: Identities = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The .csv file to fill in, or - for stdout. It contains ids and names.")] = Path(
        "who.csv"
    ),
    merged: Annotated[Path | None, typer.Option("--merged", help="A .csv file for the ids that stand for each person, by kind.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that exist.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the people that exports name, and write the table of identities to fill in.

    Ids that are not matched come with suggestions and the reason, those with most interactions first. Nothing
    suggested counts until you accept it: write a person into `person`, or remove the question mark in `exclude`.
    What an earlier table says stays.
    """
    for place in (out, merged):
        _refuse_place(place, force=force)
    with session("identify", as_json=as_json, quiet=quiet) as say:
        with say.progress() as tell:
            tell("reading", 0, 1)
            found = _found(sources, people, own_names(people_column, "--people-column"), identities)
        _give(say, found, out, merged)


def _refuse_place(place: Path | None, *, force: bool) -> None:
    if place is None:
        return
    refuse_place(place)
    if place != STDOUT and place.exists() and not force:
        raise OutputError(f"{place.name} exists already; add --force to write over it, or name another file")


def _found(sources: list[str], people: Path | None, columns: Any, identities: Path | None) -> Matching:
    from tienet.network.reading.matching import match_people
    from tienet.network.reading.people import read_people

    if len(sources) == 1 and sources[0].lower().endswith(".toml"):
        log, roster, stated = _of_study(Path(sources[0]), people, columns, identities)
        return match_people(roster, log, stated)
    if people is None:
        raise typer.BadParameter("exports need the people table: --people people.csv")
    roster = read_people(people, columns=columns)
    return match_people(roster, _of_exports(sources, roster, identities), identities)


def _of_study(file: Path, people: Path | None, columns: Any, identities: Path | None) -> tuple[InteractionLog, People, Any]:
    from dataclasses import replace

    from tienet.study.chain import log_of, people_of
    from tienet.study.file import read_study

    if people is not None or columns:
        raise typer.BadParameter("--people is for exports; the study file names its own people table")
    study = read_study(file).study
    if identities is not None:
        study = replace(study, identities=identities)
    if study.log is None:
        raise typer.BadParameter("the study has a survey and no log; exports are needed")
    roster = people_of(study)
    return log_of(replace(study, people=roster)), roster, study.identities


def _of_exports(sources: list[str], roster: People, identities: Path | None) -> InteractionLog:
    from tienet.network.reading.combined import combine

    offered = {"people": roster, "progress": False} | ({} if identities is None else {"identities": identities})
    return combine(*(_source(text).read(offered) for text in sources))


def _source(text: str) -> Any:
    """An export, from KIND=PATH, or from a path whose reader is recognised."""
    from tienet.network.sources.exports.recognition import recognise
    from tienet.network.sources.register import LogSource, readers

    kind, sign, path = text.partition("=")
    if sign and kind in readers():
        return LogSource(kind, path)
    known = recognise(text)
    if known is None:
        kinds = ", ".join(kind for kind in readers() if kind != "table")
        raise typer.BadParameter(f"{file_name(text)!r} is no export that is recognised; name its reader as KIND=PATH; readers: {kinds}")
    return LogSource(known, text)


def _give(say: Session, found: Matching, out: Path, merged: Path | None) -> None:
    from tienet.base.writing import write_csv
    from tienet.network.reading.identities import is_doubted

    form = {name: found.table[name].to_numpy() for name in found.table.columns}
    summary: dict[str, Any] = {"ids": len(found.ids["id"]), "matched": len(found.matched), "left_out": len(found.left_out)}
    summary |= {"suggested": len(found.suggested), "conflicts": len(found.conflicts), "unmatched": len(found.unmatched)}
    summary |= {"rows_in": found.rows, "unknown": found.unknown}
    if merged is not None:
        frame = found.merged
        write_csv(merged, {name: frame[name].to_numpy() for name in frame.columns})
        summary["merged"] = merged
    undecided = sum(
        _empty(person) and (_empty(why) or is_doubted(why)) for person, why in zip(form["person"], form["exclude"], strict=True)
    )
    next_step = "; fill in person or exclude, and give the file as identities" if undecided else ""
    say.give_table(form, out, summary, f"{found.told}; {undecided:,} to decide{next_step}")


def _empty(cell: object) -> bool:
    return not isinstance(cell, str) or not cell.strip()


EXAMPLES = (
    "tienet identify study.toml -o who.csv",
    "tienet identify slack.zip mail.mbox --people people.csv -o who.csv",
    "tienet identify trello=board.json --people people.csv --identities who.csv -o who-2.csv",
)
