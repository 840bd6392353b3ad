from __future__ import annotations

import numpy as np
import pytest

from frames import FRAMES, as_kind
from hard_cases import CASES, RULES, assert_same, everything, hard_log

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsUnmatched")  # strangers and spellings of channels are meant


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hard")


@pytest.mark.parametrize(
    ("name", "options"), [case if case[0] == "default" else pytest.param(*case, marks=pytest.mark.sweep) for case in CASES]
)
def test_every_kind_of_frame_gives_the_ties_of_the_file(name, options, folder):
    how = {"rule": RULES[name], "timezone": "Europe/Berlin", "whole_ids": options.get("whole_ids", False)}
    log = hard_log(**options)
    wanted = everything(as_kind("parquet", log, folder), **how)
    for kind in (*FRAMES, "csv"):
        assert_same(everything(as_kind(kind, log, folder / kind), **how), wanted)


def test_the_hard_log_holds_what_it_promises():
    made = everything(hard_log(), RULES["plain"])
    assert set(made["ledger"]) >= {"used", "self_loop", "zero_weight", "duplicate_event", "unknown_person", "excluded_person"}
    assert made["excluded"].keys() == {"bot", "mailing list"}
    assert np.isfinite(made["latency"]).sum() > 3
    assert {"marketing", "sales"} <= set(made["functions"])
    assert made["channels"] == ("Mail", "chat", "mail")
