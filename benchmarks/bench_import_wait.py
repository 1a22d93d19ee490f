"""How long annotators wait while somebody imports a large file in the browser.

    python benchmarks/bench_import_wait.py [--records N] [--annotators N]

The real server on this machine, a project of 20,000 records; annotators loop submit -> next without a pause, first alone and then while an
owner's file of N records with entities is uploaded, checked and taken in.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any

from bench_annotate import Line, Work, percentiles, person, prepare, sentence, serving
from common import about, read_results, write_results

NAME = "import_wait"


def upload(records: int) -> bytes:
    """A JSONL file of so many new records with their entities."""
    rng = random.Random(11)
    rows = (
        {"id": f"new{n:07d}", "text": text, "entities": spans}
        for n, (text, spans) in ((n, sentence(rng, n)) for n in range(records))
    )
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


async def send(port: int, token: str, data: bytes) -> dict[str, Any]:
    """Import a file over HTTP; what the server says of it."""
    async with Line(port, token) as line:
        head = (
            "POST /api/projects/default/import?name=new.jsonl HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        line.writer.write(head.encode() + data)
        answer = (await line.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.partition(b"content-length:")[2].split()[0])
        return json.loads(await line.reader.readexactly(length))


async def loops(port: int, tokens: list[str], count: int, seconds: float, data: bytes | None) -> dict[str, Any]:
    """The waits of annotators who loop for so long or, with a file, until it is imported."""
    work, began = Work(), time.perf_counter()
    until = began + (seconds if data is None else 3600)
    people = [asyncio.create_task(person(port, f"a{n:03d}", tokens[n], until, work, began)) for n in range(count)]
    found: dict[str, Any] = {}
    if data is not None:
        said = await send(port, tokens[-1], data)
        found = {
            "import_s": round(time.perf_counter() - began, 1),
            "imported": said["added"],
            "gold": said["gold_added"],
        }
        for task in people:
            task.cancel()
    await asyncio.gather(*people, return_exceptions=True)
    took = time.perf_counter() - began
    waits = {**percentiles(work.submits), "max_ms": round(max(work.submits) * 1000)}
    return found | {"submits": len(work.submits), "per_second": round(len(work.submits) / took), **waits}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--annotators", type=int, default=8)
    args = parser.parse_args()
    data = upload(args.records)
    rows: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "ws"
        tokens = prepare(folder, 20_000)
        with serving(folder) as (_, port):
            rows["alone"] = asyncio.run(loops(port, tokens, args.annotators, 5.0, None))
            rows["import"] = asyncio.run(loops(port, tokens, args.annotators, 0.0, data))
    for name, row in rows.items():
        print(name, json.dumps(row))
    key = f"{args.records} records, {args.annotators} annotators"
    write_results(NAME, read_results(NAME) | {"about": about(), key: rows})


if __name__ == "__main__":
    main()
