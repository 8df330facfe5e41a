# Two commands for a newcomer: `make demo` and `make test`. `make help` lists the rest.
# The environment is .venv in this clone, made from uv.lock by scripts/setup.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHARDS ?= 2
BIN := .venv/bin
READY := .venv/.ready
ORACLE := .venv/.ready-oracle
LOCKED := pyproject.toml uv.lock scripts/setup
# The caller's PYTHONPATH must not shadow what the lock pins.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

.NOTPARALLEL:
.PHONY: help setup demo test check format bench docs clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make the environment, .venv

demo: $(READY) ## two organisations' real tables, from intersection to evaluated models
	@$(BIN)/sfw demo

test: $(ORACLE) ## every test, in shards; ARGS="-k psi" narrows them
	@$(BIN)/pytest -n $(SHARDS) --dist worksteal $(ARGS)

check: $(READY) ## lint, format, types, import rules
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY) ## mend what ruff can mend
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: $(ORACLE) ## beside plain SecretFlow scripts, with ratios; ONLY=psi runs one
	@$(BIN)/python -m benchmarks $(ONLY)

docs: $(READY) ## write docs/reference from the task types
	@$(BIN)/python -m scripts.generate_docs

clean: ## remove all that make has made, the environment too
	rm -rf .venv .tools .sfw dist benchmarks/results
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Syncing is exact: without its group the oracle would go again, so it stays once it is there.
$(READY): $(LOCKED)
	@scripts/setup $$([ -e $(ORACLE) ] && echo oracle)
	@touch $@

$(ORACLE): $(LOCKED)
	@scripts/setup oracle
	@touch $(READY) $@
