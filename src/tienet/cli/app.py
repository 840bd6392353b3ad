"""The `tienet` command with its subcommands."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tienet.cli import exports, figures, identities, keys, models, networks, starting, studies
from tienet.cli.failures import EXIT_CODES, guarded

EPILOG = f"""\b
Examples:
  tienet demo
  tienet init
  tienet check study.toml
  tienet study study.toml --out results
  tienet read table 'logs/*.csv' -o log.parquet
  tienet identify study.toml -o who.csv
  tienet ties log.csv --people people.csv -o ties.csv

\b
Exit codes:
{chr(10).join(f"  {code:<4}{meaning}" for code, meaning in EXIT_CODES.items())}

Results go to stdout or to the file given with -o, messages to stderr. Colour and progress are shown on a terminal only; NO_COLOR is
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
    """Measure ties per function from interaction logs, and fit and probe moderated regressions."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def program() -> typer.Typer:
    """Build the app when it runs, so that its help lists all readers registered by then."""
    # Without markup the help is plain text, which is fast and shows on every terminal.
    app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None, epilog=EPILOG)
    app.callback(invoke_without_command=True)(tienet)
    for part in (starting, studies, keys, figures, exports, identities, networks, models):
        part.register(app)
    return app


def main() -> None:
    """Run the command; every error is one line and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # escape characters that the terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    sys.exit(guarded(lambda: program()(prog_name="tienet", standalone_mode=False)))
