"""Choices whose labels are wrong, or that annotators do not agree on; and what single annotators overlook and invent."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from conllpp import DATA, Array, area, show
from goldleaf.measure import calibration_error, reliability
from goldleaf.quality import find_errors

SCORES = ("self_confidence", "normalized_margin", "confidence_weighted_entropy")


def choice(quick: bool) -> dict[str, Any]:
    rows = [
        json.loads(line) for line in (DATA / "fin_phrasebank" / "strata.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    rows = rows[:: 5 if quick else 1]
    names = ("negative", "neutral", "positive")
    texts, vectors = [r["text"] for r in rows], embed([r["text"] for r in rows])
    labels = np.array([names.index(r["label"]) for r in rows])
    agreed = np.array([{"50": 0, "66": 1, "75": 2, "all": 3}[r["agree"]] for r in rows])
    probabilities = by_folds(texts, labels)
    result: dict[str, Any] = {"accuracy": round(float((probabilities.argmax(axis=1) == labels).mean()), 4)}
    scores = cleanlab_choice(labels, probabilities) | our_choice(texts, labels, probabilities, vectors, names)
    result["agreement"] = {
        name: {
            "area, 50 % agree": round(area(s, agreed == 0), 4),
            "area, 66 % or fewer": round(area(s, agreed <= 1), 4),
            "rank correlation": round(-float(pd.Series(s).corr(pd.Series(agreed), method="spearman")), 4),
        }
        for name, s in scores.items()
    }
    show("choice: the score against the annotators' agreement", result["agreement"])
    sure = np.flatnonzero(agreed >= 2)
    confused = confusion(labels[agreed <= 1], probabilities[agreed <= 1])
    found: dict[str, dict[str, list[float]]] = {}
    said: list[Array] = []
    made: list[Array] = []
    for seed in range(1 if quick else 3):
        for share in (0.05, 0.15):
            for hard in (False, True):
                rng = np.random.default_rng(seed)
                weights = 1.02 - probabilities[sure].max(axis=1) if hard else np.ones(len(sure))
                noisy, wrong = confuse(labels[sure], confused, share, weights, rng)
                some = [texts[i] for i in sure]
                p = by_folds(some, noisy, seed=seed)
                ours = our_choice(some, noisy, p, vectors[sure], names)
                said.append(ours["goldleaf"])
                made.append(wrong)
                for name, s in (cleanlab_choice(noisy, p) | ours).items():
                    case = f"{share:.0%}, {'hard texts' if hard else 'any text'}"
                    found.setdefault(name, {}).setdefault(case, []).append(area(s, wrong))
    result["planted"] = {
        name: {case: round(float(np.mean(v)), 4) for case, v in cases.items()} for name, cases in found.items()
    }
    show("choice: area of finding labels made wrong", result["planted"])
    bins = reliability(np.concatenate(said), np.concatenate(made).astype(float))
    result["planted_reliability"], result["planted_calibration_error"] = bins, calibration_error(bins)
    print("calibration error on labels made wrong", result["planted_calibration_error"])
    return result


def embed(texts: list[str]) -> Array:
    """MiniLM's mean of the last layer: a model that has seen none of the labels."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    from goldleaf.train.base import locate_base

    tokenizer, model = (kind.from_pretrained(locate_base("minilm")) for kind in (AutoTokenizer, AutoModel))
    found = []
    with torch.inference_mode():
        for start in range(0, len(texts), 64):
            batch = tokenizer(
                texts[start : start + 64], padding=True, truncation=True, max_length=128, return_tensors="pt"
            )
            hidden, mask = model(**batch).last_hidden_state, batch["attention_mask"].unsqueeze(-1)
            found.append(((hidden * mask).sum(dim=1) / mask.sum(dim=1)).numpy())
    return np.concatenate(found).astype(np.float64)


