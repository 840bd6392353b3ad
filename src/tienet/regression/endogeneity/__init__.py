"""Instruments, control functions, copulas, and sensitivity to what was left out."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
