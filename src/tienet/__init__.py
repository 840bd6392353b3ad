"""From interaction logs to ties per business function, and to moderated regressions on them.

Names are loaded on first use, so that `import tienet` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "claro_ramos": "moderation",
    "johnson_neyman": "probes",
    "Moderation": "moderation",
    "ModerationFit": "moderation",
    "predict_surface": "probes",
    "simple_slopes": "probes",
    "turning_point": "probes",
    "u_test": "probes",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tienet' has no attribute {name!r}")
    return getattr(import_module(f"tienet.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
