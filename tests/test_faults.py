"""Failures during long jobs: either a clear one-line error or a finished job, and no files left behind."""

from __future__ import annotations

import gc
import gzip
import os
import signal
import subprocess
import sys
import threading
import time
import warnings

import duckdb
import numpy as np
import pandas as pd
import pytest

import tienet as tn
from tienet.base.errors import ArgumentError, DataError, OutputError, RowsRejected
from tienet.network.reading.files.job import FileJob
from tienet.network.reading.files.scratch import claim

ROWS, PEOPLE = 200_000, 2_000


@pytest.fixture(scope="module")
def made():
    """A log with many pairs, so that grouping it needs room."""
    rng = np.random.default_rng(3)
    source = rng.integers(0, PEOPLE, ROWS)
    target = (source + rng.integers(1, PEOPLE, ROWS)) % PEOPLE
    time = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 300 * 86400, ROWS), unit="s")
    return pd.DataFrame({"time": time, "source": source, "target": target})


@pytest.fixture
def big(made, tmp_path):
    made.to_parquet(tmp_path / "log.parquet")
    return tmp_path / "log.parquet"


@pytest.fixture
def spill(tmp_path):
    (tmp_path / "spill").mkdir()
    return tmp_path / "spill"


def roster():
    return tn.read_people({"person": [str(n) for n in range(PEOPLE)], "function": ["sales"] * PEOPLE})


