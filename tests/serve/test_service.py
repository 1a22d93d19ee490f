"""The service over HTTP, as a process of its own: answers, limits, faults, new versions, and the end."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis.errors import Unsatisfiable

from goldleaf.core import Record
from goldleaf.serve import Predictor
from goldleaf.train import Recipe, train

sys.path.insert(0, str(Path(__file__).parents[1] / "train"))
from tiny_models import SCHEMA, build_encoder, dataset

QUICK = Recipe(epochs=8, learning_rate=5e-3, batch_tokens=256, patience=0, precision="fp32")
TEXTS = [f"please fly to {city}" for city in ("oslo", "rome", "madrid")] + ["book a table", ""]


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two bundles: `shop`, and `other`, trained for one epoch."""
    folder = tmp_path_factory.mktemp("bundles")
    base = build_encoder("bert", folder / "bert")
    train(dataset(SCHEMA), replace(QUICK, base_model=str(base)), folder / "shop")
    train(dataset(SCHEMA), replace(QUICK, base_model=str(base), epochs=1), folder / "other")
    return folder


class Service:
    """A running service."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process, self.port = process, port

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """Status and body; `body` is sent as JSON unless it is bytes (or an iterator of them, sent in chunks)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        raw = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        connection.request(method, path, raw, headers or {})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, text

    def post(self, path: str, body: object) -> tuple[int, dict]:
        status, text = self.ask("POST", path, body, {"content-type": "application/json"})
        return status, json.loads(text)


@contextmanager
def serving(*words: object) -> Iterator[Service]:
    command = [sys.executable, "-m", "goldleaf", "serve", *map(str, words), "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    lines = process.stderr
    for line in lines:
        if line.startswith("serving on "):
            break
    else:
        raise AssertionError(f"the service did not start: exit {process.wait()}")
    drained: list[str] = []
    reader = threading.Thread(target=lambda: drained.extend(lines), daemon=True)
    reader.start()
    service = Service(process, int(line.rsplit(":", 1)[1]))
    service.log = drained  # type: ignore[attr-defined]
    try:
        yield service
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        reader.join(5)
        lines.close()


@pytest.fixture(scope="module")
def service(bundles: Path) -> Iterator[Service]:
    with serving(bundles / "shop") as running:
        yield running


def test_a_text_is_answered_as_the_predictor_does(service: Service, bundles: Path) -> None:
    predictor = Predictor(bundles / "shop")
    for text in TEXTS:
        status, found = service.post("/v1/predict", {"text": text})
        (answer,) = found["predictions"]
        expected = predictor(text)
        assert (status, found["bundle"]) == (200, "shop")
        assert answer["values"]["intent"] == expected.values["intent"]
        assert answer["values"]["slots"] == [[s.start, s.end, s.label] for s in expected.values["slots"]]
        assert answer["scores"]["intent"] == pytest.approx(expected.scores["intent"], abs=1e-5)


def test_several_texts_come_back_in_order_with_ids_and_vectors(service: Service) -> None:
    asked = {"texts": ["please fly to rome", {"text": "book a table", "id": "b"}], "embeddings": True}
    status, found = service.post("/v1/predict/batch", asked)
    assert status == 200
    assert [a["id"] for a in found["predictions"]] == ["0", "b"]
    assert [a["values"]["intent"] for a in found["predictions"]] == ["flight", "table"]
    assert len(found["predictions"][0]["embedding"]) == 32
    assert "embedding" not in service.post("/v1/predict", {"text": "book a table"})[1]["predictions"][0]


def test_a_text_comes_back_with_its_distance_from_scope_where_that_is_asked_for(
    service: Service, bundles: Path
) -> None:
    far = "the the the nice nice in in from from"
    found = service.post("/v1/predict", {"text": far, "distances": True})[1]["predictions"][0]
    expected = Predictor(bundles / "shop").run([Record("0", far)], distances=True)[0].distances
    assert expected is not None
    assert found["out_of_scope"]["intent"]["distance"] == pytest.approx(expected["intent"].distance, abs=1e-3)
    assert found["out_of_scope"]["intent"]["flagged"] == expected["intent"].flagged
    assert "embedding" not in found
    assert "out_of_scope" not in service.post("/v1/predict", {"text": far})[1]["predictions"][0]


def test_a_stream_is_answered_line_by_line_and_goes_on_after_a_wrong_one(service: Service) -> None:
    lines = [json.dumps({"text": text, "id": str(n)}).encode() + b"\n" for n, text in enumerate(TEXTS * 100)]
    lines[7] = b'{"txt": 1}\n'
    lines[9] = b'{"text": "\xff"}\n'
    status, text = service.ask("POST", "/v1/predict/stream", iter(lines))
    answers = [json.loads(line) for line in text.splitlines()]
    assert (status, len(answers)) == (200, len(lines))
    assert [n for n, a in enumerate(answers) if "error" in a] == [7, 9]
    assert [a["id"] for a in answers if "error" not in a] == [str(n) for n in range(500) if n not in (7, 9)]


def test_a_line_without_end_ends_the_stream(service: Service) -> None:
    status, text = service.ask("POST", "/v1/predict/stream", iter([b'{"text": "hi"}\n', *[b"x" * 300_000] * 5]))
    answers = [json.loads(line) for line in text.splitlines()]
    assert (status, len(answers)) == (200, 2)
    assert "a line of more than 1,000,000 bytes" in answers[1]["error"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"text": ', "JSON"),
        (b'{"text": "\xff\xfe"}', ""),
        (b"[]", ""),
        (b'{"texts": "x"}', "text"),
        (b'{"text": "\\ud800"}', "surrogate"),
        (b'{"text": 5}', "text"),
        (b'{"text": "a b", "tokens": [[0, 9]]}', "token 0 is out of place"),
        (json.dumps({"text": "x" * 100_001}).encode(), "at most 100,000"),
    ],
)
def test_a_wrong_request_is_one_message(service: Service, body: bytes, says: str) -> None:
    status, text = service.ask("POST", "/v1/predict", body, {"content-type": "application/json"})
    assert status in (400, 422)
    assert says in json.loads(text)["detail"]


