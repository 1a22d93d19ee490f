"""Agreement of annotators: the same coefficients as other packages give, and what they and their intervals cost.

    python benchmarks/bench_agreement.py [--quick] [--peers PYTHON]

Real data lie beside the project; without them the script says so and stops. Of each crowd set (bluebirds, CF, SP, CF_amt: choices; three
sections of the Broad Twitter Corpus: spans): every coefficient with its interval, NLTK's alpha on the same answers (for spans: on the same
tokens), the largest difference, and the seconds of both. `--peers` names a Python in which `krippendorff` and `irrCAC` are installed: their
alpha, Fleiss' kappa and AC1 stand beside ours too. Then a simulated table for speed alone: 1,000,000 answers (100,000 records x 10 of 500
annotators, 5 labels). `--quick` takes 100,000 answers and one section, and writes no results.

Seconds are of processor time, all threads together. Writes `benchmarks/results/agreement.json`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from nltk.metrics.agreement import AnnotationTask

from common import SHARED, about, write_results
from goldleaf.quality import agreement

CROWD, TWEETS = SHARED / "data" / "crowd", SHARED / "data" / "btc_broad_twitter" / "crowd"
PEERS = """
import json, sys, time
import numpy as np, pandas as pd
import krippendorff
from irrCAC.raw import CAC
wide = pd.read_csv(sys.argv[1], dtype=str).pivot(index="record", columns="annotator", values="value")
labels = sorted(pd.unique(wide.values.ravel()[pd.notna(wide.values.ravel())]))
codes = wide.apply(lambda column: column.map({label: n for n, label in enumerate(labels)})).astype(float)
found = {}
start = time.process_time()
found["alpha"] = krippendorff.alpha(reliability_data=codes.values.T, level_of_measurement="nominal")
found["alpha seconds"] = time.process_time() - start
start = time.process_time()
cac = CAC(codes, digits=10)
found["fleiss_kappa"] = cac.fleiss()["est"]["coefficient_value"]
found["ac1"] = cac.gwet()["est"]["coefficient_value"]
found["irrCAC seconds"] = time.process_time() - start
print(json.dumps(found, default=float))
"""


def choices() -> dict[str, pd.DataFrame]:
    """The crowd sets with one label an answer."""
    sets = {"bluebirds": pd.read_csv(CROWD / "bluebirds_duck" / "answer.csv", dtype=str)}
    sets["bluebirds"].columns = ["record", "annotator", "value"]
    for name in ("CF", "SP", "CF_amt"):
        rows = pd.read_csv(CROWD / "activecrowd" / f"{name}.csv", header=None, dtype=str)
        sets[name] = rows.iloc[:, :3].set_axis(["annotator", "record", "value"], axis=1)
    return {name: rows.drop_duplicates(["record", "annotator"], keep="last") for name, rows in sets.items()}


def tweets(section: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Label and records table of a section; each unit asks for one kind of entity, and adjacent marked tokens are one span."""
    answers: list[dict[str, Any]] = []
    records: list[dict[str, Any]] = []
    for line in (TWEETS / f"{section}.jsonl").read_text(encoding="utf-8").splitlines():
        unit = json.loads(line)
        ends = np.cumsum([len(token) + 1 for token in unit["tokens"]]).tolist()
        tokens = [[end - len(token) - 1, end - 1] for token, end in zip(unit["tokens"], ends, strict=True)]
        name = f"{section}-{unit['kind']}-{unit['unit']}"
        records.append({"record": name, "text": " ".join(unit["tokens"]), "tokens": tokens})
        for said in unit["judgments"]:
            marks = sorted(said["marks"])
            runs = np.split(marks, np.flatnonzero(np.diff(marks) > 1) + 1) if marks else []
            spans = [[tokens[run[0]][0], tokens[run[-1]][1], unit["kind"]] for run in runs]
            answers.append({"record": name, "annotator": said["worker"], "value": spans, "at": said["submitted_at"]})
    return pd.DataFrame(answers), pd.DataFrame(records).drop_duplicates("record")


def simulated(records: int, seed: int = 0) -> pd.DataFrame:
    """Ten of 500 annotators for each record, right in 70 of 100 answers: for speed, not for numbers."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 5, records)
    record = np.repeat(np.arange(records), 10)
    annotator = np.concatenate([rng.choice(500, 10, replace=False) for _ in range(records)])
    value = np.where(rng.random(10 * records) < 0.7, truth[record], rng.integers(0, 5, 10 * records))
    return pd.DataFrame({"record": record, "annotator": annotator, "value": value}).astype(str)


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    return call(), time.process_time() - start


def nltk_alpha(triples: list[tuple[str, str, str]]) -> float:
    """NLTK's alpha of items that two annotators or more answered."""
    frame = pd.DataFrame(triples, columns=["annotator", "item", "label"])
    frame = frame[frame.groupby("item")["item"].transform("size") > 1]
    return AnnotationTask(list(frame.itertuples(index=False, name=None))).alpha()


def peers_of(python: str, rows: pd.DataFrame) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "answers.csv"
        rows.to_csv(path, index=False)
        out = subprocess.run([python, "-c", PEERS, str(path)], capture_output=True, text=True, check=True, cwd=place)
    return json.loads(out.stdout)


