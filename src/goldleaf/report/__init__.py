"""Measured values and the plots that show them."""

from goldleaf.report.comparison import render_comparison, verdict
from goldleaf.report.learning import render_curve, render_curve_page
from goldleaf.report.report import Report, print_report

__all__ = ["Report", "print_report", "render_comparison", "render_curve", "render_curve_page", "verdict"]
