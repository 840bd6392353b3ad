"""Variables measured with error of known size."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
