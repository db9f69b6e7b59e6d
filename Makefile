# One command each; `make help` lists them. Needs Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HELPDESK_HOME ?= var
export HELPDESK_HOME
PORT ?= 8000
HOST ?= 127.0.0.1
export PORT HOST
TESTS ?= tests
# Shares of covered code are asked of the whole suite alone.
COVERAGE = $(if $(filter tests,$(TESTS)),--cov --cov-report=term:skip-covered)
WORKERS ?= 2
DATABASE_TEST ?= postgres://postgres@127.0.0.1:5432/helpdesk
BROKER_TEST ?= redis://127.0.0.1:6379/9

.DEFAULT_GOAL := help
.PHONY: help run ocr test test-services e2e journey bench lint format types lock messages docs clean

help: ## List the commands
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-15s %s\n", $$1, $$2}'

$(VENV)/runtime: requirements/runtime.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/runtime
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/ocr: requirements/ocr.txt $(VENV)/runtime
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/ocr.txt
	@touch $@

ocr: $(VENV)/ocr ## Add the reading of letters in pictures (about 350 MB)

run: $(VENV)/runtime ## From clone to a running service with demo people; Ctrl-C stops it
	@exec $(BIN)/python manage.py serve

test: $(VENV)/dev $(VENV)/ocr lint types ## Lint, types, contracts and the suite on SQLite; browser tests where Chromium is
	@$(BIN)/python manage.py compile_messages
	@$(BIN)/python manage.py check --fail-level WARNING
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m pytest -n $(WORKERS) $(COVERAGE) $(TESTS)
	@$(if $(COVERAGE),$(BIN)/python -m tests.architecture.covered)

test-services: $(VENV)/dev $(VENV)/ocr ## The same suite on PostgreSQL with a real broker and workers, without the browser
	@$(BIN)/python manage.py compile_messages
	@DATABASE_URL=$${DATABASE_URL:-$(DATABASE_TEST)} BROKER_URL=$${BROKER_URL:-$(BROKER_TEST)} TEST_SERVICES=1 \
		$(BIN)/python -m pytest -n $(WORKERS) -m "not e2e" $(TESTS)

e2e: $(VENV)/dev ## Browser journeys and accessibility checks (needs Chromium)
	@$(BIN)/python manage.py compile_messages
	@$(BIN)/python -m pytest -m e2e $(TESTS)

journey: $(VENV)/dev ## The main job over HTTP: make journey BASE_URL=http://127.0.0.1:8000
	@$(BIN)/python -m bench.journey --base-url "$(or $(BASE_URL),http://$(HOST):$(PORT))"

bench: $(VENV)/dev $(VENV)/ocr ## Speed as ratios to a floor in the same run, on PostgreSQL, then search; SETS="PATH…" scores question sets
	@failed=; for step in files logs batches long_ticket reconciliation reading pages "search $(SETS)"; do \
		echo "— bench.$$step"; $(BIN)/python -m bench.$$step || failed="$$failed bench.$${step%% *}"; \
	done; test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

lint: $(VENV)/dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/lint-imports

types: $(VENV)/dev
	@$(BIN)/mypy --no-error-summary .

format: $(VENV)/dev ## Format the code
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

lock: $(VENV)/dev ## Pin the requirements again, with hashes
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header pyproject.toml -o requirements/runtime.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header pyproject.toml --extra dev -c requirements/runtime.txt -o requirements/dev.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header pyproject.toml --extra ocr -c requirements/runtime.txt -o requirements/ocr.txt

messages: $(VENV)/dev ## Collect new strings into the catalogue (needs gettext)
	@$(BIN)/python manage.py makemessages -l zh_Hans --ignore $(VENV) --ignore var --no-obsolete --no-location

docs: $(VENV)/dev ## Draw the state diagrams and take the pictures of the README again
	@$(BIN)/python manage.py draw_diagrams
	@$(BIN)/python -m pytest -q -m e2e -k test_the_ticket_page_reads_well tests/e2e/test_desk_looks.py
	@cp test-results/desk-ticket-en-wide-light.png docs/images/ticket.png
	@cp test-results/desk-ticket-zh-hans-wide-light.png docs/images/ticket.zh.png

clean: ## Remove the data folder's caches, not its data
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov test-results
