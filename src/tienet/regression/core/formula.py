"""The formula language, which is parsed and never evaluated.

A formula is `outcome ~ terms`, with terms built from names, `+`, `:` (a product), `*` (a product with all its lower-order terms), `^2`,
brackets, `C(name)` and `log(name)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tienet.base.errors import ModelError
from tienet.base.record import Fixed
from tienet.regression.core.formula_cursor import FormulaColumn as FormulaColumn
from tienet.regression.core.formula_dialects import ALLOWED
from tienet.regression.core.formula_reader import FormulaReader
from tienet.regression.core.formula_tokens import as_name as as_name
from tienet.regression.core.terms import INTERCEPT as INTERCEPT
from tienet.regression.core.terms import MOST_FACTORS as MOST_FACTORS
from tienet.regression.core.terms import Term as Term

_CALL = re.compile(r"\s*[\w.]+\(")
_FACTOR = re.compile(r"(?:`(?P<quoted>[^`]+)`|(?P<name>[^:\[\]^`]+(?:\[[^\]]*\])?))(?P<square>\^2)?")
_ONE = r"(?:`[^`]+`|[^:\[\]^`]+(?:\[[^\]]*\])?)(?:\^2)?"
_TERM = re.compile(rf"{_ONE}(?::{_ONE})*")


@dataclass(frozen=True, slots=True)
class Formula:
    """An outcome and the terms it is regressed on. Formulas with the same terms in the same order are equal.

    Parameters
    ----------
    outcome
        Name on the left.
    terms
        Terms on the right without the intercept, each once, in order of first appearance.
    columns
        Variables written as ``C(name)``, ``number(name)`` or with a transform, as ``log(name)``.

    Examples
    --------
    >>> str(parse_formula("y ~ C(region) + x^2*z"))
    'y ~ C(region) + x + x^2 + z + x:z + x^2:z'
    """

    outcome: str
    terms: tuple[Term, ...]
    columns: Mapping[str, FormulaColumn] = field(default_factory=lambda: Fixed({}))

    def __hash__(self) -> int:
        return hash((self.outcome, self.terms))

    def __str__(self) -> str:
        return f"{as_name(self.outcome)} ~ " + " + ".join(self._written(term) for term in self.terms)

    def _written(self, term: Term) -> str:
        names = {name: str(self.columns[name]) if name in self.columns else as_name(name) for name in term.names}
        return ":".join(names[name] if power == 1 else f"{names[name]}^{power}" for name, power in term.powers)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables on the right, in order of first appearance."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term.names))

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the columns on the right: x for ``log(x)``."""
        return tuple(dict.fromkeys(self.columns[name].of if name in self.columns else name for name in self.names))

    @property
    def categories(self) -> frozenset[str]:
        """Names written as ``C(name)``."""
        return frozenset(name for name, column in self.columns.items() if column.category)

    @property
    def numbers(self) -> frozenset[str]:
        """Columns that must contain numbers: those written as ``number(name)`` and those with a transform."""
        return frozenset(column.of for column in self.columns.values() if not column.category)

    @property
    def bases(self) -> dict[str, str]:
        """Base category of each name written as ``C(name, base="...")``."""
        return {name: column.base for name, column in self.columns.items() if column.base is not None}

    @property
    def transforms(self) -> dict[str, tuple[str, str]]:
        """Transform and column of each transformed variable: ("log", "x") for ``log(x)``."""
        return {name: (column.transform, column.of) for name, column in self.columns.items() if column.transform}

    def marked(self, marks: Mapping[str, FormulaColumn]) -> Formula:
        """Return the formula with other marks on some of its columns."""
        return replace(self, columns=Fixed({**self.columns, **marks}))

    def without(self, dropped: Iterable[Term]) -> Formula:
        """Return the formula without some terms; raises if a term is not in it, or a product would lose its lower-order terms."""
        gone = list(dropped)
        for term in gone:
            if term not in self.terms:
                raise ModelError(f"the model has no term {str(term)!r}; its terms are {', '.join(map(str, self.terms))}")
        return checked(self.outcome, (term for term in self.terms if term not in gone), self.columns)


