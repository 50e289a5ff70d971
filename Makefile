# Two commands do everything: `make` builds the report, `make test` proves it.
# `make help` lists the others: lines that begin with "## ".

PYTHON ?= python3
CORES ?= 2
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: all report plan help setup test test-thorough lint lock clean
all: report

## help: what can be made
help:
	@sed -n 's/^## \([a-z-]*\): /  make \1: /p' $(MAKEFILE_LIST)

## report: from raw responses to reports/report.en.html
report: $(VENV)/.run
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakemake --cores $(CORES) --rerun-incomplete

## plan: what `make report` would run again, and why
plan: $(VENV)/.run
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakemake --cores $(CORES) --dry-run

# Compiled tests are kept (PYTHONDONTWRITEBYTECODE unset): it halves the time to collect them.
PYTEST := PYTHONDONTWRITEBYTECODE= PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest

## test: the quick suite: every behaviour once, in a few minutes
test: $(VENV)/.dev
	$(PYTEST)

## test-thorough: every test: all languages, random attacks, kills, hostile builds
test-thorough: $(VENV)/.dev
	$(PYTEST) --thorough

## lint: style, types, the order of the rooms, the rules
lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/snakefmt --check Snakefile src/ngo_survey/workflow/rules
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakemake --lint

## setup: the environment alone
setup: $(VENV)/.run

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info < (3, 14); \
	sys.exit(0 if ok else "ngo-survey needs Python 3.11, 3.12 or 3.13, this is %d.%d: name another, as in `make PYTHON=python3.12`" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)

# Everything is pinned with hashes, the build backend of our own package too, so that no step
# takes what the lock does not name.
$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes --requirement requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@

## lock: pin the newest versions that pyproject.toml allows (needs uv and a network)
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml
lock:
	$(LOCK) --extra dev --output-file requirements-dev.lock
	$(LOCK) --extra build --constraint requirements-dev.lock --output-file requirements.lock

## clean: remove what the pipeline made (never data/raw)
clean:
	rm -rf data/processed figures pictures reports logs ro-crate-metadata.json .snakemake .ngo-survey
