"""Checks of the arguments that take person and month effects out of a model."""

from __future__ import annotations

from tienet.base.checks import flag, names
from tienet.base.errors import ArgumentError, ModelError
from tienet.base.numbers import listed
from tienet.regression.core.formula import Formula
from tienet.regression.covariance.register import DEFAULT_CLUSTERED, chosen_covariance

_MOST = 2
_KINDS = ("classical", "HC0", "HC1", "CR0", "CR1", "CR2")
_DEFAULT = "HC1"


def checked_absorb(absorb: object, formula: Formula, weights: str | None) -> tuple[str, ...]:
    """The columns whose effects are taken out; empty for None."""
    found = tuple(names("absorb", absorb, single=True)) if absorb is not None else ()
    if len(set(found)) < len(found) or not all(found):
        raise ArgumentError("absorb must name different columns, such as absorb=('person', 'month')")
    if len(found) > _MOST:
        raise ArgumentError(
            f"absorb takes one or two columns, got {len(found)}; write another short one as C(name) in the formula, or join two in one"
        )
    for name in found:
        if name in (formula.outcome, weights):
            raise ArgumentError(f"absorb={name!r} is {'the outcome' if name == formula.outcome else 'the column of weights'}; name a group")
        if name in formula.categories:
            raise ModelError(f"{name} is absorbed, so its categories are out of the model already; drop C({name}) from the formula")
    return found


def absorbed_covariance(kind: str | None, cluster: str | tuple[str, str] | None) -> str:
    """The kind of covariance of a fit with absorbed effects; one that is not defined there raises an error."""
    if isinstance(cluster, tuple):
        raise ArgumentError(
            "cluster: two-way clusters are not offered with absorb, where programs count effects differently; cluster by the column with "
            "fewer groups"
        )
    if kind is None:
        return DEFAULT_CLUSTERED if cluster else _DEFAULT
    if chosen_covariance(kind, cluster) not in _KINDS:
        raise ArgumentError(
            f"covariance={kind!r} is not offered with absorb, where the leverage of the effects would be needed; use "
            f"{listed((each for each in _KINDS if each.startswith('CR') == bool(cluster)), 'or')}"
        )
    return kind


def checked_double(double_demeaned: object, absorb: tuple[str, ...], formula: Formula) -> bool:
    """Whether products are made of deviations from the means of the first absorbed column."""
    wanted = flag("double_demeaned", double_demeaned)
    if wanted and not absorb:
        raise ArgumentError("double_demeaned needs absorb, whose first column groups the rows: absorb=('person', 'month')")
    if wanted and not any(term.order > 1 for term in formula.terms):
        raise ArgumentError("double_demeaned is about products and squares, and the formula has none; leave it out")
    return wanted


def refuse_beside(*, steps: object, family: object) -> None:
    """Refuse blocks of terms and families."""
    if steps is not None:
        raise ArgumentError("steps are not offered with absorb; compare the fits of the smaller and the larger formula with tn.compare")
    if family not in (None, "linear"):
        raise ArgumentError(f"absorb is for linear models, not family={family!r}: with few rows a person its estimates would be biased")
