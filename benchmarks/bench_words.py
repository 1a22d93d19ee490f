"""What it brings that spans end where words end: the demo's slots, read from one model by words and by pieces.

    python benchmarks/bench_words.py [--quick]

Trains the demo's joint model with the recipe that is chosen by itself (`--quick`: one epoch), decodes the same logits both ways, and
compares the two on the dev and test split by the paired bootstrap. Writes `benchmarks/results/words.json`.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from common import about, write_results
from goldleaf import workspace
from goldleaf.evaluate import compare
from goldleaf.serve import Predictor
from goldleaf.train import Recipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as place:
        with workspace.init_workspace(Path(place) / "ws", template="intent-slots") as ws:
            workspace.import_file(ws, workspace.demo_file("en"))
            data = workspace.take_snapshot(ws)
        workspace.train(data, Path(place) / "bundle", recipe=Recipe(epochs=1 if quick else None))
        predictor = Predictor(Path(place) / "bundle")
    examples = data.dev + data.test
    read: dict[bool, list[Any]] = {}
    for whole_words in (False, True):
        predictor.layout = replace(predictor.layout, whole_words=whole_words)
        read[whole_words] = [result.prediction for result in predictor.run([e.record for e in examples])]
    found = compare(data.schema, examples, read[False], read[True])["fields"]["slots"]
    print(f"slots F1 by pieces {found['first']:.4f}, by words {found['second']:.4f}, difference {found['difference']}")
    if not quick:
        write_results("words", {**about("torch", "transformers"), "records": len(examples), "slots": found})


if __name__ == "__main__":
    main()
