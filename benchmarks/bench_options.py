"""What the options of a recipe bring: the same small trainings with and without each, over seeds.

    python benchmarks/bench_options.py [--quick] [--set NAME ...] [--option NAME ...] [--seed N ...]

Each set is cut to `RECORDS` training records and trained for 3 epochs with steps of 512 pieces, once a seed for every option; seeds are
paired. Prints each option's mean difference of the test score to the plain recipe with its standard error. Two are for
sets of spans alone: `viterbi` reads classes under the rule of IOB2, `crf` learns transitions too (`benchmarks/crf.py`).
`--quick` is one set and one option with one seed and writes nothing; otherwise `benchmarks/results/options.json` keeps what earlier
runs measured.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import crf
from bench_quality import CHINESE, DATA, SETS, SHARED
from common import about, read_results, write_results
from goldleaf.encode import predict, run_model
from goldleaf.snapshot import Dataset
from goldleaf.train import Recipe, run
from goldleaf.train.data import encode_split
from goldleaf.train.loop import forward_function, train_model
from goldleaf.train.plan import make_plan, prepare, score_predictions

RECORDS = {"conll2003": 2000, "resume_ner": 600, "trec": 3000, "sst2": 3000}
PLAIN = Recipe(epochs=3, batch_tokens=512, patience=0)
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "average": {"average": 0.99},
    "layer_decay": {"layer_decay": 0.9},
    "label_smoothing": {"label_smoothing": 0.1},
    "frozen_first": {"frozen_epochs": 1},
    "uncased": {"cased": False},
    "viterbi": {"decoding": "viterbi"},
    "crf": {},
}
SPANS_ALONE = {"conll2003", "resume_ner"}


def cut(data: Dataset, records: int) -> Dataset:
    """An even sample of the training and validation records, so that all documents and labels have their share."""
    train = data.train[:: max(1, len(data.train) // records)][:records]
    dev = data.dev[:: max(1, len(data.dev) // 800)][:800]
    return replace(data, train=train, dev=dev)


def applies(option: str, name: str) -> bool:
    """Whether an option says anything about a set."""
    if option in ("viterbi", "crf"):
        return name in SPANS_ALONE
    return option != "uncased" or name == "conll2003"


def around(option: str) -> AbstractContextManager[None]:
    """What an option changes beside the recipe."""
    return crf.installed() if option == "crf" else nullcontext()


def score(name: str, option: str, seed: int, *, quick: bool) -> dict[str, float]:
    """The test score after a training, and the seconds that it took."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        recipe = replace(PLAIN, seeds=(seed,), **OPTIONS[option])
        if name == "resume_ner":
            script = SHARED / "models" / CHINESE / "expand.py"
            subprocess.run([sys.executable, script, folder / CHINESE, "float32"], check=True, capture_output=True)
            recipe = replace(recipe, base_model=str(folder / CHINESE))
        data = cut(SETS[name](folder), 300 if quick else RECORDS[name])
        started = time.perf_counter()
        with around(option):
            prepared = prepare(data, replace(recipe, epochs=1) if quick else recipe)
            model = run.fresh_model(prepared, seed)
            for _ in train_model(model, make_plan(prepared), seed=seed, folder=folder / "run"):
                pass
            seconds = time.perf_counter() - started
            test = encode_split(
                data.test, prepared.tokenizer.backend_tokenizer, whole_words=prepared.layout.whole_words
            )
            outputs = run_model(test.pieces, data.schema, prepared.layout, forward_function(model))
            found = predict(
                [e.record for e in data.test], test.pieces, outputs, data.schema, decoding=prepared.layout.decoding
            )
    return {"score": score_predictions(data.schema, data.test, found), "seconds": seconds}


def show(name: str, found: dict[str, dict[str, dict[str, float]]]) -> None:
    """Differences to the plain recipe over the seeds that both have."""
    for option, runs in found.items():
        both = [seed for seed in runs if seed in found["plain"]]
        mean = statistics.fmean(runs[seed]["score"] for seed in both)
        gains = [100 * (runs[seed]["score"] - found["plain"][seed]["score"]) for seed in both]
        error = statistics.stdev(gains) / len(gains) ** 0.5 if len(gains) > 1 else float("nan")
        gain = f"{statistics.fmean(gains):+.2f} ± {error:.2f}"
        print(f"{name:10} {option:16} {100 * mean:6.2f}  {gain}  ({len(both)} seeds)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--set", nargs="+", choices=list(RECORDS), default=list(RECORDS))
    parser.add_argument("--option", nargs="+", choices=list(OPTIONS), default=list(OPTIONS))
    parser.add_argument("--seed", type=int, nargs="+", default=[0, 1, 2])
    given = parser.parse_args()
    if not DATA.is_dir():
        print("skipped: the annotated data does not lie beside the project")
        return
    names, options, seeds = given.set, given.option, given.seed
    if given.quick:
        names, options, seeds = ["conll2003"], ["plain", "crf"], [0]
    results = {} if given.quick else read_results("options").get("scores", {})
    for seed in seeds:
        for name in names:
            for option in options:
                runs = results.setdefault(name, {}).setdefault(option, {})
                if not applies(option, name):
                    del results[name][option]
                elif str(seed) not in runs:
                    runs[str(seed)] = score(name, option, seed, quick=given.quick)
                    print(name, option, seed, runs[str(seed)], flush=True)
                    if not given.quick:
                        versions = about("torch", "transformers")
                        write_results("options", {**versions, "records": RECORDS, "scores": results})
    for name in names:
        show(name, results[name])


if __name__ == "__main__":
    main()
