"""What starts without what: the heavy libraries come in only where they are used."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "torch",
    "transformers",
    "pandas",
    "pyarrow",
    "sqlalchemy",
    "alembic",
    "onnxruntime",
    "matplotlib",
    "sklearn",
    "jieba",
    "nltk",
    "ray",
}
HELP = """
sys.argv = ["goldleaf", "--help"]
from goldleaf.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""


def modules_after(code):
    """The top-level modules that a fresh interpreter has imported once it has run the code."""
    report = "\nimport json\nprint('\\n' + json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}{report}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_help_starts_without_any_heavy_library():
    assert modules_after(HELP) & HEAVY == set()


@pytest.mark.parametrize("room", ["core", "encode", "snapshot", "bundle", "serve", "workspace"])
def test_only_training_imports_torch_and_transformers(room):
    assert (
        modules_after(f"import importlib.util as u\nif u.find_spec('goldleaf.{room}'): import goldleaf.{room}")
        & {"torch", "transformers"}
        == set()
    )


def test_core_needs_nothing_but_the_standard_library():
    extra = modules_after("import goldleaf.core") - modules_after("") - set(sys.stdlib_module_names)
    assert extra == {"goldleaf"}


def test_the_predictor_needs_nothing_but_numpy_tokenizers_and_onnxruntime():
    extra = modules_after("import goldleaf.serve") - modules_after("") - set(sys.stdlib_module_names)
    assert extra <= {"goldleaf", "numpy", "onnxruntime", "tokenizers"}


@pytest.mark.skipif(
    not Path("/proc/self/fd").is_dir(), reason="the open files of a process can be listed on Linux alone"
)
def test_onnxruntime_keeps_no_report_on_its_use():
    code = "import os, goldleaf.serve; print([os.path.realpath(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')])"
    env = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert "onnxruntime" not in done.stdout