def refused(data, **options) -> str:
    with pytest.raises(DataError) as caught:
        tn.read_log(data, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# A log larger than the memory it may use


def test_a_log_beyond_the_memory_limit_spills_and_gives_the_same_ties(made, big, spill):
    whole = tn.build_ties(tn.read_log(made), roster()).frame
    log = tn.read_log(big, memory_limit="24MB", spill=spill)
    most, stop = [0], threading.Event()

    def watch():
        while not stop.wait(0.002):
            most[0] = max(most[0], sum(part.stat().st_size for part in spill.rglob("*") if part.exists() and part.is_file()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    limited = tn.build_ties(log, roster()).frame
    stop.set()
    watcher.join()
    assert most[0] > 0
    pd.testing.assert_frame_equal(limited, whole)
    del log, limited
    gc.collect()
    assert list(spill.iterdir()) == []


def test_a_full_disk_while_spilling_is_one_line_and_leaves_nothing(big, spill):
    log = tn.read_log(big, memory_limit="12MB", spill=spill)
    log.job.connection.execute("set max_temp_directory_size = '1MB'")
    with pytest.raises(DataError, match="raise memory_limit, or set spill to a larger disk") as caught:
        _ = tn.build_ties(log, roster()).frame  # the second pass, for weeks and channels, needs most memory
    assert "\n" not in str(caught.value)
    del log, caught
    gc.collect()
    assert list(spill.iterdir()) == []


@pytest.mark.parametrize("size", ["much", "-5GB", "500", "80%"])
def test_a_memory_limit_that_is_no_size_is_refused(big, size):
    with pytest.raises(ArgumentError, match="write it as '500MB'"):
        tn.read_log(big, memory_limit=size)


def test_a_spill_folder_that_is_not_there_is_refused(big, tmp_path):
    with pytest.raises(OutputError, match="choose another location"):
        tn.read_log(big, spill=tmp_path / "nowhere")


# Files that are not what they claim


def test_a_truncated_parquet_file(big, spill):
    big.write_bytes(big.read_bytes()[:-1000])
    assert "check that the file is complete" in refused(big, spill=spill)
    gc.collect()
    assert list(spill.iterdir()) == []


def test_a_parquet_file_with_its_pages_damaged(big):
    held = bytearray(big.read_bytes())
    held[1000:200_000] = bytes(199_000)
    big.write_bytes(held)
    assert "check that the file is complete" in refused(big)


def test_a_truncated_gzip_file(made, tmp_path):
    packed = gzip.compress(made.head(50_000).to_csv(index=False).encode())
    (tmp_path / "log.csv.gz").write_bytes(packed[: len(packed) // 2])
    assert "cannot read 'log.csv.gz'" in refused(tmp_path / "log.csv.gz")


def test_a_csv_file_that_changes_its_columns_half_way_is_counted_line_by_line(tmp_path):
    lines = ["source,target", *["ann,bob"] * 1000, *["ann,bob,mail"] * 500]
    (tmp_path / "log.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.warns(RowsRejected):
        log = tn.read_log(tmp_path / "log.csv")
    assert dict(log.ledger.counts) == {"used": 1000, "malformed_line": 500}
    assert [reject.line for reject in log.rejects] == list(range(1002, 1502))


def test_a_file_that_may_not_be_read(big, monkeypatch):
    if os.geteuid() == 0:
        pytest.skip("nothing is forbidden to root: run the tests as another user")
    big.chmod(0)
    assert "cannot read 'log.parquet'" in refused(big)


# Files that do not stay what they were


@pytest.mark.parametrize("happened", ["is gone", "has changed"])
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_file_that_is_gone_or_changed_between_the_passes(made, tmp_path, happened, ending):
    path = tmp_path / f"log.{ending}"
    made.to_parquet(path) if ending == "parquet" else made.head(1000).to_csv(path, index=False)
    log = tn.read_log(path)
    if happened == "is gone":
        path.unlink()
    else:
        with path.open("ab") as handle:
            handle.write(b"x")
    with pytest.raises(DataError, match=f"'log.{ending}' {happened} since it was first read"):
        tn.build_ties(log, roster())


# Interrupts


def test_an_interrupt_reaches_the_engine_at_once():
    connection = duckdb.connect()
    job = FileJob(connection, {}, None)
    endless = connection.sql("select a.range % 1000 as x, sum(b.range) as s from range(4000000) a, range(100000) b group by 1")
    start = time.monotonic()
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        job.run(endless.df, "counting")
    assert time.monotonic() - start < 20
    assert connection.sql("select 1").fetchall() == [(1,)]


INTERRUPTED = """
import os, signal, threading
import tienet as tn
import tienet.network.reading.files.job
from tienet.cli.failures import guarded

def slow(work, connection, tell):
    threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.STOP)).start()
    endless = connection.sql("select a.range % 1000 as x, sum(b.range) as s from range(4000000) a, range(100000) b group by 1")
    return aside(endless.df, connection, tell)

aside, tienet.network.reading.files.job._aside = tienet.network.reading.files.job._aside, slow
"""


@pytest.mark.parametrize(("stop", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_an_interrupted_process_leaves_no_folder(big, spill, stop, code):
    script = INTERRUPTED.replace("STOP", stop) + f"raise SystemExit(guarded(lambda: tn.read_log({str(big)!r}, spill={str(spill)!r})))\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code
    assert done.stderr.strip().splitlines() == ["tienet: interrupted"]
    assert list(spill.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next_and_nobody_elses(big, spill):
    script = f"import tienet as tn, os, signal; log = tn.read_log({str(big)!r}, spill={str(spill)!r}); os.kill(os.getpid(), signal.SIGKILL)"
    subprocess.run([sys.executable, "-c", script], timeout=60, check=False)
    (left,) = spill.iterdir()
    log = tn.read_log(big, spill=spill)
    assert left.exists()  # it may be somebody's who has only begun
    for folder in spill.iterdir():
        os.utime(folder, (0, 0))
    stranger = spill / "tienet-of-another-machine-x"
    stranger.mkdir()
    os.utime(stranger, (0, 0))
    other = tn.read_log(big, spill=spill)
    assert not left.exists()
    assert len(list(spill.iterdir())) == 3
    del log, other
    gc.collect()
    assert list(spill.iterdir()) == [stranger]


def test_a_fork_leaves_its_parents_folder_alone(spill):
    folder, remove = claim(spill)
    pid = os.fork()
    if not pid:
        remove()
        os._exit(0)
    os.waitpid(pid, 0)
    assert folder.is_dir()
    remove()
    assert not folder.exists()


def test_an_error_leaves_no_folder(big, spill):
    with pytest.raises(DataError):
        tn.read_log(big, columns={"time": "when"}, spill=spill)
    gc.collect()
    assert list(spill.iterdir()) == []


# Progress


def test_progress_tells_how_far_and_of_what(big):
    told = []
    log = tn.read_log(big, progress=lambda share, what: told.append((share, what)))
    tn.build_ties(log, roster())
    assert {what for _, what in told} == {"reading the log", "grouping by pair"}
    assert all(0 <= share <= 1 for share, _ in told)
    assert told[-1][0] == 1.0


def test_nothing_is_printed_unasked(big, capfd):
    tn.build_ties(tn.read_log(big), roster())
    assert capfd.readouterr() == ("", "")


def test_a_line_is_shown_and_taken_away_where_it_is_wanted(capfd, monkeypatch):
    monkeypatch.setattr("tienet.network.reading.files.job.QUIET", -1.0)
    job = FileJob(duckdb.connect(), {}, True)
    job.run(lambda: time.sleep(0.3), "reading the log")
    shown = capfd.readouterr().err
    assert "reading the log   0%" in shown
    assert shown.endswith("\r" + " " * 20 + "\r")


def test_warnings_stay_quiet_about_intact_logs(big):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tn.read_log(big, progress=False)
