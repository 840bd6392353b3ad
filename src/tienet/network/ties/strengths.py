"""Tie strengths: one entry each, with name, label, unit and meaning.

To add one, add its entry to `STRENGTHS`; for a single analysis `register_strength` does the same at run time. The module has no slow
imports, since the help of the command line uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from tienet.base.errors import ArgumentError, offer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Strength", "known_strengths"]


StrengthFunction: TypeAlias = "Callable[[Mapping[str, NDArray[Any]]], object]"
StrengthLike: TypeAlias = "str | Strength | StrengthFunction"
# Installed packages list the modules that register strengths under this group of entry points.
GROUP = "tienet.strengths"
CUSTOM = "custom"


@dataclass(frozen=True, slots=True, eq=False)
class Strength:
    """A tie strength.

    Parameters
    ----------
    name
        The name in `measure_egos`, study files, the command line and sentences.
    label
        The label in figures and tables.
    unit
        The unit, or the scale; empty if there is none.
    meaning
        A description that continues "the mean over those ties of ...".
    values
        A function of the numbers of the m ties, a mapping from the columns of `Ties.frame` to (m,) arrays. It returns one number per
        tie, (m,), or a pair of such arrays: strength as seen by the `a` end and by the `b` end.
    needs
        Columns that the strength needs. Ties that lack one raise an error.
    of_part
        For ties of people who change functions: a function of the numbers of the parts of ties, "interactions", "frequency" and
        "strength"; None if a part has the strength of its tie.
    made_by
        The function that makes ties with this strength in `Ties.given`; empty for all others.
    caveat
        The limits of the strength, as a clause that continues "A tie here is logged contact; ..." in a report.
    works
        Works to cite, as keys of the list of references.
    gaps
        Whether it may be missing for all ties of a network.

    Examples
    --------
    >>> import tienet as tn
    >>> [strength.name for strength in tn.network.ties.known_strengths()][:3]
    ['frequency', 'interactions', 'composite']
    """

    name: str
    label: str
    unit: str
    meaning: str
    values: StrengthFunction
    needs: tuple[str, ...] = ()
    of_part: StrengthFunction | None = None
    made_by: str = ""
    caveat: str = "it does not measure how important or close people feel the tie to be"
    works: tuple[str, ...] = ()
    gaps: bool = False

    @property
    def scale(self) -> str:
        """The second line of an axis label: the unit, or the label of a strength without one."""
        return self.unit or self.label


def _composite(tie: Mapping[str, NDArray[Any]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean of three z-scores over both ends of all ties: frequency, importance, and closeness."""
    import numpy as np

    importance = np.concatenate([tie["importance_a"], tie["importance_b"]])
    closeness = (tie["reciprocity"] + tie["regularity"]) / 2.0
    parts = (np.tile(tie["frequency"], 2), importance, np.tile(closeness, 2))
    composite = np.mean([_z(part) for part in parts], axis=0)
    return composite[: len(closeness)], composite[len(closeness) :]


