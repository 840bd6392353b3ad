"""Numbers in words: how every sentence, figure and table writes a number, a count or a p-value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def number(value: float, digits: int = 3) -> str:
    """A number for a sentence: three decimals, and significant digits when it is small, or too large for a float to have decimals."""
    if not np.isfinite(value):
        return "not defined" if np.isnan(value) else ("infinity" if value > 0 else "minus infinity")
    if value != 0 and not 10.0 ** (1 - digits) <= abs(value) < 1e15:
        return f"{value:.{digits}g}"
    return f"{value:,.{digits}f}"


def n_text(n: int) -> str:
    """'n = 1,204'; 0 stands for a printed model that does not say."""
    return f"n = {n:,}" if n else "n not given"


def p_text(p: float) -> str:
    """A p-value as journals print it: never 'p = .000'."""
    if np.isnan(p):
        return "p not known"
    return "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".", 1)


def counted(n: int, noun: str, plural: str | None = None) -> str:
    """'1 person', '1,204 people'."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def level_text(alpha: float) -> str:
    """'p < .05'."""
    return f"p < {alpha:g}".replace("0.", ".", 1)


def findings(terms: Sequence[str], estimate: NDArray[np.float64], p_value: NDArray[np.float64], alpha: float) -> str:
    """What an outcome goes with at a level, for the end of a fit's sentence; the intercept, first, is left out."""
    tests = zip(terms[1:], estimate[1:], p_value[1:], strict=True)
    found = [f"{term} ({number(b)}, {p_text(p)})" for term, b, p in tests if p < alpha]
    return f"At {level_text(alpha)} it goes with {', '.join(found)}" if found else f"No term differs from zero at {level_text(alpha)}"
