"""Runs crowd-kit on label tables, in an interpreter that has it: `python peer_crowdkit.py FILE.pickle METHOD...`, in and out by pickle.

Needs crowd-kit, pandas and numpy only; `bench_aggregation.py` and `bench_sequences.py` start it. In: by name a table with `task, worker,
label` (for `rover` the labels are texts). Out: by name and
method `{"seconds", "cpu_seconds", "labels", "iterations", "probabilities"}`.
"""

from __future__ import annotations

import sys
import time
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd


def main() -> None:
    from crowdkit.aggregation import (
        GLAD,
        MACE,
        ROVER,
        DawidSkene,
        MajorityVote,
        OneCoinDawidSkene,
        Wawa,
        ZeroBasedSkill,
    )

    warnings.simplefilter("ignore")
    for part in ("wawa", "zero_based_skill"):  # what these ask of scikit-learn, its newer versions refuse
        import_module(f"crowdkit.aggregation.classification.{part}").check_is_fitted = lambda *_, **__: None
    place, methods = Path(sys.argv[1]), sys.argv[2:]
    makers: dict[str, Any] = {
        "majority": MajorityVote,
        "dawid_skene": lambda: DawidSkene(n_iter=100, tol=1e-5),
        "one_coin": lambda: OneCoinDawidSkene(n_iter=100, tol=1e-5),
        "glad": GLAD,
        "mace": MACE,
        "rover": lambda: ROVER(tokenizer=str.split, detokenizer=" ".join),
        "wawa": Wawa,
        "zero_based_skill": ZeroBasedSkill,
    }
    found: dict[str, dict[str, Any]] = {}
    for name, table in pd.read_pickle(place).items():
        for method in methods:
            model = makers[method]()
            start, used = time.perf_counter(), time.process_time()
            model.fit(table.rename(columns={"label": "text"}) if method == "rover" else table)
            seconds, used = time.perf_counter() - start, time.process_time() - used
            labels = next((getattr(model, name) for name in ("labels_", "texts_") if hasattr(model, name)), None)
            labels = model.predict(table) if labels is None else labels
            found.setdefault(name, {})[method] = {
                "seconds": seconds,
                "cpu_seconds": used,
                "labels": dict(zip(labels.index.tolist(), labels.tolist(), strict=True)),
                "iterations": len(getattr(model, "loss_history_", [])),
                "probabilities": getattr(model, "probas_", None) if method == "dawid_skene" else None,
            }
    pd.to_pickle(found, place)


if __name__ == "__main__":
    main()
