"""Messages of the library in the words of the command line: options instead of Python arguments."""

from __future__ import annotations

import re

_ARGUMENTS = (
    *("time_format", "timezone", "encoding", "exclude", "half_life", "min_interactions", "size_weight", "max_size", "since", "until"),
    *("of", "toward", "strength", "include", "formula", "covariance", "cluster", "weights", "center", "alpha"),
)
_ARGUMENT = re.compile(rf"\b({'|'.join(_ARGUMENTS)})=(?=['\[(\d.-]|None\b)")
_START = re.compile(rf"^({'|'.join(_ARGUMENTS)})(?= (?:must|is)\b)")
_REPLACED = (
    (re.compile(r"\bcolumns=\{'(\w+)': \.\.\.\}"), r"--column \1=..."),
    (re.compile(r"\bTieRule\((\w+=\w+)\)"), r"\1"),
    (_START, lambda found: f"--{found[1].replace('_', '-')}"),
    (_ARGUMENT, lambda found: f"--{found[1].replace('_', '-')} "),
    (re.compile(r"(--[a-z-]+) None\b"), r"\1 none"),
)


def in_options(message: str) -> str:
    """Rewrite the Python arguments in a message as command-line options.

    Examples
    --------
    >>> in_options("map a time column, or say TieRule(half_life=None) and measure strength='interactions'")
    "map a time column, or say --half-life none and measure --strength 'interactions'"
    >>> in_options("the log has no column 'source'; or map yours with columns={'source': ...}")
    "the log has no column 'source'; or map yours with --column source=..."
    """
    for pattern, words in _REPLACED:
        message = pattern.sub(words, message)
    return message
