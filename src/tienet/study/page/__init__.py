"""The study as one self-contained page, and as a folder of results."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
