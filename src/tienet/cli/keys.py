"""The `key` command: a new secret key behind the pseudonyms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tienet.cli.session import JsonOption, QuietOption, examples, session


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command(epilog=examples("tienet key firm.key", "tienet study study.toml --key firm.key"))(key)


def key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; one that exists is never written over.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a secret key, so that pseudonyms stay the same from run to run.

    Only the owner of the file can read it. Whoever has the key and a list of ids can tell who is behind a
    pseudonym: keep it apart from the results, and delete it when nobody needs to tell any more.
    """
    from tienet.study.origin.keys import fingerprint, read_key, write_key

    with session("key", as_json=as_json, quiet=quiet) as say:
        made = write_key(file)
        mark = fingerprint(read_key(made) or b"")
        say.give(f"{made} (fingerprint {mark})", output=made, fingerprint=mark)
