"""The report of a study: one self-contained HTML page, and a folder with figures and tables."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
