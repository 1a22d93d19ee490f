"""Whether soft labels and confidences help: the same model, seeds and steps, trained on four readings of the same answers.

    python benchmarks/bench_soft_labels.py [--part tweets names comments] [--frozen] [--seeds N] [--train N] [--keep DIR] [--quick]

Data lie beside the project; without them the script says so and stops. Training labels are what people (or rules) said, never gold; the
validation and test labels are gold.

tweets    Broad Twitter Corpus, sections a, b and e: does the tweet name a place, an organisation, a person? Two to five people a question
names     the same, and which words those are: people overlook and cut them; a field a kind of name
comments  YouTube comments, spam or not (WRENCH): ten labelling functions that often abstain and contradict each other

majority   the value that most gave            aggregated  by `aggregate(method="auto")`
soft       its probabilities (a choice)        weighted    its values, each as heavy as its confidence

Differences to `aggregated` are paired: the bootstrap draws records, each with what all seeds said of it. `--frozen` trains a linear head on
the published encoder's embeddings in place of all weights (choices only), and a seed is another drawing of the splits: minutes in place of
an hour. `--train` takes so many training records; `--keep` leaves the models in a folder, where an interrupted run finds them again.
`--quick` is `--frozen` with one seed of the first part, and writes no results; else `benchmarks/results/soft_labels.json`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from common import SHARED, Clock, about, read_results, write_results
from frozen_heads import embed, learn
from goldleaf.core import Example, Field, Gold, Prediction, Record, Schema, Span, join_tokens, value_to_json
from goldleaf.evaluate import compare
from goldleaf.quality.aggregation import aggregation
from goldleaf.serve import Predictor
from goldleaf.snapshot import Dataset
from goldleaf.train import Recipe, run_folder, train

DATA = SHARED / "data"
KINDS = ("loc", "org", "per")
LONGEST = 600
"""Comments of more characters are left out: a text is to be one window."""
RECIPE = Recipe(epochs=3, patience=0)
ARMS = {
    "majority": ("majority", {}),
    "aggregated": ("auto", {}),
    "soft": ("auto", {"soft_labels": True}),
    "weighted": ("auto", {"confidence_weights": True}),
}


class Answered:
    """Records with gold in their values, what was answered to those of the training split, and the schema."""

    def __init__(
        self, schema: Schema, examples: Sequence[Example], answers: list[tuple[str, str, str, Any]], most: int | None
    ) -> None:
        self.schema, self.examples, self.answers, self.most = schema, examples, answers, most
        self.splits = {name: [e for e in examples if e.record.split == name] for name in ("train", "dev", "test")}
        self.splits["train"] = self.splits["train"][:most]
        kept = {e.record.id for e in self.splits["train"]}
        rows = [row for row in answers if row[0] in kept]
        self.table = pd.DataFrame(rows, columns=["record", "field", "annotator", "value"])

    def drawn(self, seed: int) -> Answered:
        """The same with other splits: 60, 10 and 30 of 100 records."""
        places = np.random.default_rng(seed).permutation(len(self.examples)) / len(self.examples)
        pairs = zip(self.examples, places.tolist(), strict=True)
        examples = [replace(e, record=replace(e.record, split=split_at(place))) for e, place in pairs]
        return Answered(self.schema, examples, self.answers, self.most)

    def dataset(self, method: str) -> Dataset:
        """The training split as a way of aggregating makes it."""
        rows = [
            (e.record.id, e.record.text, None if e.record.tokens is None else [list(t) for t in e.record.tokens])
            for e in self.splits["train"]
        ]
        records = pd.DataFrame(rows, columns=["record", "text", "tokens"])
        found = aggregation(self.table, method, schema=self.schema, records=records)
        golds: dict[str, dict[str, Gold]] = {}
        for row in found.values.itertuples(index=False):
            likely = found.probabilities.get(row.field)
            p = {} if likely is None else {k: float(v) for k, v in likely.loc[row.record].items() if v > 0}
            value = [Span(*span) for span in row.value] if isinstance(row.value, list) else row.value
            gold = Gold(row.record, row.field, value, "aggregated", float(row.confidence), probabilities=p)
            golds.setdefault(row.record, {})[row.field] = gold
        train = [
            Example(e.record, {name: gold.value for name, gold in golds[e.record.id].items()}, golds[e.record.id])
            for e in self.splits["train"]
            if e.record.id in golds
        ]
        return Dataset(self.schema, train, self.splits["dev"], self.splits["test"])

    def quality(self, data: Dataset) -> dict[str, float]:
        """How many of the training labels are right, by field, and the mean confidence."""
        truth = {e.record.id: e.values for e in self.splits["train"]}
        pairs = [(name, gold, truth[e.record.id].get(name)) for e in data.train for name, gold in e.gold.items()]
        right = [gold.value == value for _, gold, value in pairs if value is not None]
        return {
            "labels": len(pairs),
            "right": round(float(np.mean(right)), 4),
            "confidence": round(float(np.mean([g.confidence for _, g, _ in pairs])), 4),
        }


def comments(most: int | None) -> Answered:
    schema = Schema((Field("label", "choice", ("ham", "spam")),))
    examples: list[Example] = []
    answers: list[tuple[str, str, str, Any]] = []
    for name, split in (("train", "train"), ("valid", "dev"), ("test", "test")):
        rows = json.loads((DATA / "weak_wrench" / "youtube" / f"{name}.json").read_text(encoding="utf-8"))
        for key, row in rows.items():
            record = Record(f"{name}-{key}", row["data"]["text"], split=split)
            if len(record.text) > LONGEST:
                continue
            examples.append(Example(record, {"label": schema["label"].labels[row["label"]]}))
            said = [(f"rule {n}", vote) for n, vote in enumerate(row["weak_labels"]) if vote >= 0]
            answers += [(record.id, "label", who, schema["label"].labels[vote]) for who, vote in said]
    return Answered(schema, examples, answers, most)


def tweets(most: int | None) -> Answered:
    """Whether there are any: three choices."""
    return tell(Schema(tuple(Field(kind, "choice", ("no", "yes")) for kind in KINDS)), most)


def names(most: int | None) -> Answered:
    """Which words they are: three fields of spans."""
    return tell(Schema(tuple(Field(kind, "spans", (kind.upper(),)) for kind in KINDS)), most)


def tell(schema: Schema, most: int | None) -> Answered:
    """The tweets with what judges marked in them, as answers to these fields."""

    def value(record: Record, marks: Sequence[int], kind: str) -> Any:
        spans = marked(record, marks, kind)
        return spans if schema[kind].kind == "spans" else "yes" if spans else "no"

    texts: dict[str, Record] = {}
    values: dict[str, dict[str, Any]] = {}
    answers: list[tuple[str, str, str, Any]] = []
    for section in "abe":
        with (DATA / "btc_broad_twitter" / "crowd" / f"{section}.jsonl").open(encoding="utf-8") as lines:
            for unit in map(json.loads, lines):
                if unit["kind"] not in KINDS or unit["gold_marks"] is None:
                    continue
                text, tokens = join_tokens(unit["tokens"])
                record = texts.setdefault(text, Record(f"{len(texts)}", text, tokens))
                kind = unit["kind"]
                values.setdefault(record.id, {})[kind] = value(record, unit["gold_marks"], kind)
                for judged in unit["judgments"]:
                    said = value_to_json(value(record, judged["marks"], kind))
                    answers.append((record.id, kind, judged["worker"], said))
    drawn = np.random.default_rng(0).permutation(len(texts))
    places = dict(zip((r.id for r in texts.values()), (drawn / len(texts)).tolist(), strict=True))
    examples = [Example(replace(r, split=split_at(places[r.id])), values[r.id]) for r in texts.values()]
    return Answered(schema, examples, answers, most)


def split_at(place: float) -> Any:
    return "train" if place < 0.6 else "dev" if place < 0.7 else "test"


def marked(record: Record, marks: Sequence[int], kind: str) -> list[Span]:
    """Spans from the numbers of marked tokens: those side by side are one."""
    spans: list[Span] = []
    tokens, last = record.tokens or (), -2
    for mark in sorted(set(marks)):
        start = spans.pop().start if mark == last + 1 else tokens[mark][0]
        spans.append(Span(start, tokens[mark][1], kind.upper()))
        last = mark
    return spans


def run(answered: Answered, seeds: int, place: Path) -> dict[str, Any]:
    """Every arm with every seed, and how each stands beside `aggregated`; the models lie in `place`."""
    soft = bool(answered.schema.of_kind("choice"))
    arms = {name: arm for name, arm in ARMS.items() if soft or name != "soft"}
    test = answered.splits["test"]
    said: dict[str, list[list[Prediction]]] = {name: [] for name in arms}
    found: dict[str, Any] = {"records": {k: len(v) for k, v in answered.splits.items()}, "labels": {}}
    read = {method: answered.dataset(method) for method in ("majority", "auto")}
    for method, data in read.items():
        found["labels"][method] = answered.quality(data)
        print(method, found["labels"][method], flush=True)
    for seed in range(seeds):
        for name, (method, options) in arms.items():
            recipe = replace(RECIPE, seeds=(seed,), **options)
            folder, clock = place / f"{name}-{seed}", Clock()
            if not folder.is_dir():
                train(read[method], recipe, folder, resume=run_folder(folder).is_dir())
            said[name].append([r.prediction for r in Predictor(folder).stream([e.record for e in test])])
            print(f"  {name}, seed {seed}: {clock.seconds():.0f} s", flush=True)
    found["differences"] = {
        name: beside(answered.schema, [test] * seeds, said["aggregated"], said[name]) for name in said
    }
    return found


def run_frozen(answered: Answered, seeds: int) -> dict[str, Any]:
    """The same with heads alone, each seed with splits of its own."""
    vectors = embed(answered.examples, answered.schema, RECIPE)
    tests: list[Sequence[Example]] = []
    said: dict[str, list[list[Prediction]]] = {name: [] for name in ARMS}
    found: dict[str, Any] = {"records": len(answered.examples), "seeds": seeds, "labels": []}
    for seed in range(seeds):
        drawn = answered.drawn(seed)
        read = {method: drawn.dataset(method) for method in ("majority", "auto")}
        found["labels"].append({method: drawn.quality(data) for method, data in read.items()})
        tests.append(drawn.splits["test"])
        arms = {name: learn(read[m], vectors, replace(RECIPE, **options)) for name, (m, options) in ARMS.items()}
        scores = np.array([[score for score, _ in each] for each in arms.values()])
        decay = int(scores.mean(axis=0).argmax())
        for name, each in arms.items():
            said[name].append(each[decay][1])
    found["differences"] = {name: beside(answered.schema, tests, said["aggregated"], said[name]) for name in said}
    return found


def beside(
    schema: Schema, tests: list[Sequence[Example]], first: list[list[Prediction]], second: list[list[Prediction]]
) -> dict[str, Any]:
    """The differences, by field and seed by seed too."""
    whole = compare(schema, *together(tests, first), together(tests, second)[1])
    seeds = [compare(schema, test, a, b, resamples=100) for test, a, b in zip(tests, first, second, strict=True)]
    told = {
        name: {
            **{key: field[key] for key in ("score", "first", "second", "difference", "certainty", "settled")},
            "by_seed": [round(each["fields"][name]["difference"]["value"], 4) for each in seeds],
        }
        for name, field in whole["fields"].items()
    }
    for name, field in told.items():
        d = field["difference"]
        print(f"{name:7} {field['second']:.4f} ({d['value']:+.4f}, {d['low']:+.4f} to {d['high']:+.4f})", flush=True)
    return told


def together(tests: list[Sequence[Example]], said: list[list[Prediction]]) -> tuple[list[Example], list[Prediction]]:
    """All seeds' predictions in a row: a record is drawn with all of them, or not at all."""
    examples = [
        replace(e, record=replace(e.record, id=f"{seed} {e.record.id}", group=e.record.id))
        for seed, test in enumerate(tests)
        for e in test
    ]
    return examples, [replace(p, record=f"{seed} {p.record}") for seed, part in enumerate(said) for p in part]


PARTS = {"tweets": tweets, "names": names, "comments": comments}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--frozen", action="store_true", help="heads alone, on the published encoder's embeddings")
    parser.add_argument("--train", type=int, help="how many training records to take; all, where it is not given")
    parser.add_argument("--keep", type=Path, help="where the models are kept, to go on after an interruption")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if not DATA.is_dir():
        print("skipped: the annotated data does not lie beside the project")
        return
    results = read_results("soft_labels")
    frozen = options.frozen or options.quick
    for name in [p for p in options.part if not frozen or p != "names"][: 1 if options.quick else None]:
        print(f"{name}:", flush=True)
        seeds = 1 if options.quick else options.seeds
        with tempfile.TemporaryDirectory() as temporary:
            place = (options.keep or Path(temporary)) / name
            answered = PARTS[name](options.train)
            found = run_frozen(answered, seeds) if frozen else run(answered, seeds, place)
        results[f"{name}, frozen" if frozen else name] = {**about("torch", "onnxruntime"), **found}
        if not options.quick:
            write_results("soft_labels", results)


if __name__ == "__main__":
    main()
