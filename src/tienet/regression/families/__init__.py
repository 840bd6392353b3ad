"""Families of outcomes that are not measured on a line: yes or no, counts, positive amounts, ordered categories."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
