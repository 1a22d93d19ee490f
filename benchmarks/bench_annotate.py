"""The annotation app under load: people who annotate as fast as it answers, through the real server, on the same machine.

    python benchmarks/bench_annotate.py [--quick] [--part load size export idle crash] [--seconds N] [--crashes N]

`load`: 1, 8, 32 and 100 annotators on NER projects of 10,000 and 100,000 records. Each asks for their first three records and then
loops: one request a decision, which submits and brings the next record. `size`: 8 annotators on 1,000,000 records, beside 10,000.
`export`: 100,000 annotated records through the browser's endpoint. `idle`: memory and time of a start. `crash`: kill -9 of the server
amid the load of 8 annotators, again and again on one workspace; after each restart every acknowledged annotation has to be there, once.

The load generator is one asyncio process that speaks HTTP over kept connections; it shares the cores with the server, and its own CPU
time is reported. Where `../shared/peers/annotation/results.json` is, the measured peers are printed beside. Prints tables; writes
`benchmarks/results/annotate.json`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from common import SHARED, about, read_results, write_results

PEOPLE = (1, 8, 32, 100)
MOST = max(PEOPLE)
WARM_UP = 2.0
PEERS = SHARED / "peers" / "annotation" / "results.json"
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_FIRST = ("Anna", "Ben", "Chen", "Dana", "Emil", "Fatima", "Goran", "Hana", "Ivan", "Julia")
_LAST = ("Berger", "Smith", "Li", "Novak", "Okafor", "Silva", "Meyer", "Rossi", "Kim", "Haddad")
_PLACES = ("Paris", "New York", "Nairobi", "Beijing", "Lima", "Oslo", "Tehran", "Quito", "Delhi", "Rome")


@dataclass
class Work:
    """What the clients have seen: latencies in seconds, and what was acknowledged, by client id."""

    first: list[float] = field(default_factory=list)
    submits: list[float] = field(default_factory=list)
    last: float = 0.0
    acknowledged: dict[str, tuple[str, str]] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)


# the workspace


def sentence(rng: random.Random, number: int) -> tuple[str, list[list[Any]]]:
    """A sentence of about 20 words and its three entities."""
    who, whom = (f"{rng.choice(_FIRST)} {rng.choice(_LAST)}" for _ in range(2))
    parts = ["On Monday ", who, " of the foreign office met ", whom, f" and {number} others in ", rng.choice(_PLACES)]
    text, spans = "", []
    for n, part in enumerate([*parts, " to talk about the new treaty and its costs."]):
        if n in (1, 3, 5):
            spans.append([len(text), len(text) + len(part), "LOC" if n == 5 else "PER"])
        text += part
    return text, spans


def prepare(folder: Path, records: int, *, annotated: bool = False) -> list[str]:
    """A workspace with that many records and 100 annotators; their personal tokens, an owner's last."""
    from goldleaf.workspace import AnnotationDesk, People, import_file, init_workspace

    rng = random.Random(7)
    source = folder.parent / f"{folder.name}.jsonl"
    with source.open("w", encoding="utf-8") as file:
        for n in range(records):
            text, spans = sentence(rng, n)
            row: dict[str, Any] = {"id": f"r{n:07d}", "text": text}
            if annotated:
                row["entities"] = spans
            file.write(json.dumps(row) + "\n")
    with init_workspace(folder, template="ner", labels=["PER", "LOC"]) as ws:
        import_file(ws, source, as_="annotations" if annotated else "gold", annotator="a000" if annotated else None)
        desk = AnnotationDesk(ws)
        desk.open_queue("default").result()
        people = People(ws, desk.write)
        tokens: list[str] = []
        for n in range(MOST):
            tokens.append(new_person(people, f"a{n:03d}", "annotator"))
        tokens.append(new_person(people, "owner", "owner"))
        desk.close()
    source.unlink()
    return tokens


def new_person(people: Any, name: str, role: str) -> str:
    _, invite = people.add_user(name)
    people.take_invite(invite, f"password of {name}")
    people.set_member("default", name, role)
    return people.add_token(name, "benchmark")[1]


# the server


@contextmanager
def serving(folder: Path, *, log: Any = subprocess.DEVNULL) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The real server on a free port, once it says that it serves; stopped at the end if it still runs."""
    words = [sys.executable, "-m", "goldleaf", "annotate", "-w", str(folder), "--port", "0"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=log)
    assert process.stderr is not None
    try:
        port = 0
        while not port:
            line = process.stderr.readline().decode()
            if not line:
                raise RuntimeError(f"the server ended with {process.wait()}")
            if found := re.search(r"http://[^:]+:(\d+)", line):
                port = int(found[1])
        yield process, port
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        process.stderr.close()


def cpu_of(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int, what: str = "VmRSS") -> float:
    """Megabytes of a process, resident now or (`VmHWM`) at most."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) / 1000


# the clients


