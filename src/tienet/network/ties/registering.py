"""Register a tie strength of your own by name."""

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
    """Register a tie strength, which `measure_egos`, `measure_panel`, `Study` and study files then accept by name.

    Parameters
    ----------
    name
        Letters, digits and underscores; not the name of another strength or of a column.
    values
        A function of the numbers of the ties, a mapping (`TieNumbers`) from the columns of `Ties.frame` to arrays with one entry per
        tie. It returns one number per tie, (m,), or a pair of such arrays: strength as seen by the `a` end and by the `b` end.
    label
        Label for figures and tables; by default the name.
    unit
        Unit for axes; empty if it has none.
    meaning
        Description that continues "the mean over those ties of ..."; by default the label.
    needs
        Columns of `Ties.frame` that the strength needs. Ties that lack one raise an error. The function may use other columns too, with
        the same error if they are missing.
    of_part
        For ties of people who change functions: a function of the numbers of the parts of a tie, "interactions", "frequency" and
        "strength". By default each part has the strength of its tie.

    Returns
    -------
    Strength

    Raises
    ------
    ArgumentError
        The name is taken, is that of a column, or contains anything but letters, digits and underscores; `values` or `of_part` is not a
        function; `needs` names something that is not a number of the tie.

    Notes
    -----
    The registration lasts as long as the program. An installed package can provide strengths for study files and the command line:
    its ``pyproject.toml`` names the module that registers each of them::

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
            raise ArgumentError(f"{argument} must be a function of the numbers of the ties; got {shown(function)}")
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
        why = "is reserved for functions without a name" if name == CUSTOM else "must consist of letters, digits and underscores"
        raise ArgumentError(f"name {shown(name)} {why}; choose another")
    if name in [strength.name for strength in known_strengths()]:
        raise ArgumentError(f"a tie strength called {name!r} already exists; choose another name")
    # A family such as total_ties_{function} has every name with the same beginning.
    columns = {column.name.removesuffix("{function}"): "{function}" in column.name for group in COLUMNS.values() for column in group}
    if any(name == column or (family and name.startswith(column)) for column, family in columns.items()):
        raise ArgumentError(f"{name!r} is the name of a column with another meaning; choose another name for the strength")