def measure_choices(name: str, rows: pd.DataFrame, python: str | None) -> dict[str, Any]:
    found, seconds = timed(lambda: agreement(rows)["label"])
    _, alone = timed(lambda: agreement(rows, resamples=0))
    pairs = found.annotator_pairs.dropna(subset="cohen_kappa")
    triples = [(str(a), str(r), str(v)) for r, a, v in rows[["record", "annotator", "value"]].itertuples(index=False)]
    theirs, their_seconds = timed(lambda: nltk_alpha(triples))
    ours = {key: score.to_dict() for key, score in found.scores.items()}
    result = {
        "records": found.records,
        "annotators": found.annotators,
        "answers": found.answers,
        "scores": {key: {side: score[side] for side in ("value", "low", "high")} for key, score in ours.items()},
        "lights_mean": float(np.average(pairs["cohen_kappa"], weights=pairs["shared"])),
        "seconds": seconds,
        "seconds_without_intervals": alone,
        "nltk": {"alpha": theirs, "seconds": their_seconds},
        "difference": abs(found.scores["alpha"].value - theirs),
    }
    if python:
        peers = peers_of(python, rows)
        result["peers"] = peers
        for key in ("alpha", "fleiss_kappa", "ac1"):
            result["difference"] = max(result["difference"], abs(found.scores[key].value - peers[key]))
    return result


def measure_spans(section: str) -> dict[str, Any]:
    rows, records = tweets(section)
    found, seconds = timed(lambda: agreement(rows, records=records)["label"])
    triples: list[tuple[str, str, str]] = []
    tokens = dict(zip(records["record"], records["tokens"], strict=True))
    for record, annotator, spans in rows.drop_duplicates(["record", "annotator"], keep="last")[
        ["record", "annotator", "value"]
    ].values:
        for place, (start, end) in enumerate(tokens[record]):
            label = next((label for a, b, label in spans if a < end and start < b), "")
            triples.append((annotator, f"{record}/{place}", label))
    theirs, their_seconds = timed(lambda: nltk_alpha(triples))
    return {
        "records": found.records,
        "annotators": found.annotators,
        "answers": found.answers,
        "scores": {key: {"value": s.value, "low": s.low, "high": s.high} for key, s in found.scores.items()},
        "seconds": seconds,
        "nltk": {"alpha": theirs, "seconds": their_seconds},
        "difference": abs(found.scores["alpha"].value - theirs),
        "labels": {row["label"]: row["f1_exact"] for row in found.labels.to_dict("records")},
    }


def show(name: str, row: dict[str, Any]) -> None:
    print(f"\n{name}: {row['answers']:,} answers of {row['annotators']:,} annotators to {row['records']:,} records")
    for key, score in row["scores"].items():
        if score["value"] is not None:
            print(f"  {key:18} {score['value']:7.4f}   {score['low']:7.4f} to {score['high']:7.4f}")
    if "lights_mean" in row:
        print(f"  mean of kappas with chance from shared records only: {row['lights_mean']:.4f}")
    print(
        f"  all of them with intervals {row['seconds']:.2f} s; NLTK's alpha alone {row['nltk']['seconds']:.2f} s",
        end="",
    )
    print(f" ({row['nltk']['alpha']:.4f}); largest difference from peers {row['difference']:.1e}", flush=True)


def measure_speed(records: int) -> dict[str, Any]:
    rows = simulated(records)
    found, seconds = timed(lambda: agreement(rows)["label"])
    _, alone = timed(lambda: agreement(rows, resamples=0))
    triples = list(rows[["annotator", "record", "value"]].itertuples(index=False, name=None))
    theirs, their_seconds = timed(lambda: AnnotationTask(triples).alpha())
    ratio = their_seconds * 1001 / seconds
    print(
        f"\n{10 * records:,} simulated answers: {seconds:.1f} s with 1,000 resamples of all coefficients, labels and pairs",
        end="",
    )
    print(
        f" ({alone:.1f} s without); NLTK's alpha once {their_seconds:.1f} s: 1,001 of them would take {ratio:.0f} times as long"
    )
    return {
        "answers": 10 * records,
        "seconds": seconds,
        "seconds_without_intervals": alone,
        "nltk_alpha_seconds": their_seconds,
        "difference": abs(found.scores["alpha"].value - theirs),
        "nltk_alpha_1001_times_over_ours": ratio,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers", metavar="PYTHON")
    options = parser.parse_args()
    if not CROWD.is_dir():
        print("skipped: the annotated data does not lie beside the project")
        return
    agreement(simulated(20), resamples=10)  # so that no set pays for what is loaded at first use
    results: dict[str, Any] = {"choices": {}, "spans": {}}
    for name, rows in choices().items():
        results["choices"][name] = measure_choices(name, rows, options.peers)
        show(name, results["choices"][name])
    for section in "e" if options.quick else "abe":
        results["spans"][section] = measure_spans(section)
        show(f"tweets, section {section}", results["spans"][section])
    results["speed"] = measure_speed(10_000 if options.quick else 100_000)
    if not options.quick:
        command = f"python benchmarks/bench_agreement.py{' --peers PYTHON' if options.peers else ''}"
        write_results("agreement", {**about("nltk", "numpy", "scipy"), "command": command, **results})


if __name__ == "__main__":
    main()
