"""`goldleaf demo` at a terminal: when it is done, it offers to open the annotation app."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

PATIENCE = 900


def read_until(terminal, words, process):
    """What the terminal shows until these words are in it."""
    shown, until = "", time.monotonic() + PATIENCE
    while words not in shown:
        assert time.monotonic() < until, shown[-2000:]
        if select.select([terminal], [], [], 0.5)[0]:
            try:
                shown += os.read(terminal, 65536).decode("utf-8", "replace")
            except OSError:  # the other end is closed
                break
        elif process.poll() is not None:
            break
    assert words in shown, shown[-2000:]
    return shown


@pytest.mark.slow
def test_the_demo_offers_the_app_opens_it_and_ctrl_c_ends_it(tmp_path):
    terminal, theirs = pty.openpty()
    command = [sys.executable, "-m", "goldleaf", "demo", str(tmp_path / "demo")]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    try:
        read_until(terminal, "Open the annotation app now?", process)
        os.write(terminal, b"y\n")
        shown = read_until(terminal, "/#/setup/", process)
        address = re.search(r"serving on (http://[\d.]+:\d+)", shown)
        assert address is not None, shown
        with urllib.request.urlopen(f"{address[1]}/api/health", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130  # ended by Ctrl-C, as every command is
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(terminal)
