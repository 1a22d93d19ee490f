"""Prediction of many records: `goldleaf predict` in fp32 and with 8-bit weights, beside transformers' pipeline and a plain loop.

    python benchmarks/bench_predict.py [--quick] [--bundle DIR] [--sentences N] [--side NAME ...]

The sentences of CoNLL-2003 as texts (test split first, all of them repeated up to N; without the data, the demo's messages), the same
file for each side, each a process of its own from its start to its end:

    fp32, int8   goldleaf predict, without and with --int8
    static       the same with a model whose activations have fixed ranges too (`export-model --calibrate`), from 256 of the last texts
    pipeline     transformers' pipeline, at the batch size (1 to 128) that was fastest on 512 sentences, which is not counted
    loop         tokenizers and onnxruntime, texts in order, 32 at once, padded to the longest, the class of each piece written as JSON
    products     the matrix products of the encoder alone (numpy, and onnxruntime with nothing but MatMul; the faster counts), in
                 the batches that fp32 runs: what no library with these weights can do without

Prints pieces a second (the text's own, without special ones and padding), the largest resident memory, and F1 on the test split. `--quick`
takes 1,500 sentences. Writes `benchmarks/results/predict.json`; sides that are not run keep their row where sentences and machine are
the same.
"""

from __future__ import annotations

import itertools
import json
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from common import about, read_results
from goldleaf import workspace
from goldleaf.bundle import INT8, read_bundle
from goldleaf.core import Record
from goldleaf.encode import Batch, cut_pieces, output_classes, run_model
from goldleaf.serve import BUDGET, Predictor, available_cores
from served import PACKAGES, bundle_for, conll, labelled, measure, parser, save

SIDES = ("fp32", "int8", "static", "pipeline", "loop", "products")
CALIBRATED_ON = 256
LONGEST = 512


def read_texts(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]


def run_pipeline(bundle: str, path: Path, out: Path) -> None:
    """What transformers' page on pipelines shows, and the batch size found by trying."""
    from transformers import pipeline

    pipe = pipeline("token-classification", model=bundle, aggregation_strategy="first")
    texts = read_texts(path)
    took: dict[int, float] = {}
    for size in (1, 8, 32, 128):
        started = time.perf_counter()
        list(pipe((text for text in texts[:512]), batch_size=size))
        took[size] = time.perf_counter() - started
    best = min(took, key=lambda size: took[size])
    started = time.perf_counter()
    with out.open("w", encoding="utf-8") as file:
        for found in pipe((text for text in texts), batch_size=best):
            spans = [[e["start"], e["end"], e["entity_group"], float(e["score"])] for e in found]
            file.write(json.dumps(spans) + "\n")
    (out.parent / "pipeline.json").write_text(json.dumps({"seconds": time.perf_counter() - started, "batch": best}))


def run_loop(bundle: str, path: Path, out: Path) -> None:
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(f"{bundle}/tokenizer.json")
    tokenizer.enable_truncation(LONGEST)
    tokenizer.enable_padding()
    session = onnxruntime.InferenceSession(f"{bundle}/model.onnx", providers=["CPUExecutionProvider"])
    names = [i.name for i in session.get_inputs()]
    texts = read_texts(path)
    with out.open("w", encoding="utf-8") as file:
        for start in range(0, len(texts), 32):
            batch = tokenizer.encode_batch(texts[start : start + 32])
            arrays = [np.array([getattr(e, what) for e in batch]) for what in ("ids", "attention_mask", "type_ids")]
            logits = session.run(None, dict(zip(names, arrays, strict=False)))[0]
            classes = logits.argmax(axis=-1)
            for encoding, row in zip(batch, classes, strict=True):
                file.write(json.dumps([[*o, int(c)] for o, c in zip(encoding.offsets, row, strict=True)]) + "\n")


