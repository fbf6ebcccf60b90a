# The way in for people: `make` alone lists the targets. Plain POSIX make; needs Python >= 3.11 with pip.
.POSIX:

PYTHON = python3
ARGS =
BIN = .venv/bin

help: ## this list
	@echo 'make TARGET [ARGS="..."] [PYTHON=python3.12]'
	@echo
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-10s %s\n", $$1, $$2 }'
	@echo
	@echo 'make demo ARGS="--no-serve --complaints 400"     make test ARGS="tests/unit -k reference"'

demo: .venv/.runtime ## four simulated regions into a simulated LAPOR!, then serve until Ctrl-C (ARGS=--no-serve: end at the summary)
	@exec $(BIN)/lapor-gateway demo $(ARGS)

install: .venv/.runtime ## only make .venv with what the program needs; the command is .venv/bin/lapor-gateway

serve: .venv/.runtime ## API, status page, schedule and worker on the data folder
	@exec $(BIN)/lapor-gateway serve $(ARGS)

test: .venv/.dev ## every test this machine can run, in some processes at once; names what it had to skip (ARGS="-n 0": in one process)
	@exec $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal $(ARGS)

soak: .venv/.dev ## the long tests: many seeds, kill -9, fuzzers
	@exec $(BIN)/python -m pytest -m soak --timeout 3600 $(ARGS)

bench: .venv/.dev ## the measurements of tests/bench, as ratios to a yardstick in the same run
	@exec $(BIN)/python -m tests.bench.run $(ARGS)

format: .venv/.dev ## lay out the code and mend what ruff can mend by itself
	$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/ruff format .

check: check-format check-lint check-types check-imports check-dead check-deps check-generated check-files ## everything but the tests: layout, lint, types, boundaries, dead code, dependencies, generated files

check-format: .venv/.dev
	$(BIN)/ruff format --check .

check-lint: .venv/.dev
	$(BIN)/ruff check .

check-types: .venv/.dev
	$(BIN)/mypy

check-imports: .venv/.dev
	$(BIN)/lint-imports

check-dead: .venv/.dev
	$(BIN)/vulture

check-deps: .venv/.dev
	$(BIN)/deptry src

check-generated: .venv/.dev
	$(BIN)/python -m lapor_gateway.api.openapi --check
	$(BIN)/python -m lapor_gateway.sources.manifest_schema --check docs/connector.schema.json

check-files: .venv/.dev
	$(BIN)/python .ci/check_files.py
	$(BIN)/python .ci/check_locks.py

lock: .venv/.dev ## write requirements/*.txt anew from pyproject.toml (ARGS=--upgrade: take newer versions)
	sh requirements/lock $(ARGS)

clean: ## remove .venv, caches and builds (never a data folder)
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests migrations -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

.venv/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml
	@sh requirements/install "$(PYTHON)" runtime

.venv/.dev: requirements/dev.txt requirements/build.txt pyproject.toml
	@sh requirements/install "$(PYTHON)" dev

.PHONY: help demo install serve test soak bench format check check-format check-lint check-types check-imports check-dead check-deps check-generated check-files lock clean
