"""What the network section draws: marks, lines and names, of groups or of persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Shown: TypeAlias = Literal["groups", "pseudonyms", "names"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A person, or a group of at least the floor.

    Parameters
    ----------
    label
        Its pseudonym or name, or the name of the group.
    group
        The position of its function.
    x, y
        Its place in an area of 1,000 by 800.
    size
        The scale of its shape, which is about 14 wide.
    members
        How many people it stands for.
    short
        A short name that is drawn beside it; empty for none.
    """

    label: str
    group: int
    x: float
    y: float
    size: float
    members: int
    short: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A function: its colour and shape, and where its name stands. `line` leads from a name set outside to the function."""

    label: str
    short: str
    color: int
    shape: str
    members: int
    x: float
    y: float
    line: str = ""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute by which marks can be coloured and chosen: its values, and the value of each mark."""

    name: str
    label: str
    values: tuple[str, ...]
    codes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """A choice of how many lines are drawn: those with at least `least`. `key` is "few", "some" or "all"."""

    key: str
    least: float
    lines: int


@dataclass(frozen=True, slots=True, eq=False)
class NetworkView:
    """The network as it is drawn.

    Parameters
    ----------
    shown
        "groups", "pseudonyms" or "names".
    groups, marks
        The functions, and the marks in them.
    ends
        Pairs of positions of marks: the lines, strongest first.
    weight
        What the lines are sorted by: strength of a tie, or number of ties between groups.
    levels
        The choices of how many are drawn, fewest first; `first` is the position of the one at the start.
    steps
        The values of the slider, ascending.
    windows
        First and last day of each period, if contact over time is known.
    attributes
        Attributes that may be shown.
    left_out
        What is not shown, in sentences.
    alone
        Marks without a line at the first level.
    ties
        Number of ties that the lines stand for.
    numbers
        More numbers per line for the script.
    """

    shown: Shown
    groups: Sequence[Group]
    marks: Sequence[Mark]
    ends: Sequence[tuple[int, int]]
    weight: Sequence[float]
    levels: Sequence[Level]
    first: int
    steps: Sequence[float]
    windows: Sequence[tuple[str, str]]
    attributes: Sequence[Attribute]
    left_out: Sequence[str]
    alone: int
    ties: int
    numbers: dict[str, Any] = field(default_factory=dict)

    @property
    def of_people(self) -> bool:
        """Whether each mark is a person."""
        return self.shown != "groups"
