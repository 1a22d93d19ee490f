"""Aggregation: from several answers to each record to one value with a confidence."""

from goldleaf.quality.aggregation.aggregate import Aggregation, aggregate, aggregation

__all__ = ["Aggregation", "aggregate", "aggregation"]
