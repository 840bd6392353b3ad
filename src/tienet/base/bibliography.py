"""The works that results cite, with article titles and DOIs: as BibTeX, and as lines to read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from importlib.resources import files

from tienet.base.references import REFERENCES

_FIELD = re.compile(r"^  (\w+) = \{(.*)\},$", re.MULTILINE)
_HEAD = re.compile(r"@(\w+)\{(\w+),")
_SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in "%&_#$"})


@cache
def _entries() -> Mapping[str, str]:
    """Key -> its entry in works.bib, as it stands there."""
    text = (files("tienet.base") / "works.bib").read_text(encoding="utf-8")
    found = {}
    for entry in text.strip().split("\n\n"):
        head = _HEAD.match(entry)
        if head is None:
            raise ValueError(f"works.bib: {entry[:40]!r} does not begin an entry")
        found[head[2]] = entry
    return found


def works_known() -> tuple[str, ...]:
    """The keys of all works with an entry."""
    return tuple(_entries())


def bibtex(keys: Iterable[str]) -> str:
    """The software and the works as a BibTeX file, each once and sorted by key; a work without an entry is one of kind "misc".

    Examples
    --------
    >>> "@article{white_1980," in bibtex(["white_1980"])
    True
    """
    known = _entries()
    return "\n\n".join([_software(), *(known.get(key) or _plain(key) for key in sorted(set(keys)))]) + "\n"


def _software() -> str:
    title = "tienet: from interaction logs to ties and moderated regressions"
    fields = {"author": "{The tienet developers}", "title": title, "version": version("tienet")}
    return "\n".join(["@software{tienet,", *(f"  {name} = {{{value}}}," for name, value in fields.items()), "}"])


def _plain(key: str) -> str:
    name = re.sub(r"\W+", "_", key)[:60].strip("_") or "work"
    return f"@misc{{{name},\n  note = {{{REFERENCES.get(key, key).translate(_SPECIAL)}}},\n}}"


def full_reference(key: str) -> str:
    """A work in one line, with the title of the article and its DOI where it has one.

    Examples
    --------
    >>> full_reference("liang_zeger_1986").partition("(1986). ")[2]
    'Longitudinal data analysis using generalized linear models. Biometrika 73(1), 13-22. https://doi.org/10.1093/biomet/73.1.13'
    """
    entry = _entries().get(key)
    if entry is None:
        return REFERENCES.get(key, key)
    field = {name: _read(value) for name, value in _FIELD.findall(entry)}
    place = field.get("journal") or (f"In {field['booktitle']}" if "booktitle" in field else field.get("publisher", ""))
    number = f"({field['number']})" if "volume" in field and "number" in field else field.get("number", "")
    volume = f"{field.get('volume', '')}{number}"
    pages = f", {field['pages']}" if "pages" in field else ""
    edition = f" (edition {field['edition']})" if "edition" in field else ""
    link = f" https://doi.org/{field['doi']}" if "doi" in field else ""
    stop = "" if field["title"].endswith("?") else "."
    return f"{_people(field['author'])} ({field['year']}). {field['title']}{edition}{stop} {f'{place} {volume}'.strip()}{pages}.{link}"


def _people(authors: str) -> str:
    """Authors as in a list of references: "Bauer, D. J. & Curran, P. J."."""
    named = []
    for one in authors.split(" and "):
        family, _, given = one.partition(", ")
        parts = re.split(r"[ ]+", given)
        initials = [part if part.endswith(".") else "-".join(f"{piece[0]}." for piece in part.split("-")) for part in parts if part]
        named.append(f"{family}, {' '.join(initials)}")
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} & {named[-1]}"


def _read(value: str) -> str:
    r"""A value of BibTeX as text: without braces, with \& as &, quotation marks and hyphens for ranges of pages."""
    return re.sub(r"[{}]", "", value).replace("\\&", "&").replace("``", "“").replace("''", "”").replace("--", "-")
