"""Tools for all benchmarks: timing calls in turns, separate processes, and peak memory."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
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


def run_alone(run: Callable[[], Any], sums: Callable[[Any], dict[str, float]]) -> None:
    """Run once in this process; print wall time, own CPU time, peak memory and the sums of the result as JSON."""
    wall, own = time.perf_counter(), time.process_time()
    result = run()
    wall, own = time.perf_counter() - wall, time.process_time() - own
    peak = peak_bytes() / 1e9  # before the check, which is not on trial
    sys.stdout.write(json.dumps({"wall": wall, "own": own, "peak": peak, "sums": sums(result)}))


def apart_in_turns(commands: Mapping[str, list[str]], repeat: int, what: str) -> dict[str, dict[str, float]]:
    """Medians of programs that end in `run_alone`, each run a process of its own, in turns; stops where two of them disagree."""
    held: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}
    reference: dict[str, float] = {}
    for turn in range(repeat):
        for name in list(commands)[:: 1 if turn % 2 == 0 else -1]:
            found = json.loads(subprocess.run(commands[name], check=True, capture_output=True, text=True).stdout)  # noqa: S603 - ourselves
            reference = reference or found["sums"]
            wrong = [key for key, value in reference.items() if abs(found["sums"][key] - value) > 1e-9 * abs(value)]
            if wrong:
                raise SystemExit(f"{name} disagrees on {what}: {', '.join(wrong)}")
            held[name].append(found)
            sys.stderr.write(f"{what} {name}: {found['wall']:.2f} s, {found['own']:.2f} s own, {found['peak']:.2f} GB\n")
    return {name: {key: median(run[key] for run in runs) for key in ("wall", "own", "peak")} for name, runs in held.items()}


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


def export_options(doc: str | None, size: str, default: int, contenders: Iterable[str]) -> argparse.ArgumentParser:
    """The options of a benchmark of a reader of exports: `size` names what is varied, such as "megabytes"."""
    names = list(contenders)
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(f"--{size}", nargs="+", type=int, default=[default])
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--repeat", type=int, default=3, help="counted runs each, of which the median is printed")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "tienet-bench", help="where the exports are kept")
    parser.add_argument("--one", choices=names, help=argparse.SUPPRESS)
    parser.add_argument("--export", type=Path, help=argparse.SUPPRESS)
    return parser


def pair_sums(result: Any) -> dict[str, float]:
    """Checks that logs and tables of equal interactions share, whatever the order of their rows."""
    table = getattr(result, "frame", result)
    pairs = table.groupby(["source", "target"]).size()
    return {"interactions": float(len(table)), "pairs": float(len(pairs)), "squares": float((pairs**2).sum())}
