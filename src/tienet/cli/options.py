"""Messages in the words of the door used: options of a command, or keys of a study file, instead of Python arguments.

One mechanism for all: a Python argument in a message, `name=value` or `Function(name=value)`, is parsed and written again, if the command
has an option, or the study file a key, of that name. Other arguments stay as they are.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from importlib import import_module
from typing import Any, TypeAlias

import typer

Written: TypeAlias = Callable[[str, Any], str]  # a name and a value, as the door writes them

_NAME = re.compile(r"\b([a-z][a-z_]*)=(?=['\"\[({.\d-]|None\b|True\b|False\b)")
_CALL = re.compile(r"\b(?:tn\.)?[A-Za-z_]+\((?=(?:\.\.\., )?[a-z_]+=)")
_START = re.compile(r"^([a-z][a-z_]*)(?=(?: (?:must|is|has|needs|names|lists)\b|:))")
_PLAIN = re.compile(r"\.\.\.|None\b|True\b|False\b|-?\d[\d.]*(?:e[+-]?\d+)?")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_OF_PEOPLE = ("person", "function", "valid_from", "valid_to")
# Other names in `columns` are of a survey.
_OF_LOG = ("time", "source", "target", "channel", "size", "duration", "weight", "event", "reply_to")


def in_options(message: str, options: Collection[str] | None = None) -> str:
    """Write the Python arguments in a message as options, by default those of the command that runs.

    Examples
    --------
    >>> known = ("column", "half_life", "strength", "channel")
    >>> in_options("map a time column, or say TieRule(half_life=None) and measure strength='interactions'", known)
    "map a time column, or say --half-life none and measure --strength 'interactions'"
    >>> in_options("the log has no column 'source'; or map yours with columns={'source': ...}", known)
    "the log has no column 'source'; or map yours with --column source=..."
    >>> in_options("channels must name at least one channel, as in channels=['mail', 'chat']", known)
    "--channel must name at least one channel, as in --channel 'mail' --channel 'chat'"
    """
    known = _options_now() if options is None else options
    # A command of exports has columns of people and none of a log.
    names = {"columns": "people_column"} if "people_column" in known else {}
    names |= {name: name for name in known} | {f"{name}s": name for name in known if name in ("column", "channel", "item")}
    said = _rewritten(message, names, partial(_option, names), " ")
    return _START.sub(lambda found: _flag(names[found[1]]) if found[1] in names else found[0], said)


def in_keys(message: str) -> str:
    r"""Write the Python arguments in a message as keys of a study file.

    Examples
    --------
    >>> in_keys("2 people without a tie to marketing; choose no_ties='drop' to exclude them")
    '2 people without a tie to marketing; choose no_ties = "drop" to exclude them'
    >>> in_keys("map a time column, or say TieRule(half_life=None)")
    'map a time column, or say half_life = "none" under [rule]'
    >>> in_keys("the log has no column 'source'; or map yours with columns={'source': ...}")
    'the log has no column \'source\'; or map yours with source = "..." under [columns.log]'
    """
    from tienet.study.file import known_keys

    places = known_keys()
    return _rewritten(message, places, partial(_key, places), ", ")


def _options_now() -> tuple[str, ...]:
    """The options of the command that runs; some versions of typer bundle click, others use the installed one."""
    click = typer.BadParameter.__module__.rpartition(".")[0]
    context = import_module(f"{click}.globals").get_current_context(silent=True)
    return tuple(one.name for one in context.command.params if one.param_type_name == "option") if context else ()


def _rewritten(message: str, names: Collection[str], written: Written, between: str) -> str:
    parts, at = [], 0
    while at < len(message):
        found = _call(message, at, names) or _pairs(message, at, names)
        if found is None:
            parts.append(message[at])
            at += 1
        else:
            pairs, at = found
            parts.append(between.join(written(name, value) for name, value in pairs))
    return "".join(parts)


Found: TypeAlias = "tuple[list[tuple[str, Any]], int] | None"


def _call(text: str, at: int, names: Collection[str]) -> Found:
    """A call with nothing but known arguments, such as TieRule(half_life=None), and where it ends."""
    head = _CALL.match(text, at) if _begins(text, at) else None
    if head is None:
        return None
    at, pairs = head.end(), []
    while at < len(text):
        if text.startswith("...", at):
            at += 3
        elif found := _pairs(text, at, names):
            pairs += found[0]
            at = found[1]
        else:
            return None
        if text.startswith(")", at):
            return (pairs, at + 1) if pairs else None
        if not text.startswith(", ", at):
            return None
        at += 2
    return None


def _pairs(text: str, at: int, names: Collection[str]) -> Found:
    """One known argument, name=value, and where it ends."""
    head = _NAME.match(text, at) if _begins(text, at) else None
    if head is None or head[1] not in names:
        return None
    end = _end_of_value(text, head.end())
    try:
        return [(head[1], ast.literal_eval(text[head.end() : end]))], end
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _begins(text: str, at: int) -> bool:
    return at == 0 or not (text[at - 1].isalnum() or text[at - 1] in "_.'\"")


def _end_of_value(text: str, at: int) -> int:
    """Where a Python literal ends: after the closing quote or bracket, or after the number or word."""
    if text[at] in "'\"":
        return _after_string(text, at)
    if text[at] not in _CLOSING:
        plain = _PLAIN.match(text, at)
        return plain.start() + len(plain[0].rstrip(".") if plain[0] != "..." else plain[0]) if plain else at
    awaited: list[str] = []
    while at < len(text):
        if text[at] in "'\"":
            at = _after_string(text, at)
            continue
        if text[at] in _CLOSING:
            awaited.append(_CLOSING[text[at]])
        elif awaited and text[at] == awaited[-1]:
            awaited.pop()
        at += 1
        if not awaited:
            break
    return at


def _after_string(text: str, at: int) -> int:
    closed = re.compile(rf"{text[at]}(?:\\.|[^\\{text[at]}])*{text[at]}").match(text, at)
    return closed.end() if closed else at


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _option(names: Mapping[str, str], argument: str, value: Any) -> str:
    """An argument as an option: `--half-life none`, `--column source=...`, `--channel 'mail' --channel 'chat'`."""
    name = names[argument]
    if isinstance(value, Mapping):
        of_people = "people_column" in names and all(key in _OF_PEOPLE for key in value)
        of_survey = "survey_column" in names and not any(key in _OF_LOG or key in _OF_PEOPLE for key in value)
        flag = _flag("people_column" if of_people else "survey_column" if of_survey else name)
        return " ".join(f"{flag} {_assigned(str(ours), yours)}" for ours, yours in value.items())
    if value is True or value is False:
        return _flag(name) if value else f"no {_flag(name)}"
    if name == "scale" and isinstance(value, tuple):
        return f"--scale {','.join(map(str, value))}"
    if isinstance(value, list | tuple):
        return " ".join(f"{_flag(name)} {_word(one)}" for one in value)
    return f"{_flag(name)} {_word(value)}"


def _assigned(ours: str, yours: Any) -> str:
    if yours is ...:
        return f"{ours}=..."
    joined = f"{ours}={','.join(map(str, yours)) if isinstance(yours, list | tuple) else yours}"
    return joined if re.fullmatch(r"[\w=,.-]+", joined) else _word(joined)


def _word(value: Any) -> str:
    if value is None:
        return "none"
    if value is ...:
        return "..."
    return f"'{value}'" if isinstance(value, str) and "'" not in value else f'"{value}"' if isinstance(value, str) else str(value)


def _key(places: Mapping[str, str], name: str, value: Any) -> str:
    """An argument as a key: `half_life = "none" under [rule]`, `source = "..." under [columns.log]`."""
    from tienet.study.toml_values import in_toml

    if name == "columns" and isinstance(value, Mapping):
        if not all(isinstance(one, Mapping) for one in value.values()):  # as a reader says it; a study says the table too
            tables = (("people", all(key in _OF_PEOPLE for key in value)), ("survey", not any(key in _OF_LOG for key in value)))
            value = {next((name for name, fits in tables if fits), "log"): value}
        return ", ".join(
            ", ".join(f"{ours} = {in_toml(yours)}" for ours, yours in own.items()) + f" under [columns.{table}]"
            for table, own in value.items()
        )
    return f"{name} = {in_toml(value)}" + (f" under [{places[name]}]" if places[name] else "")
