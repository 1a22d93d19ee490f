"""Training beside the Transformers Trainer: word-pieces a second, F1, and the time to the peer's final F1.

    python benchmarks/bench_train.py [--quick] [--set conll2003 snips] [--who example well_set goldleaf] [--seed 0 1 2 3 4] [--speed]

`example` is the recipe of Transformers' `run_ner.py`: Trainer, batch 8, rate 5e-5, 3 epochs, fp32. `well_set` is the same Trainer set by
somebody who knows it: batch 32, lengths grouped, rate 3e-4 with warm-up, bf16 where it is the faster one on this
machine. `goldleaf` is the default recipe, scored twice an epoch. All
fine-tune `minilm` on the tags of the same spans with the same two threads.

Counted: unpadded word-pieces of text over wall time, preparation included, validation left out on all sides. The time to the peer's F1
counts Goldleaf's validations and none of the peer's. Time in which the process was stopped does not count. Each finished run is written to
`benchmarks/results/train.json` at once, beside the others; ratios and the 90 % bound of the paired F1 difference are printed from there.
`--speed` trains on 3,000 records for one epoch, the contenders by turns: word-pieces a second alone, in minutes instead of hours.
`--quick` trains on 400 records for one epoch: it shows that the script runs.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats
from torch.utils.data import Dataset as TorchDataset
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    Trainer,
    TrainingArguments,
    set_seed,
)

from bench_quality import DATA, SETS
from common import Clock, about, read_results, write_results
from goldleaf.core import Example, Schema, chunks_to_spans, chunks_to_tags, spans_to_chunks, tags_to_chunks
from goldleaf.encode import predict, run_model
from goldleaf.measure import main_score
from goldleaf.snapshot import Dataset
from goldleaf.train import Recipe
from goldleaf.train.base import locate_base
from goldleaf.train.data import encode_split
from goldleaf.train.loop import forward_function, train_model
from goldleaf.train.plan import make_plan, prepare
from goldleaf.train.precision import uses_bf16
from goldleaf.train.run import fresh_model

FIELDS = {"conll2003": "entities", "snips": "slots"}
EVALUATE_EVERY = 0.5
WHO = ("example", "well_set", "goldleaf")
SETTINGS: dict[str, dict[str, Any]] = {
    "example": {"per_device_train_batch_size": 8, "learning_rate": 5e-5},
    "well_set": {
        "per_device_train_batch_size": 32,
        "learning_rate": 3e-4,
        "warmup_steps": 0.1,
        "train_sampling_strategy": "group_by_length",
    },
}


class Sentences(TorchDataset):  # type: ignore[type-arg]
    """Sentences as the peer's script has them: one label on the first piece of every word, nothing on the others."""

    def __init__(self, examples: Sequence[Example], field: str, labels: dict[str, int], tokenizer: Any) -> None:
        self.rows: list[dict[str, list[int]]] = []
        for example in examples:
            tokens = example.record.tokens or ()
            words = [example.record.text[a:b] for a, b in tokens]
            chunks, _ = spans_to_chunks(example.values[field], tokens)
            tags = chunks_to_tags(chunks, len(words))
            row = tokenizer(words, is_split_into_words=True, truncation=True)
            before, targets = None, list[int]()
            for word in row.word_ids():
                targets.append(-100 if word is None or word == before else labels[tags[word]])
                before = word
            self.rows.append({**row, "labels": targets})

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        return self.rows[index]


def run_peer(data: Dataset, field: str, who: str, seed: int, epochs: int) -> dict[str, Any]:
    """The Trainer with one of `SETTINGS`."""
    set_seed(seed)
    names = ["O", *(f"{mark}-{label}" for label in data.schema[field].labels for mark in "BI")]
    labels = {name: number for number, name in enumerate(names)}
    base = locate_base("minilm")
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        tokenizer = AutoTokenizer.from_pretrained(base)
        model = AutoModelForTokenClassification.from_pretrained(base, num_labels=len(names))
        train = Sentences(data.train, field, labels, tokenizer)
        options = TrainingArguments(
            folder,
            num_train_epochs=epochs,
            seed=seed,
            use_cpu=True,
            save_strategy="no",
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
            bf16=who == "well_set" and uses_bf16(Recipe()),
            **SETTINGS[who],
        )
        collator = DataCollatorForTokenClassification(tokenizer)
        trainer = Trainer(model, options, train_dataset=train, data_collator=collator, processing_class=tokenizer)
        trainer.train()
        seconds = clock.seconds(settled=True)
        pieces = epochs * sum(len(row["input_ids"]) - 2 for row in train.rows)
        scores = {
            split: _score_peer(trainer, data.split(split), field, names, labels, tokenizer) for split in ("dev", "test")
        }
    return {"seconds": seconds, "pieces": pieces, "pieces_per_second": pieces / seconds, **scores}


def _score_peer(
    trainer: Trainer, examples: Sequence[Example], field: str, names: list[str], labels: dict[str, int], tokenizer: Any
) -> float:
    rows = Sentences(examples, field, labels, tokenizer)
    best = np.asarray(trainer.predict(rows).predictions).argmax(-1)  # type: ignore[arg-type]
    golds, found = [], []
    for example, row, ids in zip(examples, rows.rows, best, strict=True):
        tokens = example.record.tokens or ()
        tags = [names[i] for i, label in zip(ids, row["labels"], strict=False) if label != -100]
        tags += ["O"] * (len(tokens) - len(tags))  # words that were cut off
        golds.append(example.values[field])
        found.append(chunks_to_spans(tags_to_chunks(tags), tokens))
    return main_score(_SCHEMA_OF[field], golds, found)


_SCHEMA_OF: dict[str, Any] = {}


