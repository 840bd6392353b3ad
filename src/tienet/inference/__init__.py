"""Inference beyond the single fit."""
