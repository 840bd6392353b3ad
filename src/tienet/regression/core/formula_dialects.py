"""Answers to what other formula languages (of R, patsy, lme4, fixest) write, in the words of this one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tienet.regression.core.formula_tokens import Token

ALLOWED = "a formula is 'outcome ~ terms' made of names, +, :, *, ^2, C(name) and log(name)"
_QUOTES = ("'", '"', "`")
_INSIDE = re.compile(r"\w[-&%$#@/]\w")
_SPLINES = ("bs", "ns", "cr", "cc", "te", "s", "rcs")
_FIRST = r"\(\s*(`[^`]+`|[^`,()]*?)\s*[,)]"


def of_call(name: str, text: str) -> str:
    """What to write instead of a call of an unknown function; `text` is the formula from the call on."""
    short = name.rpartition(".")[2]
    inside = re.match(re.escape(name) + _FIRST, text)
    x = inside[1] if inside and inside[1] else "x"
    if short in ("center", "centre"):
        return f"write {x}: variables in products and squares are centred at their means, see center="
    if short in ("scale", "standardize", "standardise", "zscore"):
        return f"write {x}: standardize(fit) refits the model on z-scores"
    if short in ("factor", "relevel", "i"):
        return f"write C({x}), or C({x}, base='...') to choose the base"
    if short in ("log10", "log2", "ln"):
        return f"write log({x}), the natural logarithm"
    if short == "offset":
        return f"write Moderation(..., exposure={x!r}) for counts, whose rate it makes; for other outcomes subtract it from the outcome"
    if short == "cube" or short in _SPLINES:
        return f"{name}() is not offered, only squares: write {x} + {x}^2, and see linearity_check for other bends"
    if short in ("Treatment", "Sum", "Helmert", "Diff"):
        return "categories are compared with one base: write C(g, base='...')"
    return f"{name}(...) is not supported in a formula, so add it to the data as a column first"


def of_bar(tokens: Sequence[Token], at: int, inside: bool) -> str:
    """What to write instead of a bar: a random effect in brackets, or fixed effects behind the terms."""
    unit = next((token.text for token in tokens[at + 1 :] if token.kind in ("name", "quoted")), "unit")
    if inside:
        return f"for random effects use random_intercept(formula, data, unit={unit!r}), with a formula without (... | {unit})"
    return f"for fixed effects write C({unit}) as a term, or absorb={unit!r} of Moderation"


def of_division(left: str, right: str, sign: str) -> str:
    """What to write instead of nested terms."""
    return f"{left} {sign} {right} is not offered; write {left}*{right}, whose products need both variables, or add a ratio as a column"


ONLY_SQUARES = "only squares: a curve has at most x^2"
NO_INTERCEPT = "a model without an intercept is not offered, since centring, R2 and bases of categories need one; leave this out"
OF_SUM = "only a name can be squared; write x*z + x^2 + z^2 for (x + z)^2"
OF_MINUS = "leave the term out instead"
OF_POINT = "name the columns"
OF_NAME = "; write names with spaces or signs in backquotes, `Tenure (years)`"


def of_odd_name(text: str, before: Token | None, here: Token) -> str:
    """How to write a column whose name is none of this language; "" if it does not look like one."""
    both = before is not None and before.kind in ("name", "number") and here.kind in ("name", "number")
    odd = here.text in _QUOTES or here.kind == "text" or both or bool(_INSIDE.match(text, max(here.position - 2, 0)))
    return OF_NAME if odd else ""
