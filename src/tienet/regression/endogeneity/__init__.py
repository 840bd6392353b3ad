"""Instruments, control functions, copulas, and sensitivity to omitted variables."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
