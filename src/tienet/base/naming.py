"""How people call the columns of a table: labels and units, which the results of a model carry with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from tienet.base.errors import ArgumentError, closest, shown
from tienet.base.record import Fixed, Sealed
from tienet.base.wording import column_label, spoken_label

_nothing = partial(Fixed[str, str], {})


@dataclass(frozen=True, slots=True)
class Names(Sealed):
    """Labels and units of columns.

    Parameters
    ----------
    labels
        Column, function or level of a category -> how people call it.
    units
        Column -> its unit, "SD" for the z-scores of a standardised fit.
    """

    labels: Mapping[str, str] = field(default_factory=_nothing)
    units: Mapping[str, str] = field(default_factory=_nothing)

    def __or__(self, other: Names) -> Names:
        """Both, the other's where both name a column."""
        return Names(Fixed({**self.labels, **other.labels}), Fixed({**self.units, **other.units}))

    def column(self, name: str) -> str:
        """A column in words, without its unit.

        Examples
        --------
        >>> Names({"r_d": "R&D"}).column("total_ties_r_d")
        'Total ties to R&D'
        """
        return column_label(name, self.labels)

    def spoken(self, term: str) -> str:
        """A column or term as sentences write it: by its label, or by its own name if neither it nor a part of it has one.

        Examples
        --------
        >>> Names({"r_d": "R&D"}).spoken("total_ties_r_d"), Names().spoken("total_ties_r_d")
        ('total ties to R&D', 'total_ties_r_d')
        """
        return spoken_label(term, self.labels)


UNNAMED = Names()


def refuse_misspelt(argument: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise an error for a name that is not known but close to one that is, and that has no label itself.

    Labels may be given for more than one result has, so a name that is like no other is left alone.

    Examples
    --------
    >>> refuse_misspelt("labels", ["tenur"], ["tenure", "growth"])
    Traceback (most recent call last):
        ...
    tienet.base.errors.ArgumentError: labels: there is no 'tenur' here; did you mean 'tenure'?
    """
    names, there = list(given), set(known)
    offered = sorted(name for name in there.difference(names) if not {":", "^"} & set(name))  # columns, not products and squares
    for name in names:
        near = "" if name in there else closest(name, offered)
        if near:
            raise ArgumentError(f"{argument}: there is no {shown(name)} here{near}")
