"""Shared foundations: errors, records, frames, argument checks, time, and the formatting of numbers."""
