"""The secret key for pseudonyms, the same on all pages that tests compare."""

KEY = bytes(range(32))
