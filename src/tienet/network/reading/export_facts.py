"""What a log says of each export that it was read from: counts and sentences, without ids and content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tienet.network.reading.ledger import Ledger


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What a log says of one export.

    Parameters
    ----------
    origin
        What messages call it: "the Slack export".
    ledger
        Its records by reason code.
    left_out
        Participants who were left out of records that are used, by reason.
    channels
        The channels of its interactions; None where it has none, or too many.
    lacks
        What it does not hold, and which way that biases ties, in sentences.
    """

    origin: str
    ledger: Ledger
    left_out: Mapping[str, int]
    channels: tuple[str, ...] | None
    lacks: tuple[str, ...]

    @property
    def title(self) -> str:
        """Its name without an article, as a label: "Slack export"."""
        return self.origin.removeprefix("the ")