def run_goldleaf(data: Dataset, field: str, seed: int, **options: Any) -> dict[str, Any]:
    """The default recipe, as `goldleaf train` runs it, up to the trained weights."""
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        prepared = prepare(data, Recipe(seeds=(seed,), evaluate_every=EVALUATE_EVERY, **options))
        model = fresh_model(prepared, seed)
        plan = make_plan(prepared)
        history: list[tuple[float, float]] = []
        spent = 0.0

        def score(trained: Any) -> float:
            nonlocal spent
            before = clock.seconds()
            value = plan.score(trained)
            after = clock.seconds()
            spent += after - before
            history.append((after, value))
            return value

        for _ in train_model(model, replace(plan, score=score), seed=seed, folder=Path(folder)):
            pass
        seconds = clock.seconds(settled=True) - spent
        steps_pieces = sum(len(w.ids) for w in prepared.windows)
        epochs_run = len(history) * EVALUATE_EVERY
        pieces = round(steps_pieces * epochs_run)
        test = encode_split(data.test, prepared.tokenizer.backend_tokenizer, whole_words=prepared.layout.whole_words)
        outputs = run_model(test.pieces, data.schema, prepared.layout, forward_function(model))
        found = predict(
            [e.record for e in data.test], test.pieces, outputs, data.schema, decoding=prepared.layout.decoding
        )
    golds = [e.values[field] for e in data.test]
    return {
        "seconds": seconds,
        "pieces": pieces,
        "pieces_per_second": pieces / seconds,
        "dev": max(value for _, value in history),
        "test": main_score(data.schema[field], golds, [p.values[field] for p in found]),
        "history": history,
    }


def load(name: str, folder: Path, *, most: int | None) -> Dataset:
    """A set with its spans alone, whole or `most` of its training records and as many others as show that scoring works."""
    data = SETS[name](folder)
    field = FIELDS[name]
    kept = {
        split: [replace(e, values={field: e.values[field]}) for e in data.split(split)]
        for split in ("train", "dev", "test")
    }
    if most is not None:
        chosen = np.random.default_rng(0).permutation(len(kept["train"]))[:most]
        kept = {"train": [kept["train"][i] for i in chosen], "dev": kept["dev"][:200], "test": kept["test"][:200]}
    _SCHEMA_OF[field] = data.schema[field]
    return replace(data, schema=Schema((data.schema[field],)), **kept)


def summary(runs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Ratios of speeds (medians), the paired F1 differences with the lower 90 % bound of their mean, and times to the peer's dev F1."""
    found: dict[str, Any] = {}
    ours = runs.get("goldleaf", {})
    for who in ("example", "well_set"):
        peers = runs.get(who, {})
        if not (ours and peers):
            continue
        speed = [statistics.median(r["pieces_per_second"] for r in rows.values()) for rows in (ours, peers)]
        seeds = sorted(set(ours) & set(peers))
        row: dict[str, Any] = {"pieces_per_second": speed, "speed_ratio": speed[0] / speed[1], "seeds": seeds}
        if not all("test" in rows[s] for rows in (ours, peers) for s in seeds):
            found[who] = row
            continue
        differences = [100 * (ours[s]["test"] - peers[s]["test"]) for s in seeds]
        if differences:
            row["f1_difference"] = {"values": differences, "mean": statistics.fmean(differences)}
        if len(differences) > 1:
            error = statistics.stdev(differences) / len(differences) ** 0.5
            bound = statistics.fmean(differences) - float(stats.t.ppf(0.9, len(differences) - 1)) * error
            row["f1_difference"]["lower_90"] = bound
        times = [
            (next((at for at, f1 in ours[s]["history"] if f1 >= peers[s]["dev"]), None), peers[s]["seconds"])
            for s in seeds
        ]
        row["seconds_to_peer_dev_f1"] = [[a and round(a, 1), round(b, 1), a and round(a / b, 3)] for a, b in times]
        found[who] = row
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--set", nargs="+", choices=list(FIELDS), default=list(FIELDS))
    parser.add_argument("--who", nargs="+", choices=WHO, default=list(WHO))
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--seed", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    options = parser.parse_args()
    if not DATA.is_dir():
        print("skipped: the annotated data does not lie beside the project")
        return
    file = "train_speed" if options.speed else "train"
    most = 400 if options.quick else 3000 if options.speed else None
    results = {} if options.quick else read_results(file)
    for name in options.set:
        with tempfile.TemporaryDirectory() as place:
            data = load(name, Path(place), most=most)
        for seed in options.seed[:1] if options.quick else options.seed:
            for who in options.who:
                began = time.monotonic()
                if who == "goldleaf":
                    # the batch that the whole set is given: a small part would be given a smaller one
                    run = run_goldleaf(
                        data, FIELDS[name], seed, **({"epochs": 1, "batch_tokens": 1024} if most else {})
                    )
                else:
                    run = run_peer(data, FIELDS[name], who, seed, 1 if most else 3)
                row = results.setdefault(name, {"runs": {}})["runs"].setdefault(who, {})
                row[str(seed)] = {
                    k: v for k, v in run.items() if not most or k in ("seconds", "pieces", "pieces_per_second")
                }
                results[name]["summary"] = summary(results[name]["runs"])
                shown = {k: round(v, 4) for k, v in run.items() if k != "history"}
                print(name, who, f"seed {seed}", shown, f"({time.monotonic() - began:.0f} s in all)", flush=True)
                if not options.quick:
                    write_results(file, {**results, "about": about("torch", "transformers", "accelerate")})
        for who, row in results[name]["summary"].items():
            print(f"{name}: goldleaf beside {who}", row, flush=True)


if __name__ == "__main__":
    main()
