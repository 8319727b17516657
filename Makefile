# Every verb starts from `make setup`, which costs nothing when nothing changed.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup install uninstall demo test check fix kill cluster redteam pictures bench test-agents lock clean

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# Tests wait more than they compute: one process more than there are cores. PROCESSES=0 runs them in one, for a debugger.
PROCESSES ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1) + 1 )))
RINGS := $(wildcard tests/unit tests/contract tests/integration tests/acceptance)

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

setup: ## make .venv what the lock files say
	@scripts/setup.sh </dev/null

.PHONY: setup-tests
setup-tests:
	@scripts/setup.sh tests </dev/null

install: setup ## sps for you: an environment of its own in ~/.local and a link on PATH; again it upgrades
	@scripts/install.sh install </dev/null

uninstall: ## take away what install wrote; your cards stay. KEEP=1 leaves what sps setup wrote, and logins
	@scripts/install.sh remove </dev/null

demo: setup ## a fresh home and repository, its cards from the backlog to done
	$(BIN)/sps demo $(DEMO_ARGS)

test: setup-tests check ## everything a change must pass: check, then unit, contract, integration, acceptance
	$(PYTEST) $(RINGS) -n $(PROCESSES) --dist worksteal $(PYTEST_ARGS)

check: setup ## format, lint, types, layers, sizes, repository rules
	@scripts/check.sh

fix: setup ## let ruff repair what it can
	$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format .

kill: setup-tests ## kill the program at its worst moments; SINGLES=1, PAIRS=n, SEED=n, ALL=1, STORE=postgres
	env $(foreach name,SINGLES PAIRS SEED ALL STORE,$(if $($(name)),$(name)="$($(name))")) $(BIN)/python -m tests.kill

cluster: setup-tests ## 1,000 cards by three workers on PostgreSQL; CARDS=n, SECONDS=n
	env $(foreach name,CARDS SECONDS,$(if $($(name)),$(name)="$($(name))")) $(BIN)/python -m tests.cluster

redteam: setup-tests ## attacks that must stay without effect
	$(PYTEST) tests/redteam -n $(PROCESSES) --dist worksteal $(PYTEST_ARGS)

pictures: setup-tests ## a picture of every page, light and dark, desk and phone, into FOLDER (build/pictures)
	env SPS_PICTURES="$(or $(FOLDER),build/pictures)" $(PYTEST) tests/acceptance -k console -n $(PROCESSES) $(PYTEST_ARGS)
	@ls "$(or $(FOLDER),build/pictures)" | wc -l | sed 's/$$/ pictures/'

bench: setup ## print the speed budgets and what was measured
	$(BIN)/sps bench $(BENCH_ARGS)

test-agents: setup ## the real agents' command lines, where they are installed
	$(PYTEST) tests/agents $(PYTEST_ARGS)

lock: setup ## renew the lock files; UPGRADE=1 takes the newest releases
	@scripts/lock.sh $(if $(UPGRADE),--upgrade)

clean: ## remove what setup and the tools made
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
