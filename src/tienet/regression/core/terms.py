"""Terms of a model: products of variables and their squares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

INTERCEPT = "(Intercept)"
MOST_FACTORS = 4
# A name, or a category as region[a:b]; not one that reads as a call or a bracket.
_PLAIN = re.compile(r"(?!\(|(?!log\(|log1p\(|sqrt\()[\w.]+\()[^:^*`\[\]]+(?:\[[^\]`]*\])?")


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    r"""A monomial :math:`\prod_v v^{p_v}`, such as ``x``, ``x^2`` or ``x^2:z``; the empty product is the intercept.

    Terms are equal if they are the same product, in any order.

    Parameters
    ----------
    powers
        Pairs of a name and its power, in the order written.

    Examples
    --------
    >>> str(Term((("x", 2), ("z", 1))))
    'x^2:z'
    """

    powers: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        return ":".join(_quoted(name) if power == 1 else f"{_quoted(name)}^{power}" for name, power in self.powers) or INTERCEPT

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Term) and frozenset(self.powers) == frozenset(other.powers)

    def __hash__(self) -> int:
        return hash(frozenset(self.powers))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables in the term."""
        return tuple(name for name, _ in self.powers)

    @property
    def order(self) -> int:
        """Sum of the powers: 1 for a main effect."""
        return sum(power for _, power in self.powers)

    def power(self, name: str) -> int:
        """Return the power of one variable, 0 if it is absent."""
        return dict(self.powers).get(name, 0)

    def divisors(self) -> Iterator[Term]:
        """Yield every term it contains, itself last: fewer variables first, lower powers first."""
        for size in range(1, len(self.powers) + 1):
            for chosen in combinations(self.powers, size):
                for powers in product(*(range(1, power + 1) for _, power in chosen)):
                    yield Term(tuple(zip((name for name, _ in chosen), powers, strict=True)))


def _quoted(name: str) -> str:
    """A name as it stands in a term: in backquotes if it has a sign of the language."""
    return name if _PLAIN.fullmatch(name) else f"`{name}`"
