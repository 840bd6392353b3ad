"""Calls in a formula, which are read and never made: C(), I(), log(), poly() and their kin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from tienet.base.errors import ModelError
from tienet.regression.core import formula_dialects as dialects
from tienet.regression.core.formula_cursor import Cursor, FormulaColumn
from tienet.regression.core.formula_tokens import Token, as_name
from tienet.regression.core.terms import MOST_FACTORS, Term
from tienet.regression.core.transforms import TRANSFORMS

_MODULES = ("", "np", "numpy", "math")
_POWERS = {"pow": 2, "power": 2, "square": 1}  # functions that square, and how many arguments they take


class Calls(Cursor, ABC):
    """The part of the reader that reads calls."""

    @abstractmethod
    def _atom(self) -> list[Term]:
        """Read a name, a call or a bracket."""

    @abstractmethod
    def _power(self) -> list[Term]:
        """Read a name, a call or a bracket, squared or not."""

    def _call(self, function: Token) -> list[Term]:
        module, _, name = function.text.rpartition(".")
        if function.text == "C":
            return [self._category()]
        if function.text in ("number", "as.numeric"):
            return [self._number(function)]
        if function.text == "Q":
            return [self._quoted()]
        if function.text == "I":
            return [self._arithmetic()]
        if module in _MODULES and name in TRANSFORMS:
            return [self._transformed(name, function)]
        if module in _MODULES and name in _POWERS:
            return [self._square_of(name)]
        if function.text == "poly":
            return self._polynomial()
        raise self._answered(self.next - 1, dialects.of_call(function.text, self.text[function.position - 1 :]))

    def _category(self) -> Term:
        """Read C(name), C(name, base="b") or C(name, Treatment("b"))."""
        self._expect("(")
        hint = "C() takes the name of one column"
        column = self._column(hint)
        base = None
        if self._take(","):
            base = self._base()
        if not self._take(")"):
            raise self._unexpected(self.next, hint)
        known = self.columns.get(column)
        if known is not None and known.number:
            raise ModelError(f"formula: {column!r} is both number({column}) and C({column}); choose one")
        if known is not None and known.base is not None and base not in (None, known.base):
            raise ModelError(f"formula: {column!r} has the bases {known.base!r} and {base!r}; choose one")
        self.columns[column] = FormulaColumn(column, category=True, base=base if known is None or base is not None else known.base)
        return Term(((column, 1),))

    def _base(self) -> str:
        here, after = ([*self.tokens[self.next : self.next + 2], Token("", "", 0), Token("", "", 0)])[:2]
        if here.text == "Treatment" and after.kind == "(":
            self.next += 2
            base = self._level("reference", "base")
            self._expect(")")
            return base
        if here.kind == "name" and after.kind == "=" and here.text in ("base", "reference", "ref"):
            return self._level(here.text)
        raise self._unexpected(self.next, dialects.of_call("Treatment", ""))

    def _level(self, *keywords: str) -> str:
        """Read a category, after one of the keywords if it stands there."""
        if self._peek() == "name" and self.tokens[self.next].text in keywords:
            self.next += 1
            self._expect("=")
        if self._peek() not in ("text", "number"):
            raise self._unexpected(self.next, "write the category in quotes")
        self.next += 1
        return self.tokens[self.next - 1].text

    def _quoted(self) -> Term:
        """Read Q("name"), patsy's way to write any name."""
        self._expect("(")
        if self._peek() != "text":
            raise self._unexpected(self.next)
        name = self.tokens[self.next].text
        self.next += 1
        self._expect(")")
        self.plain.add(name)
        return Term(((name, 1),))

    def _number(self, function: Token) -> Term:
        """Read number(name): a text column to be read as numbers."""
        self._expect("(")
        column = self._column(f"{function.text}() takes the name of one column")
        self._expect(")")
        if column in self.columns and self.columns[column].category:
            raise ModelError(f"formula: {column!r} is both number({column}) and C({column}); choose one")
        self.columns[column] = FormulaColumn(column, number=True)
        return Term(((column, 1),))

    def _transformed(self, transform: str, function: Token) -> Term:
        self._expect("(")
        one = transform == "log" and self._peek() == "number" and self.tokens[self.next].text == "1"
        if one:  # log(1 + x)
            self.next += 1
            self._expect("+")
        column = self._column(f"{function.text}() takes the name of one column")
        if self._take("+") and transform == "log" and self._peek() == "number" and self.tokens[self.next].text == "1":
            one = True
            self.next += 1
        if one:
            raise ModelError(f"formula: log({as_name(column)} + 1) is written log1p({as_name(column)})")
        if not self._take(")"):
            raise self._unexpected(self.next, f"{function.text}() takes the name of one column")
        name = f"{transform}({column})"
        self.columns[name] = FormulaColumn(column, transform)
        return Term(((name, 1),))

    def _square_of(self, function: str) -> Term:
        """Read pow(x, 2), np.power(x, 2) or np.square(x)."""
        self._expect("(")
        start = self.next
        terms = self._atom()
        if _POWERS[function] > 1:
            self._expect(",")
            self._two()
        self._expect(")")
        return self._squared(terms, start)

    def _polynomial(self) -> list[Term]:
        """Read poly(x, 2): x and its square as they are, not orthogonal polynomials."""
        self._expect("(")
        start = self.next
        terms = self._atom()
        self._expect(",")
        if self._peek() == "name" and self.tokens[self.next].text == "degree":
            self.next += 1
            self._expect("=")
        self._two()
        if self._take(","):
            for wanted in ("raw", "="):
                if self.next >= len(self.tokens) or self.tokens[self.next].text != wanted:
                    raise self._unexpected(self.next)
                self.next += 1
            if self.next >= len(self.tokens) or self.tokens[self.next].text not in ("TRUE", "True", "T"):
                raise self._unexpected(self.next, "poly(x, 2) here is always x + x^2")
            self.next += 1
        self._expect(")")
        return [*terms, self._squared(terms, start)]

    def _two(self) -> None:
        if self._peek() == "number" and self.tokens[self.next].text != "2":
            raise self._unexpected(self.next, dialects.ONLY_SQUARES)
        if self._peek() != "number":
            raise self._unexpected(self.next)
        self.next += 1

    def _arithmetic(self) -> Term:
        """Read I(...): a square or a product of names."""
        self._expect("(")
        factors = [*self._one_term()]
        while self._take("*") or self._take(":"):
            factors += self._one_term()
        if not self._take(")"):
            hint = "I() takes squares and products, so add other results to the data as a column first"
            raise self._unexpected(self.next, hint)
        if len(factors) == 2 and factors[0] == factors[1]:
            return self._squared(factors[:1], self.next - 2)
        return self._times(factors)

    def _one_term(self) -> list[Term]:
        start = self.next
        terms = self._power()
        if len(terms) > 1:
            raise self._answered(start, "I() takes squares and products, so add other results to the data as a column first")
        return terms

    def _times(self, factors: Iterable[Term]) -> Term:
        """The product of terms."""
        powers = [pair for term in factors for pair in term.powers]
        if len(powers) > MOST_FACTORS:
            raise ModelError(f"formula: a product of {len(powers)} variables; at most {MOST_FACTORS} can be multiplied")
        names = [name for name, _ in powers]
        for name in names:
            if names.count(name) > 1:
                raise ModelError(f"formula: {name!r} is multiplied by itself; write {as_name(name)}^2 for its square")
        return Term(tuple(powers))

    def _squared(self, terms: list[Term], start: int) -> Term:
        if len(terms) != 1 or len(terms[0].powers) != 1 or terms[0].order != 1:
            raise self._answered(start, dialects.OF_SUM if len(terms) > 1 else dialects.ONLY_SQUARES)
        name = terms[0].names[0]
        if name in self.columns and self.columns[name].category:
            raise ModelError(
                f"formula: {self.columns[name]}^2 at position {self.tokens[start].position} is not valid; a category has no square"
            )
        return Term(((name, 2),))
