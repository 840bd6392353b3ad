"""The language of the page: all its sentences in one data file, and a reader of it."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
