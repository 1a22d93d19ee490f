"""Goldleaf: label less, know why, ship a small model."""

__version__ = "0.1.0"
