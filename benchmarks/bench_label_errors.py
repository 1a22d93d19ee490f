"""Which labels are wrong: ours beside cleanlab's scores, on the same probabilities in the same run.

    python benchmarks/bench_label_errors.py [--part spans choice crowd cleaning] [--bundle DIR] [--quick]

Data lie beside the project, and cleanlab comes with `pip install -e '.[peers]'`; without either the script says so and stops.

spans     CoNLL-2003 test with its original labels, judged by a model trained on the training split alone (`--bundle`, or trained now),
          against the 186 sentences that CoNLL++ corrects: area under the precision-recall curve of sentences and of tokens, precision
          at 186; what each step adds, what was tried and dropped, and how far the probabilities are right
choice    Financial PhraseBank: the score against the annotators' agreement, and labels made wrong as annotators confuse them
crowd     Broad Twitter Corpus: how often annotators overlook, cut and invent
cleaning  what the proposed corrections of the training labels bring: F1 on the corrected test set, with and without (trains seven models)

`--part` defaults to the first three. `--quick` takes a few hundred records of each and writes no results; else
`benchmarks/results/label_errors.json`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from common import about, read_results, write_results
from conllpp import (
    CONLL,
    NER,
    Array,
    Truth,
    classes,
    difference,
    gold_of,
    gold_of_tags,
    in_order,
    proposals,
    read_conll,
    records_of,
    show,
)
from goldleaf import workspace
from goldleaf.core import Example, Span
from goldleaf.measure import calibration_error, reliability
from goldleaf.quality import find_errors, rehearse
from goldleaf.quality.errors.case import make_case, read_gold
from goldleaf.quality.errors.channel import error_rates, even_rates, true_tags
from goldleaf.quality.errors.confident import confident_joint, true_given
from goldleaf.quality.errors.document import doubt, steady
from goldleaf.quality.errors.sequences import line_up, opinions_of, with_doubt
from goldleaf.quality.errors.sites import find_sites, wrong_odds
from goldleaf.quality.errors.weighing import draw_folds, pool_apart
from goldleaf.snapshot import Dataset
from goldleaf.train import Recipe
from noisy_choices import SCORES, choice, crowd


def spans(bundle: Path | None, quick: bool) -> dict[str, Any]:
    examples = read_conll("test_original")[: 1200 if quick else None]
    with tempfile.TemporaryDirectory() as place:
        if bundle is None:
            bundle = Path(place) / "bundle"
            train_ner(
                read_conll("train")[: 600 if quick else None],
                read_conll("dev")[: 300 if quick else None],
                bundle,
                quick,
            )
        opinion = workspace.class_probabilities(bundle, [e.record for e in examples])
    predictions = opinion.predictions.assign(
        probabilities=list(in_order(opinion.predictions)), classes=[classes()] * len(examples)
    )
    truth = Truth(examples)
    theirs = cleanlab_scores(truth, predictions["probabilities"].tolist())
    start = time.perf_counter()
    found = find_errors(gold_of(examples), predictions, records=records_of(examples))
    seconds = time.perf_counter() - start
    by_record = found.records.set_index("record")["probability"].reindex([e.record.id for e in examples]).to_numpy()
    ours = (found.tokens["probability"].to_numpy(float), by_record)
    table = {name: truth.measure(*scores) for name, scores in theirs.items()} | {"goldleaf": truth.measure(*ours)}
    best = {key: max(theirs, key=lambda name: table[name][key]) for key in table["goldleaf"]}
    show("spans: areas under the precision-recall curve, and precision at as many sentences as are wrong", table)
    steps = steps_of(truth, examples, predictions)
    show("what each step adds, and what was dropped", steps)
    (planted,) = rehearse(gold_of(examples), predictions, records=records_of(examples))
    (clean,) = rehearse(gold_of_tags(examples, truth.corrected), predictions, records=records_of(examples))
    real = reliability(by_record, truth.sentences.astype(float))
    result = {
        "wrong": {"sentences": int(truth.sentences.sum()), "tokens": int(truth.tokens.sum())},
        "scores": table,
        "above_the_best_of_cleanlab": {
            key: {
                "value": round(table["goldleaf"][key] - table[name][key], 4),
                "of": name,
                **difference(truth, ours, theirs[name], key),
            }
            for key, name in best.items()
        },
        "steps": steps,
        "expected_wrong_sentences": round(float(by_record.sum()), 1),
        "calibration_error": {
            "real": calibration_error(real),
            "planted": planted.calibration_error,
            "planted_in_corrected": clean.calibration_error,
        },
        "reliability": {"real": real, "planted": planted.reliability, "planted_in_corrected": clean.reliability},
        "proposals_right": proposals(found.labels, examples, truth),
        "seconds": round(seconds, 2),
    }
    for key in (
        "above_the_best_of_cleanlab",
        "expected_wrong_sentences",
        "calibration_error",
        "proposals_right",
        "seconds",
    ):
        print(key, result[key])
    return result


def cleanlab_scores(truth: Truth, probabilities: list[Array]) -> dict[str, tuple[Array, Array]]:
    """Suspicion of tokens and sentences by every score of cleanlab's, on the tags and on the labels with B and I together."""
    from cleanlab.token_classification.rank import get_label_quality_scores

    tags, plain = [list(t) for t in truth.tags], [list((t + 1) // 2) for t in truth.tags]
    merged = [np.column_stack([p[:, 0], p[:, 1::2] + p[:, 2::2]]) for p in probabilities]
    found: dict[str, tuple[Array, Array]] = {}
    for what, labels, rows in (("tags", tags, probabilities), ("labels", plain, merged)):
        for token in SCORES:
            for sentence in ("min", "softmin"):
                whole, each = get_label_quality_scores(
                    labels, rows, token_score_method=token, sentence_score_method=sentence
                )
                found[f"cleanlab {token}, {sentence}, {what}"] = (
                    -np.concatenate([s.to_numpy() for s in each]),
                    -np.asarray(whole),
                )
    return found


def steps_of(truth: Truth, examples: list[Example], predictions: pd.DataFrame) -> dict[str, dict[str, float]]:
    """The areas of each step of ours, and of what was tried in its place."""
    (gold,) = read_gold(gold_of(examples), NER, predictions)
    lined = line_up(make_case(gold, predictions, records=records_of(examples), embeddings=None, answers=None))
    given, model, rates = lined.given, lined.probabilities, error_rates(4)
    labels = (np.arange(9) + 1) // 2
    believed = opinions_of(lined)
    told = with_doubt(true_tags(believed, given, rates), lined, labels)
    sites, tokens = zip(
        *(
            find_sites(told[r], believed[r], given[r], rates, at_least=0.01)
            for r in map(lined.rows, range(len(examples)))
        ),
        strict=True,
    )
    any_of = np.array([1 - np.prod([1 - site.probability for site in each]) for each in sites])
    assert lined.words is not None
    label = labels[given]
    there = doubt(lined.words, lined.records, label, 5)[:, labels]
    pooled, _ = pool_apart(np.stack([np.log(model), there]), given, draw_folds(truth.groups[lined.records]))
    odds: dict[str, Array] = {
        "the model alone": wrong_odds(model, given),
        "+ mistakes that people make": wrong_odds(true_tags(model, given, rates), given),
        "+ the model elsewhere in the document": wrong_odds(true_tags(believed, given, rates), given),
        "+ labels elsewhere in the document": wrong_odds(told, given),
        "+ spans stand or fall as one": np.concatenate(tokens),
        "dropped: all mistakes alike": wrong_odds(true_tags(model, given, even_rates(9)), given),
        "dropped: mistakes as confident learning counts them": wrong_odds(
            true_given(model, given, confident_joint(model, given)), given
        ),
        "dropped: mistakes by expectation maximisation": wrong_odds(true_tags(model, given, _em(model, given)), given),
        "dropped: labels elsewhere, weighed by how well they predict labels": wrong_odds(
            true_tags(pooled, given, rates), given
        ),
        "dropped: the model elsewhere in all documents": wrong_odds(
            true_tags(steady(model, _everywhere(examples), lined.records), given, rates), given
        ),
    }
    for what, place in RATES.items():
        for factor in (0.5, 2.0):
            scaled = wrong_odds(
                with_doubt(true_tags(believed, given, _scaled(rates, place, factor)), lined, labels), given
            )
            odds[f"{what} {'halved' if factor < 1 else 'doubled'}"] = scaled
    found = {name: truth.measure(scores) for name, scores in odds.items()}
    return found | {
        "dropped: a sentence is wrong if any of its labels is": truth.measure(np.concatenate(tokens), any_of)
    }


def _scaled(rates: Array, place: Callable[[Array, Array], Array], factor: float) -> Array:
    """The rates with those of one kind of mistake multiplied."""
    given, true = np.indices(rates.shape)
    found = np.where(place(given, true) & (given != true), rates * factor, rates)
    np.fill_diagonal(found, 0)
    np.fill_diagonal(found, 1 - found.sum(axis=0))
    return found


RATES: dict[str, Callable[[Array, Array], Array]] = {
    "overlooked": lambda given, true: (given == 0) & (true > 0),
    "invented": lambda given, true: (given > 0) & (true == 0),
    "cut": lambda given, true: (given > 0) & ((given + 1) // 2 == (true + 1) // 2),
    "mislabelled": lambda given, true: (given > 0) & (true > 0) & ((given + 1) // 2 != (true + 1) // 2),
}


def _em(model: Array, given: Array) -> Array:
    rates = even_rates(model.shape[1])
    for _ in range(20):
        true = true_tags(model, given, rates)
        rates = np.zeros_like(rates)
        np.add.at(rates, given, true)
        rates /= rates.sum(axis=0)
    return rates


def _everywhere(examples: list[Example]) -> Array:
    from goldleaf.quality.errors.sequences import words_of

    numbers: dict[Any, int] = {}
    words = (w for e in examples for w in words_of(e.record.text, np.array(e.record.tokens)))
    return np.array([numbers.setdefault(word, len(numbers)) for word in words])


def train_ner(
    train: list[Example], dev: list[Example], bundle: Path, quick: bool, recipe: Recipe | None = None
) -> None:
    data = Dataset(NER, _named(train, "train"), _named(dev, "dev"))
    workspace.train(data, bundle, recipe=recipe or (Recipe(epochs=2) if quick else Recipe()))


def _named(examples: list[Example], name: str) -> list[Example]:
    return [
        replace(e, record=replace(e.record, id=f"{name}-{e.record.id}", group=f"{name}-{e.record.group}", split=None))
        for e in examples
    ]


def cleaning(quick: bool, keep: Path | None) -> dict[str, Any]:
    """F1 on the corrected test set, and the difference, each with its interval: of a model trained on the training labels as they are, and
    of one trained on them with the proposed corrections (what is more probably wrong than right), by the same recipe and seed."""
    train, dev = (
        _named(read_conll("train")[: 300 if quick else None], "train"),
        read_conll("dev")[: 150 if quick else None],
    )
    test = read_conll("test_conllpp")[: 400 if quick else None]
    recipe = Recipe(epochs=3) if quick else Recipe()
    with tempfile.TemporaryDirectory() as place:
        folder = keep or Path(place)
        data = Dataset(NER, train)
        opinion = workspace.out_of_sample(data, folder / "opinions", folds=2 if quick else 5, recipe=recipe)
        found = find_errors(gold_of(train), opinion.predictions, records=records_of(train), schema=NER)
        proposed = dict(zip(found.records["record"], found.records["proposed"], strict=True))
        changed = [
            e.record.id
            for e in train
            if list(map(tuple, proposed[e.record.id])) != list(map(tuple, e.values["entities"]))
        ]
        corrected = [replace(e, values={"entities": [Span(*s) for s in proposed[e.record.id]]}) for e in train]
        bundles = {"as it is": train, "corrected": corrected}
        for name, examples in bundles.items():
            if not (folder / name).is_dir():
                train_ner(examples, dev, folder / name, quick, recipe)
        scores = workspace.compare(folder / "as it is", folder / "corrected", test)
        f1 = {name: workspace.evaluate(folder / name, test).data["fields"]["entities"]["f1"] for name in bundles}
    result = {"records": len(train), "changed": len(changed), "f1": f1, "fields": scores["fields"]}
    print("cleaning:", json.dumps(result, indent=1))
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--part", nargs="+", choices=("spans", "choice", "crowd", "cleaning"), default=["spans", "choice", "crowd"]
    )
    parser.add_argument("--bundle", type=Path, help="a bundle trained on the training split of CoNLL-2003 alone")
    parser.add_argument("--keep", type=Path, help="where cleaning keeps its models, to go on after an interruption")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if not CONLL.is_dir():
        print("skipped: the annotated data does not lie beside the project")
        return
    try:
        import cleanlab  # noqa: F401
    except ImportError:
        print("skipped: cleanlab is not installed (pip install -e '.[peers]')")
        return
    warnings.filterwarnings("ignore", module="sklearn")
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "spans": lambda: spans(options.bundle, options.quick),
        "choice": lambda: choice(options.quick),
        "crowd": crowd,
        "cleaning": lambda: cleaning(options.quick, options.keep),
    }
    results = read_results("label_errors")
    for name in options.part:
        results[name] = {**about("cleanlab", "scikit-learn", "onnxruntime"), **parts[name]()}
        if not options.quick:
            write_results("label_errors", results)


if __name__ == "__main__":
    main()
