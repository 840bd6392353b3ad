"""Layers, import time, and files that must not be in the repository."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import tienet as tn
from public import PLACES, PUBLIC, public

ROOT = Path(__file__).resolve().parents[1]


def test_the_layers_keep_their_doors_closed():
    done = subprocess.run([Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_import_is_quick_and_pulls_in_nothing_heavy():
    code = (
        "import sys, time; start = time.perf_counter(); import tienet; spent = time.perf_counter() - start; "
        "heavy = {'pandas', 'scipy', 'statsmodels', 'matplotlib', 'networkx', 'duckdb'} & set(sys.modules); print(spent, heavy or '')"
    )
    printed = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout for _ in range(3)]
    assert min(float(line.split()[0]) for line in printed) < 0.3
    assert all(len(line.split()) == 1 for line in printed), printed


def test_the_first_shelf_is_short_and_every_name_on_it_leads_somewhere():
    readers = {name for name in dir(tn) if name.startswith("read_")}  # one for each system, in a row of their own in the reference
    assert len(set(dir(tn)) - readers) <= 75
    for name in tn.__all__:
        assert getattr(tn, name) is not None
    assert set(tn.__all__) == set(dir(tn))
    with pytest.raises(AttributeError, match="no attribute 'read_logs'"):
        _ = tn.read_logs


def test_every_public_name_is_found_by_its_place_with_no_import_before():
    """As attribute and as import, each in a fresh interpreter: nothing may depend on what was loaded earlier."""
    for name, place in {"gaussian_copula": "regression.endogeneity", "write_graphml": "network.exchange", "save": "output.figures"}.items():
        for code in (
            f"import tienet as tn; print(tn.{place}.{name}.__name__)",
            f"from tienet.{place} import {name} as f; print(f.__name__)",
        ):
            assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == name
    for name in PUBLIC:
        assert public(name) is not None


def test_no_module_is_hidden_by_a_name_of_its_folder():
    for module in walk_packages(tn.__path__, "tienet."):
        package, _, last = module.name.rpartition(".")
        assert getattr(import_module(package), last, import_module(module.name)) is import_module(module.name), module.name
        assert last not in PLACES or PLACES[last] != package, module.name


def test_no_two_classes_share_a_name():
    named = Counter(
        node.name
        for path in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert not {name for name, times in named.items() if times > 1}


def test_the_top_of_the_tree_is_short():
    entries = [path for path in (ROOT / "src" / "tienet").iterdir() if path.name != "__pycache__"]
    assert len(entries) <= 12
    assert not [path.name for path in entries if re.match(r"_[^_]", path.name)]


def test_no_tracked_file_names_a_package_index_or_a_machine():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    assert not [name for name in names if re.search(r"(^|/)(uv\.lock|pylock.*\.toml)$", name)]
    index = re.compile(r"https?://[^\s\"')]*(" + "|".join(("py" + "pi", "python" + "hosted")) + r")\.", re.I)
    for name in filter(None, names):
        path = ROOT / name
        if path.suffix in {".py", ".toml", ".md", ".ipynb", ".cff", ".html", ""} and path.is_file():
            assert not index.search(path.read_text(encoding="utf-8")), name
