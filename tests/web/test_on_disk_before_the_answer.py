"""An answer of 200 leaves after the log has been synced that holds what it acknowledges: seen from the kernel."""

import shutil
import subprocess
import threading
import time
import uuid
from contextlib import contextmanager

import pytest
from app_server import serving
from workspaces import make_workspace

CALLS = "pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync"


@contextmanager
def traced(process, path):
    """The calls of a running process by which it writes, as strace tells them."""
    words = ["strace", "-f", "-y", "-s", "9000", "-e", f"trace={CALLS}", "-o", str(path), "-p", str(process.pid)]
    tracer = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    said = tracer.stderr.readline()
    if "attached" not in said:
        tracer.wait()
        tracer.stderr.close()
        pytest.skip(f"this machine does not let processes be traced: {said}")
    try:
        yield
    finally:
        tracer.terminate()
        tracer.wait()
        tracer.stderr.close()


def states_at_the_answers(lines, ids):
    """For each id, in the order of the answers: what had become of it when the answer that holds it left."""
    state, left, syncing = {}, [], {}
    for line in lines:
        thread, call = line.split(maxsplit=1)
        for id in ids:
            if id not in call:
                continue
            if call.startswith("pwrite64") and "-wal>" in call:
                state.setdefault(id, "written")  # a later change of the page writes it again, which takes nothing back
            elif not call.startswith("pwrite64"):
                left.append((id, state.get(id)))
        if "sync(" in call and "-wal>" in call:
            syncing[thread] = [id for id in state if state[id] == "written"]
        if "sync" in call and "= 0" in call:  # returned, be it on this line or resumed on a later one
            state |= dict.fromkeys(syncing.pop(thread, ()), "synced")
    return left


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_each_acknowledgement_leaves_after_the_sync_of_what_it_acknowledges(tmp_path):
    folder = make_workspace(tmp_path)
    with serving(folder) as app:
        people = [app.person(name, default="annotator") for name in ("ann", "bob", "cyd")]
        held = [p.good("POST", "/api/projects/default/desk/next", {"count": 2, "have": []})["items"] for p in people]
        ids = {str(uuid.uuid4()): (n, item["record"]) for n, items in enumerate(held) for item in items}

        def answer(id, n, record):
            people[n].submit(record, {"intent": "ask", "slots": []}, id=id)

        with traced(app.process, tmp_path / "trace"):
            threads = [threading.Thread(target=answer, args=(id, *one)) for id, one in ids.items()]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
            time.sleep(0.2)
    left = states_at_the_answers((tmp_path / "trace").read_text(errors="replace").splitlines(), ids)
    assert sorted(id for id, _ in left) == sorted(ids)
    assert {state for _, state in left} == {"synced"}
