"""The words of the page: which sentence says what, with its numbers. The sentences themselves are in `tienet.study.language`."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
