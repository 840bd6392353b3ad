"""The text of a proposed study file: keys with their reasons as comments."""

from __future__ import annotations

from os.path import relpath
from pathlib import Path
from typing import Any

from tienet.study.proposal.log_roles import LogRoles
from tienet.study.proposal.proposing import Proposal, Proposed
from tienet.study.toml_values import in_key, in_toml

WIDTH = 110
LOOK = "look at this: "


def study_text(proposal: Proposal, folder: Path) -> str:
    """The study file, with paths relative to its folder."""
    lines = ['# A study proposed by `tienet init`. Lines marked "look at this" are guesses: check them.']
    lines += [f"# Not used: {', '.join(proposal.left)}."] if proposal.left else []
    lines += [f"# {said}" for one in proposal.beside for said in _not_counted(one, folder)]
    table = ""
    for one in sorted(proposal.lines, key=lambda line: _order(line.table)):
        if one.table != table:
            table = one.table
            lines += ["", f"[{table}]"]
        elif one.key in ("outcome", "separator"):
            lines.append("")
        lines += _written(one, folder)
    for name, found in (("people", proposal.people), ("outcomes", proposal.outcomes)):
        if found is None:
            lines.insert(2, f'# {name} = "{name}.csv"  # {LOOK}no table was recognised')
    if proposal.exports and not any(line.key == "identities" for line in proposal.lines):
        at = next((at for at, line in enumerate(lines) if line.startswith("people = ")), len(lines))
        lines.insert(at + 1, '# identities = "who.csv"  # who is who in the exports; `tienet identify` writes the table to fill in')
    return "\n".join(lines) + "\n"


def _not_counted(log: LogRoles, folder: Path) -> tuple[str, ...]:
    """What to do with a table that looks like a log, beside the exports."""
    said = f"Not counted: {log.table.named}, which looks like a log as well."
    if not log.time:
        return (f"{said} It has no times, so it cannot be combined with the exports.",)
    named = {"source": log.source, "target": log.target, "time": log.time, **{name: [column] for name, column in log.other.items()}}
    own = {name: [column.name for column in columns] for name, columns in named.items() if columns}
    columns = {name: names[0] if len(names) == 1 else names for name, names in own.items() if names != [name]}
    entry = {"table": log.table.path} | ({"columns": columns} if columns else {})
    return (
        f"{said} To count it too, if it names people by the ids of the people table, add to log:",
        f"  {in_toml(_plain(entry, folder))}",
    )


def _order(table: str) -> int:
    return ("", "columns.log", "columns.people", "columns.outcomes", "rule").index(table)


def _written(line: Proposed, folder: Path) -> list[str]:
    said = f"{in_key(line.key)} = {in_toml(_plain(line.value, folder))}"
    reason = f"{'' if line.sure else LOOK}{line.reason}".rstrip(": ") if line.reason or not line.sure else ""
    reason = " ".join("".join(sign if sign.isprintable() else " " for sign in reason).split())
    if not reason:
        return [said]
    return [f"{said}  # {reason}"] if len(said) + len(reason) < WIDTH else [f"# {reason}", said]


def _plain(value: Any, folder: Path) -> Any:
    """A path as the file writes it: relative to its folder; also in a list of exports."""
    if isinstance(value, list):
        return [_plain(one, folder) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one, folder) for name, one in value.items()}
    return Path(relpath(value.parent.resolve(), folder.resolve()), value.name).as_posix() if isinstance(value, Path) else value
