"""Label quality: tables of what annotators (and a model) said in, tables of what to make of it out."""

from goldleaf.quality.labels import Answers, read_answers

__all__ = ["Answers", "read_answers"]
