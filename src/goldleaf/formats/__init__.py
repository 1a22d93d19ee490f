"""Files in and out: one reader and one writer a format."""

from goldleaf.formats.common import Item, ReadOptions, Writable, WriteOptions
from goldleaf.formats.detect import detect_format
from goldleaf.formats.registry import READERS, WRITERS, read_items, write_items

__all__ = [
    "READERS",
    "WRITERS",
    "Item",
    "ReadOptions",
    "Writable",
    "WriteOptions",
    "detect_format",
    "read_items",
    "write_items",
]
