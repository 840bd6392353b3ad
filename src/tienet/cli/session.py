"""Output of a command: notes on stderr; the result on stdout as text, a table or one JSON object."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tienet.base.errors import OutputError, TienetError, TienetWarning, one_line
from tienet.base.wording import escaped
from tienet.cli.options import in_keys, in_options

if TYPE_CHECKING:
    from tienet.base.frames import Columns
    from tienet.study.chain import OnStep

STDOUT = Path("-")
WITH_OPTIONS = ("read", "identify", "ties", "measures", "fit")
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object on stdout.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No notes and no progress; errors are still printed.")]


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a command."""

    command: str
    as_json: bool
    quiet: bool
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Print a message on stderr, once."""
        if text in self.notes:
            return
        self.notes.append(text)
        if not self.quiet:
            typer.echo(escaped(text), err=True)

    def give(self, *lines: object, **found: Any) -> None:
        """Print the result as lines of text or as a JSON object."""
        if self.as_json:
            typer.echo(_json({"command": self.command, **found, "notes": self.notes}))
            return
        for line in lines:
            typer.echo(escaped(str(line)) if sys.stdout.isatty() else line)

    def give_table(self, columns: Columns, out: Path, summary: Mapping[str, Any], sentence: str) -> None:
        """Write a table to a file or stdout; with --json, its rows are part of the object."""
        from tienet.base.writing import write_csv, write_rows

        self.note(sentence)
        if out != STDOUT:
            write_csv(out, columns)
            self.give(out, **summary, output=out)
        elif self.as_json:
            from tienet.base.frames import rows

            self.give(**summary, rows=rows(columns))
        else:
            from codecs import getwriter

            # Ids stay as they are in files and pipes, but must not give orders to a terminal.
            found = _as_seen(columns) if sys.stdout.isatty() else columns
            sys.stdout.flush()
            write_rows(getwriter("utf-8")(sys.stdout.buffer), found)  # data are UTF-8 whatever the terminal's encoding

    @contextmanager
    def progress(self) -> Iterator[OnStep]:
        """Show a progress bar on stderr if it is a terminal."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda _name, _at, _of: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("starting", total=None)
            yield lambda name, at, of: bar.update(task, description=name, completed=at, total=of)


@contextmanager
def session(command: str, *, as_json: bool, quiet: bool) -> Iterator[Session]:
    """Open a session in which warnings become notes and a closed pipe is not an error.

    Warnings and errors are worded in the options of the command, or in the keys of a study file.
    """
    from tienet.cli.failures import stop_writing

    say = Session(command, as_json, quiet)
    worded = in_options if command in WITH_OPTIONS else in_keys

    def heard(message: Warning | str, *_: object) -> None:
        say.note(f"note: {worded(str(message))}")

    with warnings.catch_warnings():
        warnings.simplefilter("always", TienetWarning)
        warnings.showwarning = heard  # type: ignore[assignment]
        try:
            yield say
            sys.stdout.flush()
        except BrokenPipeError:
            stop_writing()
        except TienetError as problem:
            problem.args = (one_line(worded(str(problem))),)
            raise


def examples(*lines: str) -> str:
    """Format example lines for the end of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def refuse_place(out: Path, endings: tuple[str, ...] = (".csv",)) -> None:
    """Check before the work starts that the output file can be written."""
    if out == STDOUT:
        return
    if out.suffix.lower() not in endings:
        raise typer.BadParameter(f"-o must end in {' or '.join(endings)}, or be - for stdout, got {out}")
    if not out.absolute().parent.is_dir():
        raise OutputError.cannot_write(out, "its folder does not exist")


def labelled(label: str, text: str, width: int | None = None) -> str:
    """A line with a label of fixed width; on a terminal, its further lines begin below the text.

    `width` is that of the terminal; by default that of the one on stdout, and lines for files and pipes are not broken.
    """
    from shutil import get_terminal_size
    from textwrap import wrap

    if width is None and sys.stdout.isatty():
        width = get_terminal_size().columns
    if width is None or width < 2 * len(label):
        return f"{label}{text}"
    lines = wrap(text, width - len(label), break_long_words=False, break_on_hyphens=False)
    return label + f"\n{' ' * len(label)}".join(lines)


def _as_seen(columns: Columns) -> Columns:
    """A table whose text shows invisible characters as escapes, on one line a row."""
    import numpy as np

    return {
        escaped(name): np.array([_cell(value) for value in values.tolist()], dtype=object) if values.dtype.kind in "OU" else values
        for name, values in columns.items()
    }


def _cell(value: object) -> object:
    return escaped(value).replace("\n", "\\n") if isinstance(value, str) else value


def _json(found: Any) -> str:
    import json

    return json.dumps(_plain(found), allow_nan=False)


def _plain(value: Any) -> Any:
    """Convert a value for JSON: NaN and infinity become null, unknown types their text."""
    import numpy as np

    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | int | float) else str(value)
