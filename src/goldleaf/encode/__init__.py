"""Text -> pieces -> windows -> ids, and logits -> values: alignment and decoding for training and predictor alike."""

from goldleaf.encode.batching import length_batches
from goldleaf.encode.decode import Logits, chunks_of, decode_value, read_chunks, read_units, sigmoid, softmax
from goldleaf.encode.inference import Forward, Output, predict, rescale, run_model
from goldleaf.encode.pieces import (
    Batch,
    Layout,
    Pieces,
    cut_pieces,
    layout_from_dict,
    layout_to_dict,
    load_tokenizer,
    owned_bounds,
    pad_windows,
    probe_layout,
    unknown_share,
    window_bounds,
    within_word,
)
from goldleaf.encode.probabilities import class_probabilities
from goldleaf.encode.targets import (
    IGNORED,
    crossing_pieces,
    first_pieces,
    make_target,
    output_classes,
    piece_owners,
    words_of,
)

__all__ = [
    "IGNORED",
    "Batch",
    "Forward",
    "Layout",
    "Logits",
    "Output",
    "Pieces",
    "chunks_of",
    "class_probabilities",
    "crossing_pieces",
    "cut_pieces",
    "decode_value",
    "first_pieces",
    "layout_from_dict",
    "layout_to_dict",
    "length_batches",
    "load_tokenizer",
    "make_target",
    "output_classes",
    "owned_bounds",
    "pad_windows",
    "piece_owners",
    "predict",
    "probe_layout",
    "read_chunks",
    "read_units",
    "rescale",
    "run_model",
    "sigmoid",
    "softmax",
    "unknown_share",
    "window_bounds",
    "within_word",
    "words_of",
]
