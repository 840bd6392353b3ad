"""A study file proposed from the files of a folder: `tienet init`."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
