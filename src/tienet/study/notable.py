"""What to look at in the findings of a check: shares over a limit, a log without sizes, few cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tienet.base.numbers import counted, number, percent
from tienet.network.reading.ledger import REASONS, Ledger
from tienet.network.reading.matching import UNMATCHED, Matching

if TYPE_CHECKING:
    from tienet.network.reading.interactions import InteractionLog
    from tienet.network.reading.people import People
    from tienet.network.survey.calibration import TieComparison
    from tienet.regression.core.model_frame import ModelFrame
    from tienet.study.join import Cases

REJECTED, LEFT_OUT, LOST = 0.01, 0.5, 0.1  # largest shares that are fine, beside `UNMATCHED`
AGREES = 0.1  # smallest R2, for pairs left out, of survey strength on the log that is fine
LITTLE = "the log predicts less than a tenth of the variance of what people answered about their ties"
CASES = 10  # fewest cases for each coefficient
Notable: TypeAlias = Iterator[tuple[str, str]]  # what it is about, and a sentence


def of_log(log: InteractionLog) -> Notable:
    """A log without times or sizes, and what the reader noted."""
    if "time" not in log.has:
        yield "times", "the log has no times, so half-lives and windows cannot be used"
    if "size" not in log.has:
        yield (
            "sizes",
            "the log does not state how many people an event had, so every interaction weighs 1 and no event is left out for its size",
        )
    yield from ((part.title, lack) for part in log.exports for lack in part.lacks)
    if not log.exports:
        yield from (("export", lack) for lack in log.lacks)
    # The notes of exports say what counts as what, which is nothing to look at.
    yield from (("log", note) for note in log.notes if not log.found)


def of_people(people: People) -> Notable:
    """Many people without a function."""
    without = int(np.sum(people.function == "unassigned"))
    if without > UNMATCHED * len(people):
        yield "functions", f"{without:,} of {counted(len(people), 'person', 'people')} have no function"


def of_identities(found: Matching) -> Notable:
    """Ids of exports that may be several people, and people of the table of identities who are not in the people table."""
    conflicts = len(found.conflicts)
    if conflicts:
        yield "identities", f"{counted(conflicts, 'id')} may be several people; the table of identities can say which"
    if found.strangers:
        yield "identities", f"the table of identities names {counted(found.strangers, 'person', 'people')} who are not in the people table"


def of_rows(ledger: Ledger, unmatched: Sequence[str], of: str = "") -> Notable:
    """Rows that cannot be read, that name nobody in the people table, or that the tie rule leaves out.

    `unmatched` is what the library says about ids and channels that match nothing. `of` names the table if it is not the one of the ties.
    """
    yield from ((f"{of}: {topic}" if of else topic, said) for topic, said in _of_rows(ledger, unmatched))


def of_comparison(comparison: TieComparison) -> Notable:
    """A log that says little about what people answer."""
    if not comparison.r_squared_loo > AGREES:
        yield "survey", f"{LITTLE} (R2 {number(comparison.r_squared_loo, 2)} for pairs left out)"


def _of_rows(ledger: Ledger, unmatched: Sequence[str]) -> Notable:
    read = ledger.records or ledger  # of a log whose records give several interactions
    if read.rejected > REJECTED * read.rows_in:
        reasons = ", ".join(f"{code} {count:,}" for code, count in read.counts.items() if REASONS[code][0] == "rejected")
        yield "rejected rows", f"{_of(read.rejected, read)} cannot be read: {reasons}"
    unknown = ledger.counts.get("unknown_person", 0)
    yield from (("unknown people" if "unknown_person" in said else "channels", said) for said in unmatched)
    if unknown > UNMATCHED * ledger.rows_in and not any("unknown_person" in said for said in unmatched):
        said = "name someone who is not in the people table; compare how the two files write ids"
        yield "unknown people", f"{_of(unknown, ledger)} {said}"
    for code in ("too_many_people", "outside_window", "channel_left_out", "self_loop", "duplicate_event"):
        count = ledger.counts.get(code, 0)
        if count > LEFT_OUT * ledger.rows_in:
            yield "rows left out", f"{_of(count, ledger)} are left out: {code}, {REASONS[code][1]}"


def of_cases(cases: Cases, sample: ModelFrame) -> Notable:
    """People without an outcome, and cases dropped for missing values."""
    if cases.without_outcome > LOST * cases.egos:
        said = f"{cases.without_outcome:,} of {cases.egos:,} people have no outcome"
        yield "outcomes", f"{said}; compare how the two tables write ids"
    if sample.n_dropped > LOST * (sample.n + sample.n_dropped):
        lost = ", ".join(f"{name} {count:,}" for name, count in sample.dropped.items())
        yield "missing values", f"{sample.n_dropped:,} of {sample.n + sample.n_dropped:,} cases are dropped ({lost})"


def of_model(n: int, k: int) -> Notable:
    """Few cases for each coefficient."""
    if n < CASES * k:
        yield "few cases", f"{n / k:.1f} cases for each of {k} coefficients; with fewer than {CASES}, estimates are unsure"


def _of(count: int, ledger: Ledger) -> str:
    return f"{count:,} of {counted(ledger.rows_in, ledger.unit)} ({percent(count / ledger.rows_in, 1)})"
