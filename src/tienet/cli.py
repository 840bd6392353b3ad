"""The `tienet` command. Results go to stdout, everything else to stderr; never a traceback."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tienet.errors import InputNotFound, OutputError, TienetError, TienetWarning

if TYPE_CHECKING:
    from tienet.simulate import Firm
    from tienet.study import OnStep, StudyFile

DONE, BAD_DATA, NO_INPUT, FAULT, CANNOT_WRITE, INTERRUPTED = 0, 65, 66, 70, 73, 130
app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="From interaction logs to ties per function, and to a probed moderated regression.",
)

OutOption = Annotated[Path, typer.Option("--out", help="Folder to write into; made if it is not there.")]
PeopleOption = Annotated[int, typer.Option("--people", min=60, help="People in the simulated firm.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same firm.")]


@app.command()
def demo(out: OutOption = Path("demo"), people: PeopleOption = 400, seed: SeedOption = 1) -> None:
    """Simulate a firm, run the study on it, and write report, figures, tables and the study file."""
    from tienet.study import read_study

    with _progress() as tell:
        tell("simulating a firm", 0, 1)
        file = _write_firm(out, people, seed, results=".")
        _run(read_study(file), tell)


@app.command()
def study(
    file: Annotated[Path, typer.Argument(help="The study file (TOML); paths in it are taken from its own folder.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the results, instead of the one the file names.")] = None,
) -> None:
    """Run the study that a TOML file describes, on your own tables."""
    from dataclasses import replace

    from tienet.study import read_study

    found = read_study(file)
    with _progress() as tell:
        _run(replace(found, folder=out) if out else found, tell)


@app.command()
def simulate(out: OutOption = Path("firm"), people: PeopleOption = 400, seed: SeedOption = 1) -> None:
    """Write a simulated firm: log, people, outcomes, the truth behind them, and a study file."""
    with _progress() as tell:
        tell("simulating a firm", 0, 1)
        file = _write_firm(out, people, seed, results="results")
    typer.echo(file)


def _run(file: StudyFile, tell: OnStep) -> None:
    from tienet._out import make_folder

    make_folder(file.folder)  # a place that cannot be written to is better known before the work than after it
    result = file.study.run(on_step=tell)
    tell("writing the report", 0, 1)
    result.save(file.folder)
    note(str(result.fit))
    for name in ("report.html", "figures", "tables"):
        typer.echo(file.folder / name)


def _write_firm(folder: Path, people: int, seed: int, *, results: str) -> Path:
    """The firm's tables under data/, and a study file that points at them."""
    from tienet._out import make_folder, write_text
    from tienet.simulate import simulate_firm

    make_folder(folder / "data")
    firm = simulate_firm(people, seed)
    write_firm_tables(firm, folder / "data")
    return write_text(folder / "study.toml", STUDY_TOML.format(folder=results))


def write_firm_tables(firm: Firm, folder: Path) -> None:
    """log.csv, people.csv, outcomes.csv and truth.csv of a simulated firm."""
    from tienet._out import write_csv, writing

    people = firm.people.frame
    people["function"] = people["function"].map(firm.people.labels)
    for name, frame in (("log", firm.interactions), ("people", people), ("outcomes", firm.outcomes)):
        with writing(folder / f"{name}.csv") as place:
            frame.to_csv(place, index=False)
    truth = firm.truth._columns()
    write_csv(folder / "truth.csv", truth)


STUDY_TOML = """\
# A study of simulated data. Paths are taken from this file's own folder.
log = "data/log.csv"            # time, source, target; here also event, channel, size
people = "data/people.csv"      # person, function; here also team, region, tenure
outcomes = "data/outcomes.csv"  # person and the outcome

outcome = "sales_growth"
of = "sales"
functions = ["marketing", "customer_service"]
controls = ["tenure", "region"]
no_ties = "drop"                # or "zero_with_indicator"
covariance = "HC3"

[rule]
min_interactions = 3
half_life = "90d"               # "none" for no decay
size_weight = "newman"
max_size = 50

[report]
title = "A simulated sales force"
folder = "{folder}"
"""


@contextmanager
def _progress() -> Iterator[OnStep]:
    """A bar on stderr where somebody is looking; silence elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _name, _at, _of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=None)
        yield lambda name, at, of: progress.update(task, description=name, completed=at, total=of)


def note(text: str) -> None:
    """A message to the person at the terminal."""
    typer.echo(text, err=True)


def _show_warning(message: Warning | str, *_: object) -> None:
    note(f"note: {message}")


def main() -> None:
    """Run the command; every failure is one line and an exit code."""
    with warnings.catch_warnings():
        warnings.simplefilter("default", TienetWarning)
        warnings.showwarning = _show_warning  # type: ignore[assignment]
        sys.exit(_guarded())


def _guarded() -> int:
    try:
        app()
    except TienetError as problem:
        note(f"tienet: {problem}")
        return exit_code(problem)
    except KeyboardInterrupt:
        note("tienet: interrupted")
        return INTERRUPTED
    except OSError as problem:
        note(f"tienet: {problem.strerror or problem} ({problem.filename})")
        return CANNOT_WRITE
    except Exception as problem:  # a fault of ours must not show a stack of code either
        said = next(iter(str(problem).splitlines()), "")
        note(f"tienet: something in tienet itself failed ({type(problem).__name__}: {said}); please report it")
        return FAULT
    return DONE


def exit_code(problem: TienetError) -> int:
    """66 no such input, 73 cannot write, 65 for all that is wrong with the data or the study file; 2, usage, is typer's."""
    if isinstance(problem, InputNotFound):
        return NO_INPUT
    return CANNOT_WRITE if isinstance(problem, OutputError) else BAD_DATA
