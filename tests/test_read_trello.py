"""Trello boards and cards, against counts made by others."""

from __future__ import annotations

import pytest

from exporting import assert_closed, assert_counts, assert_no_planted
from real import find
from tienet.network.sources.trello import read_trello

EXPORTS = find("made_up_exports")


@pytest.mark.filterwarnings("ignore::tienet.base.errors.RowsRejected")
def test_the_made_up_board_gives_what_an_independent_script_counted():
    log = read_trello(EXPORTS / "raw/trello/board.json")
    assert_counts(log, EXPORTS / "expected/trello.json")
    assert_closed(log, 12)
    assert_no_planted(log)
