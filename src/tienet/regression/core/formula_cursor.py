"""A place among the tokens of a formula, and the errors that name it."""

from __future__ import annotations

from dataclasses import dataclass

from tienet.base.errors import ModelError
from tienet.regression.core import formula_dialects as dialects
from tienet.regression.core.formula_tokens import as_name, as_text, tokens_of


@dataclass(frozen=True, slots=True)
class FormulaColumn:
    """How a variable comes from the data, if it is not a column as it is.

    Parameters
    ----------
    of
        The column.
    transform
        Its transform, such as "log".
    category
        Whether it was written as ``C(name)``.
    base
        The base category, if stated.
    number
        Whether it was written as ``number(name)``.
    """

    of: str
    transform: str | None = None
    category: bool = False
    base: str | None = None
    number: bool = False

    def __str__(self) -> str:
        name = as_name(self.of)
        base = "" if self.base is None else f", base={as_text(self.base)}"
        return f"C({name}{base})" if self.category else f"{'number' if self.number else self.transform}({name})"


class Cursor:
    """The tokens of a text, read one after another, with the columns found on the way.

    Parameters
    ----------
    text
        The formula.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokens_of(text))
        self.next = 0
        self.columns: dict[str, FormulaColumn] = {}
        self.plain: set[str] = set()

    def _peek(self) -> str:
        return self.tokens[self.next].kind if self.next < len(self.tokens) else ""

    def _take(self, kind: str) -> bool:
        found = self._peek() == kind
        self.next += found
        return found

    def _expect(self, kind: str) -> None:
        if not self._take(kind):
            raise self._unexpected(self.next)

    def _answered(self, at: int, answer: str) -> ModelError:
        token = self.tokens[at]
        return ModelError(f"formula: {token.text!r} at position {token.position}: {answer}")

    def _unexpected(self, index: int, hint: str = "") -> ModelError:
        if index >= len(self.tokens):
            return ModelError(f"formula {self.text!r} ends too early (position {len(self.text) + 1}); {dialects.ALLOWED}")
        token = self.tokens[index]
        if hint:
            return ModelError(f"formula: unexpected {token.text!r} at position {token.position}; {hint}")
        odd = dialects.of_odd_name(self.text, self.tokens[index - 1] if index else None, token)
        odd = odd or (f"; {dialects.OF_POINT}" if token.text == "." else "")
        return ModelError(f"formula: unexpected {token.text!r} at position {token.position}; {dialects.ALLOWED}{odd}")

    def _column(self, hint: str) -> str:
        if self._peek() not in ("name", "quoted"):
            raise self._unexpected(self.next, hint)
        token = self.tokens[self.next]
        if token.kind == "name" and "." in token.text:
            raise self._unexpected(self.next, hint)
        self.next += 1
        return token.text
