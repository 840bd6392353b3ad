"""The study as one self-contained page, and as a folder with figures and tables."""

from tienet.report.page import CLAIM, render, save_study, write_report

__all__ = ["CLAIM", "render", "save_study", "write_report"]
