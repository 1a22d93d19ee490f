"""Spans and tags that several annotators gave, resolved by models of their order."""

from goldleaf.quality.aggregation.sequences.resolve import SEQUENCE, resolve_sequence
from goldleaf.quality.aggregation.sequences.sequenced import Question

__all__ = ["SEQUENCE", "Question", "resolve_sequence"]
