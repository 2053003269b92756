# Everything that a newcomer, a machine or a maintainer types. Needs Python 3.11 or newer and make; the rest is fetched, by hash.
# pip and npm follow their own configuration, so this works behind a mirror.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --no-build-isolation
ECHARTS := src/coachline/report/assets/echarts.min.js
JOBS ?= 2

.PHONY: demo test check audit bench docs lock clean install install-dev system

demo: install ## a simulated centre through the real import, and its report
	$(BIN)/coachline demo

test: install-dev system ## all tests; a file stays on one worker, so that one Spark cluster is started
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

check: install-dev ## style, types, import order, both languages complete, known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/repo
	$(MAKE) --no-print-directory audit

audit: install-dev ## asks the vulnerability service of the package index about every locked package
	$(BIN)/pip-audit --require-hashes --disable-pip --progress-spinner off --requirement requirements/base.txt

bench: install-dev ## side by side with hand-written DuckDB and other fits; BENCH_FLAGS=--quick is short, --slow runs all peers
	$(BIN)/python -m bench.run $(BENCH_FLAGS)

docs: install-dev ## pages that are written from the code
	$(BIN)/python tools/write_table_docs.py
	$(BIN)/python tools/write_method_index.py

lock: install-dev ## new versions of everything, with hashes and without host names
	tools/lock.sh

clean: ## back to a fresh clone
	rm -rf $(VENV) node_modules $(ECHARTS) demo-centre bench/.data build dist
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +

install: $(VENV)/.installed $(ECHARTS)

install-dev: $(VENV)/.installed-dev $(ECHARTS)

system:
	@tools/install_system.sh

$(VENV)/.installed: requirements/base.txt pyproject.toml tools/make_venv.sh
	@tools/make_venv.sh $(VENV)
	@echo "Installing what Coachline needs"
	@$(PIP) install --quiet --only-binary :all: --require-hashes --requirement requirements/base.txt
	@$(INSTALL) --no-deps --editable .
	@touch $@

$(VENV)/.installed-dev: requirements/dev.txt $(VENV)/.installed
	@echo "Installing what its tests need, Spark among it; this takes some minutes"
	@$(INSTALL) --use-pep517 --require-hashes --requirement requirements/dev.txt
	@touch $@

$(ECHARTS): package-lock.json .npmrc tools/npm.sh | $(VENV)/.installed
	@echo "Fetching ECharts"
	@tools/npm.sh ci --silent
	@mkdir -p $(@D)
	@cp node_modules/echarts/dist/echarts.min.js $@
	@touch $@
