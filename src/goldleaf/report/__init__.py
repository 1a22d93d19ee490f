"""Measured values and the plots that show them."""

from goldleaf.report.report import Report, print_report

__all__ = ["Report", "print_report"]
