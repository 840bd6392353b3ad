"""Read logs and people tables from files or data frames, with a ledger of every row."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
