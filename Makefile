# Everything that a newcomer, a machine or a maintainer types. Needs Python 3.11 or newer and make; the rest is fetched, by hash.
# pip and npm follow their own configuration, so this works behind a mirror.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --no-build-isolation

# What pages are made of: npm leaves a mark when it has fetched the packages, and from them the report and the web application take their files.
FETCHED := node_modules/.package-lock.json
ECHARTS := src/coachline/report/assets/echarts.min.js
VENDOR := src/coachline/web/static/vendor
SERVED_FROM := $(addprefix node_modules/, \
	@tabler/core/dist/css/tabler.min.css @tabler/core/dist/js/tabler.min.js htmx.org/dist/htmx.min.js echarts/dist/echarts.min.js)
SERVED := $(addprefix $(VENDOR)/,$(notdir $(SERVED_FROM)))

JOBS ?= 2

.DELETE_ON_ERROR:
.PHONY: demo test check audit bench docs lock clean install install-dev system

demo: install ## a simulated centre through the real upload, then the web application with a demo user of every role
	$(BIN)/coachline demo

test: install-dev system ## all tests; what shares a fixture that takes long stays on one worker, see tests/conftest.py; then the journeys, a worker for each database
	$(BIN)/python -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder --ignore tests/journeys
	$(BIN)/python -m pytest -n $(JOBS) --dist loadscope tests/journeys

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
	$(BIN)/python tools/write_openapi.py

lock: install-dev ## new versions of everything, with hashes and without host names
	tools/lock.sh

clean: ## back to a fresh clone
	rm -rf $(VENV) node_modules $(ECHARTS) $(VENDOR) demo-centre bench/.data build dist
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache .schemathesis
	find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +

install: $(VENV)/.installed $(ECHARTS) $(SERVED)

install-dev: $(VENV)/.installed-dev $(ECHARTS) $(SERVED)

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

$(FETCHED): package-lock.json .npmrc tools/npm.sh | $(VENV)/.installed
	@echo "Fetching Tabler, htmx and ECharts"
	@tools/npm.sh ci --silent
	@touch $@

$(ECHARTS): $(FETCHED)
	@mkdir -p $(@D)
	@cp node_modules/echarts/dist/echarts.min.js $@

# Without the line that names a source map: it is not served, and Django refuses a file that names one that is missing.
$(SERVED): $(FETCHED)
	@mkdir -p $(@D)
	@LC_ALL=C sed '/^\/[\/*]# sourceMappingURL=/d' $(filter %/$(@F),$(SERVED_FROM)) > $@
