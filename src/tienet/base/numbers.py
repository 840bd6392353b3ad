"""Format numbers for text, figures and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

UNKNOWN = "–"


def number(value: float, digits: int = 3) -> str:
    """A number for text: three decimals, or three significant digits if it is small or too large for a float to have decimals.

    Examples
    --------
    >>> number(1204.5), number(0.00123), number(float("inf")), number(float("nan"))
    ('1,204.500', '0.00123', 'infinity', 'not defined')
    """
    if not np.isfinite(value):
        return "not defined" if np.isnan(value) else ("infinity" if value > 0 else "minus infinity")
    if value != 0 and not 10.0 ** (1 - digits) <= abs(value) < 1e15:
        return f"{value:.{digits}g}"
    return f"{value:,.{digits}f}"


def printed(value: float, digits: int = 2) -> str:
    """A number for a figure: two decimals, more if it is small, and a minus sign instead of a hyphen.

    Examples
    --------
    >>> printed(-1.234), printed(0.0123)
    ('−1.23', '0.012')
    """
    return minus(number(value, digits))


def minus(text: str) -> str:
    """A text with its hyphens replaced by minus signs.

    Examples
    --------
    >>> minus("-1 SD")
    '−1 SD'
    """
    return text.replace("-", "−")


def cell(value: float, digits: int = 3) -> str:
    """A number for a table cell: fixed decimals, or three significant digits if it would round to zero.

    Examples
    --------
    >>> cell(-0.5), cell(0.00612), cell(0.00012345), cell(1234.5, 2), cell(float("nan"))
    ('−0.500', '0.006', '0.000123', '1,234.50', '–')
    """
    if not np.isfinite(value):
        return UNKNOWN if np.isnan(value) else ("∞" if value > 0 else "−∞")
    text = f"{float(value) + 0.0:,.{digits}f}"
    if value and not float(text.replace(",", "")):
        text = f"{value:.3g}"
    return minus(text)


def bare(value: float, digits: int = 2) -> str:
    """A number that cannot exceed 1, such as a correlation, without the zero before the decimal point.

    Examples
    --------
    >>> bare(0.45), bare(-0.3), bare(1.0), bare(-0.001)
    ('.45', '−.30', '1.00', '.00')
    """
    if np.isnan(value):
        return UNKNOWN
    text = f"{round(float(value), digits) + 0.0:.{digits}f}"
    return minus(_without_zero(text) if abs(float(text)) < 1 else text)


def as_typed(value: float) -> str:
    """A number as typed, without trailing zeros.

    Examples
    --------
    >>> as_typed(3.0), as_typed(0.25)
    ('3', '0.25')
    """
    return f"{value:g}"


def brief(value: float) -> str:
    """A number for a narrow space: three significant digits, and no decimals from 100 upwards.

    Examples
    --------
    >>> brief(1234.5), brief(12.345), brief(7.0)
    ('1,234', '12.3', '7')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def value_text(value: float) -> str:
    """A value of a variable, without decimals if it is a whole number.

    Examples
    --------
    >>> value_text(21.0), value_text(2.25), value_text(1204.0)
    ('21', '2.250', '1,204')
    """
    return number(value, 0 if _whole(value) else 3)


def range_text(low: float, high: float) -> str:
    """The range of a variable, without decimals if both ends are whole numbers.

    Examples
    --------
    >>> range_text(1, 21), range_text(1, 4.5)
    ('[1, 21]', '[1.000, 4.500]')
    """
    return interval_text(low, high, 0 if _whole(low) and _whole(high) else 3)


def interval_text(low: float, high: float, digits: int = 3) -> str:
    """An interval.

    Examples
    --------
    >>> interval_text(-0.25, 1.5)
    '[-0.250, 1.500]'
    """
    return f"[{number(low, digits)}, {number(high, digits)}]"


def count(n: float) -> str:
    """A count with thousands separators; it may be a fraction.

    Examples
    --------
    >>> count(1204), count(90.0), count(1.5)
    ('1,204', '90', '1.5')
    """
    return f"{n:,.0f}" if _whole(n) else as_typed(n)


def counted(n: float, noun: str, plural: str | None = None) -> str:
    """A count with its noun.

    Examples
    --------
    >>> counted(1, "row"), counted(1204, "person", "people")
    ('1 row', '1,204 people')
    """
    return f"{count(n)} {noun if n == 1 else plural or noun + 's'}"


def n_text(n: int) -> str:
    """The number of observations; 0 stands for a published model that does not give it.

    Examples
    --------
    >>> n_text(1204), n_text(0)
    ('n = 1,204', 'n not given')
    """
    return f"n = {count(n)}" if n else "n not given"


def p_text(p: float) -> str:
    """A p-value as journals print it, never 'p = .000'.

    Examples
    --------
    >>> p_text(0.0312), p_text(0.0004), p_text(1.0), p_text(float("nan"))
    ('p = .031', 'p < .001', 'p = 1.000', 'p not known')
    """
    if np.isnan(p):
        return "p not known"
    return "p < .001" if p < 0.001 else f"p = {_without_zero(f'{p:.3f}')}"


def p_cell(p: float) -> str:
    """A p-value for a column with the heading p.

    Examples
    --------
    >>> p_cell(0.0004), p_cell(0.0312), p_cell(float("nan"))
    ('< .001', '.031', '–')
    """
    return UNKNOWN if np.isnan(p) else p_text(p).removeprefix("p ").removeprefix("= ")


