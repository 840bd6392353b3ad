"""The secret behind the pseudonyms of pages that tests compare."""

KEY = bytes(range(32))
