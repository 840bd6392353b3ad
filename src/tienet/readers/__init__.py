"""Readers: one file a source, each to a log or to ties."""

from tienet.readers.survey import read_survey

__all__ = ["read_survey"]
