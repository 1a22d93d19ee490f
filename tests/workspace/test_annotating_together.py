"""Many people at once: whatever happens, no record over its overlap, none twice to a person, no acknowledged answer lost."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import goldleaf
from goldleaf.core import ConflictError, InputError, Schema
from goldleaf.core import Field as SchemaField
from goldleaf.workspace import AnnotationDesk, Submission, import_file, init_workspace

SCHEMA = Schema((SchemaField("label", "choice", ("yes", "no")),))
NUMBERS = count()


def make(folder, records, **settings_):
    ws = init_workspace(folder / "w", schema=SCHEMA)
    path = folder / "a.txt"
    path.write_text("".join(f"text {n}\n" for n in range(records)), "utf-8")
    import_file(ws, path)
    desk = AnnotationDesk(ws)
    desk.change_settings("default", settings_).result(10)
    return ws, desk


def wrong(ws):
    """All that must never be, as counts: records over their overlap, people asked twice, counters that do not hold."""
    questions = {
        "over": "SELECT count(*) FROM (SELECT a.record_pk FROM annotations a JOIN queue q USING (record_pk)"
        " WHERE a.status IN ('submitted', 'flagged') AND NOT a.\"check\""
        " AND NOT EXISTS (SELECT 1 FROM annotations b WHERE b.supersedes = a.id)"
        " GROUP BY a.record_pk HAVING count(*) > max(q.places))",
        "twice": "SELECT count(*) FROM (SELECT 1 FROM annotations a"
        " WHERE NOT EXISTS (SELECT 1 FROM annotations b WHERE b.supersedes = a.id)"
        " GROUP BY record_pk, annotator HAVING count(*) > 1)",
        "held": "SELECT count(*) FROM queue q WHERE held <> (SELECT count(*) FROM assignments a WHERE a.record_pk = q.record_pk"
        " AND a.kind = 'queue' AND a.state IN ('leased', 'submitted', 'flagged'))",
        "overheld": "SELECT count(*) FROM queue WHERE held > places",
        "free": "SELECT count(*) FROM queue WHERE free <> CASE WHEN closed THEN 0 ELSE max(0, places - held) END",
        "answered": "SELECT count(*) FROM queue q WHERE answered <> (SELECT count(*) FROM assignments a"
        " WHERE a.record_pk = q.record_pk AND a.kind = 'queue' AND a.state IN ('submitted', 'flagged'))",
        "done": "SELECT done - (SELECT count(*) FROM queue WHERE closed OR answered >= places) FROM queues",
        "state": "SELECT count(*) FROM assignments s WHERE s.state NOT IN ('leased', 'returned') AND s.state <> (SELECT status"
        " FROM annotations a WHERE a.record_pk = s.record_pk AND a.annotator = s.annotator ORDER BY id DESC LIMIT 1)",
        "cursor": "SELECT count(*) FROM queue q, workers w WHERE q.free > 0 AND (q.position, q.turn) <= (w.position, w.turn)"
        " AND NOT EXISTS (SELECT 1 FROM assignments a WHERE a.record_pk = q.record_pk AND a.annotator = w.annotator"
        " AND a.state <> 'returned')",
    }
    with ws.store.read() as c:
        found = {name: c.exec_driver_sql(sql).scalar() or 0 for name, sql in questions.items()}
    return {name: value for name, value in found.items() if value}


@pytest.mark.parametrize("overlap", [1, 3])
def test_many_threads_never_go_over_the_overlap_and_answer_all_there_is(tmp_path, overlap):
    ws, desk = make(tmp_path, 60, overlap=overlap)
    acknowledged, failed = [], []

    def annotate(name, seed):
        rng = random.Random(seed)
        try:
            while items := desk.next_items("default", name, count=2).result(30)["items"]:
                for item in items:
                    said = Submission(
                        f"{name}-{next(NUMBERS):08d}", item["record"], {"label": rng.choice(["yes", "no"])}, want=0
                    )
                    done = desk.submit("default", name, said).result(30)
                    acknowledged.append((done["annotation"], item["record"], name, done["outcome"]))
        except Exception as error:
            failed.append(error)

    people = [threading.Thread(target=annotate, args=(f"p{n}", n)) for n in range(12)]
    for thread in people:
        thread.start()
    for thread in people:
        thread.join(60)
    desk.close()
    assert not failed
    assert wrong(ws) == {}
    assert Counter(outcome for *_, outcome in acknowledged) == {"counted": 60 * overlap}
    assert set(Counter(record for _, record, *_ in acknowledged).values()) == {overlap}
    assert len({(record, who) for _, record, who, _ in acknowledged}) == 60 * overlap
    ws.close()


def test_the_same_answer_from_many_threads_is_one_annotation(tmp_path):
    ws, desk = make(tmp_path, 1)
    (item,) = desk.next_items("default", "ann").result(10)["items"]
    said = Submission("the-same-id", item["record"], {"label": "yes"})
    futures = [desk.submit("default", "ann", said) for _ in range(20)]
    outcomes = Counter(future.result(10)["outcome"] for future in futures)
    assert outcomes == {"counted": 1, "known": 19}
    desk.close()
    ws.close()


class Annotating(RuleBasedStateMachine):
    """Everything that people and time can do to a queue, in any order."""

    names = st.sampled_from(["ann", "bob", "cyd", "dan"])

    @initialize(
        overlap=st.integers(1, 3),
        order=st.sampled_from(["file", "random", "priority"]),
        check=st.sampled_from([0.0, 0.5]),
    )
    def begin(self, overlap, order, check):
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.ws, first = make(Path(self.folder.name), 8, overlap=overlap, order=order, check_rate=check)
        first.close()
        self.desk = AnnotationDesk(self.ws, clock=lambda: self.now)
        self.records = sorted(r for (r,) in self.rows("SELECT id FROM records"))
        self.decided = count()
        self.acknowledged, self.sent = set(), []

    def rows(self, sql):
        with self.ws.store.read() as c:
            return c.exec_driver_sql(sql).all()

    @rule(who=names, number=st.integers(0, 3))
    def ask(self, who, number):
        items = self.desk.next_items("default", who, count=number).result(10)["items"]
        assert len(items) <= number
        assert len({item["record"] for item in items}) == len(items)

    @rule(
        who=names,
        n=st.integers(0, 7),
        said=st.sampled_from(["submitted", "skipped", "flagged"]),
        want=st.integers(0, 2),
        knows=st.booleans(),
    )
    def say(self, who, n, said, want, knows):
        values = {"label": "yes"} if said == "submitted" else {}
        before = [a for w, one, a in self.sent if (w, one.record) == (who, self.records[n])]
        one = Submission(f"client-{next(NUMBERS):08d}", self.records[n], values, status=said, want=want)
        if knows and before:
            one = replace(one, supersedes=before[-1])
        try:
            done = self.desk.submit("default", who, one).result(10)
        except ConflictError:  # from a window that knows of no earlier answer
            assert before
            assert not knows
            return
        except InputError:  # not theirs
            return
        self.acknowledged.add(done["annotation"])
        self.sent.append((who, one, done["annotation"]))

    @precondition(lambda self: self.sent)
    @rule(n=st.integers(0, 100))
    def say_again(self, n):
        who, one, annotation = self.sent[n % len(self.sent)]
        again = self.desk.submit("default", who, one).result(10)
        assert (again["outcome"], again["annotation"]) == ("known", annotation)

    @rule(seconds=st.sampled_from([10, 70, 130]))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule(who=names)
    def sign_out(self, who):
        self.desk.release(who).result(10)

    @rule(who=names, n=st.integers(0, 7))
    def renew(self, who, n):
        self.desk.renew("default", who, [self.records[n]]).result(10)

    @precondition(lambda self: next(self.decided) < 2)
    @rule(n=st.integers(0, 7))
    def settle(self, n):
        self.desk.adjudicate(
            "default", "rev", self.records[n], id=f"client-{next(NUMBERS):08d}", values={"label": "no"}
        ).result(10)

    @rule(n=st.integers(0, 7), priority=st.floats(0, 1))
    def prefer(self, n, priority):
        self.desk.set_priorities("default", {self.records[n]: priority}).result(10)

    @invariant()
    def nothing_is_wrong(self):
        if hasattr(self, "ws"):
            assert wrong(self.ws) == {}
            assert {id for (id,) in self.rows("SELECT id FROM annotations")} == self.acknowledged

    def teardown(self):
        if hasattr(self, "ws"):
            self.desk.close()
            self.ws.close()
            self.folder.cleanup()


Annotating.TestCase.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
TestWhateverPeopleAndTimeDo = Annotating.TestCase


WORK = """
import sys, threading, uuid
from goldleaf.workspace import AnnotationDesk, Submission, open_workspace
ws = open_workspace(sys.argv[1])
desk = AnnotationDesk(ws)
lock = threading.Lock()

