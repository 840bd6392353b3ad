"""A local Spark cluster for tests: one master and two workers, removed completely afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOME = "127.0.0.1"
LIGHT = "-XX:-UsePerfData -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # these Javas live for a minute


@dataclass(frozen=True)
class Cluster:
    """A running cluster: its address, its processes, and the folder that holds all it writes."""

    address: str
    master: subprocess.Popen[bytes]
    workers: tuple[subprocess.Popen[bytes], ...]
    folder: Path

    def executors(self) -> list[int]:
        """Process ids of the executors that the workers run for the session."""
        ours = {worker.pid for worker in self.workers}
        return [pid for pid, parent, words in _processes() if parent in ours and "CoarseGrainedExecutorBackend" in words]

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")


def java() -> str | None:
    """The Java there is."""
    home = os.environ.get("JAVA_HOME")
    return f"{home}/bin/java" if home and Path(home, "bin", "java").exists() else shutil.which("java")


@contextmanager
def running(memory: str = "700m") -> Iterator[Cluster]:
    """Start it, wait until both workers (each with one core and that much memory) have registered, and stop it."""
    folder = Path(tempfile.mkdtemp(prefix="tienet-spark-"))
    started: list[subprocess.Popen[bytes]] = []
    try:
        port = _free_port()
        address = f"spark://{HOME}:{port}"
        common = ["--host", HOME, "--webui-port", "0"]
        started.append(_start("master", "org.apache.spark.deploy.master.Master", [*common, "--port", str(port)], folder))
        _wait_for(folder / "master.log", "New state: ALIVE", 1, started)
        size = ["--cores", "1", "--memory", memory, "--work-dir", str(folder / "work")]
        of = "org.apache.spark.deploy.worker.Worker"
        started += [_start(name, of, [*common, *size, address], folder) for name in ("worker0", "worker1")]
        _wait_for(folder / "master.log", "Registering worker", 2, started)
        yield Cluster(address, started[0], tuple(started[1:]), folder)
    finally:
        for process in reversed(started):
            stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def session(up: Cluster, *, memory: str = "512m", options: str = LIGHT, settings: Mapping[str, str]) -> Any:
    """A session on a cluster: memory of the driver and of each executor, options of their Javas, further settings."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(up.address)
    given = {
        "spark.driver.host": HOME,
        "spark.driver.bindAddress": HOME,
        "spark.driver.memory": memory,
        "spark.driver.extraJavaOptions": options,
        "spark.executor.extraJavaOptions": options,
        "spark.executor.memory": memory,
        "spark.local.dir": str(up.folder / "driver"),
        "spark.sql.warehouse.dir": str(up.folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    for key, value in {**given, **settings}.items():
        builder = builder.config(key, value)
    made = builder.getOrCreate()
    made.sparkContext.setLogLevel("OFF")
    return made


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and all it started."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)
    except ProcessLookupError:
        return
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _start(name: str, of: str, arguments: list[str], folder: Path) -> subprocess.Popen[bytes]:
    import pyspark

    home = Path(pyspark.__file__).parent
    there = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": HOME,
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": f"-Djava.io.tmpdir={folder} {LIGHT}",
    }
    with (folder / f"{name}.log").open("wb") as log:
        # A session of its own, so that stopping it stops its executors too.
        command = [str(home / "bin" / "spark-class"), of, *arguments]
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=there, cwd=folder, start_new_session=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOME, 0))
        return int(probe.getsockname()[1])


def _wait_for(log: Path, words: str, times: int, started: list[subprocess.Popen[bytes]], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while log.read_text(encoding="utf-8", errors="replace").count(words) < times:
        if time.monotonic() > until or any(process.poll() is not None for process in started):
            raise RuntimeError(f"the Spark cluster did not come up: {log.read_text(encoding='utf-8', errors='replace')[-1000:]}")
        time.sleep(0.1)


def _processes() -> list[tuple[int, int, str]]:
    listed = subprocess.run(["ps", "-eww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    return [(int(pid), int(parent), words) for pid, parent, words in (line.split(None, 2) for line in listed.splitlines() if line.strip())]
