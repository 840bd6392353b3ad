"""Tables for print, and the same cells as Markdown, HTML, LaTeX and Word."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
