# Every command of the project. Each sets up what it needs; nothing is set up twice.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
WORKERS ?= 3
LOG ?= .venv/hardware
BIN := .venv/bin
SOURCES := inventory labels devices web tests deploy
# Only wheels: nothing here ever needs a compiler.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes
NPM := $(BIN)/python deploy/build_hook.py npm
FRONTEND := $(shell find web/frontend -name node_modules -prune -o -type f -print)
CATALOGS := $(wildcard web/translations/*/LC_MESSAGES/*.po)

help: ## say what can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ready ## start the product with a year of an example service, data in ./data (COMPTOIR_PORT=8000)
	$(BIN)/comptoir run --demo --years 1

test: packages lint ## pass every check and every test
	$(NPM) test
	$(BIN)/pytest -n $(WORKERS)

test-long: packages tools ready ## try for half an hour what make test tries for a minute: histories, and kills (SEED=n)
	COMPTOIR_TESTS=long $(BIN)/pytest -n $(WORKERS) -m "long or hypothesis" --timeout 3600

test-hardware: packages tools ready ## 10,000 scans through a real kernel's drivers, in QEMU (SEED=n, LOG=folder of the scans)
	COMPTOIR_TESTS=long SEED=$(SEED) LOG=$(LOG) $(BIN)/pytest -n 0 -s -m "hardware or not hardware" tests/hardware; \
		status=$$?; $(BIN)/python -m tests.hardware.recount $(LOG) && exit $$status

test-printer: tools ready ## print on a printer emulator of somebody else's, in a Debian 13 root file system (as root)
	$(BIN)/pytest -n 0 -m printer tests/printer

test-office: packages tools ready ## open orders with LibreOffice and compare every cell, a mailed one's too (as root where it is not installed)
	@command -v soffice >/dev/null || apt-get install -y -qq --no-install-recommends libreoffice-calc-nogui >/dev/null
	$(BIN)/pytest -n 0 -m office tests/office tests/e2e/test_low_stock_becomes_an_order.py

lint: tools ready ## ruff, mypy, import direction, biome, tsc
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(NPM) run check

format: tools .venv/.npm ## rewrite the code in the house format
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
	$(NPM) run format

messages: tools ## gather the texts for people and update the catalogs to translate
	deploy/messages

screens: tools ready ## take the pictures of counter, desk, workshop and paper in docs/screens anew (as root)
	$(BIN)/python -m tests.web.screens
	$(BIN)/python -m tests.web.desk_screens
	$(BIN)/python -m tests.web.workshop_screens
	$(BIN)/python -m tests.printer.screens

bench: tools ready ## reads per second beside the floor, and from the scanner to the picture
	$(BIN)/python -m tests.bench

bench-scanner: packages tools ready ## from the last key of a scan to the answer at the station, in QEMU, and each step
	$(BIN)/python -m tests.bench.scanner

bench-orders: tools ready ## what the orders page asks, on five years of history (made once, in several minutes)
	$(BIN)/python -m tests.bench.orders

lock: tools .venv/.node ## lock every dependency again, with hashes
	deploy/lock

test-fresh: ## prove make run, make test and pip install on a fresh Debian 12 (as root)
	tests/fresh/test-fresh

hooks: tools ready ## run the checks before every commit
	$(BIN)/pre-commit install

.PHONY: help run test test-long test-hardware test-printer test-office lint format messages screens bench bench-scanner bench-orders lock test-fresh hooks ready tools packages

ready: .venv/.run .venv/.messages .venv/.frontend
tools: .venv/.test
packages:
	@deploy/test-packages

# The stamps below are newer than what they were made from.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Comptoir needs Python 3.11 or newer.")'
	$(PYTHON) -m venv .venv

.venv/.run: deploy/locks/run.txt pyproject.toml | .venv/bin/python
	$(INSTALL) -r deploy/locks/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test: .venv/.run deploy/locks/test.txt
	$(INSTALL) -r deploy/locks/test.txt
	@touch $@

.venv/.node: .venv/.run deploy/locks/node.txt
	@$(BIN)/python deploy/build_hook.py node || $(INSTALL) -r deploy/locks/node.txt
	@touch $@

.venv/.npm: .venv/.node web/frontend/package-lock.json web/frontend/.npmrc
	$(NPM) ci
	@touch $@

.venv/.frontend: .venv/.npm $(FRONTEND)
	$(NPM) run build
	@touch $@

.venv/.messages: .venv/.run $(CATALOGS)
	$(BIN)/python deploy/build_hook.py messages
	@touch $@
