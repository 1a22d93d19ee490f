"""What a model must beat: TF-IDF with logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from goldleaf.core import Example, Field, Prediction, Record, Schema


def tfidf_baseline(schema: Schema, train: Sequence[Example], records: Sequence[Record]) -> list[Prediction]:
    """Predict the single-choice fields from words (1-2 grams) and characters (2-5 grams within words); other fields are left out.

    A field that `train` has fewer than two labels of is left out too.
    """
    columns = {
        f.name: c
        for f in schema.of_kind("choice")
        if not f.many and (c := _predict_field(f, train, records)) is not None
    }
    return [Prediction(r.id, {name: column[i] for name, column in columns.items()}) for i, r in enumerate(records)]


def _predict_field(field: Field, train: Sequence[Example], records: Sequence[Record]) -> list[str] | None:
    pairs = [(e.record.text, e.values[field.name]) for e in train if field.name in e.values]
    if len({label for _, label in pairs}) < 2 or not records:
        return None
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    words: Any = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
    letters: Any = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    model: Any = make_pipeline(make_union(words, letters), LogisticRegression(C=10.0, max_iter=1000))
    model.fit([text for text, _ in pairs], [label for _, label in pairs])
    return [str(label) for label in model.predict([r.text for r in records])]