def parse_formula(text: str) -> Formula:
    """Parse a formula.

    Parameters
    ----------
    text
        `outcome ~ terms`. Names are Unicode identifiers; others are written in backquotes. Besides names, `+`, `:`, `*`, `^2` and brackets
        there are ``C(name)`` and ``C(name, base="north")``; ``log(x)``, ``log1p(x)`` and ``sqrt(x)``, also as ``np.log(x)``;
        ``number(x)`` for numbers written as text; and other spellings of squares and products: ``x**2``, ``I(x^2)``, ``pow(x, 2)``,
        ``I(x*z)``, and ``poly(x, 2)`` for ``x + x^2`` (raw squares, not orthogonal polynomials). A 1 stands for the intercept, which is
        always there.

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
    >>> str(parse_formula("growth ~ 1 + (log(ties) + I(age**2) + age)*`Team size`"))
    'growth ~ log(ties) + age + age^2 + `Team size` + log(ties):`Team size` + age:`Team size` + age^2:`Team size`'
    """
    if not isinstance(text, str):
        raise ModelError(f"the formula must be a string, got {type(text).__name__}; {ALLOWED}")
    reader = FormulaReader(text)
    outcome, terms = reader.formula()
    return checked(outcome, terms, reader.columns)


def parse_term(text: str) -> Term:
    """Parse one term, as written in a formula or in a table: ``x^2:z``, ``region[north]:x``, ``log(x)``; ``C(region)`` is ``region``.

    Examples
    --------
    >>> parse_term("z:x") == parse_term("x:z")
    True
    """
    if not isinstance(text, str):
        raise ModelError(f"{text!r} is not a term; terms are written 'x', 'x^2', 'x:z', 'x^2:z'")
    if text == INTERCEPT:
        return Term()
    found = FormulaReader(text).term()
    if found is not None:
        return found
    powers = [((match["quoted"] or match["name"]).strip(), 2 if match["square"] else 1) for match in _FACTOR.finditer(text)]
    if not _TERM.fullmatch(text) or len(dict(powers)) != len(powers):
        raise ModelError(f"{text!r} is not a term; terms are written 'x', 'x^2', 'x:z', 'x^2:z'")
    return Term(tuple(powers))


def control_text(control: str) -> str:
    """A control as written in a formula: a column of any name, ``C(column)``, ``number(column)`` or a transform.

    Examples
    --------
    >>> control_text("tenure"), control_text("Years with firm"), control_text("np.log(tenure)")
    ('tenure', '`Years with firm`', 'log(tenure)')
    """
    reader = FormulaReader(control)
    try:
        terms = reader.sum()
    except ModelError:
        if "`" in control or _CALL.match(control) or not control.strip():
            raise
        return as_name(control)  # a name with spaces or signs
    if len(terms) != 1 or terms[0].order != 1:
        raise ModelError(
            f"control {control!r} must be one column; write its name in backquotes if it has signs, or name the columns one by one"
        )
    name = terms[0].names[0]
    return str(reader.columns.get(name, as_name(name)))


def checked(outcome: str, terms: Iterable[Term], columns: Mapping[str, FormulaColumn]) -> Formula:
    """Make a formula, checking that its terms are valid together; `columns` may have more names than it uses."""
    kept = tuple(dict.fromkeys(terms))
    if not kept:
        raise ModelError(f"the model of {outcome} has no term on the right of '~'; {ALLOWED}")
    present = set(kept)
    for term in kept:
        if outcome in term.names:
            raise ModelError(f"{outcome!r} is on both sides of '~'; remove it on the right")
        for part in term.divisors():
            if part not in present:
                raise ModelError(_without_part(term, part))
    used = {name for term in kept for name in term.names}
    formula = Formula(outcome, kept, Fixed({name: column for name, column in columns.items() if name in used}))
    if outcome in formula.sources:
        raise ModelError(f"{outcome!r} is on both sides of '~'; remove it on the right")
    return formula


def _without_part(term: Term, part: Term) -> str:
    whole = "a square" if len(term.powers) == 1 else "a product"
    return (
        f"{term} is in the model without {part}; add {part}, because {whole} without its lower-order terms means something else with "
        "every centring"
    )
