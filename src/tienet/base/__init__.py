"""The ground of both wings: errors, records, frames, argument checks, time, and numbers in words."""
