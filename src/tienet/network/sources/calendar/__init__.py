"""Meetings of calendars: iCalendar files and events of Microsoft Graph."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
