"""The versions of the software that results depend on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from tienet import __version__

__all__ = ["show_versions"]

PACKAGES = ("numpy", "scipy", "pandas", "duckdb", "narwhals", "matplotlib", "statsmodels")
OPTIONAL = ("python-docx", "polars", "pyarrow", "python-calamine", "rustworkx", "joblib", "pyspark")


def package_versions(names: tuple[str, ...] = PACKAGES) -> dict[str, str]:
    """Name -> version of the packages that are installed."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def platform_words() -> str:
    """The operating system and the processor: "Linux x86_64"."""
    return f"{platform.system()} {platform.machine()}"


def show_versions() -> None:
    """Print the versions of tienet, Python and the packages that numbers depend on, to paste into a report of a problem.

    Examples
    --------
    >>> import tienet as tn
    >>> tn.show_versions()  # doctest: +ELLIPSIS
    tienet ...
    """
    lines = {"tienet": __version__, "Python": platform.python_version(), "platform": platform_words()}
    lines |= package_versions((*PACKAGES, *OPTIONAL))
    wide = max(map(len, lines))
    print("\n".join(f"{name:<{wide}}  {held}" for name, held in lines.items()))  # noqa: T201 - what it is for
