"""The settings of a study after defaults: for the record of a run, and as a study file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from tienet.base.paths import is_path
from tienet.network.sources.register import LogSource
from tienet.network.ties.rule import TieRule
from tienet.study.specification import StudySpecification
from tienet.study.toml_values import in_key, in_toml

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings
    from tienet.study.origin.inputs import InputRead

_INPUTS = ("log", "people", "outcomes", "survey", "exclude", "identities", "aliases")
_HIDDEN = ("key", "names")  # a secret, and the older way to say `people_shown`
_TABLES = ("columns", "labels", "other_analyses", "rule", "survey_options")
_REPORT = {"title": "title", "floor": "floor", "retention": "retention", "people_shown": "people", "show": "show"}


def settings_of(result: StudyFindings) -> dict[str, Any]:
    """All settings as plain values; files by their names, and the key not at all."""
    study = result.study
    named = [one.name for one in fields(StudySpecification) if one.name not in _HIDDEN]
    found = {name: _named(getattr(study, name)) if name in _INPUTS else _plain(getattr(study, name)) for name in named}
    return {**found, "covariance": result.fit.covariance.kind}


def study_file_of(result: StudyFindings, inputs: tuple[InputRead, ...]) -> str:
    """A study file of a study made in Python; names the files beside it, and tables given in Python in comments."""
    study, held = result.study, settings_of(result)
    lines = ["# Settings of a study that was run in Python. Paths are relative to the folder of this file."]
    for name in _INPUTS:
        given = getattr(study, name)
        files = [one for one in inputs if one.table == name]
        if given is None or (name == "survey" and held["survey_options"]):
            continue
        if all(one.is_file for one in files):
            lines.append(f"{name} = {in_toml(held[name])}")
        else:
            lines.append(f'# {name} = "{name}.csv"  # {files[0].name}')
    if study.log is None:  # these say nothing without a log
        held |= {"rule": {}, "timezone": None, "strength": None}
    plain = [name for name in held if name not in (*_INPUTS, *_TABLES, *_REPORT)]
    lines += [f"{name} = {in_toml(held[name])}" for name in plain if held[name] not in (None, [], {})]
    if held["survey_options"]:
        lines += _table("survey", {"path": held["survey"], **held["survey_options"]})
    for table, names in held["columns"].items():
        lines += _table(f"columns.{table}", {name: one for name, one in names.items() if one is not None})
    for table in ("labels", "rule", "other_analyses"):
        lines += _table(table, {name: one for name, one in held[table].items() if table != "rule" or one not in ([], {})})
    lines += _table("report", {key: held[name] for name, key in _REPORT.items() if held[name] not in (None, [])})
    return "\n".join(lines) + "\n"


def _table(name: str, values: Mapping[str, Any]) -> list[str]:
    return ["", f"[{name}]", *(f"{in_key(key)} = {in_toml(value)}" for key, value in values.items())] if values else []


def _named(given: Any) -> Any:
    """An input by the name of its file, without the path."""
    if given is None:
        return None
    if isinstance(given, LogSource):
        paths = given.reader.paths
        options = {name: _named(one) if name in paths else _plain(one) for name, one in given.options.items()}
        return {given.kind: _named(given.path), **options}
    if isinstance(given, list | tuple):
        return [_named(one) for one in given]
    return PurePath(str(given)).name if is_path(given) else "given in Python"


def _plain(value: Any) -> Any:
    """A value as JSON and TOML write it."""
    if isinstance(value, TieRule):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(TieRule)}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, Path):
        return value.name
    return value if value is None or isinstance(value, bool | str | int | float) else str(value)
