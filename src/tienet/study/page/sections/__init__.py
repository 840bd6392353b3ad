"""The sections of the page, one file each; `register` puts them in order."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
