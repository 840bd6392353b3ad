"""The doors between the layers, the weight of an import, and what the repository must not hold."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import tienet as tn

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


def test_every_public_name_leads_somewhere():
    for name in tn.__all__:
        assert getattr(tn, name) is not None
    assert set(tn.__all__) == set(dir(tn))
    with pytest.raises(AttributeError, match="no attribute 'read_logs'"):
        _ = tn.read_logs


def test_type_checkers_know_every_public_name():
    import ast

    tree = ast.parse((ROOT / "src" / "tienet" / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    known = {alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert known == {name: f"tienet.{home}" for name, home in tn._HOMES.items()}


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
