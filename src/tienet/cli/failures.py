"""Error handling: every error becomes one line on stderr and an exit code."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import typer

from tienet.base.errors import InputNotFound, OutputError, TienetError, one_line

DONE, USAGE, BAD_DATA, NO_INPUT, FAULT, CANNOT_WRITE, INTERRUPTED, TERMINATED = 0, 2, 65, 66, 70, 73, 130, 143
# The list of exit codes: the help prints it, and docs/command-line.md must be equal to it.
EXIT_CODES = {
    DONE: "success",
    USAGE: "usage error: an unknown command or option, a value outside its range",
    BAD_DATA: "bad data, or a study file that is not valid",
    NO_INPUT: "input not found",
    FAULT: "internal error",
    CANNOT_WRITE: "cannot write",
    INTERRUPTED: "stopped by Ctrl-C; temporary files are removed",
    TERMINATED: "stopped by `kill`; temporary files are removed",
}
UsageError: Any = typer.BadParameter.__mro__[1]  # some versions of typer bundle click, others use the installed one


def guarded(run: Callable[[], object]) -> int:
    """Run a command, print any error in one line, and return the exit code."""
    with _interruptions() as heard:
        try:
            ended = run()
            sys.stdout.flush()
        except KeyboardInterrupt:
            ended = _stopped(heard)
        except Exception as problem:  # internal errors must not show a traceback either
            ended = _stopped(heard) if heard or isinstance(problem, typer.Abort) else _reported(problem)
    if ended in (INTERRUPTED, TERMINATED):
        say("interrupted")
    return ended if isinstance(ended, int) else DONE


@contextmanager
def _interruptions() -> Iterator[list[int]]:
    """Record the signals of Ctrl-C and `kill`, because an interrupted library may raise an error of its own instead."""
    heard: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        signal.default_int_handler(number, frame)

    if threading.current_thread() is not threading.main_thread():
        yield heard
        return
    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stopped(heard: list[int]) -> int:
    """The exit code by shell convention: 128 plus the signal number."""
    return TERMINATED if signal.SIGTERM in heard else INTERRUPTED


def say(text: str) -> None:
    """Print one line on stderr, prefixed with the command name."""
    typer.echo(f"tienet: {one_line(text)}", err=True)


def stop_writing() -> None:
    """Discard the rest of stdout quietly, because its reader has closed the pipe (`| head`)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _reported(problem: Exception) -> int:
    if isinstance(problem, BrokenPipeError):
        stop_writing()
        return DONE
    say(_sentence(problem))
    return exit_code(problem)


def _sentence(problem: Exception) -> str:
    if isinstance(problem, TienetError):
        return str(problem)
    if isinstance(problem, UsageError):
        asked = problem.ctx.command_path if problem.ctx else "tienet"
        said = " ".join(problem.format_message().split()).rstrip(".").replace("Value error, ", "")
        return f"{said}; see '{asked} --help'"
    if isinstance(problem, OSError):
        place = f" ({problem.filename})" if problem.filename else ""
        return f"{problem.strerror or problem}{place}"
    said = next(iter(str(problem).splitlines()), "")
    return f"internal error ({type(problem).__name__}: {said}); please report it"


def exit_code(problem: Exception) -> int:
    """The exit code of an error, one of `EXIT_CODES`."""
    if isinstance(problem, InputNotFound):
        return NO_INPUT
    if isinstance(problem, OutputError | OSError):
        return CANNOT_WRITE
    if isinstance(problem, TienetError):
        return BAD_DATA
    return USAGE if isinstance(problem, UsageError) else FAULT
