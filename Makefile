# Everything a fresh machine needs: Python 3.11 or newer and the package registries.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export HF_HUB_OFFLINE ?= 1

.PHONY: demo web test test-all lint docs bench clean

# torch first and alone: a later resolution then never pulls a CUDA build.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q torch==2.13.0 -c constraints.txt
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'
	touch $@

demo: web
	rm -rf demo-workspace
	$(BIN)/goldleaf demo

# The browser side of the annotation app, into the package; nothing happens when it is built from these sources already.
web: $(VENV)/.installed
	$(BIN)/python web-ui/build.py

test: web
	$(BIN)/python -m pytest -n 2

test-all: web
	$(BIN)/python -m pytest -n 2 -m ''

lint: $(VENV)/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(BIN)/python web-ui/build.py --check

# Not --quiet: with it mkdocs counts no warnings, and --strict lets everything pass.
docs: $(VENV)/.installed
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(VENV)/.installed
	for script in benchmarks/bench_*.py; do $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) build dist site .pytest_cache .ruff_cache demo-workspace
