"""A contract for import-linter: names that begin with an underscore are used only in their own folder."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output


class PrivateStaysHome(Contract):
    """A private module or name may be imported by the modules of its own folder, and by those below it, only."""

    type_name = "private"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        own = [module for module in graph.modules if not graph.is_module_squashed(module)]
        broken = sorted(line for module in own for line in _private_imports(module))
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["broken"]:
            output.print_error(line)


def _private_imports(module: str) -> list[str]:
    spec: Any = find_spec(module)
    found = []
    for node in ast.walk(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tienet"):
            taken = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            taken = [alias.name for alias in node.names if alias.name.startswith("tienet.")]
        else:
            continue
        found += [f"{module}:{node.lineno} takes {name}" for name in taken if not _at_home(module, name)]
    return found


def _at_home(module: str, name: str) -> bool:
    """Whether every private part of a name stands in a folder that holds the module too."""
    parts = name.split(".")
    private = [place for place, part in enumerate(parts) if part.startswith("_") and not part.startswith("__")]
    return all(f"{module}.".startswith(".".join(parts[:place]) + ".") for place in private)
