"""Tables for publication, written as Markdown, HTML, LaTeX or Word."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
