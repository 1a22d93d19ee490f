"""Goldleaf: label less, know why, ship a small model."""

import os

# onnxruntime reports its use to its maker unless told otherwise before it is imported; what runs here is nobody else's business
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = "0.1.0"
