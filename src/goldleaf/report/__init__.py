"""Measured values and the plots that show them."""

from goldleaf.report.report import Report

__all__ = ["Report"]
