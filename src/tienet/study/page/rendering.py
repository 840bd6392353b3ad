"""Put the sections together as one HTML page that loads nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any

from markupsafe import Markup

from tienet import __version__
from tienet.base.numbers import cell, count, df_text, listed, minus, number, p_cell, p_text, percent
from tienet.base.wording import visible
from tienet.study.language.reading import say, say_counted
from tienet.study.page.markup import rich
from tienet.study.page.material import Material
from tienet.study.page.register import SECTIONS
from tienet.study.page.section import LeftOut, Part, Section
from tienet.study.words.keys import period

STYLES = ("base.css", "found.css", "questions.css", "network.css", "print.css")
SCRIPTS = ("page.js", "network.js")


def rendered(material: Material) -> str:
    """The page as HTML text."""
    sections = compose(material)
    title = material.result.study.title
    functions = next((len(one.values["view"].groups) for one in sections if one.key == "network"), 0)
    style = "\n".join([*map(_own, STYLES), _by_function(functions), _margins(title)])
    script = "\n".join(map(_own, SCRIPTS))
    values: dict[str, Any] = {
        "title": title,
        "sub": " · ".join([*_subtitle(material)]),
        "sections": sections,
        "parts": _parts(sections),
        "style": Markup(style),  # noqa: S704 - the package's own files, and a title that is escaped for CSS
        "script": Markup(script),  # noqa: S704 - the package's own files
        "security": _security(style, script),
        "version": __version__,
        "study": material.result.study,
    }
    return str(_environment().get_template("page.html").render(**values))


def compose(material: Material) -> list[Section]:
    """The sections of the page in order. What is left out before "Data and sample" is named there."""
    made: list[Section] = []
    for build in SECTIONS:
        found = build(material)
        if isinstance(found, LeftOut):
            material = replace(material, left_out=(*material.left_out, found.why))
        elif found is not None:
            made.append(found)
    return made


def _parts(sections: list[Section]) -> list[tuple[str, list[Section]]]:
    names: tuple[Part, ...] = ("everyone", "specialists", "review")
    return [(say(f"page.{part}"), [one for one in sections if one.part == part]) for part in names]


def _subtitle(material: Material) -> Iterator[str]:
    """Period, sources and people, one line."""
    result = material.result
    words = {"people": material.people_words, "functions": material.functions_words}
    yield period(result)[:1].upper() + period(result)[1:]
    channels = () if result.log is None else result.log.channels or ()
    if result.log is None:
        yield say("page.source_survey", **words)
    elif 0 < len(channels) <= 6:
        yield say("page.source_channels", channels=listed(channels), **words)
    else:
        yield say("page.source_log", **words)


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    page = Environment(
        loader=PackageLoader("tienet.study.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Labels must not change the text direction of the words around them.
        finalize=lambda value: value if isinstance(value, Markup) else visible(str(value)),
    )
    page.globals |= {"say": say, "say_counted": say_counted}
    page.filters |= {
        "rich": rich,
        "num": lambda value, digits=3: minus(number(value, digits)),
        "p": p_text,
        "p_cell": p_cell,
        "fixed": cell,
        "count": count,
        "percent": percent,
        "df": df_text,
        "linked": _linked,
    }
    return page


def _linked(sentence: str) -> Markup:
    """Link "(see which)" to the table of the other analyses."""
    see = say("sure.see").strip(" ()")
    link = Markup('<a href="#others">{}</a>').format(see)
    whole = re.sub(r"\bp ([=<>]) ", "p\u00a0\\1\u00a0", sentence)  # never broken over two lines
    return Markup(str(rich(whole)).replace(str(rich(see)), str(link)))  # noqa: S704 - made of escaped text


@cache
def _own(name: str) -> str:
    from importlib.resources import files

    return files("tienet.study.page").joinpath("static", name).read_text(encoding="utf-8")


def _security(style: str, script: str) -> str:
    """The content security policy: this style and script, and nothing else."""
    allowed = {"default-src": "'none'", "style-src": _hash(style), "script-src": _hash(script)}
    return "; ".join(f"{what} {source}" for what, source in {**allowed, "base-uri": "'none'", "form-action": "'none'"}.items())


def _hash(text: str) -> str:
    """The hash with which the content security policy allows this style or script."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def _by_function(functions: int) -> str:
    """Rules that hide a function and its ties while its box is not checked, without a script."""
    return "\n".join(
        f"#network:has(#net-f{at}:not(:checked)) .plain .f{at}, #network:has(#net-f{at}:not(:checked)) .plain .g{at} {{ display: none; }}"
        for at in range(functions)
    )


def _margins(title: str) -> str:
    """Title and page numbers in the margins of paper; browsers without margin boxes print without them."""
    font = 'font: 8.5pt "Liberation Sans", Arial, sans-serif; color: #4b5865;'
    pages = f'"{_css(say("page.number"))} " counter(page) " {_css(say("page.number_of"))} " counter(pages)'
    left = f'@bottom-left {{ content: "{_css(visible(title, 90))} · tienet {__version__}"; {font} }}'
    return f"@page {{ {left} @bottom-right {{ content: {pages}; {font} }} }}"


def _css(text: str) -> str:
    """A text within a CSS string inside a style element: everything but letters, digits and blanks as a code."""
    return "".join(letter if letter.isalnum() or letter in " -.,·" else f"\\{ord(letter):x} " for letter in text)
