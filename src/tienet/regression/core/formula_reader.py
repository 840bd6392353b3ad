"""The reader of formulas: tokens to terms. Nothing is evaluated."""

from __future__ import annotations

from itertools import combinations, product

from tienet.base.errors import ModelError
from tienet.regression.core import formula_dialects as dialects
from tienet.regression.core.formula_calls import Calls
from tienet.regression.core.formula_tokens import as_name
from tienet.regression.core.terms import MOST_FACTORS, Term

_DEEPEST = 40


class FormulaReader(Calls):
    """A recursive-descent reader of one formula or of one term. The terms of a bracket are a sum, and products expand it.

    Parameters
    ----------
    text
        The formula.
    """

    depth = 0

    def formula(self) -> tuple[str, list[Term]]:
        """Read `outcome ~ terms`."""
        left = self._atom()
        if len(left) != 1 or len(left[0].powers) != 1 or left[0].order != 1 or self.columns:
            raise self._unexpected(0, "the outcome is one column; add a transform of it to the data as a column first")
        self.plain.clear()
        self._expect("~")
        return left[0].names[0], self.sum()

    def sum(self) -> list[Term]:
        """Read terms alone, without an outcome."""
        terms = self._sum()
        if self.next < len(self.tokens):
            raise self._unexpected(self.next)
        self._refuse_both()
        return terms

    def term(self) -> Term | None:
        """Read one term; None if it is none or several."""
        try:
            terms = self.sum()
        except ModelError:
            return None
        return terms[0] if len(terms) == 1 and terms[0].powers else None

    def _refuse_both(self) -> None:
        """Refuse a name that stands for different variables."""
        for name in sorted(self.plain & set(self.columns)):
            column = self.columns[name]
            if column.number:
                continue
            if column.category:
                raise ModelError(f"formula: {name!r} is used both as a number and as C({name}); write C({name}) everywhere or nowhere")
            raise ModelError(f"formula: {as_name(name)} is a column and {column} a transform of another; rename the column")
        for column in self.columns.values():
            if column.transform and column.of in self.columns and self.columns[column.of].category:
                raise ModelError(f"formula: {column} is a number, but {self.columns[column.of]} a category; choose one")

    def _sum(self, inside: bool = False) -> list[Term]:
        self._refuse_sign()
        terms = self._product(inside)
        while self._peek() in ("+", "-"):
            self._refuse_sign()
            self._expect("+")
            terms += self._product(inside)
        if self._peek() == "|":
            raise self._answered(self.next, dialects.of_bar(self.tokens, self.next, inside))
        return terms

    def _refuse_sign(self) -> None:
        if self._peek() == "-":
            raise self._unexpected(self.next, self._of_minus())

    def _of_minus(self) -> str:
        after = self.tokens[self.next + 1 : self.next + 2]
        if after and after[0].text == "1":
            return dialects.NO_INTERCEPT
        odd = dialects.of_odd_name(self.text, None, self.tokens[self.next])
        return odd.removeprefix("; ") or dialects.OF_MINUS

    def _product(self, inside: bool) -> list[Term]:
        """Read `:` groups joined by `*`, which adds every term that the products contain; a 1 is the intercept, which is always there."""
        if self._peek() == "number":
            return self._intercept(inside)
        groups = [self._group()]
        while self._take("*"):
            groups.append(self._group())
        self._refuse_nested()
        if len(groups) > MOST_FACTORS:
            raise ModelError(f"formula: a product of {len(groups)} variables; at most {MOST_FACTORS} can be multiplied")
        if len(groups) == 1:
            return groups[0]
        sizes = range(1, len(groups) + 1)
        wholes = [self._times(chosen) for size in sizes for some in combinations(groups, size) for chosen in product(*some)]
        return list(dict.fromkeys(part for whole in wholes for part in whole.divisors()))

    def _intercept(self, inside: bool) -> list[Term]:
        token = self.tokens[self.next]
        if token.text == "0":
            raise self._answered(self.next, dialects.NO_INTERCEPT)
        if token.text != "1":
            raise self._unexpected(self.next)
        self.next += 1
        if self._peek() in ("", "+", "-", "~", "|", *((")",) if inside else ())):
            return []
        raise self._unexpected(self.next - 1 if self._peek() not in (")",) else self.next)

    def _group(self) -> list[Term]:
        factors = [self._power()]
        while self._take(":"):
            factors.append(self._power())
        return factors[0] if len(factors) == 1 else [self._times(chosen) for chosen in product(*factors)]

    def _refuse_nested(self) -> None:
        if self._peek() in ("/", "%in%"):
            before, after = self.tokens[self.next - 1], self.tokens[self.next + 1 : self.next + 2]
            if before.kind in ("name", "quoted", ")") and after and after[0].kind in ("name", "quoted"):
                left = "..." if before.kind == ")" else before.text
                raise self._answered(self.next, dialects.of_division(left, after[0].text, self._peek()))

    def _power(self) -> list[Term]:
        start = self.next
        terms = self._atom()
        squared = False
        while self._peek() == "^":
            if squared:
                raise self._unexpected(self.next, dialects.ONLY_SQUARES)
            self._refuse_power(self.next)
            terms, squared = [self._squared(terms, start)], True
        return terms

    def _refuse_power(self, at: int) -> None:
        """Pass `^2`; refuse other powers."""
        after = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        if after is None or after.text != "2" or after.kind != "number":
            raise self._unexpected(at, dialects.ONLY_SQUARES)
        self.next = at + 2

    def _atom(self) -> list[Term]:
        kind = self._peek()
        if kind == "(":
            return self._bracket()
        if kind not in ("name", "quoted"):
            raise self._unexpected(self.next)
        self.next += 1
        token = self.tokens[self.next - 1]
        if kind == "name" and self._peek() == "(":
            return self._call(token)
        if kind == "name" and "." in token.text:
            hint = f"if {token.text} is the name of a column, write `{token.text}` in backquotes"
            raise self._unexpected(self.next - 1, hint)
        self.plain.add(token.text)
        return [Term(((token.text, 1),))]

    def _bracket(self) -> list[Term]:
        self._expect("(")
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ModelError(f"formula: more than {_DEEPEST} brackets inside one another; write the terms one by one")
        terms = self._sum(inside=True)
        self._expect(")")
        self.depth -= 1
        if not terms:
            raise self._unexpected(self.next - 1)
        return terms
