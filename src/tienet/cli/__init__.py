"""The `tienet` command line. Results go to stdout, messages to stderr; errors are one line, never a traceback."""

from tienet.cli.app import main

__all__ = ["main"]
