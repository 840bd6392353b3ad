"""Where results come from: the files that were read, the versions of the software, and the key behind the pseudonyms."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
