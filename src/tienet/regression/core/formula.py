"""The formula language, which is parsed and never evaluated.

A formula is `outcome ~ terms`, with terms built from names, `+`, `:` (a product), `*` (a product with all its lower-order terms), `^2` and
`C(name)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

from tienet.base.errors import ModelError

INTERCEPT = "(Intercept)"
_ALLOWED = "a formula is 'outcome ~ terms' made of names, +, :, *, ^2 and C(name)"
_TOKEN = re.compile(r"\s*(?:(?P<category>C\(\s*(?P<inner>[^\W\d]\w*)\s*\))|(?P<name>[^\W\d]\w*)|(?P<square>\^\s*2(?!\w))|(?P<sign>[~+:*]))")
_FACTOR = re.compile(r"(?P<name>[^:\[\]^]+(?:\[[^\]]*\])?)(?P<square>\^2)?")
_QUOTES = ("'", '"', "`")
_INSIDE = re.compile(r"\w[-&%$#@/]\w")
_MEANT = re.compile(r"[\w.]+\(?")
_CATEGORY = re.compile(r"C\(\s*([^\W\d]\w*)\s*\)")
MOST_FACTORS = 4
_TERM = re.compile(r"[^:\[\]^]+(?:\[[^\]]*\])?(?:\^2)?(?::[^:\[\]^]+(?:\[[^\]]*\])?(?:\^2)?)*")


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
        return ":".join(name if power == 1 else f"{name}^{power}" for name, power in self.powers) or INTERCEPT

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


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """An outcome and the terms it is regressed on.

    Parameters
    ----------
    outcome
        Name on the left.
    terms
        Terms on the right without the intercept, each once, in order of first appearance.
    categories
        Names written as ``C(name)``.

    Examples
    --------
    >>> str(parse_formula("y ~ C(region) + x^2*z"))
    'y ~ C(region) + x + x^2 + z + x:z + x^2:z'
    """

    outcome: str
    terms: tuple[Term, ...]
    categories: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.outcome} ~ " + " + ".join(self._written(term) for term in self.terms)

    def _written(self, term: Term) -> str:
        return ":".join(f"C({name})" if name in self.categories else str(Term(((name, power),))) for name, power in term.powers)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables on the right, in order of first appearance."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term.names))

    def without(self, dropped: Iterable[Term]) -> Formula:
        """Return the formula without some terms; raises if a term is not in it, or a product would lose its lower-order terms."""
        gone = list(dropped)
        for term in gone:
            if term not in self.terms:
                raise ModelError(f"the model has no term {str(term)!r}; its terms are {', '.join(map(str, self.terms))}")
        kept = tuple(term for term in self.terms if term not in gone)
        return checked(self.outcome, kept, self.categories & {name for term in kept for name in term.names})


def parse_formula(text: str) -> Formula:
    """Parse a formula.

    Parameters
    ----------
    text
        `outcome ~ terms`; names are Unicode identifiers.

    Returns
    -------
    Formula
        Has products written with `*` expanded and repeated terms merged.

    Raises
    ------
    ModelError
        If the formula is not valid (the message gives the token, its position counted from 1, and what is allowed), or a square or product
        lacks its lower-order terms, so that centring would change the meaning of the model.

    Examples
    --------
    >>> [str(term) for term in parse_formula("growth ~ tenure + ties*strength + ties^2").terms]
    ['tenure', 'ties', 'strength', 'ties:strength', 'ties^2']
    """
    return _Reader(text).formula()


def parse_term(text: str) -> Term:
    """Parse one term, such as ``x^2:z`` or ``region[north]:x``; ``C(region)`` is the term ``region``.

    Examples
    --------
    >>> parse_term("z:x") == parse_term("x:z")
    True
    """
    if not isinstance(text, str):
        raise ModelError(f"{text!r} is not a term; terms are written 'x', 'x^2', 'x:z', 'x^2:z'")
    if text == INTERCEPT:
        return Term()
    text = _CATEGORY.sub(r"\1", text)
    powers = [(match["name"].strip(), 2 if match["square"] else 1) for match in _FACTOR.finditer(text)]
    if not _TERM.fullmatch(text) or len(dict(powers)) != len(powers):
        raise ModelError(f"{text!r} is not a term; terms are written 'x', 'x^2', 'x:z', 'x^2:z'")
    return Term(tuple(powers))


def checked(outcome: str, terms: Iterable[Term], categories: frozenset[str]) -> Formula:
    """Make a formula, checking that its terms are valid together."""
    kept = tuple(dict.fromkeys(terms))
    if not kept:
        raise ModelError(f"the model of {outcome} has no term on the right of '~'; {_ALLOWED}")
    for term in kept:
        if outcome in term.names:
            raise ModelError(f"{outcome!r} is on both sides of '~'; remove it on the right")
        for part in term.divisors():
            if part not in kept:
                raise ModelError(_without_part(term, part))
    return Formula(outcome, kept, categories)


def _without_part(term: Term, part: Term) -> str:
    whole = "a square" if len(term.powers) == 1 else "a product"
    return (
        f"{term} is in the model without {part}; add {part}, because {whole} without its lower-order terms means something else with "
        "every centring"
    )


class _Reader:
    """Recursive-descent parser of one formula."""

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise ModelError(f"the formula must be a string, got {type(text).__name__}; {_ALLOWED}")
        self.text = text
        self.tokens = list(_tokens(text))
        self.next = 0
        self.categories: set[str] = set()
        self.plain: set[str] = set()

    def formula(self) -> Formula:
        outcome, kind = self._name()
        if kind == "category":
            raise self._unexpected(0)
        self._expect("~")
        terms = self._product()
        while self._take("+"):
            terms += self._product()
        if self.next < len(self.tokens):
            raise self._unexpected(self.next)
        for name in sorted(self.categories & self.plain):
            raise ModelError(f"formula: {name!r} is used both as a number and as C({name}); write C({name}) everywhere or nowhere")
        return checked(outcome, terms, frozenset(self.categories))

    def _product(self) -> list[Term]:
        """Parse `:` groups joined by `*`; a `*` adds every term that the product contains."""
        powers = self._group()
        starred = False
        while self._take("*"):
            powers += self._group()
            starred = True
        whole = Term(tuple(powers))
        if len(powers) > MOST_FACTORS:
            raise ModelError(f"formula: a product of {len(powers)} variables; at most {MOST_FACTORS} can be multiplied")
        repeated = [name for name in dict(powers) if whole.names.count(name) > 1]
        if repeated:
            raise ModelError(f"formula: {repeated[0]!r} is multiplied by itself; write {repeated[0]}^2 for its square")
        return list(whole.divisors()) if starred else [whole]

    def _group(self) -> list[tuple[str, int]]:
        powers = [self._factor()]
        while self._take(":"):
            powers.append(self._factor())
        return powers

    def _factor(self) -> tuple[str, int]:
        name, kind = self._name()
        (self.categories if kind == "category" else self.plain).add(name)
        if kind == "category" and self._peek() == "square":
            raise ModelError(f"formula: C({name})^2 at position {self._position(self.next)} is not valid; a category has no square")
        return name, 2 if self._take("square") else 1

    def _name(self) -> tuple[str, str]:
        if self._peek() not in ("name", "category"):
            raise self._unexpected(self.next)
        self.next += 1
        kind, name, _ = self.tokens[self.next - 1]
        return name, kind

    def _peek(self) -> str:
        return self.tokens[self.next][0] if self.next < len(self.tokens) else ""

    def _take(self, kind: str) -> bool:
        found = self._peek() == kind
        self.next += found
        return found

    def _expect(self, kind: str) -> None:
        if not self._take(kind):
            raise self._unexpected(self.next)

    def _position(self, index: int) -> int:
        return self.tokens[index][2]

    def _unexpected(self, index: int) -> ModelError:
        if index >= len(self.tokens):
            return ModelError(f"formula {self.text!r} ends too early (position {len(self.text) + 1}); {_ALLOWED}")
        kind, text, position = self.tokens[index]
        shown = {"square": "^2", "category": f"C({text})"}.get(kind, text)
        return ModelError(f"formula: unexpected {shown!r} at position {position}; {_ALLOWED}{self._computed(index)}")

    def _computed(self, index: int) -> str:
        """Explain a call, an attribute or an odd column name, which a formula does not support."""
        before = self.tokens[index - 1] if index else ("", "", 0)
        kind, text, position = self.tokens[index]
        if text in _QUOTES or (kind == before[0] == "name") or _INSIDE.match(self.text, max(position - 2, 0)):
            return "; rename columns with spaces or signs in their names first: letters, digits and underscores, no digit first"
        if text not in ("(", ".") or before[0] != "name":
            return ""
        if before[1] == "C":
            return "; C() takes the name of one column"
        match = _MEANT.match(self.text, before[2] - 1)
        meant = match[0].replace("(", "(...)") if match else before[1]
        return f"; {meant} is not supported in a formula, so add it to the data as a column first"


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield (kind, text, position from 1) of every token up to the first foreign one; a sign is its own kind."""
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        start = position + len(text[position:]) - len(text[position:].lstrip())
        if match is None:
            yield "foreign", text[start], start + 1
            return
        kind = str(match.lastgroup) if match["category"] is None else "category"
        yield (match["sign"] or kind), match["inner"] or match[kind], start + 1
        position = match.end()
