"""Tools for all benchmarks: timing calls in turns, separate processes, and peak memory."""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any


def in_turns(calls: Mapping[str, Callable[[], Any]], repeat: int) -> dict[str, float]:
    """Median seconds of each call; the calls take turns, so that other load affects all of them alike."""
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeat):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            spent[name].append(time.perf_counter() - start)
    return {name: median(seconds) for name, seconds in spent.items()}


def peak_bytes() -> int:
    """Peak memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def alone(work: Callable[..., Any], *arguments: Any) -> Any:
    """The result of a function in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def log_options(doc: str | None, rows: int, contenders: Iterable[str]) -> argparse.ArgumentParser:
    """The options of a benchmark on firm logs: size, kind of ids, contenders, repeats, and the folder for the logs."""
    names = list(contenders)
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", type=int, default=[rows])
    parser.add_argument("--ids", nargs="+", choices=("integer", "text"), default=["integer", "text"])
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--repeat", type=int, default=3, help="counted runs each, of which the median is printed")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "tienet-bench", help="where the logs are kept")
    return parser