class Line:
    """One kept connection of one person."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token

    async def __aenter__(self) -> Line:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def post(self, path: str, body: Any) -> tuple[int, bytes]:
        data = json.dumps(body).encode()
        head = (
            f"POST /api/projects/default/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.token}\r\n"
        )
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        self.writer.write(head.encode() + data)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        found = _LENGTH.search(answer)
        return int(answer[9:12]), await self.reader.readexactly(int(found[1]) if found else 0)


def answer_to(item: dict[str, Any], want: int, have: list[str]) -> dict[str, Any]:
    """A submission that marks the first two words, and asks for the next record."""
    words = item["words"]
    return {
        "id": str(uuid.uuid4()),
        "record": item["record"],
        "values": {"entities": [[words[0][0], words[1][1], "PER"]]},
        "status": "submitted",
        "seconds": 1.5,
        "schema_version": 1,
        "suggested": {},
        "want": want,
        "have": have,
    }


async def person(port: int, name: str, token: str, until: float, work: Work, measured_from: float) -> None:
    """One annotator: the first records, then a submission each time the last one is answered."""
    async with Line(port, token) as line:
        asked = time.perf_counter()
        status, body = await line.post("desk/next", {"count": 3, "have": []})
        work.first.append(time.perf_counter() - asked)
        assert status == 200, body
        held = json.loads(body)["items"]
        while held and time.perf_counter() < until:
            item = held.pop(0)
            said = answer_to(item, 1, [other["record"] for other in held])
            asked = time.perf_counter()
            status, body = await line.post("desk/submit", said)
            now = time.perf_counter()
            assert status == 200, body
            data = json.loads(body)
            held += data["items"]
            work.acknowledged[said["id"]] = (name, item["record"])
            work.outcomes[data["outcome"]] += 1
            if asked >= measured_from:
                work.submits.append(now - asked)
                work.last = now


async def crowd(port: int, tokens: list[str], count: int, seconds: float, work: Work) -> float:
    """So many annotators at once, for so long after the warm-up, or until no record is left; the seconds that it took."""
    started = time.perf_counter()
    from_, until = started + WARM_UP, started + WARM_UP + seconds
    people = (person(port, f"a{n:03d}", tokens[n], until, work, from_) for n in range(count))
    await asyncio.gather(*people)
    return max(work.last - from_, 0.001)


def percentiles(took: list[float]) -> dict[str, float]:
    p50, p99 = np.percentile(took, [50, 99]) * 1000
    return {"p50_ms": round(float(p50), 1), "p99_ms": round(float(p99), 1)}


# the parts


def load(folder: Path, tokens: list[str], count: int, seconds: float) -> dict[str, Any]:
    """Cycles a second and latencies with so many annotators; then the store is looked through."""
    work = Work()
    with serving(folder) as (process, port):
        own, theirs, wall = time.process_time(), cpu_of(process.pid), time.perf_counter()
        measured = asyncio.run(crowd(port, tokens, count, seconds, work))
        wall = time.perf_counter() - wall
        row = {
            "annotators": count,
            "cycles_per_second": round(len(work.submits) / measured, 1),
            "first_next": percentiles(work.first),
            "submit": percentiles(work.submits),
            "load_cpu_cores": round((time.process_time() - own) / wall, 2),
            "server_cpu_cores": round((cpu_of(process.pid) - theirs) / wall, 2),
            "server_mb": round(memory_of(process.pid)),
            "load_average": round(os.getloadavg()[0], 1),
            "outcomes": dict(work.outcomes),
        }
    return row | check(folder, work.acknowledged)


def check(folder: Path, acknowledged: dict[str, tuple[str, str]]) -> dict[str, int]:
    """What went wrong, counted in the database: annotations lost or doubled, records over their overlap, people asked twice."""
    with sqlite3.connect(f"file:{folder / 'goldleaf.db'}?mode=ro", uri=True) as c:
        stored = Counter(c.execute("SELECT client_id FROM annotations WHERE client_id IS NOT NULL").fetchall())
        over = c.execute(
            "SELECT count(*) FROM (SELECT record_pk FROM annotations WHERE status IN ('submitted', 'flagged')"
            " GROUP BY record_pk HAVING count(*) > (SELECT places FROM queue q WHERE q.record_pk = annotations.record_pk))"
        ).fetchone()[0]
        twice = c.execute(
            "SELECT count(*) FROM (SELECT 1 FROM annotations GROUP BY record_pk, annotator HAVING count(*) > 1)"
        ).fetchone()[0]
    c.close()
    return {
        "acknowledged": len(acknowledged),
        "lost": sum((id,) not in stored for id in acknowledged),
        "doubled": sum(n > 1 for n in stored.values()),
        "over_overlap": over,
        "twice_to_a_person": twice,
    }


def export(place: Path, records: int) -> dict[str, Any]:
    """Export of annotated records over HTTP: seconds, megabytes, and the server's memory before and at most."""
    import urllib.request

    folder = place / "annotated"
    tokens = prepare(folder, records, annotated=True)
    rows: dict[str, Any] = {"records": records}
    with serving(folder) as (process, port):
        rows["server_mb_before"] = round(memory_of(process.pid))
        for format in ("jsonl", "conll"):
            url = f"http://127.0.0.1:{port}/api/projects/default/export?format={format}&what=gold&field=entities"
            request = urllib.request.Request(url, headers={"Authorization": f"Bearer {tokens[-1]}"})
            started, size, lines = time.perf_counter(), 0, 0
            with urllib.request.urlopen(request) as answer:
                while block := answer.read(1 << 16):
                    size += len(block)
                    lines += block.count(b"\n")
            seconds = round(time.perf_counter() - started, 2)
            rows[format] = {"seconds": seconds, "mb": round(size / 1e6, 1), "lines": lines}
        rows["server_mb_most"] = round(memory_of(process.pid, "VmHWM"))
    return rows


