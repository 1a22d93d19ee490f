"""Tiny random encoders with their own tokenisers, and a small data set that they can learn."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertModel,
    DebertaV2Config,
    DebertaV2Model,
    ModernBertConfig,
    ModernBertModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaModel,
    XLNetConfig,
    XLNetModel,
)

from goldleaf.core import Example, Field, Record, Schema, Span
from goldleaf.snapshot import Dataset

_TEXT = "i want to fly from berlin paris london rome madrid please book a table for two in at the cheap nice"
WORDS = tuple(_TEXT.split(" "))
CITIES = ("berlin", "paris", "london", "rome", "madrid")
SCHEMA = Schema((Field("intent", "choice", ("flight", "table")), Field("slots", "spans", ("city",))))
ARCHITECTURES = ("bert", "roberta", "xlnet", "deberta", "modernbert")
LETTERS = tuple(letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in WORDS)
_SIZE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def tiny_tokenizer(architecture: str) -> PreTrainedTokenizerFast:
    cls, sep, pad, unk = "[CLS]", "[SEP]", "[PAD]", "[UNK]"
    left = architecture == "xlnet"
    if architecture in ("bert", "modernbert"):
        vocabulary = {p: i for i, p in enumerate([pad, unk, cls, sep, *WORDS, *LETTERS, "##s"])}
        tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=unk))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    else:
        pieces = [(pad, 0.0), (unk, -9.0), (cls, 0.0), (sep, 0.0), *((f"▁{w}", -2.0) for w in WORDS)]
        pieces += [("▁", -3.0), *((c, -5.0) for c in "abcdefghijklmnopqrstuvwxyz")]
        tokenizer = Tokenizer(models.Unigram(pieces, unk_id=1))
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
        )
    single = f"$A:0 {sep}:0 {cls}:2" if left else f"{cls}:0 $A:0 {sep}:0"
    tokenizer.post_processor = processors.TemplateProcessing(single=single, special_tokens=[(cls, 2), (sep, 3)])
    names = (
        ["input_ids", "token_type_ids", "attention_mask"]
        if architecture in ("bert", "xlnet")
        else ["input_ids", "attention_mask"]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        cls_token=cls,
        sep_token=sep,
        pad_token=pad,
        unk_token=unk,
        padding_side="left" if left else "right",
        model_input_names=names,
    )


def build_encoder(architecture: str, folder: Path) -> Path:
    tokenizer = tiny_tokenizer(architecture)
    size = {"vocab_size": len(tokenizer), "pad_token_id": 0, "max_position_embeddings": 64, **_SIZE}
    torch.manual_seed(0)
    if architecture == "bert":
        model = BertModel(BertConfig(**size))
    elif architecture == "roberta":
        model = RobertaModel(RobertaConfig(**size, type_vocab_size=1))
    elif architecture == "deberta":
        model = DebertaV2Model(
            DebertaV2Config(**size, relative_attention=True, pos_att_type=["p2c", "c2p"], type_vocab_size=0)
        )
    elif architecture == "modernbert":
        model = ModernBertModel(
            ModernBertConfig(**size, cls_token_id=2, sep_token_id=3, bos_token_id=2, eos_token_id=3)
        )
    else:
        model = XLNetModel(
            XLNetConfig(vocab_size=len(tokenizer), d_model=32, n_layer=2, n_head=2, d_inner=64, pad_token_id=0)
        )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _example(number: int, split: str) -> Example:
    city = CITIES[number % 5]
    if number % 2:
        text = f"please fly to {city}" if number % 3 else f"i want to fly from {city}"
        intent = "flight"
    else:
        text = f"book a table for two in {city}" if number % 3 else f"a nice table at {city}"
        intent = "table"
    start = text.index(city)
    return Example(
        Record(f"{split}-{number}", text), {"intent": intent, "slots": [Span(start, start + len(city), "city")]}
    )


def dataset(schema: Schema = SCHEMA, train: int = 60) -> Dataset:
    parts = {
        split: [_example(n, split) for n in range(count)]
        for split, count in (("train", train), ("dev", 12), ("test", 12))
    }
    kept = {
        split: [Example(e.record, {n: e.values[n] for n in schema.names}) for e in part]
        for split, part in parts.items()
    }
    return Dataset(schema, kept["train"], kept["dev"], kept["test"])
