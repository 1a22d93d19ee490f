"""Choices aggregated: how right every method is on real and simulated crowds, how calibrated, and how fast, beside crowd-kit.

    python benchmarks/bench_aggregation.py [--quick] [--peer PYTHON] [--part accuracy|thinned|shapes|speed]

Real crowds lie beside the project; without them that part says so and is skipped. `--peer` is an interpreter that has crowd-kit
(`python -m venv peers && peers/bin/pip install crowd-kit==1.4.2 pandas`; the default is the one that runs this); where it has none,
the peer's columns are left out. `--quick` takes a tenth of the labels, two seeds a shape, and writes no results.

accuracy   every method and the peer's on bluebirds, CF, SP and CF_amt: accuracy, that of auto less that of majority with its 95 % interval
           (paired bootstrap over records; ties count as what drawing gives on average), expected calibration error, reliability
           (crowd-kit's Wawa and ZeroBasedSkill have no like here: they stand by themselves)
thinned    auto against majority on versions of the four with fewer records, annotators and answers, drawn by seeds: how often it is
           below, and significantly so; beside it without what guards it. The guards were chosen on bluebirds and CF, not on SP and CF_amt
shapes     majority, Dawid-Skene, One coin, BWA and auto on simulated crowds of many shapes
speed      Dawid-Skene on 100,000 records x 10 of 500 annotators, 5 classes: same beginning, tolerance and most iterations as the peer's,
           one thread each; in seconds by the clock and of the processor, of which the second holds on a busy machine too

Writes `benchmarks/results/aggregation.json`.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from common import about, read_results, write_results
from crowds import SHAPES, real, simulate, thinned
from goldleaf.measure import calibration_error, interval, reliability, resample
from goldleaf.quality.aggregation import CHOICE, aggregation
from goldleaf.quality.aggregation.auto import fit_auto
from goldleaf.quality.aggregation.dawid_skene import fit_dawid_skene
from goldleaf.quality.aggregation.majority import fit_majority
from goldleaf.quality.aggregation.pooled import fit_pooled
from goldleaf.quality.aggregation.votes import Votes, pair_votes, softmax

ROUNDS = 3
METHODS = [name for name in CHOICE if name != "crowdlab"]
PEERS = ("majority", "dawid_skene", "one_coin", "glad", "mace", "wawa", "zero_based_skill")
CHOSEN_ON = ("bluebirds", "CF")
PEER = Path(__file__).with_name("peer_crowdkit.py")
Array = np.ndarray[Any, np.dtype[Any]]


def ask_peer(python: str, tables: dict[str, pd.DataFrame], methods: list[str]) -> dict[str, dict[str, Any]]:
    """What crowd-kit makes of the tables; empty where the interpreter has none."""
    if subprocess.run([python, "-c", "import crowdkit"], capture_output=True).returncode:
        print("crowd-kit is left out: --peer names an interpreter that has it (pip install crowd-kit==1.4.2)")
        return {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "tables.pickle"
        renamed = {"record": "task", "annotator": "worker", "value": "label"}
        pd.to_pickle({name: table.rename(columns=renamed) for name, table in tables.items()}, place)
        subprocess.run([python, str(PEER), str(place), *methods], check=True)
        return pd.read_pickle(place)


def hits(probabilities: pd.DataFrame, truth: dict[Any, Any]) -> Array:
    """Of each record, how often the most probable label is right: 1, 0, or a share where several are most probable."""
    best = probabilities.to_numpy() >= probabilities.to_numpy().max(axis=1, keepdims=True) - 1e-9
    right = np.array([[label == truth[record] for label in probabilities.columns] for record in probabilities.index])
    return (best & right).sum(axis=1) / best.sum(axis=1)


def accuracy(python: str) -> dict[str, Any]:
    crowds = real()
    if not crowds:
        print("skipped: the annotated data does not lie beside the project")
        return {}
    peer = ask_peer(python, {name: table for name, (table, _) in crowds.items()}, list(PEERS))
    found: dict[str, Any] = {}
    for name, (table, truth) in crowds.items():
        rows: dict[str, Any] = {}
        right: dict[str, Array] = {}
        for method in METHODS:
            start = time.perf_counter()
            made = aggregation(table, method)
            seconds = time.perf_counter() - start
            right[method] = hits(made.probabilities["label"], truth)
            drawn = np.array([truth[r] == v for r, v in zip(made.values.record, made.values.value, strict=True)])
            bins = reliability(made.values.confidence.to_numpy(), drawn.astype(float))
            rows[method] = {
                "accuracy": round(float(right[method].mean()), 4),
                "ece": calibration_error(bins),
                "seconds": round(seconds, 3),
                "reason": made.reasons["label"],
                **({"reliability": bins} if method in ("auto", "majority", "dawid_skene") else {}),
            }
        for method, answer in peer.get(name, {}).items():
            good = np.mean([truth[record] == label for record, label in answer["labels"].items()])
            rows.setdefault(method, {})["crowd-kit"] = {
                "accuracy": round(float(good), 4),
                "seconds": round(answer["seconds"], 3),
            }
        gap = np.stack([right["auto"] - right["majority"], np.ones(len(right["auto"]))], axis=1)
        drawn_again = resample(gap, resamples=2000, rng=np.random.default_rng(0))
        above = interval(lambda s: s[:, 0] / s[:, 1], gap, drawn_again)
        found[name] = {
            "records": len(gap),
            "answers": len(table),
            "methods": rows,
            "auto_above_majority": above.to_dict(),
        }
        print_accuracy(name, found[name])
    return found


def print_accuracy(name: str, found: dict[str, Any]) -> None:
    above = found["auto_above_majority"]
    span = f"{100 * above['value']:+.1f} ({100 * above['low']:+.1f} to {100 * above['high']:+.1f})"
    print(f"\n{name}: {found['records']:,} records, {found['answers']:,} answers; auto above majority {span}")
    for method, row in found["methods"].items():
        peer = f"   crowd-kit {100 * row['crowd-kit']['accuracy']:5.1f}" if "crowd-kit" in row else ""
        ours = (
            f"{100 * row['accuracy']:5.1f}  ECE {100 * row['ece']:5.1f}  {row['seconds']:7.3f} s"
            if "accuracy" in row
            else " " * 27
        )
        print(f"  {method:16} {ours}{peer}")


def votes_and_truth(table: pd.DataFrame, truth: dict[Any, Any]) -> tuple[Votes, Array]:
    """The votes, and the place of each record's true label among the labels (one that nobody gave is a label too)."""
    record, names = pd.factorize(table.record)
    annotator, people = pd.factorize(table.annotator)
    labels = sorted({*table.value, *(truth[name] for name in names)})
    place = {label: at for at, label in enumerate(labels)}
    votes = Votes(record, annotator, table.value.map(place).to_numpy(), len(names), len(people), len(labels))
    return votes, np.array([place[truth[name]] for name in names])


