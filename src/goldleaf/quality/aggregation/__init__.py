"""Aggregation: from several answers to each record to one value with a confidence."""

from goldleaf.quality.aggregation.aggregate import Aggregation, aggregate, aggregation
from goldleaf.quality.aggregation.choice import CHOICE
from goldleaf.quality.aggregation.sequences import SEQUENCE

__all__ = ["CHOICE", "SEQUENCE", "Aggregation", "aggregate", "aggregation"]
