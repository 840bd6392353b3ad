"""Measures of people and functions on a network of ties: numbers per ego, per function, per pair of functions."""
