# Agon's commands. `make` alone lists them. They need Python 3.11 or newer and make, nothing else.

PORT ?= 8000
HOST ?= 127.0.0.1
QUEUE ?= scoring.cpu
PYTHON ?= python3
SECONDS ?= 600
PROFILE ?= quick
PATIENCE ?= 1

export PYTHONPATH := $(CURDIR)/platform:$(CURDIR)
RUN := .venv/bin/python -m
INSTALL := $(PYTHON) platform/launcher/install.py

# What must hold on the production database too runs a second time, on a real PostgreSQL.
ON_POSTGRES := tests/agon/submissions tests/agon/leaderboards tests/agon/teams

.DEFAULT_GOAL := help
.PHONY: help setup setup-test torch setup-baselines worker serve test test-quick check format lock messages chaos attack fuzz bench-latency bench-leaderboard bench-inference bench-scoring bench-text baselines clean python

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

python:
	@command -v $(PYTHON) > /dev/null || { \
		echo "Agon needs Python 3.11 or newer: install it (Debian, Ubuntu: sudo apt install python3 python3-venv)"; \
		echo "or name one, as in: make serve PYTHON=/path/to/python3.11"; exit 1; }

setup: python ## Make .venv and install what running Agon needs
	@$(INSTALL) serve

setup-test: setup ## Install what checks and tests need as well
	@$(INSTALL) test

torch: setup ## Install torch, for scoring models and for the baselines
	@$(INSTALL) torch

setup-baselines: setup ## Install what running the notebooks needs as well
	@$(INSTALL) baselines

worker: setup ## Run one scoring worker; QUEUE=scoring.cpu|scoring.gpu BROKER_URL=redis://… CONCURRENCY=
	@exec $(RUN) launcher worker --queue $(QUEUE) $(if $(CONCURRENCY),--concurrency $(CONCURRENCY))

serve: setup ## Run everything in the foreground; PORT=8000 HOST=127.0.0.1
	@exec $(RUN) launcher serve --host $(HOST) --port $(PORT)

test: setup-test setup-baselines ## Run every test, browser and chaos tests included
	@$(RUN) launcher.prepare_tests
	@status=0; \
	$(RUN) pytest --numprocesses auto -m "not browser and not chaos and not postgres and not baselines" || status=$$?; \
	$(RUN) launcher.with_services $(RUN) pytest $(ON_POSTGRES) -m "not browser and not chaos" || status=$$?; \
	$(RUN) pytest -m "browser or chaos" || status=$$?; \
	$(RUN) pytest -m baselines || status=$$?; \
	exit $$status

test-quick: setup-test ## Run the tests that take seconds
	@$(RUN) pytest --numprocesses auto -m "not browser and not chaos and not postgres and not slow"

check: setup-test ## Formatting, lint, types, import rules, migrations, deployment settings
	@$(RUN) launcher.check

format: setup-test ## Format the code and mend what lint can mend
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

lock: setup-test ## Pin the newest versions that requirements/*.in allow
	@.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		requirements/base.in -o requirements.txt
	@.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		requirements/test.in -o requirements/test.txt
	@.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		requirements/baselines.in -o requirements/baselines.txt

messages: setup-test ## Collect the texts to translate into the .po files (needs gettext)
	@SECRET_KEY=only-for-collecting-texts .venv/bin/python manage.py makemessages --locale zh_Hans \
		--add-location file --no-wrap --no-obsolete --ignore tests --ignore var --ignore .venv

chaos: setup-test ## Kill processes at random under 500 submissions, and count what is left
	@$(RUN) launcher.prepare_tests
	@$(RUN) tests.chaos

attack: setup-test ## Hostile programs and models against the sandbox; as root in both ways to start one
	@$(RUN) tests.security.hostile

fuzz: setup-test ## Send broken files through the readers for SECONDS=600
	@$(RUN) tests.fuzz --seconds $(SECONDS)

bench-latency: setup-test ## Time from submit to score on a running set of processes
	@$(RUN) tests.benchmarks.latency

bench-scoring: setup-test ## Scoring beside a bare parse and beside pandas with scikit-learn
	@$(RUN) tests.benchmarks.scoring

bench-text: setup-test ## BLEU and chrF beside plain sacreBLEU; TEXTS=a text file, one sentence a line
	@$(RUN) tests.benchmarks.text $(if $(TEXTS),--texts $(TEXTS))

bench-leaderboard: setup-test ## Time of the leaderboard's pages with 1,000 and 100,000 teams
	@$(RUN) tests.benchmarks.leaderboard

bench-inference: setup-test ## Speed of submitted models on 10,000 images, beside loops written by hand
	@$(RUN) tests.benchmarks.inference

baselines: setup-test setup-baselines ## Run the notebooks on a site of their own; PROFILE=quick|full ONLY=mnist/cnn,… PATIENCE=1 AGAINST=URL
	@$(RUN) launcher.baselines --profile $(PROFILE) --patience $(PATIENCE) $(if $(ONLY),--only $(ONLY)) \
		$(if $(AGAINST),--against $(AGAINST))

clean: ## Remove .venv and caches; var/ with all data stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