def rights(probabilities: Array, truth: Array) -> Array:
    """As `hits`."""
    best = probabilities >= probabilities.max(axis=1, keepdims=True) - 1e-9
    return best[np.arange(len(truth)), truth] / best.sum(axis=1)


def thin_crowds(seeds: int) -> dict[str, Any]:
    """By version the mean difference of auto and majority, the worst seed, and how many seeds are below or significantly below."""
    found: dict[str, Any] = {}
    print(f"\n{'thinned':42} majority    auto  worst        unguarded       worst")
    for name, versions in thinned(seeds).items():
        gaps: dict[str, list[Array]] = {"auto": [], "unguarded": []}
        plain: list[float] = []
        for table, truth in versions:
            votes, true = votes_and_truth(table, truth)
            auto, majority = fit_auto(votes), rights(fit_majority(votes).probabilities_, true)
            loose = fit_pooled(votes, anchor=0.0)
            plain.append(float(majority.mean()))
            gaps["auto"].append(rights(auto.probabilities_, true) - majority)
            gaps["unguarded"].append(rights(loose.probabilities_, true) - majority)
        found[name] = {"majority": round(float(np.mean(plain)), 4)}
        found[name] |= {method: judged(each) for method, each in gaps.items()}
        shown = [f"{100 * found[name][m][k]:+7.1f}" for m in gaps for k in ("mean", "worst")]
        print(
            f"{name:42} {100 * found[name]['majority']:8.1f} {shown[0]}{shown[1]} {shown[2]:>20}{shown[3]}", flush=True
        )
    halves = {"chosen_on": True, "not_chosen_on": False} if found else {}
    total = {
        half: sum_up([v for k, v in found.items() if (k.split(",")[0] in CHOSEN_ON) == on])
        for half, on in halves.items()
    }
    for half, row in total.items():
        print(half, row)
    return {"seeds": seeds, "versions": found, **total} if found else {}


