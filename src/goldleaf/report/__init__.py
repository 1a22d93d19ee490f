"""Measured values and the plots that show them."""

from goldleaf.report.comparison import render_comparison, verdict
from goldleaf.report.frame import write_page
from goldleaf.report.label_errors import render_errors, render_errors_page
from goldleaf.report.learning import render_curve, render_curve_page
from goldleaf.report.quality import (
    render_aggregation,
    render_aggregation_page,
    render_agreement_page,
    render_annotators,
    render_annotators_page,
    render_slices,
    render_slices_page,
)
from goldleaf.report.report import Report, print_report
from goldleaf.report.tuning import render_tuning, render_tuning_page
from goldleaf.report.words import methods_in_words

__all__ = [
    "Report",
    "methods_in_words",
    "print_report",
    "render_aggregation",
    "render_aggregation_page",
    "render_agreement_page",
    "render_annotators",
    "render_annotators_page",
    "render_comparison",
    "render_curve",
    "render_curve_page",
    "render_errors",
    "render_errors_page",
    "render_slices",
    "render_slices_page",
    "render_tuning",
    "render_tuning_page",
    "verdict",
    "write_page",
]
