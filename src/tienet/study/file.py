"""Study files: read a study from TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args

from tienet.base.checks import choice
from tienet.base.errors import ArgumentError, DataError, InputNotFound, offer, shown
from tienet.base.paths import PathSpec
from tienet.network.sources.register import LogSource, readers
from tienet.network.ties.rule import TieRule
from tienet.study.asked import PeopleShown
from tienet.study.chain import Study
from tienet.study.specification import ANSWERS

__all__ = ["StudyFile", "read_study"]


PATHS = ("log", "people", "outcomes")
EXTRA = ("exclude", "identities", "aliases")  # optional paths
SURVEY = ("path", *ANSWERS)
TABLES = ("columns", "rule", "report", "labels", "other_analyses")
PAGE = ("title", "floor", "retention", "names", "show")
ELSEWHERE = (*PATHS, *EXTRA, "survey", "survey_options", *TABLES, *PAGE, "people_shown", "key")
PLAIN = tuple(f.name for f in fields(Study) if f.name not in ELSEWHERE)
RULE = tuple(f.name for f in fields(TieRule))
REPORT = (*PAGE, "people", "key", "folder")
TABLES_END = (".csv", ".tsv", ".txt", ".gz", ".parquet", ".pq", ".xlsx", ".xls", ".xlsb", ".ods", ".json", ".jsonl")  # a file, not a column
LARGEST = 1_000_000  # bytes of a study file; anything larger is some other file


def known_keys() -> dict[str, str]:
    """The keys of a study file, with the table each stands in; "" for those outside a table."""
    outside = dict.fromkeys((*PATHS, *EXTRA, *PLAIN, "survey", "columns", "labels", "other_analyses"), "")
    return dict.fromkeys(ANSWERS, "survey") | dict.fromkeys(RULE, "rule") | dict.fromkeys(REPORT, "report") | outside


@dataclass(frozen=True, slots=True)
class StudyFile:
    """A study file: the study it describes, the folder its results go to, and its bytes as they were read."""

    study: Study
    folder: Path
    text: bytes = b""


def read_study(path: PathSpec) -> StudyFile:
    """Read a study from a TOML file.

    Parameters
    ----------
    path
        The TOML file. Its keys are the parameters of `Study`; `log`, `people`, `outcomes`, `exclude`, `identities` and `aliases` are
        paths relative to the file (`aliases` may also be a column of the people table).
        `log` may instead name a reader, ``log = {slack = "slack.zip"}``, with the reader's options as further keys, or several in a
        list, which are combined. `survey` is the path of a survey, or a table ``[survey]`` with `path` and the keywords of `read_survey`
        (`items`, `scale`, ...); with it, `log` may be left out. Tables: ``[columns.log]``, ``[columns.people]``,
        ``[columns.outcomes]``, ``[columns.survey]`` (standard name = your name),
        ``[rule]`` (parameters of `TieRule`, "none" for no limit), ``[labels]``, ``[other_analyses]`` and ``[report]`` (`title`,
        `folder`, `floor`, `retention`, `show`, `people`, which is `people_shown` in `Study`, and `key`, a path).

    Returns
    -------
    StudyFile

    Raises
    ------
    InputNotFound
        If the file, or one named in it, does not exist.
    DataError
        If it is not valid TOML, or `log` (or `survey`), `people` or `outcomes` is missing.
    ArgumentError
        If a key is not known (the message offers the closest one) or a value is not valid.
    """
    place = Path(path)
    held = _held(place)
    spec = _parsed(held, place)
    _refuse_unknown(spec, (*PATHS, *EXTRA, *PLAIN, "survey", *TABLES), where=place.name)
    rule = _table(spec, "rule", RULE, where=place.name)
    report = _table(spec, "report", REPORT, where=place.name)
    columns = _table(spec, "columns", (*PATHS, "survey"), where=place.name)
    for name in ("title", "folder"):
        if not isinstance(report.get(name, ""), str):
            raise ArgumentError(f"{place.name} [report]: {name} must be a string; got {shown(report[name])}")
    given: dict[str, Any] = {name: spec[name] for name in PLAIN if name in spec}
    given |= {name: _beside(place, spec, name) for name in PATHS if name != "log"}
    given |= _survey(place, spec)
    if "log" in spec or "survey" not in spec:
        given["log"] = _log(place, spec)
    elif "rule" in spec:
        raise ArgumentError(f"{place.name}: [rule] is for a log, and this study only has a survey; use threshold, reciprocal in [survey]")
    given |= {name: _path(place, spec, name) for name in EXTRA if name in spec}
    if isinstance(aliases := spec.get("aliases"), str) and not given["aliases"].exists() and not aliases.lower().endswith(TABLES_END):
        given["aliases"] = aliases  # a column of the people table
    given |= {name: report[name] for name in PAGE if name in report} | _people_shown(report, where=f"{place.name} [report]")
    given |= {"key": _path(place, report, "key")} if "key" in report else {}
    given |= {name: spec[name] for name in ("labels", "other_analyses") if name in spec}
    if isinstance(asked := given.get("other_analyses"), dict):
        given["other_analyses"] = {name: _limits(name, values) for name, values in asked.items()}
    limits: dict[str, Any] = {name: _limit(name, value) for name, value in rule.items()}
    try:
        study = Study(rule=TieRule(**limits), columns=columns, **given)
    except TypeError as problem:
        raise ArgumentError(f"{place.name}: a value has the wrong type ({problem}); see the example in the README") from None
    return StudyFile(study, place.parent / report.get("folder", f"{place.stem}-results"), held)


def _limit(name: str, value: Any) -> Any:
    """A value of a tie rule; "none" is no limit, but also one of the weights of sizes."""
    return None if value == "none" and name in RULE and name != "size_weight" else value


def _limits(name: str, values: Any) -> Any:
    return [_limit(name, value) for value in values] if isinstance(values, list) else _limit(name, values)


def _people_shown(report: Mapping[str, Any], *, where: str) -> dict[str, Any]:
    """Who the report shows, which is `people` in a study file."""
    if "people" not in report:
        return {}
    choice(f"{where}: people", report["people"], get_args(PeopleShown))
    if report.get("names") is True and report["people"] != "names":
        raise ArgumentError(f'{where}: names = true contradicts people = "{report["people"]}"; leave names out')
    return {"people_shown": report["people"]}


def _held(place: Path) -> bytes:
    try:
        with place.open("rb") as handle:
            held = handle.read(LARGEST + 1)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise InputNotFound.path(place) from None
    except (OSError, ValueError) as problem:  # no rights, a name that is too long or has a NUL
        reason = (problem.strerror if isinstance(problem, OSError) else None) or "its name is not valid"
        raise InputNotFound(f"the study file cannot be opened: {reason}; check its path and permissions") from None
    if len(held) > LARGEST:
        raise DataError(f"{place.name} is larger than a study file can be; give the TOML file that describes the study")
    return held


def _parsed(held: bytes, place: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(held.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        raise DataError(f"{place.name} is not a UTF-8 text file; save the study file as UTF-8") from None
    except tomllib.TOMLDecodeError as problem:
        raise DataError(f"{place.name} is not valid TOML: {problem}; strings need quotes, lists need brackets") from None
    except RecursionError:
        raise DataError(f"{place.name} is not valid TOML: brackets are nested too deeply; lists need one pair of brackets") from None


def _refuse_unknown(spec: Mapping[str, Any], known: tuple[str, ...], *, where: str) -> None:
    for name in spec:
        if name not in known:
            raise ArgumentError(f"{where}: {name!r} is not a known key{offer(name, known, limit=20)}")


def _table(spec: Mapping[str, Any], name: str, known: tuple[str, ...], *, where: str) -> dict[str, Any]:
    table = spec.get(name, {})
    if not isinstance(table, dict):
        raise ArgumentError(f"{where}: {name!r} must be a table, written as [{name}]")
    _refuse_unknown(table, known, where=f"{where} [{name}]")
    return table


def _beside(place: Path, spec: Mapping[str, Any], name: str) -> Path:
    """A path in the file, relative to the folder of the file."""
    if not isinstance(spec.get(name), str):
        raise DataError(f'{place.name} does not say where the {name} {"is" if name == "log" else "are"}; write {name} = "{name}.csv"')
    return place.parent / str(spec[name])


def _survey(place: Path, spec: Mapping[str, Any]) -> dict[str, Any]:
    """The survey as a path, from its path alone or from a table with settings."""
    if "survey" not in spec:
        return {}
    if not isinstance(spec["survey"], dict):
        return {"survey": _path(place, spec, "survey")}
    table = _table(spec, "survey", SURVEY, where=place.name)
    if not isinstance(table.get("path"), str):
        raise DataError(f'{place.name} [survey] does not say where the answers are; write path = "answers.csv"')
    return {"survey": place.parent / table["path"], "survey_options": {name: value for name, value in table.items() if name != "path"}}


def _log(place: Path, spec: Mapping[str, Any]) -> Path | LogSource | list[LogSource]:
    """The log as a path, or as one or several exports with their readers."""
    found = spec.get("log")
    if isinstance(found, dict):
        return _source(place, found)
    if isinstance(found, list) and found:
        return [_source(place, one) for one in found]
    return _beside(place, spec, "log")


def _source(place: Path, entry: object) -> LogSource:
    """An export from a TOML table that gives its reader, path and options."""
    kinds = [name for name in entry if name in readers()] if isinstance(entry, dict) else []
    if not isinstance(entry, dict) or len(kinds) != 1:
        known = ", ".join(readers())
        raise ArgumentError(
            f'{place.name}: each log must name one reader and its path, such as log = {{table = "log.csv"}}; readers: {known}'
        )
    (kind,) = kinds
    path, reader = entry[kind], readers()[kind]
    if not isinstance(path, str):
        raise ArgumentError(f"{place.name}: {kind} must be a path in quotes, got {path!r}")
    paths = reader.paths
    options = {
        name: place.parent / value if name in paths and isinstance(value, str) else value for name, value in entry.items() if name != kind
    }
    try:
        return LogSource(kind, place.parent / path, options)
    except ArgumentError as problem:
        raise ArgumentError(f"{place.name}: {problem}") from None


def _path(place: Path, spec: Mapping[str, Any], name: str) -> Path:
    if not isinstance(spec[name], str):
        raise ArgumentError(f"{place.name}: {name} must be a path in quotes, got {spec[name]!r}")
    return place.parent / str(spec[name])
