"""The writer: many changes in one transaction, and no promise before the disk has it."""

import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import wait
from pathlib import Path

import pytest
from sqlalchemy import event, text

from goldleaf.core import GoldleafError, InputError, UnavailableError
from goldleaf.store import open_store
from goldleaf.store.writer import Writer


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "g.db", create=True)
    with store.write() as c:
        c.execute(text("CREATE TABLE said (word TEXT UNIQUE)"))
    yield store
    store.close()


@pytest.fixture
def writer(store):
    writer = Writer(store)
    yield writer
    writer.close()


def say(word):
    def work(c):
        c.execute(text("INSERT INTO said VALUES (:word)"), {"word": word})
        return word.upper()

    return work


def said(store):
    with store.read() as c:
        return sorted(c.execute(text("SELECT word FROM said")).scalars())


def hold(writer):
    """Keep the writer busy, so that what is asked for meanwhile comes into one transaction; the event that lets it go."""
    begun, go = threading.Event(), threading.Event()

    def work(c):
        begun.set()
        go.wait(10)

    writer.submit(work)
    begun.wait(10)
    return go


def test_a_work_gives_its_result_once_it_is_stored(writer, store):
    assert writer.submit(say("a")).result(10) == "A"
    assert said(store) == ["a"]


def test_what_waits_is_committed_together(writer, store):
    commits = []
    event.listen(store.engine, "commit", commits.append)
    go = hold(writer)
    waiting = [writer.submit(say(f"w{n}")) for n in range(50)]
    go.set()
    wait(waiting, 10)
    assert len(said(store)) == 50
    assert len(commits) == 2  # the one that held the writer, and the fifty


def test_a_work_that_fails_undoes_itself_alone(writer, store):
    def fail(c):
        say("half")(c)
        raise InputError("no")

    go = hold(writer)
    first, wrong, last = writer.submit(say("a")), writer.submit(fail), writer.submit(say("b"))
    go.set()
    assert (first.result(10), last.result(10)) == ("A", "B")
    with pytest.raises(InputError):
        wrong.result(10)
    assert said(store) == ["a", "b"]


def test_a_future_resolves_only_after_the_commit(writer, store):
    seen = []
    future = writer.submit(say("a"))
    future.add_done_callback(lambda _: seen.append(said(store)))  # another connection sees only what is committed
    future.result(10)
    writer.submit(lambda c: None).result(10)
    assert seen == [["a"]]


def test_a_cancelled_work_is_not_done(writer, store):
    go = hold(writer)
    future = writer.submit(say("a"))
    assert future.cancel()
    go.set()
    writer.submit(say("b")).result(10)
    assert said(store) == ["b"]


def test_a_full_disk_fails_all_of_the_transaction_and_the_writer_goes_on(writer, store):
    pages = {}

    def fill(c):
        pages["most"] = c.exec_driver_sql("PRAGMA max_page_count").scalar()
        now = c.exec_driver_sql("PRAGMA page_count").scalar()
        c.exec_driver_sql(f"PRAGMA max_page_count = {now + 2}")

    writer.submit(fill).result(10)
    go = hold(writer)
    small, large = writer.submit(say("small")), writer.submit(say("x" * 1_000_000))
    go.set()
    with pytest.raises(UnavailableError, match="disk is full"):
        large.result(10)
    after = small.exception(10)
    assert (after is None) == ("small" in said(store))
    assert all(len(word) < 10 for word in said(store))
    writer.submit(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count = {pages['most']}")).result(10)
    assert writer.submit(say("later")).result(10) == "LATER"


def test_others_writing_is_noticed_and_ones_own_is_not(writer, store):
    writer.submit(say("a")).result(10)
    before = writer.elsewhere
    writer.submit(say("b")).result(10)
    assert writer.elsewhere == before
    with store.write() as c:
        say("c")(c)
    writer.submit(lambda c: None).result(10)
    assert writer.elsewhere == before + 1


def test_closing_does_what_was_asked_for_and_refuses_the_rest(store):
    writer = Writer(store)
    futures = [writer.submit(say(f"w{n}")) for n in range(20)]
    writer.close()
    assert all(future.done() for future in futures)
    with pytest.raises(GoldleafError, match="closed"):
        writer.submit(say("late"))


TRACED = """
import os, sys
from sqlalchemy import text
from goldleaf.store import open_store
from goldleaf.store.writer import Writer
store = open_store(sys.argv[1])
writer = Writer(store)
for n in range(5):
    word = f"word-{n}"
    future = writer.submit(lambda c: c.execute(text("INSERT INTO said VALUES (:w)"), {"w": word}) and None)
    future.add_done_callback(lambda _, w=word: os.write(1, f"told {w}\\n".encode()))
    future.result(10)
writer.close()
store.close()
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_the_kernel_has_synced_the_log_before_a_promise_is_kept(store, tmp_path):
    trace = tmp_path / "trace"
    words = ["strace", "-f", "-y", "-s", "9000", "-e", "trace=pwrite64,write,fsync,fdatasync", "-o", str(trace)]
    run = [*words, sys.executable, "-c", TRACED, store.where]
    done = subprocess.run(run, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": _source()})
    if "PTRACE" in done.stderr or "ptrace" in done.stderr:
        pytest.skip("this machine does not let processes be traced")
    assert done.returncode == 0, done.stderr
    written, told, syncing = {}, [], {}
    for line in trace.read_text(errors="replace").splitlines():
        thread, call = line.split(maxsplit=1)
        for word in (f"word-{n}" for n in range(5)):
            if call.startswith("pwrite64") and "-wal>" in call and word in call:
                written.setdefault(word, "written")  # the page may be written again by a later change
            if call.startswith("write(1") and f"told {word}" in call:
                told.append((word, written.get(word)))
        if "sync(" in call and "-wal>" in call:
            syncing[thread] = list(written)
        if "sync" in call and "= 0" in call:  # it has returned, be it on this line or resumed
            written |= dict.fromkeys(syncing.pop(thread, ()), "synced")
    assert told == [(f"word-{n}", "synced") for n in range(5)]


def _source():
    import goldleaf

    return str(Path(goldleaf.__file__).parents[1])
