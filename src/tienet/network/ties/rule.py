"""The tie rule: when two people have a tie, and how interactions are weighted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Literal, TypeAlias, get_args

import numpy as np

from tienet.base import time as _time
from tienet.base.checks import choice, mapping, names, positive, whole
from tienet.base.errors import ArgumentError, shown
from tienet.base.numbers import counted

__all__ = ["TieRule"]


SizeWeight: TypeAlias = Literal["newman", "pair", "none"]
Reciprocal: TypeAlias = Literal[False, True, "min", "geometric"]
Moment: TypeAlias = str | date | datetime


@dataclass(frozen=True, slots=True)
class TieRule:
    """When two people have a tie, and how interactions are weighted.

    Parameters
    ----------
    min_interactions
        Interactions needed for a tie, both directions added, not weighted by size or age. A mail or message is one, from the sender to the
        recipient; a meeting is two, one each way. So two meetings reach 3, and two mails do not.
    half_life
        Age at which the weight of an interaction has halved, such as "90d" or "12w"; None for no decay.
    size_weight
        Weight of an event with n people for each pair. "newman": 1/(n - 1) (Newman 2001); "pair": 2/(n(n - 1)), one unit divided among
        the pairs; "none": 1.
    max_size
        Events with more people are left out; None for no limit.
    reciprocal
        True: a tie needs interactions in both directions. "min" and "geometric" require this too, and compute the strength of a tie from
        its weaker direction, 2 min(f_ab, f_ba), or from their geometric mean, 2 sqrt(f_ab f_ba); neither changes a balanced tie.
    channels
        Channels that count; None for all.
    since, until
        The window, from `since` to before `until`; by default the whole log. A day, such as "2026-03-01" or a date, means its first moment
        in the time zone of the log (``read_log(timezone=)``): the day of `since` is in the window, the day of `until` is not.
    as_of
        The moment at which ages are measured, by default the end of the window; later interactions are left out. A day means its end, so
        that the whole day counts.
    channel_weights
        Mapping from channels to the weight of their interactions in `frequency`; other channels have weight 1.
    min_weeks
        Number of different weeks of the window in which a tie needs contact.

    Examples
    --------
    >>> import tienet as tn
    >>> print(tn.TieRule(half_life=None, size_weight="none", max_size=None))
    A tie is a pair of people with at least 3 interactions, both directions added; every interaction weighs 1.
    """

    min_interactions: float = 3
    half_life: str | float | None = "90d"
    size_weight: SizeWeight = "newman"
    max_size: int | None = 50
    reciprocal: Reciprocal = False
    channels: Sequence[str] | None = None
    since: Moment | None = None
    until: Moment | None = None
    as_of: Moment | None = None
    channel_weights: Mapping[str, float] | Sequence[tuple[str, float]] = ()
    min_weeks: int = 1

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.generic):  # a rule with numpy's 3 equals the rule with 3, also when printed
                object.__setattr__(self, field.name, value.item())
        choice("size_weight", self.size_weight, get_args(SizeWeight))
        positive("min_interactions", self.min_interactions)
        if self.max_size is not None:
            whole("max_size", self.max_size, 2)
        if self.channels is not None:
            named = tuple(names("channels", [self.channels] if isinstance(self.channels, str) else self.channels))
            if not named:
                raise ArgumentError("channels must name at least one channel; leave it out to count all")
            object.__setattr__(self, "channels", named)
        if not isinstance(self.reciprocal, bool) and (not isinstance(self.reciprocal, str) or self.reciprocal not in ("min", "geometric")):
            raise ArgumentError(f"reciprocal must be true, false, 'min' or 'geometric'; got {shown(self.reciprocal)}")
        whole("min_weeks", self.min_weeks)
        object.__setattr__(self, "channel_weights", _weights(self.channel_weights))
        _ = self.half_life_days
        since, until, _ = (None if value is None else _time.moment(value, name=name) for name, value in self._moments)
        if since is not None and until is not None and until <= since:
            raise ArgumentError(f"the window of the tie rule is empty: it runs from {self.since} to {self.until}")

    @property
    def half_life_days(self) -> float | None:
        """The half-life in days."""
        return None if self.half_life is None else _time.days(self.half_life, "half_life")

    @property
    def _moments(self) -> tuple[tuple[str, Moment | None], ...]:
        return ("since", self.since), ("until", self.until), ("as_of", self.as_of)

    @property
    def weights(self) -> tuple[tuple[str, float], ...]:
        """The channel weights as pairs."""
        return _weights(self.channel_weights)

    @property
    def needs_times(self) -> bool:
        """Whether the rule needs a log with times."""
        return self.half_life is not None or self.min_weeks > 1 or any(value is not None for _, value in self._moments)

    def start(self, timezone: str) -> int | None:
        """The first moment of the window in a log of this time zone, microseconds UTC; None where the rule sets none."""
        return None if self.since is None else _time.moment(self.since, timezone, name="since")

    def end(self, timezone: str) -> int | None:
        """The first moment after the window."""
        return None if self.until is None else _time.moment(self.until, timezone, name="until")

    def age_zero(self, timezone: str) -> int | None:
        """The moment at which ages are measured: of a day, its last microsecond."""
        return None if self.as_of is None else _time.moment(self.as_of, timezone, name="as_of", whole_day=True)

    @property
    def needs_channels(self) -> bool:
        """Whether the rule needs a log with channels."""
        return self.channels is not None or bool(self.channel_weights)

    def __str__(self) -> str:
        return self.told()

    def told(self, *, sized: bool = True) -> str:
        """The rule as a sentence.

        Parameters
        ----------
        sized
            Whether the log at hand states the number of people in its events. Without it no interaction is weighed or left out for size,
            and the sentence says so.
        """
        spread = f" in at least {self.min_weeks} different weeks" if self.min_weeks > 1 else ""
        gate = " and at least one in each direction" if self.reciprocal else ""
        parts = [
            f"A tie is a pair of people with at least {counted(self.min_interactions, 'interaction')}{spread}, both directions added{gate}"
        ]
        faded = "" if self.half_life_days is None else f"halved for every {counted(self.half_life_days, 'day')} of age"
        if sized or self.size_weight == "none":
            parts.append(", ".join([_SIZED[self.size_weight], *([faded] if faded else [])]))
        else:
            limit = "" if self.max_size is None else " and no event is left out for its size"
            parts += [f"{_NO_SIZES} every interaction weighs 1{limit}", *([f"weights are {faded}"] if faded else [])]
        if self.channel_weights:
            parts.append("times " + ", ".join(f"{weight:g} for {channel}" for channel, weight in self.weights))
        if self.reciprocal in _FROM_BOTH:
            parts.append(_FROM_BOTH[self.reciprocal])
        if self.max_size is not None and sized:
            parts.append(f"events with more than {self.max_size} people are left out")
        elif self.max_size is not None and self.size_weight == "none":
            parts.append(f"{_NO_SIZES} no event is left out for its size")
        if self.channels is not None:
            parts.append(f"only {', '.join(self.channels)} count{'s' if len(self.channels) == 1 else ''}")
        words = ("from", "before", "as of the end of" if _time.is_day(self.as_of) else "as of")
        ends = [f"{word} {value}" for word, (_, value) in zip(words, self._moments, strict=True) if value is not None]
        if ends:
            days = any(_time.is_day(value) for _, value in self._moments)
            parts.append("window " + ", ".join(ends) + (" (days in the time zone of the log)" if days else ""))
        return "; ".join(parts) + "."


_NO_SIZES = "the log does not state how many people an event had, so"
_SIZED = {
    "newman": "an interaction weighs 1/(n - 1) in an event with n people",
    "pair": "an interaction weighs 2/(n(n - 1)) in an event with n people",
    "none": "every interaction weighs 1",
}
_FROM_BOTH: dict[object, str] = {
    "min": "the strength of a tie is twice that of its weaker direction",
    "geometric": "the strength of a tie is twice the geometric mean of its two directions",
}


def _weights(given: Mapping[str, float] | Sequence[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Channel weights as pairs in a fixed order, so that equal rules are equal and can be hashed."""
    try:
        pairs = dict(given)
    except (TypeError, ValueError):
        message = f"channel_weights must be a mapping from channels to weights, such as {{'mail': 0.5}}; got {shown(given)}"
        raise ArgumentError(message) from None
    weights = sorted(mapping("channel_weights", pairs).items())
    return tuple((name, positive(f"channel_weights: the weight of {name!r}", weight, zero=True)) for name, weight in weights)
