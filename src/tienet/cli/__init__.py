"""The `tienet` command. Results go to stdout, everything else to stderr; never a traceback."""

from tienet.cli.app import app, main
from tienet.cli.failures import exit_code
from tienet.cli.firms import STUDY_TOML, write_firm_tables

__all__ = ["STUDY_TOML", "app", "exit_code", "main", "write_firm_tables"]
