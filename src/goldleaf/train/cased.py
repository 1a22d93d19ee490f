"""Letting an uncased encoder see capitals.

An uncased WordPiece vocabulary is widened: every piece with letters gets a Capitalised and an UPPER form, and the tokenizer stops
lower-casing. While training, a form's embedding is that of its lower-case piece plus one learned vector for its case, shared by all
pieces, so that names never seen in training carry their capitals too; both vectors begin at zero, where the model is the uncased one.
When the bundle is written the sums become plain rows of a larger embedding, which any library loads.
"""

from __future__ import annotations

import json
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

LOWER, CAPITALISED, UPPER = range(3)


def is_uncased(tokenizer: Tokenizer) -> bool:
    """Whether this is a WordPiece tokenizer whose normaliser lower-cases, which is what `widen_vocabulary` knows to widen."""
    data = json.loads(tokenizer.to_str())
    normalizer = data.get("normalizer") or {}
    return (
        data["model"]["type"] == "WordPiece"
        and normalizer.get("type") == "BertNormalizer"
        and bool(normalizer.get("lowercase"))
    )


def widen_vocabulary(tokenizer: Tokenizer) -> tuple[Tokenizer, Tensor, Tensor]:
    """The tokenizer that keeps case, and for each of its ids the id of the lower-case piece and the case `[vocabulary]`."""
    data = json.loads(tokenizer.to_str())
    vocabulary: dict[str, int] = data["model"]["vocab"]
    data["normalizer"] |= {"lowercase": False, "strip_accents": True}
    special = {token["content"] for token in data["added_tokens"]}
    lower, case = list(range(len(vocabulary))), [LOWER] * len(vocabulary)
    for piece, number in sorted(vocabulary.items(), key=lambda item: item[1]):
        if piece in special or (piece.startswith("[") and piece.endswith("]")):
            continue
        for form, kind in cased_forms(piece):
            if form not in vocabulary:
                vocabulary[form] = len(lower)
                lower.append(number)
                case.append(kind)
    return Tokenizer.from_str(json.dumps(data)), torch.tensor(lower), torch.tensor(case)


def cased_forms(piece: str) -> list[tuple[str, int]]:
    """The forms of a piece with capitals.

    >>> cased_forms("##son"), cased_forms("a"), cased_forms("42")
    ([('##Son', 1), ('##SON', 2)], [('A', 1)], [])
    """
    mark, body = ("##", piece[2:]) if piece.startswith("##") else ("", piece)
    capitalised, upper = body[:1].upper() + body[1:], body.upper()
    if len(upper) != len(body):  # ß and its like grow
        return []
    forms = [(mark + capitalised, CAPITALISED)] if capitalised != body else []
    return forms + ([(mark + upper, UPPER)] if upper not in (body, capitalised) else [])


class CasedEmbedding(nn.Module):
    """The embedding of the widened vocabulary: the lower-case piece's row plus its case's vector."""

    lower: Tensor
    case: Tensor

    def __init__(self, pieces: nn.Embedding, lower: Tensor, case: Tensor) -> None:
        super().__init__()
        self.pieces = pieces
        self.cases = nn.Embedding(3, pieces.embedding_dim, padding_idx=LOWER)
        nn.init.zeros_(self.cases.weight)
        self.register_buffer("lower", lower, persistent=False)
        self.register_buffer("case", case, persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        return self.pieces(self.lower[ids]) + self.cases(self.case[ids])

    def merged(self) -> nn.Embedding:
        """The same as a plain embedding `[widened vocabulary, width]`."""
        with torch.no_grad():
            rows = self.pieces.weight[self.lower] + self.cases.weight[self.case]
        return nn.Embedding.from_pretrained(rows, freeze=False, padding_idx=self.pieces.padding_idx)


def see_case(backbone: Any, lower: Tensor, case: Tensor) -> None:
    """Put a CasedEmbedding in place of the encoder's embedding of pieces."""
    backbone.set_input_embeddings(CasedEmbedding(backbone.get_input_embeddings(), lower, case))


def merge_case(backbone: Any) -> None:
    """Turn a CasedEmbedding back into a plain embedding; nothing where there is none."""
    embedding = backbone.get_input_embeddings()
    if isinstance(embedding, CasedEmbedding):
        backbone.set_input_embeddings(embedding.merged())
        backbone.config.vocab_size = len(embedding.lower)
