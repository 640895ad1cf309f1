# Voicesite. `make help` lists what there is.
# PORT, HOST, VOICESITE_DATA and the other variables of docs/deployment.md work on every line: make run PORT=9000
# ENGINE= says whose libraries `run` and `install` add: auto, none, kokoro, mlx, torch or remote. It is remembered.

PYTHON ?= python3
VENV ?= .venv
ENGINE ?=
MANAGE = $(VENV)/bin/python manage.py
INSTALL = $(PYTHON) scripts/install.py
# Two threads of torch on a busy core wait for each other; tiny models compile longer than they run.
SMALL = OMP_NUM_THREADS=1 MLX_DISABLE_COMPILE=1

NOT_CLEAN = A library has a known vulnerability, which is named above; or pypi.org could not be asked, and nothing was checked.

.DEFAULT_GOAL := help

.PHONY: help install for-tests run dev test test-processes test-models test-site test-services test-torch test-mlx check lint format chaos fuzz bench bench-engines audit sbom docs screenshots clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## make .venv and install Voicesite into it, with the libraries of the engine that suits this machine
	@$(INSTALL) $(VENV) --again --engine "$(ENGINE)"

for-tests:
	@$(INSTALL) $(VENV) dev

run: ## serve the site; Ctrl-C ends it
	@$(INSTALL) $(VENV) --engine "$(ENGINE)"
	@$(MANAGE) serve

dev: ## serve the site while its code is changed: what changes is started anew
	@$(INSTALL) $(VENV) --engine "$(ENGINE)"
	@DEBUG=$${DEBUG:-1} $(MANAGE) serve --dev

test: for-tests ## run the tests, but for the slow ones, which have commands of their own
	@$(VENV)/bin/python -m pytest -n logical --maxprocesses 8 --dist loadgroup -m "not e2e and not real_models and not processes"

test-processes: for-tests ## start commands and processes of engines, downloads and uploads, wait for them, kill them
	@$(VENV)/bin/python -m pytest -n 3 --dist loadgroup -m "processes and not e2e and not real_models"

test-models: for-tests ## speak and listen with the models that Voicesite comes with
	@$(VENV)/bin/python -m pytest -n 2 --dist loadgroup -m real_models

test-site: for-tests ## start whole sites: use them with a browser, kill their processes
	@$(VENV)/bin/python -m pytest -n 2 --dist loadgroup -m e2e

test-services: for-tests ## run the tests of PostgreSQL (DATABASE_URL) and Redis (REDIS_URL) only; test-site has whole sites on them
	@$(VENV)/bin/python -m pytest -n 2 --dist loadgroup -m "(services or backends) and not e2e"

test-torch: ## run the tests of the engine torch, in .venv-torch
	@$(INSTALL) .venv-torch torch test
	@$(SMALL) .venv-torch/bin/python -m pytest tests/torch

test-mlx: ## run the tests of the engine mlx, in .venv-mlx
	@$(INSTALL) .venv-mlx mlx test
	@$(SMALL) .venv-mlx/bin/python -m pytest tests/mlx

check: lint test test-processes test-models test-site test-torch test-mlx ## all of these

lint: for-tests ## check style, security, types, migrations and settings
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/bandit -q -c pyproject.toml -ll -r manage.py scripts synthesis voices voicesite
	@$(VENV)/bin/djangofmt --quiet --check templates
	@$(VENV)/bin/python scripts/check_templates.py
	@VOICESITE_DATA=$$(mktemp -d) $(VENV)/bin/mypy
	@VOICESITE_DATA=$$(mktemp -d) $(MANAGE) makemigrations --check --dry-run

format: for-tests ## put the code into the form that `make lint` wants
	@$(VENV)/bin/ruff check --fix-only .
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/djangofmt --quiet templates

chaos: for-tests ## let a site work while all around it fails: make chaos CHAOS="--minutes 60 --seed 7"
	@$(VENV)/bin/python -m tests.chaos $(CHAOS)

fuzz: for-tests ## give what reads what people send bytes that nobody would send, half a minute each
	@VOICESITE_DATA=$$(mktemp -d) $(VENV)/bin/python -m tests.fuzz

bench: for-tests ## measure the embedded engine and the site
	@$(VENV)/bin/python -m tests.benchmarks

bench-engines: ## measure Qwen3-TTS at full size with random weights, on the processor or the card that is here
	@$(INSTALL) .venv-torch torch test
	@.venv-torch/bin/python -m tests.benchmarks.engines

audit: for-tests ## look for known vulnerabilities of the libraries; needs the internet
	@$(VENV)/bin/pip-audit --local --skip-editable --strict || { echo "$(NOT_CLEAN)" >&2; exit 1; }

sbom: for-tests ## write what is installed to build/sbom.json, as CycloneDX
	@mkdir -p build
	@$(VENV)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file build/sbom.json $(VENV)/bin/python

docs: ## build the documentation as a site, into build/docs
	@$(INSTALL) .venv-docs docs
	@.venv-docs/bin/python scripts/build_docs.py

screenshots: for-tests ## take the pictures of the documentation anew, with Chromium: make screenshots PICTURES="studio film"
	@$(VENV)/bin/python -m scripts.screenshots $(PICTURES)

clean: ## remove the environments and caches; run-time data stays
	rm -rf $(VENV) .venv-torch .venv-mlx .venv-docs build .mypy_cache .pytest_cache .ruff_cache *.egg-info
