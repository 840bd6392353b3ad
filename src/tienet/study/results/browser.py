"""Print the page to PDF with a browser that is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tienet.base.errors import NotPrinted

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
_APPS = ("Google Chrome", "Chromium", "Microsoft Edge")  # of macOS
_PROGRAMS = (r"Google\Chrome\Application\chrome.exe", r"Chromium\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
_SECONDS = 180
_DATE = re.compile(rb"(/(?:CreationDate|ModDate) ?\(D:)([0-9+\-'Z]*)")
_ID = re.compile(rb"(/ID ?\[ ?<)([0-9A-Fa-f]*)(> ?<)([0-9A-Fa-f]*)(>)")


def find_browser() -> str | None:
    """The path of a Chromium, Chrome or Edge, None if none is installed."""
    if found := next(filter(None, map(shutil.which, _NAMES)), None):
        return found
    places = [Path(f"/Applications/{name}.app/Contents/MacOS/{name}") for name in _APPS] if sys.platform == "darwin" else []
    if sys.platform == "win32":
        roots = [os.environ[name] for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA") if os.environ.get(name)]
        places = [Path(root, program) for root in roots for program in _PROGRAMS]
    return next((str(one) for one in places if one.is_file()), None)


def print_page(page: Path, pdf: Path) -> Path:
    """Print an HTML file to PDF, with the paper and margins that it asks for and without the date of printing.

    Raises
    ------
    NotPrinted
        No browser is installed, or it fails.
    """
    browser = find_browser()
    if browser is None:
        raise NotPrinted(
            "report.pdf was not made: no Chromium, Chrome or Edge is installed; install one, or print report.html from your browser"
        )
    with TemporaryDirectory(prefix="tienet-", ignore_cleanup_errors=True) as folder:
        made = Path(folder, "page.pdf")
        if not _ran(_command(browser, page, made, Path(folder, "profile"))) or not made.is_file():
            raise NotPrinted("report.pdf was not made: the browser ended without it; print report.html from your browser instead")
        pdf.write_bytes(undated(made.read_bytes()))
    return pdf


def undated(content: bytes) -> bytes:
    """A PDF without the date of printing, at the same length, so that the places of its objects stay right.

    Examples
    --------
    >>> undated(b"/CreationDate (D:20250102030405+00'00')")
    b"/CreationDate (D:19800101000000+00'00')"
    """
    first = b"19800101000000+00'00'"
    content = _DATE.sub(lambda found: found[1] + first[: len(found[2])].ljust(len(found[2]), b"0"), content)
    return _ID.sub(lambda found: b"".join((found[1], b"0" * len(found[2]), found[3], b"0" * len(found[4]), found[5])), content)


def _command(browser: str, page: Path, pdf: Path, profile: Path) -> list[str]:
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [
        browser,
        "--headless",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        *(["--no-sandbox"] if as_root else []),  # Chromium refuses to start for root with it
        f"--user-data-dir={profile}",
        "--no-pdf-header-footer",
        f"--print-to-pdf={pdf}",
        page.absolute().as_uri(),
    ]


def _ran(command: list[str]) -> bool:
    """Run a command without a shell; whether it ended well in time."""
    try:
        done = subprocess.run(  # noqa: S603 - a browser and our own page
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
