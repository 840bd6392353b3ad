"""Privacy: pseudonyms, merging of small functions, and suppression of small cells.

A pseudonymised table of people is not anonymous: someone who knows a person's pattern of ties can recognise the person.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by, whole
from tienet.base.errors import ArgumentError
from tienet.base.numbers import counted, number
from tienet.base.record import changed, locked
from tienet.base.wording import visible
from tienet.network.measures.functions import FunctionMatrix
from tienet.network.measures.toward import functions_of_ties
from tienet.network.reading.people import People
from tienet.network.ties.network import Ties

__all__ = ["SuppressedMatrix", "merge_small", "pseudonym_key", "pseudonyms", "suppress"]


FLOOR = 5
KEY_BYTES = 32
OTHERS = "other_functions"
_LABEL = 24


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class SuppressedMatrix(FunctionMatrix):
    """A function matrix with hidden cells: `ties` and all other numbers are NaN where `hidden` is True.

    Parameters
    ----------
    hidden
        (f, f) whether a cell is hidden, symmetric.
    total
        Number of all ties, including those in hidden cells.
    floor
        Number of ties that a cell needs to be shown; cells without ties are shown as 0.
    """

    hidden: NDArray[np.bool_]
    total: int
    floor: int

    def __str__(self) -> str:
        hidden = int(np.triu(self.hidden).sum())
        inward = (
            f"E-I index {number(self.ei_index, 2)} (rescaled for group sizes {number(self.ei_index_rescaled, 2)}; -1 inward, +1 outward)"
            if np.isfinite(self.ei_index)
            else "the E-I index is hidden"
        )
        kept_back = (
            f"; {counted(hidden, 'cell')} hidden: fewer than {self.floor} ties, or a number from which such a cell could be inferred"
            if hidden
            else f"; no cell has 1 to {self.floor - 1} ties"
            if self.floor > 1
            else ""
        )
        return f"{counted(self.total, 'tie')} among {counted(len(self.functions), 'function')}; {inward}{kept_back}"


def pseudonym_key() -> bytes:
    """Generate a secret key of 32 random bytes.

    Returns
    -------
    bytes
        Store it apart from the results as long as pseudonyms must be resolved, or delete it so that they never can be.

    Examples
    --------
    >>> len(pseudonym_key())
    32
    """
    return secrets.token_bytes(KEY_BYTES)


def pseudonyms(people: People, key: bytes) -> NDArray[Any]:
    r"""Give everyone a pseudonym of function and number, such as "Sales 07".

    Within a function, people are numbered in the order of the BLAKE2b hash of their id under the key,

    .. math:: h_i = \mathrm{BLAKE2b}_{key}(id_i),

    so the numbers do not depend on the order of the roster or of the ids, and cannot be computed from a list of ids without the key.

    Parameters
    ----------
    people
        From `read_people`.
    key
        At least 32 bytes, from `pseudonym_key`. The same key gives the same pseudonyms.

    Returns
    -------
    (n,) array of str
        In roster order, all different.

    Raises
    ------
    ArgumentError
        The key is too short or not bytes.

    References
    ----------
    Saarinen, M.-J. & Aumasson, J.-P. (2015). The BLAKE2 Cryptographic Hash and Message Authentication Code. RFC 7693.

    Examples
    --------
    >>> import tienet as tn
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> sorted(tn.network.privacy.pseudonyms(people, tn.network.privacy.pseudonym_key()).tolist())
    ['Marketing 1', 'Sales 1', 'Sales 2']
    """
    made_by("read_people", People, people=people)
    if not isinstance(key, bytes) or len(key) < KEY_BYTES:
        raise ArgumentError(f"key must be at least {KEY_BYTES} secret bytes, such as those from pseudonym_key()")
    digests = np.array([blake2b(str(one).encode(), key=key[:64], digest_size=32).hexdigest() for one in people.person], dtype=object)
    names = np.empty(len(people), dtype=object)
    labels = _short_labels(people)
    for function in people.functions:
        holders = np.flatnonzero(people.function == function)
        wide = len(str(len(holders)))
        for place, person in enumerate(holders[np.argsort(digests[holders])], start=1):
            names[person] = f"{labels[function]} {place:0{wide}d}"
    return locked(names)


def _short_labels(people: People) -> dict[str, str]:
    """A short, unique label for each function."""
    labels: dict[str, str] = {}
    for function in people.functions:
        label = visible(people.labels[function], _LABEL)
        labels[function] = label if label not in labels.values() else f"{label} ({len(labels) + 1})"
    return labels


def merge_small(ties: Ties, *, floor: int = FLOOR) -> Ties:
    """Merge the functions with fewer people than the floor, so that every function is large enough.

    If all of them together are still too small, the next smallest functions are merged with them. The ties do not change.

    Parameters
    ----------
    ties
        From `build_ties`.
    floor
        Number of people that a function needs to be shown on its own.

    Returns
    -------
    Ties
        With the small functions merged into "Other functions"; the same object if none is too small.

    Raises
    ------
    ArgumentError
        The floor is below 1.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ann", "bob", "ann"], "target": ["bob", "ann", "cat"]})
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1, half_life=None))
    >>> tn.network.privacy.merge_small(ties, floor=2).people.functions
    ('other_functions',)
    """
    made_by("build_ties", Ties, ties=ties)
    merged = small_functions(ties, floor)
    if not merged:
        return ties
    name = OTHERS
    while name in ties.people.labels:  # the name must be unused
        name += "_"
    people = _recoded(ties.people, merged, name)
    segments = ties.segments
    if segments is not None:
        ends = {end: locked(_renamed(getattr(segments, end), merged, name)) for end in ("function_a", "function_b")}
        segments = replace(segments, **ends)
    return changed(ties, people=people, segments=segments)


def small_functions(ties: Ties, floor: int = FLOOR) -> tuple[str, ...]:
    """The functions that `merge_small` merges, sorted."""
    whole("floor", floor)
    held = {*ties.people.functions_ever, *(name for ends in functions_of_ties(ties) for name in ends.tolist())}
    sizes = {name: int(np.sum(ties.people.function == name)) for name in held}
    in_order = sorted(sizes, key=lambda name: (sizes[name], name))
    small = [name for name in in_order if sizes[name] < floor]
    for name in in_order[len(small) :]:
        if not small or sum(sizes[one] for one in small) >= floor:
            break
        small.append(name)
    return tuple(sorted(small))


def _renamed(functions: NDArray[Any], merged: Sequence[str], name: str) -> NDArray[Any]:
    return np.where(np.isin(functions.astype(str), merged), name, functions).astype(object)


def _recoded(people: People, merged: Sequence[str], name: str) -> People:
    labels = {function: label for function, label in people.labels.items() if function not in merged}
    spells = people.spells and replace(people.spells, function=locked(_renamed(people.spells.function, merged, name)))
    function = locked(_renamed(people.function, merged, name), dtype=object)
    return replace(people, function=function, labels=MappingProxyType({**labels, name: "Other functions"}), spells=spells)


def suppress(matrix: FunctionMatrix, *, floor: int = FLOOR) -> SuppressedMatrix:
    r"""Hide the cells of a function matrix with few ties, and further cells so that no hidden one can be computed from the rest.

    Cells with 1 to floor - 1 ties are hidden. Readers may know the number of ties of each function (the margins), their total and the
    E-I index, so a hidden cell could be computed if it were the only one in its row. Further cells are therefore hidden, those with the
    fewest ties first, until each small cell could have at least two different values,

    .. math:: \max t_{ij} - \min t_{ij} \ge 1 \quad\text{over all whole } t \ge 0 \text{ with the known margins, total and diagonal sum.}

    If hiding all cells is not enough, the E-I index is hidden too.

    Parameters
    ----------
    matrix
        From `function_matrix`, preferably of `merge_small(ties)`, since a floor on ties does not replace one on people.
    floor
        Number of ties that a cell needs to be shown.

    Returns
    -------
    SuppressedMatrix

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, chapter 4.

    Examples
    --------
    >>> import tienet as tn
    >>> firm = tn.simulate_firm(n_people=80, seed=2)
    >>> matrix = tn.function_matrix(tn.build_ties(firm.log, firm.people))
    >>> bool((tn.network.privacy.suppress(matrix, floor=5).ties >= 5).sum() > 0)
    True
    """
    made_by("function_matrix", FunctionMatrix, matrix=matrix)
    whole("floor", floor)
    ties = np.asarray(matrix.ties)
    small: NDArray[np.bool_] = np.asarray((ties > 0) & (ties < floor))
    hidden, telling = _hidden_cells(ties, small)
    values = {field.name: _without(getattr(matrix, field.name), hidden) for field in fields(FunctionMatrix)}
    if not telling:
        values |= {"ei_index": float("nan"), "ei_index_rescaled": float("nan")}
    return SuppressedMatrix(**values, hidden=locked(hidden), total=int(np.triu(ties).sum()), floor=floor)


def _without(value: Any, hidden: NDArray[np.bool_]) -> Any:
    """A field of the matrix, with NaN in hidden cells if it has one number per cell."""
    if isinstance(value, np.ndarray) and value.ndim == 2:
        return locked(np.where(hidden, np.nan, value)) if hidden.any() else value
    return value


def _hidden_cells(ties: NDArray[np.int64], small: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], bool]:
    """The cells to hide, (f, f), and whether the sum of the diagonal may be shown with them."""
    for telling in (True, False):
        hidden, open_to_view = small.copy(), small
        # A cell that is safe stays safe when further ones are hidden.
        while (open_to_view := _given_away(ties, hidden, open_to_view, telling)).any():
            more = _next_to_hide(ties, hidden, open_to_view)
            if more is None:
                break
            row, col = more
            hidden[row, col] = hidden[col, row] = True
        else:
            return hidden, telling
    return hidden, False


def _next_to_hide(ties: NDArray[np.int64], hidden: NDArray[np.bool_], open_to_view: NDArray[np.bool_]) -> list[int] | None:
    """The visible cell with the fewest ties among those that share a function with an exposed cell; None if all are hidden."""
    touched: NDArray[np.bool_] = np.asarray(open_to_view.any(axis=1))
    beside = np.argwhere(~hidden & (touched[:, None] | touched[None, :])).tolist()
    return min(beside or np.argwhere(~hidden).tolist(), key=lambda cell: (ties[cell[0], cell[1]], cell), default=None)


def _given_away(ties: NDArray[np.int64], hidden: NDArray[np.bool_], asked: NDArray[np.bool_], diagonal: bool) -> NDArray[np.bool_]:
    """Which of the hidden cells in question are determined by the margins and the visible cells."""
    found = np.zeros_like(hidden)
    if not asked.any():
        return found
    from scipy.optimize import LinearConstraint, milp

    cells = np.argwhere(np.triu(hidden))
    known = np.array([(cells == row).any(axis=1) for row in range(len(ties))], dtype=float)
    if diagonal:
        known = np.vstack([known, cells[:, 0] == cells[:, 1]])
    sums = known @ ties[cells[:, 0], cells[:, 1]]
    for place in np.flatnonzero(asked[cells[:, 0], cells[:, 1]]):
        row, col = cells[place]
        goal = np.zeros(len(cells))
        goal[place] = 1.0
        # Whole numbers, since margins that allow 0.5 to 1.5 determine the value 1.
        ends = (milp(sign * goal, integrality=np.ones_like(goal), constraints=LinearConstraint(known, sums, sums)) for sign in (1, -1))
        found[row, col] = found[col, row] = all(round(abs(end.fun)) == ties[row, col] for end in ends)
    return found