def _z(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard scores with the n - 1 standard deviation; all zero where nothing varies."""
    import numpy as np

    spread = values.std(ddof=1) if len(values) > 1 else 0.0
    if spread <= 1e-12 * max(1.0, float(np.abs(values).max(initial=0.0))):
        return np.zeros_like(values)
    standard: NDArray[np.float64] = (values - values.mean()) / spread
    return standard


STRENGTHS = (
    Strength(
        name="frequency",
        label="interactions per week",
        unit="interactions per week",
        meaning="interactions per week, weighted for size and age",
        values=itemgetter("frequency"),
        needs=("frequency",),
        of_part=itemgetter("frequency"),
    ),
    Strength(
        name="interactions",
        label="interactions",
        unit="interactions",
        meaning="interactions, both directions added",
        values=itemgetter("interactions"),
        of_part=itemgetter("interactions"),
    ),
    Strength(
        name="composite",
        label="composite of frequency, importance and closeness",
        unit="z-score",
        meaning="the mean of the z-scores of frequency, of importance (the tie's share of one's interactions) and of closeness "
        "(the mean of reciprocity and regularity)",
        values=_composite,
        needs=("frequency", "regularity"),
        caveat="importance and closeness are derived from the pattern of contact, not from questions",
    ),
    Strength(
        name="survey",
        label="survey strength",
        unit="0 to 1",
        meaning="people's answers about each other",
        values=itemgetter("strength_a", "strength_b"),
        made_by="read_survey",
        works=("brown_reingen_1987",),
    ),
    Strength(
        name="calibrated",
        label="calibrated strength",
        unit="0 to 1",
        meaning="the answers that people are expected to give, predicted from a survey of some of them",
        values=itemgetter("strength_a", "strength_b"),
        made_by="calibrated",
        works=("gilbert_karahalios_2009",),
    ),
    Strength(
        name="viva",
        label="Viva tie score",
        unit="0 to 1",
        meaning="the tie scores of Viva Insights, averaged over months",
        values=itemgetter("strength_a", "strength_b"),
        made_by="read_viva",
    ),
    Strength(
        name="reciprocity",
        label="reciprocity",
        unit="0 to 1",
        meaning="twice the interactions of the weaker direction, divided by all interactions of the tie",
        values=itemgetter("reciprocity"),
    ),
    Strength(
        name="regularity",
        label="regularity",
        unit="0 to 1",
        meaning="the share of the window's weeks with contact",
        values=itemgetter("regularity"),
        needs=("regularity",),
    ),
    Strength(
        name="channels",
        label="channels",
        unit="channels",
        meaning="the number of distinct channels used",
        values=itemgetter("channels"),
        needs=("channels",),
    ),
    Strength(
        name="strength",
        label="the ties' own strength",
        unit="",
        meaning="the ties' own strength: as given, otherwise frequency, or interactions if the log has no times",
        values=itemgetter("strength"),
        of_part=itemgetter("strength"),
    ),
)
_BUILT_IN = {strength.name: strength for strength in STRENGTHS}
ADDED: dict[str, Strength] = {}


def known_strengths() -> tuple[Strength, ...]:
    """List all tie strengths: those of tienet, then those added by `register_strength`.

    Examples
    --------
    >>> import tienet as tn
    >>> {strength.name: strength.unit for strength in tn.network.ties.known_strengths()}["composite"]
    'z-score'
    """
    return (*STRENGTHS, *ADDED.values())


def find_strength(name: str) -> Strength:
    """Find a strength by name, loading it from an installed package if necessary."""
    return _BUILT_IN.get(name) or ADDED.get(name) or _of_a_package(name)


def _of_a_package(name: str) -> Strength:
    from importlib.metadata import entry_points

    brought = entry_points(group=GROUP)
    for point in brought.select(name=name):
        point.load()
    if name not in ADDED:
        raise ArgumentError(f"strength={name!r} is not known{offer(name, dict.fromkeys([*_BUILT_IN, *ADDED, *brought.names]))}")
    return ADDED[name]


def chosen_strength(given: StrengthLike) -> Strength:
    """The entry for an argument `strength`, which is a name or a function."""
    if isinstance(given, Strength):
        return given
    if isinstance(given, str):
        return find_strength(given)
    if not callable(given):
        raise ArgumentError(f"strength must be a name or a function of the numbers of the ties; got a value of type {type(given).__name__}")
    name = _name_of(given)
    return Strength(name, label=name, unit="", meaning=name, values=given)


def _name_of(function: StrengthFunction) -> str:
    """The name of a function, unless it has none or its name is that of another strength."""
    name = getattr(function, "__name__", "")
    taken = name in _BUILT_IN or name in ADDED
    return name if isinstance(name, str) and name.isidentifier() and not taken else CUSTOM