def idle(folder: Path) -> dict[str, Any]:
    """Seconds until the server answers, and its memory then, five times; the medians."""
    import urllib.request

    took, memory = [], []
    for _ in range(5):
        started = time.perf_counter()
        with serving(folder) as (process, port):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health") as answer:
                assert answer.status == 200
            took.append(time.perf_counter() - started)
            time.sleep(0.5)
            memory.append(memory_of(process.pid))
    return {"start_seconds": round(float(np.median(took)), 2), "idle_mb": round(float(np.median(memory)))}


def crash(place: Path, times: int) -> dict[str, Any]:
    """kill -9 amid the load of 8 annotators, so many times."""
    folder = place / "crash"
    tokens = prepare(folder, 100_000)
    rng = random.Random(3)
    acknowledged: dict[str, tuple[str, str]] = {}
    worst: Counter[str] = Counter()
    for _ in range(times):
        work = Work()
        with serving(folder) as (process, port):
            asyncio.run(crowd_until_killed(process, port, tokens, work, rng.uniform(0.5, 2.0)))
            process.wait()
        acknowledged |= work.acknowledged
        with serving(folder):  # it opens what the kill has left
            pass
        worst.update(check(folder, work.acknowledged))
    total = check(folder, acknowledged)
    return {"kills": times, **total, "lost_at_any_time": worst["lost"]}


async def crowd_until_killed(process: Any, port: int, tokens: list[str], work: Work, seconds: float) -> None:
    forever = time.perf_counter() + 3600
    people = [asyncio.ensure_future(person(port, f"a{n:03d}", tokens[n], forever, work, 0.0)) for n in range(8)]
    await asyncio.sleep(seconds)
    process.kill()
    await asyncio.gather(*people, return_exceptions=True)


# the whole


def peers() -> dict[str, Any]:
    """Cycles a second of the measured peers, by name and number of annotators (`100k` for the larger project)."""
    if not PEERS.is_file():
        return {}
    found: dict[str, Any] = {}
    for name, runs in json.loads(PEERS.read_text(encoding="utf-8")).items():
        for key, run in runs.items():
            if re.fullmatch(r"load_\d+|load_100k_project_\d+", key):
                place = f"{'100k' if '100k' in key else '10k'}_{run['workers']}"
                found.setdefault(name, {})[place] = run["throughput_per_s"]
    return found


def say(title: str, row: dict[str, Any]) -> None:
    print(f"{title:28} {json.dumps(row)}", flush=True)


def run_load(
    place: Path, results: dict[str, Any], part: str, seconds: float, sizes: dict[str, int], counts: tuple[int, ...]
) -> None:
    for name, records in sizes.items():
        for count in counts:
            folder = place / f"{part}-{name}-{count}"
            row = load(folder, prepare(folder, records), count, seconds)
            results.setdefault(part, {}).setdefault(name, {})[str(count)] = row
            beside = {peer: runs[f"{name}_{count}"] for peer, runs in peers().items() if f"{name}_{count}" in runs}
            row |= {"peers_cycles_per_second": beside} if beside else {}
            say(f"{name} records, {count} people", row)
            write_results("annotate", results)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", nargs="+", default=["load", "size", "export", "idle", "crash"])
    parser.add_argument("--quick", action="store_true", help="small sizes, a look only; nothing is written")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--crashes", type=int, default=20)
    args = parser.parse_args()
    quick, results = args.quick, read_results("annotate") | about("fastapi", "uvicorn", "sqlalchemy")
    if quick:
        globals()["write_results"] = lambda name, data: None
    sizes = {"2k": 2000} if quick else {"10k": 10_000, "100k": 100_000}
    seconds = 3.0 if quick else args.seconds
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        if "load" in args.part:
            run_load(place, results, "load", seconds, sizes, (8,) if quick else PEOPLE)
        if "size" in args.part and not quick:
            run_load(place, results, "size", seconds, {"10k": 10_000, "1M": 1_000_000}, (8,))
        if "export" in args.part:
            results["export"] = export(place, 2000 if quick else 100_000)
            say("export", results["export"])
        if "idle" in args.part:
            prepare(place / "idle", 1000)
            results["idle"] = idle(place / "idle")
            say("idle", results["idle"])
        if "crash" in args.part:
            results["crash"] = crash(place, 2 if quick else args.crashes)
            say("crash", results["crash"])
        write_results("annotate", results)


if __name__ == "__main__":
    main()
