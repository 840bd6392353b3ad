"""The `init` command: propose a study file from the files of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tienet.base.errors import OutputError
from tienet.cli.session import JsonOption, QuietOption, examples, session
from tienet.cli.studies import checked

if TYPE_CHECKING:
    from tienet.study.proposal.looking import SeenTable
    from tienet.study.proposal.proposing import Proposal


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command(epilog=examples("tienet init", "tienet init mails.csv staff.xlsx targets.csv --out study.toml"))(init)


def init(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILES", help="The files of the study, or folders; by default this folder.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The study file to write.")] = Path("study.toml"),
    force: Annotated[bool, typer.Option("--force", help="Write over a study file that exists.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Look at files, propose a study of them, write its file and check it.

    Recognises the log (a table, or exports of Slack, Teams, mail, calendars, ...), the people and the outcomes,
    their columns, and how values are written. The study
    file gives the reasons as comments and marks guesses with "look at this". The exit code is that of
    `tienet check`.
    """
    from tienet.base.writing import write_text
    from tienet.study.proposal.exports import find_exports
    from tienet.study.proposal.looking import look
    from tienet.study.proposal.proposing import propose
    from tienet.study.proposal.study_text import study_text

    with session("init", as_json=as_json, quiet=quiet) as say:
        if out.suffix.lower() != ".toml":
            raise typer.BadParameter(f"--out must end in .toml, got {out.name}")
        if out.exists() and not force:
            raise OutputError(f"{out.name} exists already; add --force to write over it, or --out with another name")
        with say.progress() as tell:
            tell("looking at files", 0, 1)
            exports = find_exports(files or [Path()])
            tables, passed = look(files or [Path()], lambda file: any(one.holds(file) for one in exports))
            proposal = propose(tables, exports)
        for one in passed:
            say.note(f"note: passed over {one}")
        write_text(out, study_text(proposal, out.parent))
        if not as_json:
            typer.echo(f"{out}: {_told(proposal)}")
            typer.echo("")
        found, problem = checked(out, say)
        if as_json:
            left = {"not_counted": [one.table.path for one in proposal.beside], "not_used": list(proposal.left)}
            ended = {"ready": problem is None, "problem": None if problem is None else str(problem)}
            say.give(study=out, proposal=_data(proposal), **left, **ended, check=found)
        if problem is not None:
            raise problem


def _told(proposal: Proposal) -> str:
    log = ", ".join(one.named for one in proposal.exports) or _name(proposal.log)
    said = f"log {log}, people {_name(proposal.people)}, outcomes {_name(proposal.outcomes)}"
    unsure = [line.key for line in proposal.lines if not line.sure]
    look = f"; look at {', '.join(unsure)}" if unsure else ""
    found = next((line.value.name for line in proposal.lines if line.key == "identities"), None)
    who = f", identities {found}" if found else ""
    beside = ", ".join(one.table.path.name for one in proposal.beside)
    more = f"; not counted: {beside}, which looks like a log as well (the study file says how to add it)" if beside else ""
    left = f"; not used: {', '.join(proposal.left)}" if proposal.left else ""
    return said + who + more + left + look


def _name(table: SeenTable | None) -> str:
    return "not found" if table is None else table.path.name


def _data(proposal: Proposal) -> list[dict[str, Any]]:
    return [
        {"table": line.table, "key": line.key, "value": line.value, "reason": line.reason, "sure": line.sure} for line in proposal.lines
    ]
