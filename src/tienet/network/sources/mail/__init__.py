"""Mail: mailboxes, single mails and message traces."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