def judged(gaps: list[Array]) -> dict[str, Any]:
    """Below: by more than half a point. Significantly: by more than 1.96 standard errors of the mean difference."""
    means = np.array([gap.mean() for gap in gaps])
    errors = np.array([gap.std() / np.sqrt(len(gap)) for gap in gaps])
    return {
        "mean": round(float(means.mean()), 4),
        "worst": round(float(means.min()), 4),
        "below": int((means < -0.005).sum()),
        "significantly_below": int((means < -1.96 * np.maximum(errors, 1e-9)).sum()),
        "significantly_above": int((means > 1.96 * np.maximum(errors, 1e-9)).sum()),
        "of": len(gaps),
    }


def sum_up(rows: list[dict[str, Any]]) -> dict[str, Any]:
    counted = ("below", "significantly_below", "significantly_above", "of")
    return {
        method: {
            "mean": round(float(np.mean([row[method]["mean"] for row in rows])), 4),
            "worst": min(row[method]["worst"] for row in rows),
            **{key: sum(row[method][key] for row in rows) for key in counted},
        }
        for method in ("auto", "unguarded")
    }


def shapes(seeds: int) -> dict[str, Any]:
    """Mean accuracy over seeds, and the worst of any seed against the majority."""
    shown = ("majority", "dawid_skene", "one_coin", "bwa", "auto")
    found: dict[str, Any] = {}
    print(
        f"\n{'simulated':32}",
        *(f"{name:>12}" for name in shown),
        "   auto - majority, worst seed    ECE of auto, majority",
    )
    for name, shape in SHAPES.items():
        right: dict[str, list[float]] = {method: [] for method in shown}
        errors: dict[str, list[float]] = {"auto": [], "majority": []}
        for seed in range(seeds):
            table, truth = simulate(shape, seed)
            for method in shown:
                made = aggregation(table, method)
                good = hits(made.probabilities["label"], truth)
                right[method].append(float(good.mean()))
                if method in errors:
                    errors[method].append(calibration_error(reliability(made.values.confidence.to_numpy(), good)))
        means = {method: round(float(np.mean(values)), 4) for method, values in right.items()}
        worst = float(np.min(np.array(right["auto"]) - np.array(right["majority"])))
        ece = {method: round(float(np.mean(values)), 4) for method, values in errors.items()}
        found[name] = {**means, "worst": round(worst, 4), "ece": ece}
        print(
            f"{name:32}",
            *(f"{100 * means[method]:12.1f}" for method in shown),
            f"{100 * worst:+22.1f}",
            f"{100 * ece['auto']:14.1f} {100 * ece['majority']:5.1f}",
            flush=True,
        )
    mean = {method: round(float(np.mean([row[method] for row in found.values()])), 4) for method in shown}
    print(f"{'mean':32}", *(f"{100 * mean[method]:12.1f}" for method in shown))
    return {"seeds": seeds, "shapes": found, "mean": mean}


def likelihood(votes: Votes, truth: Array) -> float:
    """The log-likelihood of the votes under the prior and confusions that the probabilities give: the same sum for both."""
    pairs = pair_votes(votes)
    counts = np.maximum(pairs.by_pair @ truth, 1e-10)
    counts /= (pairs.by_annotator @ counts)[pairs.annotator]
    return softmax(np.log(np.maximum(truth.mean(axis=0), 1e-10)) + pairs.by_record @ np.log(counts))[1]


