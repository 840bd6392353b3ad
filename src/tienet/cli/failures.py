"""Every way the command can end: one line on stderr and an exit code."""

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

from tienet.base.errors import InputNotFound, OutputError, TienetError

DONE, USAGE, BAD_DATA, NO_INPUT, FAULT, CANNOT_WRITE, INTERRUPTED, TERMINATED = 0, 2, 65, 66, 70, 73, 130, 143
UsageError: Any = typer.BadParameter.__mro__[1]  # typer brings its own click in some versions and takes the installed one in others


def guarded(run: Callable[[], object]) -> int:
    """The exit code of a run, with every failure said in one line."""
    with _interruptions() as heard:
        try:
            ended = run()
            sys.stdout.flush()
        except KeyboardInterrupt:
            ended = _stopped(heard)
        except Exception as problem:  # a fault of ours must not show a stack of code either
            ended = _stopped(heard) if heard or isinstance(problem, typer.Abort) else _told(problem)
    if ended in (INTERRUPTED, TERMINATED):
        say("interrupted")
    return ended if isinstance(ended, int) else DONE


@contextmanager
def _interruptions() -> Iterator[list[int]]:
    """What Ctrl-C and `kill` have sent so far: a library that is interrupted may turn it into an error of its own."""
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
    """As shells count: 128 and the number of the signal."""
    return TERMINATED if signal.SIGTERM in heard else INTERRUPTED


def say(text: str) -> None:
    """One line of the command itself on stderr."""
    typer.echo(f"tienet: {text}", err=True)


def stop_writing() -> None:
    """Nobody reads stdout any more (`| head`): what is left in its buffer goes nowhere, quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(problem: Exception) -> int:
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
    return f"something in tienet itself failed ({type(problem).__name__}: {said}); please report it"


def exit_code(problem: Exception) -> int:
    """66 no such input, 73 cannot write, 65 for all that is wrong with the data or the study file, 2 for usage, 70 for our own faults."""
    if isinstance(problem, InputNotFound):
        return NO_INPUT
    if isinstance(problem, OutputError | OSError):
        return CANNOT_WRITE
    if isinstance(problem, TienetError):
        return BAD_DATA
    return USAGE if isinstance(problem, UsageError) else FAULT
