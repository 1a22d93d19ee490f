"""Whether the service keeps what it is sent: 100,000 mixed requests at one `goldleaf serve`, and its resident memory at every 10,000th.

    python benchmarks/bench_leak.py [--quick] [--bundle DIR] [--requests N] [--int8]

Of every hundred requests 60 are good texts; the others are batches, streams, malformed JSON, bytes that are not UTF-8, wrong types,
bodies that are too large, words of 10,000 letters, unknown paths, and clients that go away in the middle of what they send or before
they are answered. Eight clients at once, on connections that last where the service keeps them. Fails where an answer is a 5xx. Writes
`benchmarks/results/leak.json`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench_load import goldleaf, running
from served import bundle_for, parser, save

WORDS = [
    "please",
    "send",
    "the",
    "kettle",
    "to",
    "Rome",
    "by",
    "Friday",
    "12",
    "March",
    "thanks",
    "北京",
    "Ærø",
    "naïve",
    "🙂",
]
GONE = "gone"


def http(body: bytes, path: str = "/v1/predict", *, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
    return head.encode() + body


def text_of(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(1, 60)))


def good(rng: random.Random) -> bytes:
    return http(json.dumps({"text": text_of(rng)}).encode())


def batch(rng: random.Random) -> bytes:
    return http(
        json.dumps({"texts": [text_of(rng) for _ in range(8)], "embeddings": True}).encode(), "/v1/predict/batch"
    )


def stream(rng: random.Random) -> bytes:
    lines = [json.dumps({"text": text_of(rng)}).encode() for _ in range(5)] + [b"nonsense"]
    return http(b"\n".join(lines), "/v1/predict/stream")


def malformed(rng: random.Random) -> bytes:
    return http(good(rng).split(b"\r\n\r\n", 1)[1][: rng.randint(1, 12)])


def not_utf8(rng: random.Random) -> bytes:
    return http(b'{"text": "' + rng.randbytes(20).replace(b'"', b"") + b'\xff"}')


def wrong_type(rng: random.Random) -> bytes:
    return http(
        json.dumps(rng.choice([[], 5, None, {"text": 5}, {"text": None}, {"texts": "a"}, {"text": "\ud800"}])).encode()
    )


def too_large(rng: random.Random) -> bytes:
    return http(b"", length=10_000_000)


def long_word(rng: random.Random) -> bytes:
    return http(json.dumps({"text": rng.choice("ab字") * 10_000}).encode())


def unknown(rng: random.Random) -> bytes:
    return http(b"{}", f"/v1/{rng.randint(0, 10**9)}")


def broken_off(rng: random.Random) -> bytes:
    return http(b'{"text": "half', length=100)


KINDS: dict[Callable[[random.Random], bytes], int] = {
    good: 60,
    batch: 5,
    stream: 3,
    malformed: 8,
    not_utf8: 5,
    wrong_type: 5,
    too_large: 3,
    long_word: 1,
    unknown: 3,
    broken_off: 3,
}
IMPATIENT = 0.04
"""The share of requests whose client goes before it is answered."""


async def one_client(port: int, rng: random.Random, count: int, done: Callable[[str], None]) -> None:
    """So many requests, one after the other, on as few connections as the service allows."""
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    for _ in range(count):
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        reader, writer = connection or await asyncio.open_connection("127.0.0.1", port)
        connection = None
        try:
            writer.write(kind(rng))
            await writer.drain()
            if kind is broken_off or rng.random() < IMPATIENT:
                writer.close()
                done(GONE)
                continue
            status, lasts = await read_answer(reader)
            done(f"{kind.__name__} {status}")
        except (ConnectionError, asyncio.IncompleteReadError):
            done(f"{kind.__name__} closed")
            writer.close()
            continue
        if lasts:
            connection = reader, writer
        else:
            writer.close()


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """The status of an answer that is read to its end, and whether the connection lasts."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    if fields.get(b"transfer-encoding") == b"chunked":
        while (size := int((await reader.readuntil(b"\r\n")).strip(), 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readuntil(b"\r\n")
    else:
        await reader.readexactly(int(fields.get(b"content-length", b"0")))
    return int(head[9:12]), fields.get(b"connection") != b"close"


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def mix(port: int, pid: int, count: int, *, clients: int = 8, step: int = 10_000) -> dict[str, Any]:
    """Send so many requests; return the answers by kind and status, and the service's memory at every `step`."""
    answers: Counter[str] = Counter()
    memory = {"0": resident_mb(pid)}

    def done(what: str) -> None:
        answers[what] += 1
        if (total := answers.total()) % step == 0:
            memory[str(total)] = resident_mb(pid)
            print(f"{total:,} requests: {memory[str(total)]} MB", flush=True)

    async def all_clients() -> None:
        each = count // clients
        await asyncio.gather(*(one_client(port, random.Random(seed), each, done) for seed in range(clients)))

    asyncio.run(all_clients())
    return {"answers": dict(sorted(answers.items())), "resident_mb": memory}


def main() -> None:
    made = parser(__doc__)
    made.add_argument("--requests", type=int, default=100_000)
    made.add_argument("--int8", action="store_true")
    options = made.parse_args()
    count = 2000 if options.quick else options.requests
    with tempfile.TemporaryDirectory() as place:
        bundle = bundle_for(options.bundle, Path(place))
        with running(goldleaf(bundle, 8820, int8=options.int8), 8820) as process:
            found = mix(8820, process.pid, count, step=1000 if options.quick else 10_000)
    print(json.dumps(found, indent=1))
    faults = {what: n for what, n in found["answers"].items() if what.split()[-1].startswith("5")}
    if faults:
        raise SystemExit(f"the service failed: {faults}")
    if not options.quick:
        save("leak", {"requests": count, "int8": options.int8, **found})


if __name__ == "__main__":
    main()