def speed(python: str, records: int) -> dict[str, Any]:
    """Dawid-Skene of both from one table by turns, medians of `ROUNDS`; ours as a fit of arrays, as the peer's, and as the whole call with
    intervals and confusions."""
    table = draw(records)
    rounds: list[tuple[float, float]] = []
    peers: list[dict[str, Any]] = []
    for _ in range(ROUNDS):
        if peer := ask_peer(python, {"table": table}, ["dawid_skene"]).get("table", {}).get("dawid_skene"):
            peers.append(peer)
        start, used = time.perf_counter(), time.process_time()
        record, names = pd.factorize(table.record)
        annotator, _ = pd.factorize(table.annotator)
        label, labels = pd.factorize(table.value, sort=True)
        votes = Votes(record, annotator, label, len(names), int(annotator.max()) + 1, len(labels))
        fitted = fit_dawid_skene(votes)
        rounds.append((time.perf_counter() - start, time.process_time() - used))
    seconds, cpu = (statistics.median(each) for each in zip(*rounds, strict=True))
    peer = peers[0] | {k: statistics.median(p[k] for p in peers) for k in ("seconds", "cpu_seconds")} if peers else None
    found: dict[str, Any] = {"labels": len(table), "seconds": seconds, "cpu_seconds": cpu}
    found["iterations"], found["log_likelihood"] = fitted.iterations_, likelihood(votes, fitted.probabilities_)
    for method in ("dawid_skene", "auto"):
        start, used = time.perf_counter(), time.process_time()
        aggregation(table, method)
        whole = {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - used}
        found[f"whole_call_{method}"] = whole
    if peer:
        theirs = peer["probabilities"].reindex(index=names, columns=labels).to_numpy()
        same = float(np.mean(theirs.argmax(axis=1) == fitted.probabilities_.argmax(axis=1)))
        found["crowd-kit"] = {
            "seconds": peer["seconds"],
            "cpu_seconds": peer["cpu_seconds"],
            "iterations": peer["iterations"],
            "log_likelihood": likelihood(votes, theirs),
            "same_labels": same,
            "largest_difference_of_a_probability": float(np.abs(theirs - fitted.probabilities_).max()),
        }
        whole = found["whole_call_dawid_skene"]
        for kind in ("seconds", "cpu_seconds"):
            found[f"times_faster_by_{kind}"] = peer[kind] / found[kind]
            found[f"times_faster_whole_call_by_{kind}"] = peer[kind] / whole[kind]
    print("\nspeed:", *(f"\n  {key}: {value}" for key, value in found.items()))
    return found


def draw(records: int) -> pd.DataFrame:
    """Ten answers a record of 500 annotators, 5 classes, each annotator with a confusion matrix of its own."""
    rng = np.random.default_rng(0)
    truth = rng.integers(5, size=records)
    skill = rng.beta(3, 4, size=500)
    confusion = np.stack([rng.dirichlet(np.ones(5), size=5) * (1 - s) + np.eye(5) * s for s in skill])
    record = np.repeat(np.arange(records), 10)
    annotator = ((rng.integers(50, size=records)[:, np.newaxis] + np.arange(10) * 50) % 500).ravel()
    chances = confusion[annotator, truth[record]].cumsum(axis=1)
    said = (chances < rng.random(len(record))[:, np.newaxis]).sum(axis=1).clip(0, 4)
    return pd.DataFrame({"record": record, "annotator": annotator, "value": said})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peer", default=sys.executable)
    parser.add_argument("--part", choices=("accuracy", "thinned", "shapes", "speed"))
    options = parser.parse_args()
    parts = {
        "accuracy": lambda: accuracy(options.peer),
        "thinned": lambda: thin_crowds(2 if options.quick else 5),
        "shapes": lambda: shapes(2 if options.quick else 5),
        "speed": lambda: speed(options.peer, 10_000 if options.quick else 100_000),
    }
    found = {name: run() for name, run in parts.items() if options.part in (None, name)}
    if not options.quick:
        kept = read_results("aggregation")
        command = "python benchmarks/bench_aggregation.py --peer PYTHON"
        write_results("aggregation", {**kept, **about("numpy", "scipy", "pandas"), "command": command, **found})


if __name__ == "__main__":
    main()
