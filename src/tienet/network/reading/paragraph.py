"""What a reader of exports says when it is done: what was used, what was left out and why, who was found, what the export lacks."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from tienet.base.frames import collect, to_text
from tienet.base.numbers import counted, listed
from tienet.base.time import day_text
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.shapes import told_left_out

LARGEST = 3  # reasons that are named


def export_paragraph(log: Any) -> str:
    """The log of one or several exports in one paragraph, without ids and content."""
    told = [_period(log), _records(log.ledger.records or log.ledger)]
    interactions = log.ledger.used if log.ledger.interactions is None else log.ledger.interactions
    told.append(f"{counted(interactions, 'interaction')}{_channels(log)}.")
    if log.left_out:
        told.append(f"Left out of records that are used: {told_left_out(log.left_out, log.channels)}.")
    told.append(_people(log))
    return " ".join([*told, *(_sentence(one) for one in (*log.lacks, *log.notes))])


def _period(log: Any) -> str:
    name = f"{log.origin[:1].upper()}{log.origin[1:]}"
    if log.first is None or log.last is None:
        return f"{name}, without times."
    return f"{name}, from {day_text(log.first, log.timezone)} to {day_text(log.last, log.timezone)} (days in {log.timezone})."


def _records(ledger: Ledger) -> str:
    whole = ledger.rows_in
    reasons = sorted(((count, code) for code, count in ledger.counts.items() if code != "used"), reverse=True)
    said = f"{counted(whole, ledger.unit)}: {ledger.used:,} used"
    if not reasons:
        return f"{said}."
    others = f" and {counted(len(reasons) - LARGEST, 'other reason')}" if len(reasons) > LARGEST else ""
    largest = ", ".join(f"{code} {count:,} ({_share(count, whole)})" for count, code in reasons[:LARGEST])
    return f"{said}, {whole - ledger.used:,} left out: {largest}{others}."


def _share(part: int, whole: int) -> str:
    """A share in percent; what is there is never told as nothing."""
    return "under 1%" if part * 100 < whole else f"{100 * part / whole:.0f}%"


def _channels(log: Any) -> str:
    if "channel" not in log.has:
        return ""
    values = to_text(collect(log.rows, log.job)["channel"]).tolist()
    counts = Counter("no channel" if one is None else one for one in values)
    return f": {', '.join(f'{channel} {count:,}' for channel, count in counts.most_common())}"


def _people(log: Any) -> str:
    found = log.found
    met = found["interactions"] > 0
    who = np.array([one is not None for one in found["person"].tolist()], dtype=bool)
    bots = int(np.sum(found["bot"]))
    said = f"{counted(int(np.sum(met)), 'id')} with interactions"
    if who.any():
        said += f", {int(np.sum(met & who)):,} of them people of the roster and {int(np.sum(met & ~who)):,} not"
    kinds = [f"{counted(bots, 'bot')}"] if bots else []
    kinds += [f"{int(np.sum(found['external'])):,} from outside of the firm"] if found["external"].any() else []
    return f"{said}{'; among all that are named ' + listed(kinds) if kinds else ''}."


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text[:1].upper()}{text[1:]}."
