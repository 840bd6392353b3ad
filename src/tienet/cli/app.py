"""The command with its subcommands, and how it ends."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tienet.cli import exports, models, networks, studies
from tienet.cli.failures import guarded

EPILOG = """\b
Examples:
  tienet demo
  tienet check study.toml
  tienet study study.toml --out results
  tienet read table 'logs/*.csv' -o log.parquet
  tienet ties log.csv --people people.csv -o ties.csv

\b
Exit codes:
  0   done                          66  no such input
  2   usage                         70  a fault of tienet itself
  65  bad data or study file        73  cannot write
                                    130 interrupted

Results go to stdout or to the file that -o names, messages to stderr. Colour and progress are shown on a terminal only; NO_COLOR is
respected.
"""


def _version(asked: bool) -> None:
    if asked:
        from tienet import __version__

        typer.echo(f"tienet {__version__}")
        raise typer.Exit


def tienet(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")] = False,  # noqa: ARG001
) -> None:
    """From interaction logs to ties per function, and to a probed moderated regression."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def program() -> typer.Typer:
    """The command with all its parts, put together when it runs: readers registered before are in its help."""
    # Without markup the help is plain text: nothing to colour, nothing a terminal cannot show, and quick.
    app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None, epilog=EPILOG)
    app.callback(invoke_without_command=True)(tienet)
    for part in (studies, exports, networks, models):
        part.register(app)
    return app


def main() -> None:
    """Run the command; every failure is one line and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a letter gets its number, not a failure
            stream.reconfigure(errors="backslashreplace")
    sys.exit(guarded(lambda: program()(prog_name="tienet", standalone_mode=False)))
