# Fallow: everything a person or a machine runs, by name. `make help` lists it.
#
# Set-up needs python3 (3.11 or newer, with its venv module) and make. Everything else is installed into .venv from
# lock files that carry hashes. The browser part (map) will add its own stamp beside .venv/.synced when it exists.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.synced
UV := $(BIN)/uv

# Two workers pay on two cores; WORKERS=0 runs the tests in one process (for a debugger).
WORKERS ?= 2
# Further arguments for pytest, e.g. make test PYTEST_ARGS="-k ledger".
PYTEST_ARGS ?=
# make soak SOAK=20 asks for twenty times the usual number of examples.
SOAK ?= 10
# make lock UPGRADE=1 takes newer versions; without it the locked ones stay where they still fit.
UPGRADE ?=

.PHONY: help setup demo test lint types floors check docs docs-pages bench soak lock clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's|^([a-z-]+):.*## (.*)|  make \1\t\2|' | expand -t 20

setup: $(STAMP) ## install everything into .venv (again only when a lock file changed)

$(STAMP): requirements-uv.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Fallow needs Python 3.11 or newer as $(PYTHON): install it with your package manager, e.g. apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Fallow needs python3-venv: install it with your package manager, e.g. apt-get install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python && $(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements-dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## make two sample registers and their documents in demo/ (SERVE=0: end there, as it does today)
	$(BIN)/fallow demo

lint: setup ## style of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## static types
	$(BIN)/mypy

floors: setup ## a room imports only rooms on lower floors
	$(BIN)/lint-imports --no-cache

check: lint types floors ## style, types, floors

test: check ## everything that must pass before a change lands
	$(BIN)/pytest $(if $(filter-out 0,$(WORKERS)),-n $(WORKERS)) $(PYTEST_ARGS)

docs-pages: setup ## write the generated reference pages anew
	$(BIN)/python tools/docs.py

docs: setup ## build the documentation into docs/_build/html
	$(BIN)/python tools/docs.py --check
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

bench: setup ## measure, a peer beside each figure
	@for each in benchmarks/*.py; do echo "== $$each"; $(BIN)/python "$$each"; done

soak: setup ## the property tests with many more examples; writes docs/soak.md
	$(BIN)/python tools/soak.py --times $(SOAK)

# No index, no download address and no command line of one machine goes into a lock file.
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

lock: setup ## compile the lock files from pyproject.toml
	$(COMPILE) requirements-uv.in -o requirements-uv.txt
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --extra dev -c requirements.txt -o requirements-dev.txt

clean: ## remove what was made here (.venv, built pages, caches); never a register
	rm -rf $(VENV) docs/_build .mypy_cache .ruff_cache .import_linter_cache .hypothesis .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
