"""What a study says about its report and its other analyses, checked before any data are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, TypeAlias, get_args

from tienet.base.checks import choice, mapping, names, several, text
from tienet.base.errors import ArgumentError, offer, shown
from tienet.base.wording import bare
from tienet.network.ties.rule import TieRule
from tienet.network.ties.strengths import find_strength
from tienet.regression.covariance.register import chosen_covariance
from tienet.regression.model.claro_ramos_model import NoTies

PeopleShown: TypeAlias = Literal["groups", "pseudonyms", "names"]

RULE = tuple(field.name for field in fields(TieRule))
ANALYSES = ("strength", "covariance", "controls", "no_ties", *RULE)  # keys of the other analyses
KEY_BYTES = 32  # fewest bytes of a key of pseudonyms


@dataclass(frozen=True, slots=True)
class Asked:
    """What the other analyses of a study are checked against."""

    rule: TieRule
    cluster: str | tuple[str, str] | None
    controls: tuple[str, ...]
    from_log: bool


def checked_analyses(given: object, study: Asked) -> dict[str, tuple[Any, ...]]:
    """The other analyses that a study adds: name of a choice -> its other values. A value alone stands for a list of one."""
    found: dict[str, tuple[Any, ...]] = {}
    for name, values in mapping("other_analyses", given).items():
        if name not in ANALYSES:
            raise ArgumentError(f"other_analyses: {name!r} is not a choice that can be made otherwise{offer(name, ANALYSES)}")
        if name in RULE and not study.from_log:
            raise ArgumentError(f"other_analyses: {name} is for a log, and this study has only a survey; leave it out")
        found[name] = tuple(_checked(name, value, study) for value in _listed(name, values))
    return found


def checked_column_labels(given: object, columns: Sequence[str]) -> dict[str, str]:
    """Names of columns in words; only columns of the study can have one."""
    found = mapping("labels", given)
    known = list(dict.fromkeys(map(bare, columns)))
    for name, label in found.items():
        if name not in known:
            raise ArgumentError(f"labels: {name!r} is not a column of this study{offer(name, known)}")
        if not text(f"labels: {name}", label).strip():
            raise ArgumentError(f"labels: {name} must not be empty")
    return found


def checked_people_shown(given: object, named: bool) -> PeopleShown:
    """Who the report shows; `named` is the older way to ask for names."""
    if given is None:
        return "names" if named else "groups"
    choice("people_shown", given, get_args(PeopleShown))
    if named and given != "names":
        raise ArgumentError(f"names=True shows people by name, but people_shown={given!r} does not; leave out one of them")
    found: PeopleShown = given  # type: ignore[assignment]
    return found


def checked_key(given: object) -> None:
    """A key of pseudonyms: its bytes, or the path of its file."""
    if isinstance(given, bytes) and len(given) < KEY_BYTES:
        raise ArgumentError(f"key must have at least {KEY_BYTES} bytes, got {len(given)}; make one with tn.network.privacy.pseudonym_key()")


def _listed(name: str, values: object) -> list[Any]:
    found = several(values)
    if found is None or isinstance(values, Mapping):
        return [values]
    return [found] if name == "controls" and found and all(isinstance(one, str) for one in found) else found


def _checked(name: str, value: Any, study: Asked) -> Any:
    try:
        if name in RULE:
            return getattr(replace(study.rule, **{name: value}), name)
        if name == "covariance":
            return chosen_covariance(text(name, value), study.cluster)
        return _controls(value, study) if name == "controls" else {"strength": _strength, "no_ties": _no_ties}[name](value)
    except (ArgumentError, TypeError) as problem:
        raise ArgumentError(f"other_analyses: {problem}") from None


def _strength(value: object) -> str:
    name = text("strength", value)
    if made_by := find_strength(name).made_by:
        raise ArgumentError(f"strength={name!r} comes from {made_by}, so ties of this study have none; leave it out")
    return name


def _controls(value: object, study: Asked) -> tuple[str, ...]:
    found = tuple(names("controls", value))
    for name in found:
        if name not in study.controls:
            raise ArgumentError(f"{shown(name)} is not a control of this study{offer(name, study.controls)}")
    return found


def _no_ties(value: object) -> str:
    choice("no_ties", value, get_args(NoTies))
    return str(value)