def run_products(bundle: str, path: Path, out: Path) -> None:
    """Seconds of the products alone, by numpy with all threads and by onnxruntime as the predictor runs it: a thread a batch."""
    config = json.loads(Path(bundle, "config.json").read_text(encoding="utf-8"))
    hidden, inner, layers = config["hidden_size"], config["intermediate_size"], config["num_hidden_layers"]
    rows = _batch_sizes(bundle, read_texts(path))
    rng = np.random.default_rng(0)
    shapes = [(hidden, hidden)] * 4 + [(hidden, inner), (inner, hidden)]
    weights = [rng.standard_normal(shape, dtype=np.float32) for shape in shapes * layers]
    inputs = {width: rng.standard_normal((max(rows), width), dtype=np.float32) for width in (hidden, inner)}
    started = time.perf_counter()
    for count in rows:
        for weight in weights:
            inputs[weight.shape[0]][:count] @ weight
    by_numpy = time.perf_counter() - started
    session = _products_session(weights)

    def run(count: int) -> None:
        session.run(None, {"hidden": inputs[hidden][:count], "inner": inputs[inner][:count]})

    started = time.perf_counter()
    with ThreadPoolExecutor(available_cores()) as pool:
        list(pool.map(run, rows))
    seconds = {"numpy": by_numpy, "onnxruntime": time.perf_counter() - started}
    (out.parent / "products.json").write_text(json.dumps({"seconds": min(seconds.values()), "by": seconds}))


def _batch_sizes(bundle: str, texts: list[str]) -> list[int]:
    """The padded pieces of each batch that the predictor runs."""
    predictor = Predictor(bundle, verify=False)
    classes = len(output_classes(predictor.schema.fields[0]))
    sizes: list[int] = []

    def note(batch: Batch) -> list[Any]:
        sizes.append(batch.input_ids.size)
        return [np.zeros((*batch.input_ids.shape, classes), dtype=np.float32)]

    for start in range(0, len(texts), 1024):
        pieces = cut_pieces(predictor.tokenizer, texts[start : start + 1024])
        run_model(pieces, predictor.schema, predictor.layout, note, budget=BUDGET, multiple=1)
    return sizes


def _products_session(weights: list[Any]) -> Any:
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    hidden = weights[0].shape[0]
    nodes, outputs = [], []
    for number, weight in enumerate(weights):
        source = "hidden" if weight.shape[0] == hidden else "inner"
        nodes.append(helper.make_node("MatMul", [source, f"w{number}"], [f"y{number}"]))
        outputs.append(helper.make_tensor_value_info(f"y{number}", TensorProto.FLOAT, None))
    inputs = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT, [None, w])
        for n, w in (("hidden", hidden), ("inner", weights[5].shape[0]))
    ]
    constants = [numpy_helper.from_array(w, f"w{n}") for n, w in enumerate(weights)]
    graph = helper.make_graph(nodes, "products", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def static_of(bundle: Path, texts: list[str]) -> Path:
    """A copy of the bundle whose 8-bit model is calibrated on texts, whatever it loses."""
    target = bundle.with_name("static")
    shutil.copytree(bundle, target)
    (target / INT8).unlink()
    few = labelled(read_bundle(target, verify=False).schema, bundle.parent)
    records = [Record(str(number), text) for number, text in enumerate(texts)]
    workspace.quantize_model(target, few, calibration=records, tolerance=100.0)
    return target


def run_side(side: str, bundle: Path, path: Path) -> dict[str, Any]:
    """Run a side as a process of its own."""
    out = path.with_name(f"{side}.out")
    if side in ("fp32", "int8", "static"):
        model = static_of(bundle, read_texts(path)[-CALIBRATED_ON:]) if side == "static" else bundle
        command = [sys.executable, "-m", "goldleaf", "predict", model, path, "-o", out]
        done = measure([*command, *(["--int8"] if side != "fp32" else [])])
        return {"seconds": round(done.seconds, 2), "peak_mb": round(done.peak_mb)}
    done = measure([sys.executable, __file__, "--run", side, bundle, path, out])
    row: dict[str, Any] = {"seconds": round(done.seconds, 2), "peak_mb": round(done.peak_mb)}
    said = path.with_name(f"{side}.json")
    if said.is_file():  # what it measured itself, without its preparations
        found = json.loads(said.read_text())
        row |= {**found, "seconds": round(found["seconds"], 2)}
    return row


def f1_of(side: str, out: Path, examples: list[Any]) -> float | None:
    """Micro F1 of the spans that a side found in the first texts, in hundredths."""
    if side not in ("fp32", "int8", "static", "pipeline"):
        return None
    right = found = 0
    with out.open(encoding="utf-8") as file:
        for example, line in zip(examples, file, strict=False):
            data = json.loads(line)
            spans = data if side == "pipeline" else next(iter(data["values"].values()))
            said = {(start, end, label) for start, end, label, *_ in spans}
            gold = {(s.start, s.end, s.label) for s in next(iter(example.values.values()))}
            right, found = right + len(said & gold), found + len(said)
    wanted = sum(len(next(iter(e.values.values()))) for e in examples)
    return round(200 * right / max(1, found + wanted), 2)


def write_input(path: Path, data: Path, count: int) -> list[Any] | None:
    """The file that every side reads; the test split where the data is there."""
    test = conll(data, "test_original")
    if test is None:
        lines = workspace.demo_file("en").read_text(encoding="utf-8").splitlines()
        texts = [json.loads(line)["text"] for line in lines]
    else:
        texts = [e.record.text for name in ("dev", "train") for e in conll(data, name) or []]
        texts = [e.record.text for e in test] + texts
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": text}) + "\n" for text in itertools.islice(itertools.cycle(texts), count))
    return test[:count] if test is not None else None


def count_pieces(bundle: Path, path: Path) -> int:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(bundle / "tokenizer.json"))
    return sum(len(e.ids) for e in tokenizer.encode_batch_fast(read_texts(path), add_special_tokens=False))


