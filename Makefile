# Voicesite. `make help` lists what there is.
# PORT, HOST, VOICESITE_DATA and the other variables of docs/deployment.md work on every line: make run PORT=9000

PYTHON ?= python3
VENV ?= .venv
MANAGE = $(VENV)/bin/python manage.py

.DEFAULT_GOAL := help

.PHONY: help run dev test test-services lint format bench install clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/installed ## make .venv and install Voicesite into it

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) scripts/install.py $(VENV)

$(VENV)/installed-dev: $(VENV)/installed
	@$(PYTHON) scripts/install.py $(VENV) dev

run: $(VENV)/installed ## serve the site; Ctrl-C ends it
	@$(MANAGE) serve

dev: $(VENV)/installed ## serve the site while its code is changed: what changes is started anew
	@DEBUG=$${DEBUG:-1} $(MANAGE) serve --dev

test: $(VENV)/installed-dev ## run the tests
	@$(VENV)/bin/python -m pytest -n 2 --dist loadgroup

test-services: $(VENV)/installed-dev ## run the tests of PostgreSQL (DATABASE_URL) and Redis (REDIS_URL) only
	@$(VENV)/bin/python -m pytest -m "services or backends"

lint: $(VENV)/installed-dev ## check style, types, migrations and settings
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@VOICESITE_DATA=$$(mktemp -d) $(VENV)/bin/mypy
	@VOICESITE_DATA=$$(mktemp -d) $(MANAGE) makemigrations --check --dry-run

format: $(VENV)/installed-dev ## put the code into the form that `make lint` wants
	@$(VENV)/bin/ruff check --fix-only .
	@$(VENV)/bin/ruff format .

bench: $(VENV)/installed-dev ## measure the engine and the site
	@$(VENV)/bin/python -m tests.benchmarks

clean: ## remove .venv and caches; run-time data stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache *.egg-info
