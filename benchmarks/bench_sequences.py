"""Spans aggregated: how right every method is on real and simulated crowds, how calibrated, and how fast, beside crowd-kit.

    python benchmarks/bench_sequences.py [--quick] [--peer PYTHON] [--part tweets|shapes|auto|tags|speed]

Real crowds lie beside the project, and so do the sentences that the simulated ones mark; without them a part says so and is skipped.
`--peer` is an interpreter that has crowd-kit (see bench_aggregation.py); where it has none, the peer's rows are left out. `--quick` takes a
tenth of the documents, one seed a shape, and writes no results.

tweets     questions about tweets (sections a, b, e; one kind of entity a question) against their gold: precision, recall and F1 of exact
spans
           for every method, F1 of auto less that of majority with its 95 % interval (paired bootstrap over records), expected calibration
           error of records and spans; beside crowd-kit's ROVER over tags and its Dawid-Skene token by token
shapes     the same on simulated crowds of many shapes over news sentences, with and without the words; the first is like the crowd of
           Rodrigues, Pereira and Ribeiro (2014): 47 annotators, 5 answers a sentence, 6,000 sentences
auto       auto less majority over many small and odd crowds: where it would lose, it is to be the majority
tags       parts of speech: accuracy of tokens for every method, simulated annotators with confusions of their own and in common
speed      100,000 sentences x 3 annotators

Writes `benchmarks/results/sequences.json`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bench_aggregation import ask_peer
from common import about, read_results, write_results
from crowds_of_spans import NEWS, SHAPES, Array, Crowd, Shape, read_news, real, simulate, simulate_tags
from goldleaf.core import Span, chunks_to_tags, spans_to_chunks, tags_to_chunks
from goldleaf.measure import calibration_error, reliability
from goldleaf.quality.aggregation import SEQUENCE, Aggregation, aggregation

DRAWS = 2000
Spans = dict[Any, list[tuple[int, int, str]]]


def counts(found: Spans, gold: Spans) -> Array:
    """Of each record with gold: spans that are right, found, and there: `[records, 3]`."""
    rows = [(len(set(found.get(r, ())) & set(spans)), len(found.get(r, ())), len(spans)) for r, spans in gold.items()]
    return np.array(rows, float).reshape(-1, 3)


def f1(sums: Array) -> Array:
    return 2 * sums[..., 0] / np.maximum(sums[..., 1] + sums[..., 2], 1)


def scores(table: Array) -> dict[str, float]:
    right, given, there = table.sum(axis=0)
    return {"precision": right / max(given, 1), "recall": right / max(there, 1), "f1": float(f1(table.sum(axis=0)))}


def difference(one: Array, other: Array, seed: int = 0) -> dict[str, float]:
    """F1 of one less that of the other, with its 95 % interval by the paired bootstrap over records."""
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(one), np.full(len(one), 1 / len(one)), size=DRAWS).astype(float)
    gaps = f1(drawn @ one) - f1(drawn @ other)
    low, high = np.quantile(gaps, [0.025, 0.975])
    return {"value": float(f1(one.sum(axis=0)) - f1(other.sum(axis=0))), "low": float(low), "high": float(high)}


def spans_of(records: Iterable[Any], values: Iterable[Any]) -> Spans:
    return {record: [tuple(span) for span in value] for record, value in zip(records, values, strict=True)}


def calibrated(found: Aggregation, gold: Spans) -> dict[str, float]:
    """Expected calibration error of records and of spans."""
    mine = spans_of(found.values.record, found.values.value)
    rows = found.values[found.values.record.isin(gold)]
    whole = np.array([set(mine[record]) == set(gold[record]) for record in rows.record], float)
    spans = found.spans[found.spans.record.isin(gold)]
    place = spans[["record", "start", "end", "label"]].itertuples(index=False, name=None)
    right = np.array([(start, end, label) in set(gold[record]) for record, start, end, label in place], float)
    sure = spans.confidence.to_numpy(float)
    return {
        "ece_records": calibration_error(reliability(rows.confidence.to_numpy(float), whole)),
        "ece_spans": calibration_error(reliability(sure, right)) if len(right) else 0.0,
    }


def measure(crowd: Crowd, methods: Iterable[str] = SEQUENCE, *, words: bool = True) -> tuple[dict[str, Any], Array]:
    """By method its scores; and the counts of the majority."""
    rows: dict[str, Any] = {}
    tables: dict[str, Array] = {}
    records = crowd.records if words else None
    for method in methods:
        start = time.perf_counter()
        found = aggregation(crowd.table, method, records=records)
        seconds = time.perf_counter() - start
        tables[method] = counts(spans_of(found.values.record, found.values.value), crowd.gold)
        rows[method] = {**scores(tables[method]), **calibrated(found, crowd.gold), "seconds": seconds}
        if method == "auto":
            rows[method]["took"] = str(found.values.method.iloc[0])
            rows[method]["reason"] = found.reasons["label"]
    rows["auto less majority"] = difference(tables["auto"], tables["majority"])
    return rows, tables["majority"]


def peers(python: str, crowds: dict[str, Crowd]) -> dict[str, dict[str, Any]]:
    """crowd-kit on the tags of the answers: ROVER over each record's, Dawid-Skene over each token's."""
    texts, tokens = {}, {}
    for name, crowd in crowds.items():
        places = dict(zip(crowd.records.record, crowd.records.tokens, strict=True))
        once = crowd.table.drop_duplicates(["record", "annotator"], keep="last")
        tags = [
            chunks_to_tags(spans_to_chunks([Span(*span) for span in value], places[record])[0], len(places[record]))
            for record, value in zip(once.record, once.value, strict=True)
        ]
        texts[name] = once.assign(value=[" ".join(each) for each in tags])
        flat = [
            ((record, n), who, tag)
            for record, who, each in zip(once.record, once.annotator, tags, strict=True)
            for n, tag in enumerate(each)
        ]
        tokens[name] = pd.DataFrame(flat, columns=["record", "annotator", "value"])
    found: dict[str, dict[str, Any]] = {name: {} for name in crowds}
    for name, rows in ask_peer(python, texts, ["rover"]).items():
        said = {record: text.split() for record, text in rows["rover"]["labels"].items()}
        found[name]["crowd-kit ROVER"] = {**_scored(said, crowds[name]), "seconds": rows["rover"]["seconds"]}
    for name, rows in ask_peer(python, tokens, ["dawid_skene"]).items():
        said = {
            record: ["O"] * len(each)
            for record, each in zip(crowds[name].records.record, crowds[name].records.tokens, strict=True)
        }
        for (record, n), tag in rows["dawid_skene"]["labels"].items():
            said[record][n] = tag
        row = {**_scored(said, crowds[name]), "seconds": rows["dawid_skene"]["seconds"]}
        found[name]["crowd-kit Dawid-Skene of tokens"] = row
    return found


def _scored(said: dict[Any, list[str]], crowd: Crowd) -> dict[str, float]:
    places = dict(zip(crowd.records.record, crowd.records.tokens, strict=True))
    found: Spans = {}
    for record, tags in said.items():
        place = places[record]
        chunks = tags_to_chunks(tags[: len(place)])  # ROVER may align answers to more tags than there are tokens
        found[record] = [(place[start][0], place[end - 1][1], label) for start, end, label in chunks]
    return scores(counts(found, crowd.gold))


def tweets(python: str) -> dict[str, Any]:
    crowds = real()
    if not crowds:
        print("skipped: the annotated data does not lie beside the project")
        return {}
    beside = peers(python, crowds)
    found: dict[str, Any] = {}
    for name, crowd in crowds.items():
        rows, _ = measure(crowd)
        found[name] = {"records": len(crowd.records), "answers": len(crowd.table), **rows, **beside[name]}
        show(name, found[name])
    return found


def show(name: str, rows: dict[str, Any]) -> None:
    print(f"\n{name}: {rows['records']:,} records, {rows['answers']:,} answers")
    for method, row in rows.items():
        if isinstance(row, dict) and "f1" in row:
            ece = f"  ECE {100 * row['ece_records']:5.1f} {100 * row['ece_spans']:5.1f}" if "ece_spans" in row else ""
            print(
                f"  {method:32}",
                *(f"{100 * row[key]:6.1f}" for key in ("precision", "recall", "f1")),
                ece,
                row.get("took", ""),
            )
        elif isinstance(row, dict):
            print(f"  {method:32}", f"{100 * row['value']:+6.1f} ({100 * row['low']:+.1f} to {100 * row['high']:+.1f})")


def shapes(python: str, *, quick: bool) -> dict[str, Any]:
    if not NEWS.is_file():
        print("skipped: the news sentences do not lie beside the project")
        return {}
    documents = read_news()
    found: dict[str, Any] = {}
    first = next(iter(SHAPES))
    for name, shape in SHAPES.items():
        shape = replace(shape, documents=max(shape.documents // 10, 3)) if quick else shape
        for seed in (0,) if quick else (0, 1):
            crowd = simulate(shape, seed, documents=documents)
            rows = {"records": len(crowd.records), "answers": len(crowd.table), **measure(crowd)[0]}
            blind, _ = measure(crowd, words=False)
            rows.update({f"{method} without words": blind[method] for method in ("bsc", "auto", "auto less majority")})
            if name == first and seed == 0:
                rows.update(peers(python, {name: crowd})[name])
            found[f"{name}, seed {seed}"] = rows
            show(f"{name}, seed {seed}", rows)
    return found


def auto(*, quick: bool) -> dict[str, Any]:
    """Auto less majority, of many small crowds."""
    if not NEWS.is_file():
        print("skipped: the news sentences do not lie beside the project")
        return {}
    documents = read_news()
    kinds = {"hard": {}, "easy": {"skill": 3.5, "by_name": 0.8, "ambiguous": 0.05, "hard_cut": 0.05}}
    gaps: list[dict[str, Any]] = []
    for size in (2, 8) if quick else (2, 4, 8, 16, 32, 64):
        for annotators, each in ((4, 4), (6, 3), (10, 5), (20, 2)):
            for kind, options in kinds.items():
                shape = Shape(documents=size, annotators=annotators, each=(each,), spam=0, skew=3.0, **options)
                for seed in range(1 if quick else 3):
                    crowd = simulate(shape, seed, documents=documents)
                    for words in (True, False):
                        rows, _ = measure(crowd, ("majority", "bsc", "auto"), words=words)
                        about_it = {
                            "documents": size,
                            "annotators": annotators,
                            "answers": each,
                            "kind": kind,
                            "seed": seed,
                        }
                        gap, would = rows["auto less majority"], rows["bsc"]["f1"] - rows["majority"]["f1"]
                        gaps.append({**about_it, "words": words, "took": rows["auto"]["took"], **gap, "bsc": would})
    value = np.array([row["value"] for row in gaps])
    bsc = np.array([row["bsc"] for row in gaps])
    taken = np.array([row["took"] != "majority" for row in gaps])
    found = {
        "crowds": len(gaps),
        "a model was taken": int(taken.sum()),
        "mean of auto less majority": float(value.mean()),
        "worst of auto less majority": float(value.min()),
        "more than .005 below": int((value < -0.005).sum()),
        "significantly below": sum(row["high"] < 0 for row in gaps),
        "mean of bsc less majority": float(bsc.mean()),
        "bsc more than .005 below": int((bsc < -0.005).sum()),
    }
    print("\nauto:", *(f"\n  {key}: {value}" for key, value in found.items()))
    return {**found, "each": gaps}


def tags(*, quick: bool) -> dict[str, Any]:
    if not NEWS.is_file():
        print("skipped: the news sentences do not lie beside the project")
        return {}
    found: dict[str, Any] = {}
    for records, annotators, each in (
        ((100, 4, 4), (400, 6, 3)) if quick else ((100, 4, 4), (400, 6, 3), (400, 20, 5), (1500, 30, 3))
    ):
        table, truth = simulate_tags(records, annotators, each)
        row: dict[str, Any] = {}
        for method in SEQUENCE:
            values = aggregation(table, method)
            right = np.concatenate(
                [
                    np.array(v) == np.array(truth[r])
                    for r, v in zip(values.values.record, values.values.value, strict=True)
                ]
            )
            error = calibration_error(reliability(values.spans.confidence.to_numpy(float), right.astype(float)))
            row[method] = {
                "accuracy": float(right.mean()),
                "ece_tokens": error,
                "took": str(values.values.method.iloc[0]),
            }
        found[f"{records} sentences, {annotators} annotators, {each} answers"] = row
        print(
            f"\ntags, {records} x {each} of {annotators}",
            *(f"{m} {100 * r['accuracy']:.1f} (ECE {100 * r['ece_tokens']:.1f})" for m, r in row.items()),
        )
    return found


def speed(sentences: int) -> dict[str, Any]:
    """The whole call, from the label table to values, annotators and confusions."""
    if not NEWS.is_file():
        print("skipped: the news sentences do not lie beside the project")
        return {}
    flat = [sentence for document in read_news() for sentence in document]
    again = [[flat[n % len(flat)] for n in range(at, at + 50)] for at in range(0, sentences, 50)]
    shape = Shape(documents=sentences // 50, annotators=300, each=(3,))
    crowd = simulate(shape, documents=again)
    found: dict[str, Any] = {"sentences": len(crowd.records), "answers": len(crowd.table)}
    for method in SEQUENCE[1:]:
        start, used = time.perf_counter(), time.process_time()
        aggregation(crowd.table, method, records=crowd.records)
        found[method] = {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - used}
    print("\nspeed:", *(f"\n  {key}: {value}" for key, value in found.items()))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peer", default=sys.executable)
    parser.add_argument("--part", choices=("tweets", "shapes", "auto", "tags", "speed"))
    options = parser.parse_args()
    quick = options.quick
    parts = {
        "tweets": lambda: tweets(options.peer),
        "shapes": lambda: shapes(options.peer, quick=quick),
        "auto": lambda: auto(quick=quick),
        "tags": lambda: tags(quick=quick),
        "speed": lambda: speed(10_000 if quick else 100_000),
    }
    found = {name: run() for name, run in parts.items() if options.part in (None, name)}
    if not quick:
        kept = read_results("sequences")
        command = "python benchmarks/bench_sequences.py --peer PYTHON"
        write_results("sequences", {**kept, **about("numpy", "scipy", "pandas"), "command": command, **found})


if __name__ == "__main__":
    main()