def p_range_text(low: float, high: float) -> str:
    """A range of possible p-values.

    Examples
    --------
    >>> p_range_text(0.012, 0.034), p_range_text(0.0002, 0.034), p_range_text(0.9999, 1.0), p_range_text(1e-5, 1e-4)
    ('p between .012 and .034', 'p between < .001 and .034', 'p = 1.000', 'p < .001')
    """
    if p_text(low) == p_text(high):
        return p_text(high)
    return f"p between {p_cell(low)} and {p_cell(high)}"


def level_text(alpha: float, than: str = "<") -> str:
    """A significance level.

    Examples
    --------
    >>> level_text(0.05), level_text(0.001, "above")
    ('p < .05', 'p above .001')
    """
    return f"p {than} {_without_zero(as_typed(alpha))}"


def percent(share: float, digits: int | None = None) -> str:
    """A share as a percentage with `digits` decimals; by default with as many as it needs.

    Examples
    --------
    >>> percent(0.8), percent(0.999), percent(0.1234, 1), percent(1 / 3, 0)
    ('80%', '99.9%', '12.3%', '33%')
    """
    return f"{as_typed(100 * share) if digits is None else f'{100 * share:.{digits}f}'}%"


def coverage(alpha: float) -> str:
    """The coverage of intervals at level alpha.

    Examples
    --------
    >>> coverage(0.05), coverage(0.001)
    ('95%', '99.9%')
    """
    return percent(1 - alpha)


def df_text(df: float) -> str:
    """Degrees of freedom, with one decimal if they are not a whole number.

    Examples
    --------
    >>> df_text(81.0), df_text(12.345)
    ('81', '12.3')
    """
    return f"{df:.1f}".removesuffix(".0")


def statistic_text(name: str, statistic: float, *dfs: float) -> str:
    """A test statistic with its degrees of freedom; infinite degrees of freedom are omitted.

    Examples
    --------
    >>> statistic_text("F", 3.1, 2, 40.25), statistic_text("chi2", 5.678, 1), statistic_text("F", 3.1, 2, float("inf"))
    ('F(2, 40.2) = 3.10', 'chi2(1) = 5.68', 'F(2) = 3.10')
    """
    return f"{name}({', '.join(df_text(df) for df in dfs if np.isfinite(df))}) = {number(statistic, 2)}"


def listed(names: Iterable[object], word: str = "and") -> str:
    """Names as a list in a sentence.

    Examples
    --------
    >>> listed(["x"]), listed(["x", "z"]), listed(["x", "y", "z"], "or")
    ('x', 'x and z', 'x, y or z')
    """
    texts = [str(name) for name in names]
    return f" {word} ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def rows_text(rows: Sequence[int], limit: int = 6) -> str:
    """Row numbers of a table; of many, only the first few.

    Examples
    --------
    >>> rows_text([3]), rows_text([1, 2]), rows_text(list(range(1, 9)), 3)
    ('row 3', 'rows 1 and 2', 'rows 1, 2, 3, ...')
    """
    few = f"{', '.join(map(str, rows[:limit]))}, ..." if len(rows) > limit else listed(rows)
    return f"row{'' if len(rows) == 1 else 's'} {few}"


def findings(
    terms: Sequence[str],
    estimate: NDArray[np.float64],
    p_value: NDArray[np.float64],
    alpha: float,
    said: Callable[[str], str] = str,
) -> str:
    """The significant terms of a fit, as a sentence, each as `said` writes it. The first term, the intercept, is omitted.

    Categories of a column that has many, such as persons, are counted instead of named.

    Examples
    --------
    >>> findings(["(Intercept)", "x", "z"], np.array([1.0, 0.997, 0.1]), np.array([0.0, 0.0001, 0.4]), 0.05)
    'Significant at p < .05: x (b = 0.997)'
    """
    many = many_categories(terms)  # counted, not named
    tests = zip(terms[1:], estimate[1:], p_value[1:], strict=True)
    found = [f"{said(term)} (b = {number(b)})" for term, b, p in tests if p < alpha and category_of(term) not in many]
    counts = listed(f"{said(name)}: {count + 1} categories" for name, count in many.items())
    text = f"Significant at {level_text(alpha)}: {', '.join(found)}" if found else f"No term differs from zero at {level_text(alpha)}"
    return f"{text} ({counts})" if many else text


MANY_CATEGORIES = 20  # a column with more is a list of persons or the like, whose names say nothing and may identify someone


def category_of(term: str) -> str:
    """The column whose category a term is, such as "person" of "person[a01]" and of "x:person[a01]"; "" for other terms."""
    head, inside, _ = term.partition("[")
    return head.rpartition(":")[2] if inside else ""


def shown_terms(terms: Sequence[str]) -> list[str]:
    """Terms for a text, where the categories of a column with many are one entry.

    Examples
    --------
    >>> shown_terms(["x", *(f"person[{i}]" for i in range(30))])
    ['x', 'person: 31 categories']
    """
    many = many_categories(terms)
    kept = [category_of(term) if category_of(term) in many else term for term in terms]
    return [f"{name}: {many[name] + 1} categories" if name in many else name for name in dict.fromkeys(kept)]


def many_categories(terms: Sequence[str]) -> dict[str, int]:
    """Columns with more categories among the terms than `MANY_CATEGORIES`, and their number without the base.

    Examples
    --------
    >>> many_categories(["x", *(f"person[{i}]" for i in range(30)), "region[north]"])
    {'person': 30}
    """
    counts = Counter(category_of(term) for term in terms if ":" not in term.partition("[")[0])
    return {name: count for name, count in counts.items() if name and count >= MANY_CATEGORIES}


def _without_zero(text: str) -> str:
    return text.replace("0.", ".", 1)


def _whole(value: float) -> bool:
    return bool(np.isfinite(value)) and float(value).is_integer() and abs(value) < 1e15
