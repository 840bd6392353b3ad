from __future__ import annotations

import os
import threading
from datetime import datetime, timedelta
from functools import partial

import joblib
import numpy as np
import pandas as pd
import pytest

import tienet as tn
from frames import as_kind
from tienet.base import parallel as _parallel
from tienet.base.parallel import each

T0 = datetime(2025, 1, 6)
LOG = {
    "time": [T0 + timedelta(days=d) for d in (0, 1, 8, 9, 15, 20, 27, 40, 41)],
    "source": ["ann", "bob", "ann", "cat", "eve", "dan", "bob", "ann", "bob"],
    "target": ["bob", "ann", "cat", "ann", "ann", "cat", "eve", "bob", "ann"],
}
PEOPLE = {"person": ["ann", "bob", "cat", "dan", "eve"], "function": ["Sales", "Ops", "Ops", "Ops", "Sales"]}


def where(item: int, rest: int = 0) -> tuple[int, int, bool]:
    return item + rest, os.getpid(), threading.current_thread() is threading.main_thread()


def test_one_after_the_other_unless_asked(monkeypatch):
    assert each(where, range(3)) == [(k, os.getpid(), True) for k in range(3)]
    monkeypatch.setattr(_parallel, "find_spec", lambda name: None)
    with joblib.parallel_config(backend="threading", n_jobs=2):
        assert each(where, range(3)) == [(k, os.getpid(), True) for k in range(3)]


def test_in_threads_and_in_processes():
    with joblib.parallel_config(backend="threading", n_jobs=2):
        assert each(partial(where, rest=1), range(4)) == [(k + 1, os.getpid(), False) for k in range(4)]
    with joblib.parallel_config(backend="loky", n_jobs=2):
        made = each(where, range(4))
        assert [item for item, *_ in made] == list(range(4))
        assert os.getpid() not in {process for _, process, _ in made}
        assert each(where, range(4), reach="alone") == [(k, os.getpid(), True) for k in range(4)]
        assert each(where, range(4), reach="process") == [(k, os.getpid(), False) for k in range(4)]


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "duckdb", "parquet"])
@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.sweep
def test_a_panel_is_the_same_side_by_side(kind, backend, tmp_path):
    people, rule = tn.read_people(PEOPLE), tn.TieRule(min_interactions=1)
    log = tn.read_log(as_kind(kind, LOG, tmp_path))
    panel = partial(tn.measure_panel, log, people, of="sales", rule=rule, every="7d", window="14d")
    alone = panel().frame
    with joblib.parallel_config(backend=backend, n_jobs=2):
        together = panel().frame
    as_pandas = [frame if isinstance(frame, pd.DataFrame) else frame.to_pandas() for frame in (alone, together)]
    pd.testing.assert_frame_equal(*as_pandas)
    assert np.isfinite(as_pandas[0]["tie_strength_ops"]).sum() > 3


@pytest.mark.parametrize("kind", ["pandas", "duckdb"])
@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_tie_rules_are_the_same_side_by_side(kind, backend, tmp_path):
    log, people = tn.read_log(as_kind(kind, LOG, tmp_path)), tn.read_people(PEOPLE)
    grid = {"min_interactions": [1, 2, 3]}
    compared = partial(tn.network.measures.tie_rule_sensitivity, log, people, of="sales", base=tn.TieRule(min_interactions=1), grid=grid)
    alone = compared().frame
    with joblib.parallel_config(backend=backend, n_jobs=2):
        pd.testing.assert_frame_equal(compared().frame, alone)
    assert alone["ties"].tolist()[0] > alone["ties"].tolist()[-1] > 0
