"""What a model must beat: TF-IDF with logistic regression."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from goldleaf.core import Example, Field, Prediction, Record, Schema
from goldleaf.text import segment

_WORD, _HAN = re.compile(r"\w+"), re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
WEIGHTS = 2_000_000
"""How many weights the regression has at most (classes x features); frequent features are kept. Bounds its memory to about 1 GB."""


def tfidf_baseline(schema: Schema, train: Sequence[Example], records: Sequence[Record]) -> list[Prediction]:
    """Predict the choice fields from words (1-2 grams; of Chinese, jieba's) and characters (2-5 grams within words).

    Other fields are left out. A field that `train` has fewer than two labels of is left out too. Scores are the regression's probabilities.
    """
    columns = {f.name: c for f in schema.of_kind("choice") if (c := _predict_field(f, train, records)) is not None}
    return [
        Prediction(
            record.id,
            {name: values[place] for name, (values, _) in columns.items()},
            {name: scores[place] for name, (_, scores) in columns.items()},
        )
        for place, record in enumerate(records)
    ]


def _predict_field(
    field: Field, train: Sequence[Example], records: Sequence[Record]
) -> tuple[list[Any], list[dict[str, float]]] | None:
    """A value and a score for each label, for each record; None where there is nothing to learn."""
    asked = [e for e in train if field.name in e.values]
    golds: list[set[str]] = [{v} if isinstance(v := e.values[field.name], str) else set(v) for e in asked]
    classes = sorted(set[str]().union(*golds))
    if len(classes) < 2 or not records:
        return None
    texts = _features(len(classes), [e.record.text for e in asked], [r.text for r in records])
    if texts is None:
        return None
    if field.many:
        chances = {c: _chances(texts, [c in gold for gold in golds])[1].get(True) for c in classes}
        table = [{c: 0.0 if p is None else float(p[n]) for c, p in chances.items()} for n in range(len(records))]
        return [[c for c in field.labels if row.get(c, 0.0) >= 0.5] for row in table], table
    values, columns = _chances(texts, [next(iter(gold)) for gold in golds])
    return values, [{c: float(p[n]) for c, p in columns.items()} for n in range(len(records))]


def _features(classes: int, train: Sequence[str], test: Sequence[str]) -> tuple[Any, Any] | None:
    """The two texts as sparse TF-IDF matrices; None where the training texts have no features at all."""
    from scipy import sparse  # pyright: ignore[reportMissingTypeStubs]
    from sklearn.feature_extraction.text import TfidfVectorizer  # pyright: ignore[reportMissingTypeStubs]

    build: Any = TfidfVectorizer
    limit = max(1000, WEIGHTS // classes)
    words = build(ngram_range=(1, 2), sublinear_tf=True, tokenizer=_words, token_pattern=None, max_features=limit // 2)
    letters = build(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, max_features=limit // 2)
    parts: list[tuple[Any, Any]] = []
    for vectoriser in (words, letters):
        try:
            parts.append((vectoriser.fit_transform(train), vectoriser.transform(test)))
        except ValueError:  # an empty vocabulary: texts of punctuation alone have no words
            continue
    if not parts:
        return None
    joined: Any = sparse
    return joined.hstack([a for a, _ in parts]).tocsr(), joined.hstack([b for _, b in parts]).tocsr()


def _words(text: str) -> list[str]:
    """Runs of letters and digits; where Han characters are among them, jieba's words."""
    if not _HAN.search(text):
        return _WORD.findall(text)
    return [word for start, end in segment(text, "jieba") if _WORD.search(word := text[start:end])]


def _chances(texts: tuple[Any, Any], golds: Sequence[Any]) -> tuple[list[Any], dict[Any, Any]]:
    """The likeliest class of each test text, and each class's probabilities."""
    from sklearn.linear_model import LogisticRegression  # pyright: ignore[reportMissingTypeStubs]

    if len(set(golds)) < 2:
        return [golds[0]] * texts[1].shape[0], {golds[0]: [1.0] * texts[1].shape[0]}
    model: Any = LogisticRegression(C=10.0, max_iter=1000)
    model.fit(texts[0], golds)
    names: list[Any] = model.classes_.tolist()
    chances = model.predict_proba(texts[1])
    return [names[best] for best in chances.argmax(axis=1)], {name: chances[:, n] for n, name in enumerate(names)}
