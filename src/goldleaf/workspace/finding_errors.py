"""Find label errors: the verb that gets a model's opinion of labels that it was not trained on, and hands both to the quality room."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.core import Record

if TYPE_CHECKING:
    import pandas as pd


def class_probabilities(
    bundle: Path | str, records: Sequence[Record], *, int8: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What a bundle thinks of every class of every field of records, and their embeddings, as `goldleaf.quality.label_errors` takes them.

    The first table has a row a record and field: `record, field, classes, probabilities, tokens` (tags are left out where a record has no
    tokens); the second a row a record: `record, embedding`. Nothing is kept apart: records that the bundle was trained on are judged by
    a model that has seen their labels.
    """
    import pandas as pd

    from goldleaf.encode import class_probabilities as probabilities_of
    from goldleaf.encode import cut_pieces, output_classes
    from goldleaf.serve import Predictor, available_cores

    predictor = Predictor(bundle, int8=int8, workers=available_cores())
    classes = {field.name: output_classes(field) for field in predictor.schema.fields}
    rows: list[dict[str, Any]] = []
    vectors: list[Any] = []
    for record, result in zip(records, predictor.stream(records, embeddings=True, logits=True), strict=True):
        (pieces,) = cut_pieces(predictor.tokenizer, [record.text], whole_words=predictor.layout.whole_words)
        vectors.append(result.embedding)
        logits = result.logits or {}
        for field in predictor.schema.fields:
            if field.kind == "tags" and record.tokens is None:
                continue
            probabilities, tokens = probabilities_of(field, logits[field.name], record, pieces)
            rows.append(
                {
                    "record": record.id,
                    "field": field.name,
                    "classes": classes[field.name],
                    "probabilities": probabilities,
                    "tokens": tokens,
                }
            )
    columns = ["record", "field", "classes", "probabilities", "tokens"]
    embeddings = pd.DataFrame({"record": [record.id for record in records], "embedding": vectors})
    return pd.DataFrame(rows, columns=columns), embeddings
