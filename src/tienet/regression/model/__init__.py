"""The model, its fit, its steps and its variants."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
