"""What is built for others: the wheel, the source distribution, their description, and the one version."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

import tienet as tn

ROOT = Path(__file__).resolve().parents[1]
BESIDE = {"CHANGELOG.md", "CITATION.cff", "LICENSE", "README.md", "hatch_build.py", "pyproject.toml", "PKG-INFO", ".gitignore"}


def build(where, folder, *kinds):
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder), *(f"-t{kind}" for kind in kinds)]
    subprocess.run(command, cwd=where, check=True, capture_output=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    build(ROOT, folder, "sdist", "wheel")
    return folder


@pytest.fixture(scope="module")
def tracked():
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src/tienet"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    found = {name for name in listed if (ROOT / name).is_file()}
    assert {Path(name).suffix for name in found} <= {".py", ".pyi", ".html", ".css", ".js", ".svg", ".bib", ".toml", ".typed"}
    return found


def names_in(wheel):
    with zipfile.ZipFile(wheel) as inside:
        return set(inside.namelist())


def test_the_wheel_holds_the_package_and_nothing_else(built, tracked):
    names = names_in(built / f"tienet-{tn.__version__}-py3-none-any.whl")
    metadata = {name for name in names if ".dist-info/" in name}
    assert names - metadata == {name.removeprefix("src/") for name in tracked}
    assert "tienet/py.typed" in names
    assert {Path(name).name for name in metadata} == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "LICENSE"}


def test_the_source_distribution_holds_no_data_and_gives_the_same_wheel(built, tracked, tmp_path):
    top = f"tienet-{tn.__version__}"
    with tarfile.open(built / f"{top}.tar.gz") as inside:
        names = {name.removeprefix(f"{top}/") for name in inside.getnames()}
        inside.extractall(tmp_path, filter="data")
    assert names == tracked | BESIDE
    build(tmp_path / top, tmp_path, "wheel")
    assert names_in(tmp_path / f"{top}-py3-none-any.whl") == names_in(built / f"{top}-py3-none-any.whl")


def test_an_index_accepts_both_and_shows_no_picture_it_cannot_find(built):
    files = [str(path) for path in sorted(built.iterdir())]
    checked = subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *files], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    with zipfile.ZipFile(next(built.glob("*.whl"))) as inside:
        metadata = message_from_string(inside.read(f"tienet-{tn.__version__}.dist-info/METADATA").decode())
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert not re.findall(r"\]\((?!https?:|mailto:|#)", metadata.get_payload())


def test_addresses_of_the_page_on_an_index():
    made = runpy.run_path(str(ROOT / "hatch_build.py"))
    text = "![a tie](docs/img/a.png) [how](docs/how.md) [out](https://example.org) [here](#here)"
    assert made["index_page"](text, "https://example.org/x") == (
        "![a tie](https://example.org/x/raw/HEAD/docs/img/a.png) [how](https://example.org/x/blob/HEAD/docs/how.md)"
        " [out](https://example.org) [here](#here)"
    )
    assert made["index_page"](text, "") == " how [out](https://example.org) [here](#here)"
    assert made["links"]("") == {}
    assert made["links"]("https://example.org/x")["Issues"] == "https://example.org/x/issues"


def test_the_version_is_one():
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (\S+)$", cited, flags=re.M)[1] == tn.__version__
    assert re.search(r"^date-released: \d{4}-\d{2}-\d{2}$", cited, flags=re.M)
    assert f'version = "{tn.__version__}"' not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
