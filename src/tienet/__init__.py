"""From interaction logs to ties per business function, and to moderated regressions on them.

The names that a study needs are loaded on first use from the list in ``__init__.pyi``, so that `import tienet` stays quick; all others
are found by place, as `tienet.regression.endogeneity.gaussian_copula`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

__version__ = "0.2.0"


def _read_shelf() -> dict[str, str]:
    """Name -> the module that holds it; a folder of the package holds itself."""
    import ast

    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    shelf = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module or f"tienet.{alias.name}" for node in shelf for alias in node.names}


_HOMES = _read_shelf()
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tienet' has no attribute {name!r}")
    module = import_module(_HOMES[name])
    return getattr(module, name, module)


def __dir__() -> list[str]:
    return sorted(__all__)