def main() -> None:
    if sys.argv[1:2] == ["--run"]:
        side, bundle, path, out = sys.argv[2:]
        {"pipeline": run_pipeline, "loop": run_loop, "products": run_products}[side](bundle, Path(path), Path(out))
        return
    made = parser(__doc__)
    made.add_argument("--sentences", type=int, default=100_000)
    made.add_argument("--side", nargs="+", choices=SIDES, default=list(SIDES))
    options = made.parse_args()
    count = 1500 if options.quick else options.sentences
    with tempfile.TemporaryDirectory() as place:
        bundle = bundle_for(options.bundle, Path(place))
        path = Path(place) / "sentences.jsonl"
        test = write_input(path, options.data, count)
        pieces = count_pieces(bundle, path)
        rows = {} if options.quick else kept(count, pieces)
        for side in options.side:
            rows[side] = run_side(side, bundle, path) | {"pieces_per_second": 0}
            rows[side]["pieces_per_second"] = round(pieces / rows[side]["seconds"])
            if (
                test is not None
                and options.bundle is not None
                and (f1 := f1_of(side, path.with_name(f"{side}.out"), test))
            ):
                rows[side]["f1"] = f1
            print(side, rows[side], flush=True)
    if "pipeline" in rows:
        for row in rows.values():
            row["times_pipeline"] = round(row["pieces_per_second"] / rows["pipeline"]["pieces_per_second"], 2)
    if {"fp32", "products"} <= set(rows):
        rows["fp32"]["times_products"] = round(rows["fp32"]["seconds"] / rows["products"]["seconds"], 2)
    for side, row in rows.items():
        print(f"{side:9} {row['seconds']:8.1f} s  {row['pieces_per_second']:8,} pieces/s ", row)
    if not options.quick:
        save("predict", {"sentences": count, "pieces": pieces, "sides": rows})


def kept(count: int, pieces: int) -> dict[str, Any]:
    """The rows of an earlier run on the same texts and machine."""
    before = read_results("predict")
    same = (before.get("sentences"), before.get("pieces")) == (count, pieces)
    return before["sides"] if same and before["machine"] == about(*PACKAGES)["machine"] else {}


if __name__ == "__main__":
    main()
