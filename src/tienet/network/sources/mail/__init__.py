"""Mail: mailboxes, single mails and message traces."""