def test_what_the_service_does_not_have_is_said(service: Service) -> None:
    assert service.post("/v1/predict", {"text": "x", "bundle": "nope"})[0] == 404
    assert service.ask("GET", "/v1/nope")[0] == 404
    assert service.ask("GET", "/v1/predict")[0] == 405
    assert service.post("/v1/predict/batch", {"texts": ["x"] * 1025})[0] == 422


def test_a_large_body_is_refused_whether_announced_or_not(service: Service) -> None:
    status, text = service.ask("POST", "/v1/predict", b"x" * 1_000_001)
    assert (status, "at most 1,000,000" in text) == (413, True)
    status, _ = service.ask("POST", "/v1/predict", iter([b"x" * 100_000] * 11))
    assert status == 413


def test_an_announced_body_of_100_mb_is_refused_before_it_is_sent(service: Service) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as raw:
        raw.sendall(b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
        assert b" 413 " in raw.recv(100)


def test_words_of_any_length_are_answered(service: Service) -> None:
    assert service.post("/v1/predict", {"text": "w" * 10_000})[0] == 200


def test_a_client_that_goes_or_talks_nonsense_does_no_harm(service: Service) -> None:
    for words in (
        b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{",
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01",
    ):
        with socket.create_connection(("127.0.0.1", service.port), timeout=10) as raw:
            raw.sendall(words)
    assert service.post("/v1/predict", {"text": "book a table"})[0] == 200


def test_requests_at_once_run_together(service: Service, bundles: Path) -> None:
    predictor = Predictor(bundles / "shop")
    alone = [predictor(text).values["intent"] for text in TEXTS[:4]]
    with ThreadPoolExecutor(32) as pool:
        found = list(pool.map(lambda n: service.post("/v1/predict", {"text": TEXTS[n % 4]}), range(200)))
    assert {status for status, _ in found} == {200}
    assert [f["predictions"][0]["values"]["intent"] for _, f in found] == alone * 50
    metrics = service.ask("GET", "/metrics")[1]
    runs = {
        line.split()[0]: float(line.split()[1])
        for line in metrics.splitlines()
        if line.startswith("goldleaf_batch_texts_")
    }
    assert runs['goldleaf_batch_texts_count{bundle="shop"}'] < runs['goldleaf_batch_texts_sum{bundle="shop"}']


def test_it_describes_itself(service: Service) -> None:
    paths = json.loads(service.ask("GET", "/openapi.json")[1])["paths"]
    assert {"/v1/predict", "/v1/predict/batch", "/v1/predict/stream", "/v1/bundles", "/readyz"} <= set(paths)
    assert json.loads(service.ask("GET", "/v1/bundles")[1])["bundles"][0]["name"] == "shop"
    assert service.ask("GET", "/healthz") == (200, "ok")
    assert service.ask("GET", "/readyz") == (200, "ready")
    assert "<textarea" in service.ask("GET", "/")[1]


def test_a_full_queue_answers_at_once(bundles: Path) -> None:
    with serving(bundles / "shop", "--queue", 1) as running:
        status, found = running.post("/v1/predict/batch", {"texts": ["a", "b"]})
        assert (status, "too many texts are waiting" in found["detail"]) == (429, True)
        assert running.post("/v1/predict", {"text": "a"})[0] == 200


def test_with_keys_only_those_who_have_one_are_answered(bundles: Path, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a-key-of-some-length\nanother-key-of-length\n", "utf-8")
    with serving(bundles / "shop", "--api-keys", tmp_path / "keys") as running:
        for given in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic a-key-of-some-length"}):
            for method, path in (
                ("POST", "/v1/predict"),
                ("GET", "/v1/bundles"),
                ("GET", "/metrics"),
                ("GET", "/openapi.json"),
            ):
                assert running.ask(method, path, b"{}", given)[0] == 401
        assert running.ask("GET", "/healthz")[0] == 200
        known = {"authorization": "Bearer another-key-of-length", "content-type": "application/json"}
        assert running.ask("POST", "/v1/predict", {"text": "x"}, known)[0] == 200


def test_several_bundles_are_told_apart_by_name(bundles: Path) -> None:
    with serving(bundles / "shop", bundles / "other") as running:
        status, found = running.post("/v1/predict", {"text": "x"})
        assert (status, "shop, other" in found["detail"]) == (422, True)
        assert running.post("/v1/predict", {"text": "x", "bundle": "other"})[1]["bundle"] == "other"


def test_a_new_version_is_taken_up_without_one_failed_request_and_a_broken_one_is_not(
    bundles: Path, tmp_path: Path
) -> None:
    live = tmp_path / "live"
    shutil.copytree(bundles / "other", live)
    with serving(live) as running:
        statuses: list[int] = []
        over = threading.Event()

        def keep_asking() -> None:
            while not over.is_set():
                statuses.append(running.post("/v1/predict", {"text": "please fly to rome"})[0])

        threads = [threading.Thread(target=keep_asking) for _ in range(4)]
        for thread in threads:
            thread.start()

        def swap(source: Path) -> None:
            shutil.copytree(source, tmp_path / "next")
            live.rename(tmp_path / "old")
            (tmp_path / "next").rename(live)
            shutil.rmtree(tmp_path / "old")

        def until(outcome: str) -> None:
            for _ in range(150):
                if f'outcome="{outcome}"' in running.ask("GET", "/metrics")[1]:
                    return
                time.sleep(0.1)
            raise AssertionError(f"no reload was {outcome}")

        swap(bundles / "shop")
        until("loaded")
        assert (
            running.post("/v1/predict", {"text": "please fly to rome"})[1]["predictions"][0]["values"]["intent"]
            == "flight"
        )
        with (live / "model.onnx").open("r+b") as file:
            file.write(b"broken")
        until("refused")
        assert running.post("/v1/predict", {"text": "please fly to rome"})[0] == 200
        over.set()
        for thread in threads:
            thread.join()
        assert len(statuses) > 20
        assert set(statuses) == {200}


def test_sigterm_lets_what_was_asked_be_answered(bundles: Path) -> None:
    with serving(bundles / "shop") as running, ThreadPoolExecutor(8) as pool:
        asked = {"texts": ["book a table for two in oslo " * 20] * 200}
        answers = [pool.submit(running.post, "/v1/predict/batch", asked) for _ in range(8)]
        time.sleep(0.3)
        running.process.send_signal(signal.SIGTERM)
        assert [a.result()[0] for a in answers] == [200] * 8
        assert running.process.wait(30) == 0


def test_the_log_has_no_texts_unless_it_is_asked_for(bundles: Path) -> None:
    for words, logged in ((), False), (("--log-text",), True):
        with serving(bundles / "shop", *words) as running:
            running.post("/v1/predict", {"text": "fly to secretville"})
        lines = [json.loads(line) for line in running.log]  # type: ignore[attr-defined]
        assert any(line["event"] == "request" and line["status"] == 200 for line in lines)
        assert any("secretville" in json.dumps(line) for line in lines) is logged


@pytest.mark.slow
def test_two_thousand_mixed_requests_leave_nothing_behind(bundles: Path) -> None:
    sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
    from bench_leak import mix

    with serving(bundles / "shop") as running:
        mix(running.port, running.process.pid, 1000, step=500)  # until all that is kept is there
        found = mix(running.port, running.process.pid, 2000, step=2000)
    kinds = {what.split()[0] for what in found["answers"]}
    statuses = {what.split()[-1] for what in found["answers"]}
    assert {"good", "batch", "stream", "malformed", "not_utf8", "wrong_type", "too_large", "unknown", "gone"} <= kinds
    assert statuses <= {"200", "400", "404", "413", "422", "gone", "closed"}
    assert found["resident_mb"]["2000"] < found["resident_mb"]["0"] + 20


def test_what_cannot_be_served_is_one_message(bundles: Path, service: Service, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("short\n", "utf-8")
    for words, says in (
        ([bundles / "nope"], "not a bundle"),
        ([bundles / "shop", bundles / "shop"], "two bundles of one name"),
        ([bundles / "shop", "--port", service.port], "cannot listen there"),
        ([bundles / "shop", "--api-keys", tmp_path / "keys"], "an API key is too short"),
    ):
        command = [sys.executable, "-m", "goldleaf", "serve", *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 1
        assert says in done.stderr.strip().splitlines()[-1]
        assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
def test_nothing_that_its_description_allows_or_forbids_breaks_the_service(service: Service, mode: str) -> None:
    import schemathesis
    from hypothesis import HealthCheck, given, settings
    from schemathesis import GenerationMode

    api = schemathesis.openapi.from_url(f"http://127.0.0.1:{service.port}/openapi.json")
    reached: dict[str, set[int]] = {}
    for result in api.get_all_operations():
        operation = result.ok()
        strategy = operation.as_strategy(generation_mode=GenerationMode[mode])

        @given(case=strategy)
        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        def ask(case: schemathesis.Case) -> None:
            status = case.call().status_code
            assert status < 500, (case.operation.label, case.body)
            reached.setdefault(case.operation.label, set()).add(status)

        with suppress(Unsatisfiable):  # an operation that takes nothing cannot be asked wrongly
            ask()
    assert reached
    if mode == "POSITIVE":
        assert [label for label, statuses in reached.items() if 200 not in statuses] == []
