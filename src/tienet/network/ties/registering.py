"""A tie strength of one's own, added by name while a program runs."""

from __future__ import annotations

from collections.abc import Sequence

from tienet.base.checks import names, text
from tienet.base.errors import ArgumentError, offer, shown
from tienet.network.columns import COLUMNS
from tienet.network.ties.strengths import ADDED, CUSTOM, Strength, StrengthFunction, known_strengths
from tienet.network.ties.tie_numbers import NUMBERS

__all__ = ["register_strength"]


def register_strength(
    name: str,
    values: StrengthFunction,
    *,
    label: str | None = None,
    unit: str = "",
    meaning: str | None = None,
    needs: Sequence[str] = (),
    of_part: StrengthFunction | None = None,
) -> Strength:
    """Add a tie strength, which `measure_egos`, `measure_panel`, `Study` and study files then find by its name.

    Parameters
    ----------
    name
        Letters, digits and underscores; not the name of another strength or of a column.
    values
        A function of the numbers of the ties, a mapping (`TieNumbers`) from the columns of `Ties.frame` to arrays of one entry a tie. It
        returns one number a tie, (m,), or a pair of such arrays: as the `a` end of each tie sees it, and as the `b` end does.
    label
        As figures and tables write it; the name where left out.
    unit
        Its unit, as axes write it; empty where it has none.
    meaning
        What it is in words, to follow "the mean over those ties of ..."; the label where left out.
    needs
        Columns of `Ties.frame` without which there is no such strength; ties that lack one are refused in one line. What the function
        asks for is refused all the same.
    of_part
        Where somebody's function changes in the course of a tie, a function of the numbers of its parts: "interactions", "frequency" and
        "strength". Where left out, each part has the strength of its tie.

    Returns
    -------
    Strength

    Raises
    ------
    ArgumentError
        The name is taken, is that of a column, or is not made of letters, digits and underscores; `values` or `of_part` is not a
        function; `needs` names what is not a number of the tie.

    Notes
    -----
    It lasts as long as the program. A package that is installed beside tienet can bring strengths for study files and the command line:
    its ``pyproject.toml`` names, for each, the module that registers it::

        [project.entry-points."tienet.strengths"]
        both_ways = "our_package.strengths"

    Examples
    --------
    >>> import numpy as np
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "bob"]})
    >>> people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Marketing"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(half_life=None))
    >>> _ = tn.register_strength(
    ...     "sent", lambda tie: (tie["a_to_b"], tie["b_to_a"]), label="interactions sent", unit="interactions"
    ... )
    >>> [tn.measure_egos(ties, of=of, strength="sent").tie_strength.item() for of in ("sales", "marketing")]
    [2.0, 1.0]
    """
    _refuse_name(text("name", name))
    for argument, function in (("values", values), ("of_part", of_part)):
        if not (callable(function) or (argument == "of_part" and function is None)):
            raise ArgumentError(f"{argument} must be a function of the numbers of the ties, got {shown(function)}")
    columns = tuple(names("needs", needs))
    for column in columns:
        if column not in NUMBERS:
            raise ArgumentError(f"needs: {column!r} is not a number of the tie{offer(column, NUMBERS)}")
    written = name if label is None else text("label", label)
    said = written if meaning is None else text("meaning", meaning)
    made = Strength(name, label=written, unit=text("unit", unit), meaning=said, values=values, needs=columns, of_part=of_part)
    ADDED[name] = made
    return made


def _refuse_name(name: str) -> None:
    if not name.isidentifier() or name == CUSTOM:
        why = "stands for functions without a name" if name == CUSTOM else "is not made of letters, digits and underscores"
        raise ArgumentError(f"name {shown(name)} {why}; choose another")
    if name in [strength.name for strength in known_strengths()]:
        raise ArgumentError(f"a tie strength called {name!r} is there already; choose another name")
    # A family such as total_ties_{function} holds every name that begins like it.
    columns = {column.name.removesuffix("{function}"): "{function}" in column.name for group in COLUMNS.values() for column in group}
    if any(name == column or (family and name.startswith(column)) for column, family in columns.items()):
        raise ArgumentError(f"{name!r} is the name of a column that means something else; choose another name for the strength")
