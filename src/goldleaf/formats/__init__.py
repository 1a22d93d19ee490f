"""Files in and out: one reader and one writer a format."""

from goldleaf.formats.blocks import Block, BlockFormat, cut_blocks, read_block
from goldleaf.formats.common import Item, ReadOptions, Writable, WriteOptions
from goldleaf.formats.detect import detect_format
from goldleaf.formats.label_frame import read_label_frame, read_record_frame
from goldleaf.formats.registry import READERS, WRITERS, read_items, write_items

__all__ = [
    "READERS",
    "WRITERS",
    "Block",
    "BlockFormat",
    "Item",
    "ReadOptions",
    "Writable",
    "WriteOptions",
    "cut_blocks",
    "detect_format",
    "read_block",
    "read_items",
    "read_label_frame",
    "read_record_frame",
    "write_items",
]
