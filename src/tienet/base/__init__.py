"""What both wings stand on: errors, records, frames, checks of arguments, time, and numbers in words."""