def annotate(name):
    held = [i["record"] for i in desk.next_items("default", name).result()["items"]]
    while held:
        said = Submission(str(uuid.uuid4()), held.pop(0), {"label": "yes"}, have=tuple(held))
        done = desk.submit("default", name, said).result()
        held += [i["record"] for i in done["items"]]
        with lock:
            print(said.id, said.record, name, flush=True)

for n in range(6):
    threading.Thread(target=annotate, args=(f"p{n}",)).start()
"""


def test_a_killed_process_loses_no_acknowledged_answer(tmp_path):
    ws, desk = make(tmp_path, 3000)
    desk.close()
    ws.close()
    environment = os.environ | {"PYTHONPATH": str(Path(goldleaf.__file__).parents[1])}
    told = []
    for n in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WORK, str(tmp_path / "w")], stdout=subprocess.PIPE, text=True, env=environment
        ) as process:
            told.append(process.stdout.readline())  # it works
            time.sleep(0.2 + 0.15 * n)
            process.send_signal(signal.SIGKILL)
            told += process.stdout.readlines()
    acknowledged = [line.split() for line in told if line.endswith("\n")]
    ws = goldleaf.workspace.open_workspace(tmp_path / "w")
    with ws.store.read() as c:
        rows = c.exec_driver_sql(
            "SELECT a.client_id, r.id, a.annotator FROM annotations a JOIN records r ON r.pk = a.record_pk"
        )
        stored = Counter(tuple(row) for row in rows)
    assert len(acknowledged) > 10
    assert all(stored[tuple(one)] == 1 for one in acknowledged)
    assert set(stored.values()) == {1}
    assert wrong(ws) == {}
    ws.close()


def test_what_a_killed_server_had_leased_is_handed_out_again_once_the_leases_are_over(tmp_path):
    ws, desk = make(tmp_path, 3)
    desk.next_items("default", "ann", count=3).result(10)
    desk.close()
    later = AnnotationDesk(ws, clock=lambda: datetime.now(UTC) + timedelta(seconds=300))
    assert len(later.next_items("default", "bob", count=3).result(10)["items"]) == 3
    later.close()
    ws.close()


def test_handing_out_does_not_look_at_what_is_settled_again(tmp_path):
    """The statements that SQLite runs for one more record are as many at the end of a project as at its start."""
    ws, desk = make(tmp_path, 400, overlap=2)
    steps = []

    def cycle(name):
        item = desk.next_items("default", name, count=1).result(10)["items"][0]
        said = Submission(f"client-{next(NUMBERS):08d}", item["record"], {"label": "yes"}, want=0)
        desk.submit("default", name, said).result(10)

    def counted(c):
        driver = c.connection.dbapi_connection
        seen = [0]
        driver.set_progress_handler(lambda: seen.__setitem__(0, seen[0] + 1), 10)
        return driver, seen

    for n in range(390):
        if n in (10, 380):
            driver, seen = desk.write(counted).result(10)
            cycle("ann")
            desk.write(lambda c, d=driver: d.set_progress_handler(None, 0)).result(10)
            steps.append(seen[0])
        else:
            cycle("ann")
    assert steps[1] <= steps[0] * 1.5
    desk.close()
    ws.close()
