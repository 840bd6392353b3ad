"""The parts of a column's name: factors of a product, the category in brackets, names of columns in an expression."""

from __future__ import annotations

import re

_NAME = re.compile(r"[^\W\d][\w.]*")
_CALLED = re.compile(r"([^\W\d][\w.]*)\s*\(")
_CODINGS = ("Sum", "Diff", "Helmert", "Poly", "Linear", "Quadratic", "Cubic", "Treatment")


def split_name(text: str) -> list[str]:
    """Split at the colons of a product, which are not those within brackets, quotes, categories or ``month::3``.

    Examples
    --------
    >>> split_name("x:size[T.a:b]:month::3")
    ['x', 'size[T.a:b]', 'month::3']
    """
    parts, start, depth, place = [], 0, 0, 0
    while place < len(text):
        sign = text[place]
        if sign == "`" or (depth and sign in "'\""):
            place = max(text.find(sign, place + 1), place)
        elif sign == "[" and depth == 0:
            place = _category_end(text, place)
        elif sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif sign == ":" and depth == 0:
            if text[place + 1 : place + 2] == ":":
                place += 1
            else:
                parts.append(text[start:place])
                start = place + 1
        place += 1
    return [*parts, text[start:]]


def category_start(text: str) -> int:
    """Position of the bracket in which a category stands; 0 if there is none."""
    depth = 0
    for place, sign in enumerate(text):
        if sign == "[" and depth == 0:
            return place
        depth += (sign == "(") - (sign == ")")
    return 0


def _category_end(text: str, start: int) -> int:
    """Position of the bracket that ends a category, in which any other character may stand."""
    for place in range(start, len(text)):
        if text[place] == "]" and text[place + 1 : place + 2] in ("", ":"):
            return place
    return start


def names_inside(text: str) -> tuple[str, ...]:
    """Names in an expression, without those of functions, quoted texts and categories."""
    found = [match.group(1) for match in re.finditer(r"Q\(\s*['\"](.*?)['\"]\s*\)", text)]
    bare = re.sub(r"Q\(.*?\)|'[^']*'|\"[^\"]*\"|\[[^\]]*\]|\w+\s*=(?!=)", " ", text)
    called = {match.group(1) for match in _CALLED.finditer(bare)}
    skipped = {*called, *_CODINGS, "True", "False", "None", "in", "and", "or", "not"}
    words = [word for word in _NAME.findall(bare) if word not in skipped]
    return tuple(dict.fromkeys([*found, *words]))


def without_categories(text: str) -> str:
    """A name for a sentence, without its categories, which may be people.

    Examples
    --------
    >>> without_categories("x:C(person, Sum)[S.ann]")
    'x:C(person, Sum)'
    """
    return ":".join(part[: category_start(part) or None] for part in split_name(text))
