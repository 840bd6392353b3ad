"""What the reader of mails needs: mailboxes taken apart, headers, addresses, message traces."""
