# `make help` lists what there is. Everything runs in .venv, made from requirements.lock.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: $(STAMP) ## Make .venv with everything the program and its tests need

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 14) else "Tanggap needs Python 3.11 to 3.14; say which one: make install PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

.PHONY: demo
demo: install ## Run the whole town on this machine: http://127.0.0.1:8080
	$(BIN)/tanggap demo

.PHONY: test
# Four workers for two cores: a good part of each journey is waiting.
test: install ## Every test in its short form, on SQLite and a real PostgreSQL
	$(BIN)/python -m pytest -n 4

.PHONY: soak
soak: install ## The long forms of the same tests
	TANGGAP_SOAK=1 $(BIN)/python -m pytest -n 2

.PHONY: lint
lint: install ## Style, types, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: lock
lock: ## Pin every dependency again (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra learn --group dev pyproject.toml -o requirements.lock

.PHONY: clean
clean: ## Remove the environment and caches; data/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
