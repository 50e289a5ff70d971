# Two commands do everything: `make` builds the report, `make test` proves it.

PYTHON ?= python3
CORES ?= 2
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: all report setup test lint lock clean
all: report

## report: from raw responses to reports/report.en.html
report: $(VENV)/.run
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakemake --cores $(CORES) --rerun-incomplete
	@echo && echo "The report: reports/report.en.html"

## test: every test, the slow ones too
test: $(VENV)/.dev
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest

## lint: style, types, the order of the rooms, the Snakefile
lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/snakefmt --check Snakefile
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
	rm -rf data/processed figures pictures reports ro-crate-metadata.json .snakemake .ngo-survey