def by_folds(texts: list[str], labels: Array, *, seed: int = 0) -> Array:
    """Out-of-sample probabilities of a logistic regression on words and pairs of words."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2), LogisticRegression(C=10, max_iter=1000)
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    return cross_val_predict(model, texts, labels, cv=folds, method="predict_proba")


def cleanlab_choice(labels: Array, probabilities: Array) -> dict[str, Array]:
    from cleanlab.rank import get_label_quality_scores

    kinds = [(score, False) for score in SCORES] + [(score, True) for score in SCORES[:2]]
    return {
        f"cleanlab {score}{', adjusted' if adjust else ''}": -get_label_quality_scores(
            labels, probabilities, method=score, adjust_pred_probs=adjust
        )
        for score, adjust in kinds
    }


def our_choice(
    texts: list[str], labels: Array, probabilities: Array, vectors: Array, names: tuple[str, ...]
) -> dict[str, Array]:
    """Ours on the probabilities alone, and with what the texts and embeddings know."""
    ids = [str(n) for n in range(len(texts))]
    gold = pd.DataFrame({"record": ids, "value": [names[k] for k in labels]})
    predictions = pd.DataFrame({"record": ids, "classes": [names] * len(ids), "probabilities": list(probabilities)})
    known = {
        "records": pd.DataFrame({"record": ids, "text": texts}),
        "embeddings": pd.DataFrame({"record": ids, "embedding": list(vectors)}),
    }

    def score(**more: Any) -> Array:
        found = find_errors(gold, predictions, **more).records.set_index("record")["probability"]
        return found.reindex(ids).to_numpy(float)

    return {"goldleaf, the model alone": score(), "goldleaf": score(**known)}


def confusion(labels: Array, probabilities: Array) -> Array:
    """How annotators who do not agree confuse labels: a model's mean probabilities of the others, `[labels, labels]`."""
    rows = np.array([probabilities[labels == k].mean(axis=0) for k in range(probabilities.shape[1])])
    np.fill_diagonal(rows, 0)
    return rows / rows.sum(axis=1, keepdims=True)


def confuse(
    labels: Array, confused: Array, share: float, weights: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    chosen = rng.choice(len(labels), round(share * len(labels)), replace=False, p=weights / weights.sum())
    noisy, wrong = labels.copy(), np.zeros(len(labels), bool)
    noisy[chosen] = [rng.choice(len(confused), p=confused[k]) for k in labels[chosen]]
    wrong[chosen] = True
    return noisy, wrong


def crowd() -> dict[str, Any]:
    """How many of the entities in the gold single annotators overlook and cut, and in how many tokens outside them they invent one."""
    counts: dict[str, Counter[str]] = {}
    for path in sorted((DATA / "btc_broad_twitter" / "crowd").glob("*.jsonl")):
        found = counts.setdefault(path.stem, Counter())
        with path.open(encoding="utf-8") as lines:
            for unit in map(json.loads, lines):
                if unit["gold_marks"] is None or unit["kind"] == "prod":
                    continue
                gold = _runs(unit["gold_marks"])
                for judgment in unit["judgments"]:
                    said = _runs(judgment["marks"])
                    found["entities"] += len(gold)
                    found["tokens_outside"] += len(unit["tokens"]) - sum(map(len, gold))
                    found["overlooked"] += sum(not any(g & s for s in said) for g in gold)
                    found["cut"] += sum(any(g & s for s in said) and g not in said for g in gold)
                    found["invented"] += sum(not any(g & s for g in gold) for s in said)
    shares = {
        name: {
            **found,
            "overlooked_of_entities": round(found["overlooked"] / found["entities"], 4),
            "invented_of_tokens_outside": round(found["invented"] / found["tokens_outside"], 5),
        }
        for name, found in counts.items()
    }
    for name, found in shares.items():
        print(f"crowd, section {name}:", found)
    return shares


def _runs(marks: list[int]) -> list[frozenset[int]]:
    runs: list[list[int]] = []
    for mark in sorted(marks):
        if runs and runs[-1][-1] == mark - 1:
            runs[-1].append(mark)
        else:
            runs.append([mark])
    return [frozenset(run) for run in runs]
