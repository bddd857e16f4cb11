# Easy to Reach. Two commands are enough: make run, make test.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/pytest -rs -n auto --dist loadfile --no-loadscope-reorder --ignore=tests/benchmarks
PO := $(wildcard locales/*/LC_MESSAGES/texts.po)
MO := $(PO:.po=.mo)
LISTS := $(wildcard $(patsubst %,locales/*/%.toml,replies danger intents) locales/names.toml bot/understanding/*.py) bot/texts/languages.py
COMPILED := $(MO) locales/replies.compiled

# Compiled once and kept (in __pycache__), not at every start of a process.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run install test lint tests test-sqlite test-postgresql test-browser faults bench danger-head likely-weights clean pictures

run: install
	@$(BIN)/python -m bot serve --prepare

install: $(VENV)/installed $(COMPILED)
	@$(BIN)/python -m bot.assets

$(VENV)/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; $$($(PYTHON) --version 2>&1) was found. Name another: make PYTHON=python3.12"; exit 1; }
	@test -w . || { echo "This folder cannot be written to. Copy the project to a folder of your own."; exit 1; }
	@echo "Installing what it needs into $(VENV) (about a minute, once) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "No virtual environment could be made. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(COMPILED) &: $(PO) $(LISTS) $(VENV)/installed
	@$(BIN)/python -m bot texts compile
	@touch $(COMPILED)

test: install $(VENV)/installed-dev
	@$(MAKE) --no-print-directory --jobs=2 lint tests

lint: install $(VENV)/installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

tests: install $(VENV)/installed-dev
	@echo "Tests: on SQLite, those that use a database on PostgreSQL too, and in a browser"
	@$(PYTEST) --database=both

test-sqlite: install $(VENV)/installed-dev
	@$(PYTEST) --ignore=tests/browser

test-postgresql: install $(VENV)/installed-dev
	@$(PYTEST) --ignore=tests/browser --database=postgresql

test-browser: install $(VENV)/installed-dev
	@$(PYTEST) tests/browser

faults: install $(VENV)/installed-dev
	@$(BIN)/python -m tests.faults.harness --database sqlite --kills $(or $(KILLS),100)
	@$(BIN)/python -m tests.faults.harness --database postgresql --kills $(or $(KILLS),100)
	@TRANSLATOR_KILLS=$(or $(KILLS),20) $(PYTEST) tests/faults/test_killed_translator.py

bench: install $(VENV)/installed-dev
	@$(BIN)/python -m tests.benchmarks $(BENCH)

danger-head: install $(VENV)/installed-dev
	@$(BIN)/python -m tests.opinions.danger_head

likely-weights: install $(VENV)/installed-dev
	@$(BIN)/python -m tests.understanding.likely_weights

pictures: install $(VENV)/installed-dev
	@$(BIN)/python -m tests.browser.pictures docs

clean:
	rm -rf $(VENV) node_modules templates/static var
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f $(COMPILED)
