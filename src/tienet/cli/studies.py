"""The commands for whole studies: demo, study, check, simulate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tienet.base.errors import TienetError
from tienet.cli.firms import write_firm, write_firm_as_exports
from tienet.cli.session import JsonOption, QuietOption, Session, examples, rows, session

if TYPE_CHECKING:
    from tienet.study.chain import OnStep
    from tienet.study.file import StudyFile
    from tienet.study.result import StudyResult

OutOption = Annotated[Path, typer.Option("--out", "-o", help="Output folder; created if it does not exist.")]
PeopleOption = Annotated[int, typer.Option("--people", min=60, help="Number of people in the simulated firm.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same firm.")]
StudyArgument = Annotated[Path, typer.Argument(metavar="STUDY.toml", help="The study file; paths in it are relative to its folder.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    for command, lines in EXAMPLES.items():
        app.command(epilog=examples(*lines))(command)


def demo(
    out: OutOption = Path("demo"),
    people: PeopleOption = 400,
    seed: SeedOption = 1,
    exports: Annotated[
        bool, typer.Option("--exports", help="Write the data as exports of Slack, mail and calendar, and read these.")
    ] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Simulate a firm and run a study on it.

    Writes the report, figures, tables, the simulated data and the study file. With --exports the firm's
    chats, mails and meetings are written as a Slack export, an mbox and a calendar, with records that do
    not count among them, and the study reads these; its ties are those of the plain log.
    """
    from tienet.study.file import read_study

    with session("demo", as_json=as_json, quiet=quiet) as say, say.progress() as tell:
        tell("simulating a firm", 0, 1)
        file = (write_firm_as_exports if exports else write_firm)(out, people, seed, results=".")
        _run(read_study(file), say, tell)


def study(
    file: StudyArgument,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the results, instead of the one in the study file.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run the study described in a TOML file."""
    from dataclasses import replace

    from tienet.study.file import read_study

    with session("study", as_json=as_json, quiet=quiet) as say:
        found = read_study(file)
        with say.progress() as tell:
            _run(replace(found, folder=out) if out else found, say, tell)


def check(file: StudyArgument, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Check what a study would read, drop and estimate.

    The outcome is not modelled. The last lines are the verdict: which findings are fine, which to look
    at, and what keeps the study from running. The exit code is 0 if it can be run; otherwise the exit
    code and message are those of running it.
    """
    with session("check", as_json=as_json, quiet=quiet) as say:
        found, problem = checked(file, say)
        if as_json:
            say.give(ready=problem is None, problem=None if problem is None else str(problem), **found)
        if problem is not None:
            raise problem


def checked(file: Path, say: Session) -> tuple[dict[str, Any], TienetError | None]:
    """Check a study file: print findings and verdict, and return them with the error that keeps the study from running."""
    from tienet.cli.options import in_keys
    from tienet.cli.session import labelled
    from tienet.study.check import check_study
    from tienet.study.file import read_study
    from tienet.study.verdict import verdicts

    found = []
    problem = None
    try:
        for finding in check_study(read_study(file).study):
            found.append(finding)
            if not say.as_json:
                typer.echo(labelled(f"{finding.topic + ':':<10}", in_keys(finding.text)))
    except TienetError as met:
        problem = type(met)(in_keys(str(met)))
    judged = verdicts(found, problem)
    if found and not say.as_json:
        typer.echo("")
        for one in judged:
            typer.echo(labelled(f"{one.state:<14}", in_keys(str(one).removeprefix(f"{one.state:<14}"))))
    data = {finding.topic: finding.data for finding in found}
    return {**data, "verdict": [{"state": one.state, "topic": one.topic, "text": in_keys(one.text)} for one in judged]}, problem


def simulate(
    out: OutOption = Path("firm"), people: PeopleOption = 400, seed: SeedOption = 1, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Write a simulated firm and a study file.

    Writes a log, people, outcomes and the true coefficients.
    """
    with session("simulate", as_json=as_json, quiet=quiet) as say:
        with say.progress() as tell:
            tell("simulating a firm", 0, 1)
            file = write_firm(out, people, seed, results="results")
        say.give(file, study=file, people=people, seed=seed)


def _run(file: StudyFile, say: Session, tell: OnStep) -> None:
    from tienet.base.writing import make_folder

    make_folder(file.folder)  # find out before the work starts whether the folder can be written
    result = file.study.run(on_step=tell)
    tell("writing the report", 0, 1)
    result.save(file.folder)
    say.note(str(result.fit))
    places = {name.partition(".")[0]: file.folder / name for name in ("report.html", "figures", "tables")}
    say.give(*places.values(), **places, **_summary(result))


def _summary(result: StudyResult) -> dict[str, Any]:
    fit = result.fit
    found = {"n": fit.n, "dropped": fit.n_dropped, "missing": fit.dropped, "r_squared": fit.r_squared, "covariance": fit.covariance.kind}
    compared = {} if result.comparison is None else {"survey": rows(result.comparison._columns())}
    return {"egos": result.cases.egos, **compared, **found, "coefficients": rows(fit._columns()), "rows": result.ties.ledger.counts}


EXAMPLES: Mapping[Callable[..., None], tuple[str, ...]] = {
    demo: ("tienet demo", "tienet demo --out firm --people 800 --seed 7", "tienet demo --exports --out exports"),
    check: ("tienet check study.toml", "tienet check study.toml --json"),
    study: ("tienet study study.toml", "tienet study study.toml --out results --json > result.json"),
    simulate: ("tienet simulate --out firm", "tienet study firm/study.toml"),
}
