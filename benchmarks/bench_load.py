"""Serving under load: `goldleaf serve` in fp32 and with 8-bit weights, beside a plain FastAPI service around transformers' pipeline.

    python benchmarks/bench_load.py [--quick] [--bundle DIR] [--seconds N] [--part ner distilbert]

`ner`: the sentences of CoNLL-2003 (without the data, the demo's messages), one a request, from 1, 8 and 64 clients that each ask again as
soon as they are answered. `distilbert`: a classifier of DistilBERT's size with random weights (6 layers of 768, 12 heads, 30,522
pieces), texts of 32 and of 128 pieces, 1 and 8 clients. Beside the latter stands what Hugging Face published for Infinity, its commercial
server, on two cores of another machine: 150 requests a second at 32 tokens and 55 at 128.

The clients are one asyncio process that speaks HTTP over sockets; it shares the cores with the service. Prints requests a second, and the
median and 99th percentile of the latency; writes `benchmarks/results/load.json`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from served import bundle_for, conll, parser, save

CLIENTS = (1, 8, 64)
PUBLISHED = {"32": 150, "128": 55}
WARM_UP = 1.0


def plain_service(bundle: str, port: str) -> None:
    """The service as it is often written: a function a request, and the pipeline called in it."""
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel
    from transformers import pipeline

    pipe = pipeline("token-classification", model=bundle, aggregation_strategy="first")
    app = FastAPI()

    class Body(BaseModel):
        text: str

    def predict(body: Body) -> dict[str, Any]:
        return {"entities": [{**e, "score": float(e["score"])} for e in pipe(body.text)]}

    predict.__annotations__ = {"body": Body, "return": dict[str, Any]}
    app.post("/v1/predict")(predict)
    app.get("/readyz")(lambda: "ready")
    uvicorn.run(app, port=int(port), log_level="error")


@contextmanager
def running(command: list[Any], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A service that answers; stopped at the end."""
    process = subprocess.Popen([str(c) for c in command], stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise RuntimeError(f"the service ended with {process.returncode}")
            try:
                if asyncio.run(_ask_once(port)) == 200:
                    break
            except OSError:
                pass
            time.sleep(0.1)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


async def _ask_once(port: int) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    """One request on an open connection; its status."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    found = _LENGTH.search(head)
    await reader.readexactly(int(found[1]) if found else 0)
    return int(head[9:12])


def request_of(text: str) -> bytes:
    body = json.dumps({"text": text}).encode()
    head = (
        f"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def clients(port: int, texts: list[str], count: int, seconds: float) -> dict[str, Any]:
    """Ask for so long after the warm-up; requests a second, latencies in milliseconds, and the statuses."""
    requests = itertools.cycle([request_of(text) for text in texts])
    started = time.perf_counter()
    begin, end = started + WARM_UP, started + WARM_UP + seconds
    took: list[float] = []
    statuses: dict[int, int] = {}

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (asked := time.perf_counter()) < end:
            status = await ask(reader, writer, next(requests))
            now = time.perf_counter()
            if begin <= now <= end:
                took.append(now - asked)
                statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    await asyncio.gather(*(client() for _ in range(count)))
    low, high = np.percentile(took, [50, 99]) * 1000
    return {
        "requests_per_second": round(len(took) / seconds, 1),
        "p50_ms": round(float(low), 1),
        "p99_ms": round(float(high), 1),
        "statuses": statuses,
    }


def load(command: list[Any], port: int, texts: list[str], counts: tuple[int, ...], seconds: float) -> dict[str, Any]:
    """What a service does under so many clients, each number in a process of its own."""
    rows: dict[str, Any] = {}
    with running(command, port), tempfile.TemporaryDirectory() as place:
        path = Path(place) / "texts.json"
        path.write_text(json.dumps(texts), encoding="utf-8")
        for count in counts:
            words = [sys.executable, __file__, "--clients", str(port), str(path), str(count), str(seconds)]
            done = subprocess.run(words, capture_output=True, text=True, check=True)
            rows[str(count)] = json.loads(done.stdout)
    return rows


def goldleaf(bundle: Path, port: int, *, int8: bool) -> list[Any]:
    words = [sys.executable, "-m", "goldleaf", "serve", bundle, "--port", port]
    return [*words, "--int8"] if int8 else words


def distilbert(place: Path) -> Path:
    """A bundle of a classifier of DistilBERT's size, trained for one step on nothing much."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import DistilBertConfig, DistilBertModel, PreTrainedTokenizerFast

    from goldleaf import workspace
    from goldleaf.core import Example, Field, Record, Schema
    from goldleaf.snapshot import Dataset
    from goldleaf.train import Recipe

    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(f"w{n}" for n in range(30518))]
    tokenizer = Tokenizer(models.WordPiece({name: n for n, name in enumerate(names)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = (
        normalizers.BertNormalizer(lowercase=False),
        pre_tokenizers.BertPreTokenizer(),
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_input_names=["input_ids", "attention_mask"], **special
    ).save_pretrained(place / "base")
    torch.manual_seed(0)
    DistilBertModel(DistilBertConfig(vocab_size=len(names))).save_pretrained(place / "base")
    schema = Schema((Field("label", "choice", ("yes", "no")),))
    examples = [Example(Record(str(n), f"w{n} w{n + 1}"), {"label": ("yes", "no")[n % 2]}) for n in range(8)]
    data = Dataset(schema, examples, [replace(e, record=replace(e.record, id=f"d{e.record.id}")) for e in examples], [])
    workspace.train(data, place / "distilbert", recipe=Recipe(base_model=str(place / "base"), epochs=1))
    workspace.quantize_model(place / "distilbert", examples, tolerance=100.0)
    return place / "distilbert"


def measure_ner(options: Any, place: Path, seconds: float) -> dict[str, Any]:
    bundle = bundle_for(options.bundle, place)
    examples = conll(options.data, "test_original")
    if examples is None:
        from goldleaf import workspace

        lines = workspace.demo_file("en").read_text(encoding="utf-8").splitlines()
        texts = [json.loads(line)["text"] for line in lines]
    else:
        texts = [e.record.text for e in examples]
    plain = [sys.executable, __file__, "--plain", bundle, 8812]
    sides = {"fp32": goldleaf(bundle, 8810, int8=False), "int8": goldleaf(bundle, 8811, int8=True), "plain": plain}
    return {name: load(command, 8810 + n, texts, CLIENTS, seconds) for n, (name, command) in enumerate(sides.items())}


def measure_distilbert(options: Any, place: Path, seconds: float) -> dict[str, Any]:
    bundle = distilbert(place)
    rng = np.random.default_rng(0)
    rows: dict[str, Any] = {}
    for name, int8 in (("fp32", False), ("int8", True)):
        rows[name] = {}
        for pieces in (32, 128):
            texts = [" ".join(f"w{n}" for n in rng.integers(0, 30518, pieces - 2)) for _ in range(500)]
            found = load(goldleaf(bundle, 8813, int8=int8), 8813, texts, (1, 8), seconds)
            rows[name][str(pieces)] = found
    rows["published for HF Infinity, another machine"] = PUBLISHED
    return rows


def main() -> None:
    if sys.argv[1:2] == ["--plain"]:
        return plain_service(sys.argv[2], sys.argv[3])
    if sys.argv[1:2] == ["--clients"]:
        port, path, count, seconds = sys.argv[2:]
        texts = json.loads(Path(path).read_text(encoding="utf-8"))
        print(json.dumps(asyncio.run(clients(int(port), texts, int(count), float(seconds)))))
        return None
    made = parser(__doc__)
    made.add_argument("--seconds", type=float, default=8.0)
    made.add_argument("--part", nargs="+", choices=("ner", "distilbert"), default=["ner", "distilbert"])
    options = made.parse_args()
    seconds = 2.0 if options.quick else options.seconds
    results: dict[str, Any] = {}
    for part in options.part:
        with tempfile.TemporaryDirectory() as place:
            measured = measure_ner if part == "ner" else measure_distilbert
            results[part] = measured(options, Path(place), seconds)
        print(part, json.dumps(results[part], indent=1), flush=True)
    if not options.quick:
        save("load", {"seconds": seconds, "cores": os.cpu_count(), **results}, keep=("ner", "distilbert"))
    return None


if __name__ == "__main__":
    main()
