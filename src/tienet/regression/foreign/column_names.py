"""Read the name of a column of a design, such as ``I(x ** 2):z`` or ``x:C(size)[T.large]``, as a polynomial in variables.

Names are parsed, never evaluated.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from tienet.base.record import Fixed, Sealed
from tienet.regression.core.terms import Term
from tienet.regression.core.transforms import TRANSFORMS
from tienet.regression.foreign.name_parts import category_start, names_inside, split_name

CONSTANTS = ("Intercept", "const", "(Intercept)", "1")
# Their constants are remembered from the data, so they are variables with a scale of their own.
_RESCALED = ("center", "standardize", "scale")
_POWERS = {"power": None, "pow": None, "square": 2}
_COMPARED = re.compile(r"[<>]|[=!]=")
_HIGHEST = 2  # probes know slopes that are at most quadratic in a variable


@dataclass(frozen=True, slots=True, eq=False)
class NamedVariable(Sealed):
    """A variable named in a column.

    Parameters
    ----------
    name
        Its name in the model: "x", "log(x)", "size[large]".
    of, transform
        Column that was transformed and how, or None.
    factor, level, base
        Of a dummy: the category column, the category, and the base category if the name gives it.
    whole
        Whether the name comes from a coding that has a column for every category.
    inside
        Columns in an expression that is a variable as a whole, such as "v" in ``v > 0``.
    """

    name: str
    of: str | None = None
    transform: str | None = None
    factor: str | None = None
    level: str | None = None
    base: str | None = None
    whole: bool = False
    inside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class NamedColumn(Sealed):
    r"""A column as a polynomial :math:`\sum_t a_t t` in its variables.

    Parameters
    ----------
    name
        As printed.
    parts
        {term t: factor a_t}.
    sources
        Variables by name.
    unread
        Columns named in an expression that could not be read; the column is then a variable of its own.
    """

    name: str
    parts: Mapping[Term, float]
    sources: Mapping[str, NamedVariable] = field(default_factory=lambda: Fixed({}))
    unread: tuple[str, ...] = ()

    @property
    def alone(self) -> str | None:
        """The variable that the column is, if it is nothing else."""
        return next((name for name in self.sources if self.parts == {Term(((name, 1),)): 1.0}), None)

    @property
    def label(self) -> str:
        """The name in the spelling of the library, ``x^2:z``; as printed if it is no single term."""
        ((term, factor), *more) = self.parts.items()
        return self.alone or (self.name if more or factor != 1.0 else str(term))

    @property
    def inside(self) -> tuple[str, ...]:
        """The columns of the table in it."""
        parts = [source.inside or (source.factor or source.of or source.name,) for source in self.sources.values()]
        return tuple(dict.fromkeys(name for part in parts for name in part))


class _UnreadError(Exception):
    """An expression that is no polynomial in variables."""


def read_column_name(text: str, known: Container[str] = ()) -> NamedColumn:
    """Read the name of one column.

    Parameters
    ----------
    text
        The name as statsmodels, linearmodels or pyfixest prints it.
    known
        Columns of the data; such a name is read as it is.

    Examples
    --------
    >>> list(map(str, read_column_name("I(x ** 2):z").parts))
    ['x^2:z']
    >>> list(read_column_name("C(size, Treatment('small'))[T.large]").sources)
    ['size[large]']
    >>> read_column_name("bs(x, df=3)[0]").unread
    ('x',)
    """
    if text in known:
        return plain_column(text)
    if text in CONSTANTS:
        return NamedColumn(text, Fixed({Term(): 1.0}))
    reader = _NameReader(known)
    try:
        product = {Term(): 1.0}
        for part in split_name(text):
            product = _times(product, reader.part(part))
        if any(power > _HIGHEST for term in product for _, power in term.powers) or len(product) == 0:
            raise _UnreadError
    except (_UnreadError, SyntaxError, ValueError, RecursionError):
        return unread_column(text, names_inside(text))
    if list(product) == [Term()]:
        return unread_column(text, ())
    return NamedColumn(text, Fixed(product), Fixed(reader.sources))


def plain_column(name: str) -> NamedColumn:
    """A column that is a variable by itself."""
    return NamedColumn(name, Fixed({Term(((name, 1),)): 1.0}), Fixed({name: NamedVariable(name)}))


def unread_column(name: str, inside: tuple[str, ...]) -> NamedColumn:
    """A column whose name cannot be read, with the columns in it."""
    return NamedColumn(name, Fixed({Term(((name, 1),)): 1.0}), Fixed({name: NamedVariable(name)}), inside or (name,))


def _times(one: Mapping[Term, float], other: Mapping[Term, float]) -> dict[Term, float]:
    product: dict[Term, float] = {}
    for a, factor in one.items():
        for b, more in other.items():
            powers = dict(a.powers)
            for name, power in b.powers:
                powers[name] = powers.get(name, 0) + power
            term = Term(tuple(powers.items()))
            product[term] = product.get(term, 0.0) + factor * more
    return {term: factor for term, factor in product.items() if factor}


class _NameReader:
    """Reads the parts of one name, and collects their variables."""

    def __init__(self, known: Container[str]) -> None:
        self.known = known
        self.sources: dict[str, NamedVariable] = {}

    def part(self, text: str) -> Mapping[Term, float]:
        text = text.strip()
        if text in self.known:
            return self._variable(NamedVariable(text))
        if text in CONSTANTS:
            return {Term(): 1.0}
        if text[:1] == text[-1:] == "`":
            return self._variable(NamedVariable(text[1:-1]))
        if "::" in text:
            head, _, level = text.partition("::")
            return self._variable(NamedVariable(f"{head}[{level}]", factor=head, level=level, whole=True))
        start = category_start(text)
        if start and text.endswith("]"):
            return self._category(text[:start].strip(), text[start + 1 : -1])
        if re.match(r"C\s*\(", text):
            raise _UnreadError
        return self._expression(ast.parse(text.replace("^", "**"), mode="eval").body)

    def _variable(self, source: NamedVariable) -> Mapping[Term, float]:
        self.sources[source.name] = source
        return {Term(((source.name, 1),)): 1.0}

    def _category(self, head: str, level: str) -> Mapping[Term, float]:
        """A dummy; any other coding cannot be read."""
        factor, contrast = _factor_of(head, self.known)
        inside = names_inside(factor) if _COMPARED.search(factor) and factor not in self.known else ()
        treated = level.startswith("T.")
        if contrast.startswith("Treatment") or not contrast:
            base = _base_of(contrast)
            if not treated and (contrast or re.match(r"[A-Z]\.", level)):
                raise _UnreadError
        elif treated and not re.match(r"(Sum|Diff|Helmert|Poly|contr)", contrast):
            base = None
        else:
            raise _UnreadError
        named = level[2:] if treated else level
        if inside and not (treated and named == "True"):
            raise _UnreadError
        base = "False" if inside else base
        return self._variable(NamedVariable(f"{factor}[{named}]", factor=factor, level=named, base=base, whole=not treated, inside=inside))

    def _expression(self, node: ast.expr) -> Mapping[Term, float]:
        if isinstance(node, ast.Name):
            return self._variable(NamedVariable(node.id))
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return {Term(): float(node.value)}
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            sign = -1.0 if isinstance(node.op, ast.USub) else 1.0
            return _times(self._expression(node.operand), {Term(): sign})
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if isinstance(node, ast.Call) and not node.keywords and node.args:
            return self._call(_dotted(node.func), node.args)
        raise _UnreadError

    def _operation(self, node: ast.BinOp) -> Mapping[Term, float]:
        left, right = self._expression(node.left), self._expression(node.right)
        if isinstance(node.op, ast.Mult):
            return _times(left, right)
        if isinstance(node.op, ast.Pow):
            return _raised(left, _constant(right))
        if isinstance(node.op, ast.Div):
            return _times(left, {Term(): 1 / (_constant(right) or float("nan"))})
        if isinstance(node.op, ast.Add | ast.Sub):
            signed = _times(right, {Term(): 1.0 if isinstance(node.op, ast.Add) else -1.0})
            total = {term: left.get(term, 0.0) + signed.get(term, 0.0) for term in (*left, *signed)}
            return {term: factor for term, factor in total.items() if factor}
        raise _UnreadError

    def _call(self, function: str, given: list[ast.expr]) -> Mapping[Term, float]:
        package, _, name = function.rpartition(".")
        if package not in ("", "np", "numpy"):
            raise _UnreadError
        if name == "I" and len(given) == 1:
            return self._expression(given[0])
        if name == "Q" and len(given) == 1 and isinstance(given[0], ast.Constant):
            return self._variable(NamedVariable(str(given[0].value)))
        if name in _POWERS and len(given) == (1 if _POWERS[name] else 2):
            return _raised(self._expression(given[0]), _POWERS[name] or _constant(self._expression(given[1])))
        if name in (*TRANSFORMS, *_RESCALED) and len(given) == 1:
            of = self._named(given[0])
            return self._variable(NamedVariable(f"{name}({of})", of, name))
        raise _UnreadError

    def _named(self, node: ast.expr) -> str:
        """The one column that is transformed."""
        inner = _NameReader(self.known)
        parts = inner._expression(node)
        (source,) = inner.sources.values() if len(inner.sources) == 1 else (NamedVariable(""),)
        if source.of or dict(parts) != {Term(((source.name, 1),)): 1.0}:
            raise _UnreadError
        return source.name


def _factor_of(head: str, known: Container[str]) -> tuple[str, str]:
    """The category column of a coded name, and how it is coded: ``C(size, Sum)`` is "size" and "Sum"."""
    if head in known:
        return head, ""
    inner = re.fullmatch(r"C\s*\((.*)\)", head, re.DOTALL)
    if inner:
        node = ast.parse(f"f({inner[1]})", mode="eval").body
        if not isinstance(node, ast.Call) or not node.args:
            raise _UnreadError
        given = [*node.args[1:], *(keyword.value for keyword in node.keywords if keyword.arg != "levels")]
        return _factor_of(ast.unparse(node.args[0]), known)[0], ast.unparse(given[0]) if given else ""
    quoted = re.fullmatch(r"Q\s*\(\s*(['\"])(.*)\1\s*\)", head)
    if quoted:
        return quoted[2], ""
    if "(" in head and not _COMPARED.search(head):  # one of several columns of a function, such as bs(x, df=3)[0]
        raise _UnreadError
    return head.strip("`"), ""


def _base_of(contrast: str) -> str | None:
    """The base in ``Treatment('small')`` or ``Treatment(reference='small')``."""
    node = ast.parse(contrast, mode="eval").body if contrast else None
    if not isinstance(node, ast.Call):
        return None
    values = [*node.args, *(keyword.value for keyword in node.keywords)]
    return str(values[0].value) if values and isinstance(values[0], ast.Constant) else None


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?."


def _constant(parts: Mapping[Term, float]) -> float:
    if set(parts) - {Term()}:
        raise _UnreadError
    return parts.get(Term(), 0.0)


def _raised(parts: Mapping[Term, float], power: float) -> Mapping[Term, float]:
    if power not in (1, 2):
        raise _UnreadError
    product = dict(parts)
    for _ in range(int(power) - 1):
        product = _times(product, parts)
    return product
