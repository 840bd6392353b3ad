"""The `tienet` command. Results go to stdout, everything else to stderr; never a traceback."""

from tienet.cli.app import main

__all__ = ["main"]
