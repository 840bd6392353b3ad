"""The commands for whole studies: demo, study, check, simulate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from shlex import quote as quoted
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tienet.base.errors import TienetError
from tienet.cli.firms import write_firm, write_firm_as_exports
from tienet.cli.session import JsonOption, QuietOption, Session, examples, session

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
        command = f"tienet demo --people {people} --seed {seed}{' --exports' if exports else ''}"
        _run(read_study(file), say, tell, command)


def study(
    file: StudyArgument,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the results, instead of the one in the study file.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="File with the key behind the pseudonyms; `tienet key` makes one.")] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print the page to report.pdf as well; needs Chromium, Chrome or Edge.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run the study described in a TOML file.

    Writes the report, figures, tables, texts and a record of the run. The same files, versions and key
    give the same bytes, but for the date in the record.
    """
    from dataclasses import replace

    from tienet.study.file import read_study

    with session("study", as_json=as_json, quiet=quiet) as say:
        found = read_study(file)
        found = replace(found, folder=out or found.folder, study=replace(found.study, key=key) if key else found.study)
        command = " ".join(["tienet study", quoted(file.name), *(["--key", quoted(key.name)] if key else []), *(["--pdf"] if pdf else [])])
        with say.progress() as tell:
            _run(found, say, tell, command, pdf=pdf)


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


def _run(file: StudyFile, say: Session, tell: OnStep, command: str, *, pdf: bool = False) -> None:
    from dataclasses import replace

    from tienet.base.errors import NotPrinted
    from tienet.study.origin.keys import read_key
    from tienet.study.results.folder import refuse_folder
    from tienet.study.results.record import RunAsked
    from tienet.study.results.saving import save_study

    refuse_folder(file.folder)  # find out before the work starts what would stop it at the end
    key = read_key(file.study.key)
    result = replace(file.study, key=key).run(on_step=tell)
    tell("writing the report", 0, 1)
    problem = None
    try:
        save_study(result, file.folder, pdf=pdf, asked=RunAsked(command, file.text))
    except NotPrinted as met:
        problem = met
    say.note(str(result.fit))
    if problem is None or not say.as_json:
        say.give(_written(file.folder), **_places(file.folder), **_summary(result))
    if problem is not None:
        raise problem


def _places(folder: Path) -> dict[str, Path]:
    """What was written, by name: "report", "figures", "tables", ..."""
    names = ("report.html", "summary.md", "methods.md", "references.bib", "study.toml", "provenance.json", "figures", "tables")
    there = {name.partition(".")[0]: folder / name for name in names}
    return there | ({"pdf": folder / "report.pdf"} if (folder / "report.pdf").exists() else {})


def _written(folder: Path) -> str:
    """One line on what was written."""
    from tienet.base.numbers import counted

    figures = len({one.stem for one in (folder / "figures").iterdir()})
    tables = len({one.stem for one in (folder / "tables").iterdir() if one.name != "README.md"})
    pdf = "report.pdf, " if (folder / "report.pdf").exists() else ""
    return (
        f"{folder / 'report.html'}, with {pdf}{counted(figures, 'figure')}, {counted(tables, 'table')}, summary.md, methods.md, "
        "references.bib, study.toml and provenance.json"
    )


def _summary(result: StudyResult) -> dict[str, Any]:
    from tienet.base.frames import rows
    from tienet.cli.models import fit_numbers

    fit = result.fit
    found = {"n": fit.n, "dropped": fit.n_dropped, "missing": fit.dropped, **fit_numbers(fit), "covariance": fit.covariance.kind}
    compared = {} if result.comparison is None else {"survey": rows(result.comparison._columns())}
    return {"egos": result.cases.egos, **compared, **found, "coefficients": rows(fit._columns()), "rows": result.ties.ledger.counts}


EXAMPLES: Mapping[Callable[..., None], tuple[str, ...]] = {
    demo: ("tienet demo", "tienet demo --out firm --people 800 --seed 7", "tienet demo --exports --out exports"),
    check: ("tienet check study.toml", "tienet check study.toml --json"),
    study: (
        "tienet study study.toml",
        "tienet study study.toml --key firm.key --pdf",
        "tienet study study.toml --out results --json > result.json",
    ),
    simulate: ("tienet simulate --out firm", "tienet study firm/study.toml"),
}
