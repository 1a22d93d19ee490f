"""What it costs to have the predictor at all: seconds to import and to load it, and resident memory, beside transformers' pipeline.

    python benchmarks/bench_predictor.py [--quick] [--bundle DIR]

Each is a process of its own, several times, and the median stands: `from goldleaf.serve import Predictor`, loading a bundle (fp32, and
8-bit weights), and 300 texts; and the same with `transformers.pipeline` on the same bundle. Writes `benchmarks/results/predictor.json`.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from served import bundle_for, parser, save

TEXTS = (
    "[f'The {n}th envoy of the European Commission met Werner Zwingmann in Brussels on Tuesday .' for n in range(300)]"
)
OURS = """
from goldleaf.serve import Predictor
imported = clock()
predictor = Predictor({bundle!r}, int8={int8})
loaded = clock()
after_loading = resident()
for text in texts:
    predictor(text)
list(predictor.stream(Record(str(n), text) for n, text in enumerate(texts)))
"""
THEIRS = """
from transformers import pipeline
imported = clock()
pipe = pipeline("token-classification", model={bundle!r}, aggregation_strategy="first")
loaded = clock()
after_loading = resident()
for text in texts:
    pipe(text)
pipe(texts, batch_size=32)
"""
BEFORE = """
import os, sys, time
def clock(): return time.perf_counter()
def resident():
    pages = int(open('/proc/self/statm').read().split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE') / 2**20
texts = {texts}
started = clock()
"""
AFTER = """
import json
print(json.dumps([imported - started, loaded - imported, after_loading, resident()]))
"""
SIDES = {
    "goldleaf fp32": (OURS.replace("Record", "__import__('goldleaf.core').core.Record"), False),
    "goldleaf int8": (OURS.replace("Record", "__import__('goldleaf.core').core.Record"), True),
    "transformers pipeline": (THEIRS, False),
}
NAMES = ("import_seconds", "load_seconds", "loaded_mb", "predicted_mb")


def run(code: str, bundle: Path, int8: bool) -> list[float]:
    program = BEFORE.format(texts=TEXTS) + code.format(bundle=str(bundle), int8=int8) + AFTER
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    options = parser(__doc__).parse_args()
    rounds = 1 if options.quick else 5
    with tempfile.TemporaryDirectory() as place:
        bundle = bundle_for(options.bundle, Path(place))
        runs = {name: [run(code, bundle, int8) for _ in range(rounds)] for name, (code, int8) in SIDES.items()}
    table = {
        name: dict(zip(NAMES, (round(statistics.median(c), 3) for c in zip(*rows, strict=True)), strict=True))
        for name, rows in runs.items()
    }
    for name, row in table.items():
        print(f"{name:22}", "  ".join(f"{key} {value:8.3f}" for key, value in row.items()))
    if not options.quick:
        save("predictor", {"rounds": rounds, "median": table})


if __name__ == "__main__":
    main()
