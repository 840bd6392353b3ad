"""What a study writes: the page, figures, tables, texts, and the record of the run."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
