"""How this page was made: files, hashes, versions, the key's fingerprint and the command."""

from __future__ import annotations

import platform

from tienet import __version__
from tienet.study.language.reading import say
from tienet.study.origin.inputs import inputs_of
from tienet.study.origin.keys import fingerprint
from tienet.study.origin.versions import package_versions, platform_words
from tienet.study.page.material import Material
from tienet.study.page.section import Section


def build(material: Material) -> Section:
    """No date: the same study gives the same page."""
    study, files = material.result.study, _files(material)
    return Section(
        "origin",
        "review",
        say("page.origin.heading"),
        say("page.origin.heading"),
        {
            "files": files,
            "versions": _versions(),
            "said": [say("page.origin.settings", study=str(study)), say("page.origin.seeds"), _key(material), *_command(files)],
        },
    )


def _key(material: Material) -> str:
    if material.people != "pseudonyms":
        return say("page.origin.key_none")
    return say("page.origin.key_given", fingerprint=fingerprint(material.key)) if material.key_given else say("page.origin.key_new")


def _command(files: list[dict[str, str]]) -> list[str]:
    return [say("page.origin.command")] if files else []


def _versions() -> str:
    packages = (f"{name} {held}" for name, held in package_versions().items())
    return " · ".join([f"tienet {__version__}", f"Python {platform.python_version()}", *packages, platform_words()])


def _files(material: Material) -> list[dict[str, str]]:
    """The files that were read, as the table of the section shows them."""
    return [
        {"name": one.name, "rows": "" if one.rows is None else f"{one.rows:,}", "size": f"{one.size:,}", "hash": one.sha256[:16]}
        for one in inputs_of(material.result)
        if one.sha256 is not None
    ]
