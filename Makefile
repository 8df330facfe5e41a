# Two commands for a newcomer: `make demo` and `make test`. `make help` lists the rest.
# The environment is .venv in this clone, made from uv.lock by scripts/setup.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHARDS ?= 4
# As many shards as this already want the cores: threads of BLAS would only wait for each other.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
BIN := .venv/bin
READY := .venv/.ready
ORACLE := .venv/.ready-oracle
LOCKED := pyproject.toml uv.lock scripts/setup scripts/_uv.sh
PAGE := src/secretflow_worker/orchestrator/static/index.html
PAGE_SOURCES := $(shell find ui/src ui/public ui/build docs/errors -type f ! -name schema.d.ts) \
  ui/index.html ui/package-lock.json ui/tsconfig.json ui/vite.config.ts
# The caller's PYTHONPATH must not shadow what the lock pins.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

.NOTPARALLEL:
.PHONY: help setup demo test ui check format bench chaos docs clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make the environment, .venv

demo: $(READY) ## two organisations' real tables, from intersection to evaluated models; ARGS=--keep
	@$(MAKE) ui || echo "The web page is not built; the demo goes on without it."
	@$(BIN)/sfw demo $(ARGS)

ui: $(READY) $(PAGE) ## build the web page; brings its own Node where there is none

test: $(ORACLE) $(PAGE) ## every test, in shards; ARGS="-k psi" narrows them to some of pytest's
	@scripts/browser
	@$(if $(ARGS),,scripts/ui test)
	@$(ONE_THREAD) $(BIN)/pytest -n $(SHARDS) --dist worksteal $(ARGS)

check: $(READY) ## lint, format, types, import rules
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@scripts/ui check

format: $(READY) ## mend what ruff and prettier can mend
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format
	@scripts/ui format

bench: $(ORACLE) ## beside plain SecretFlow scripts, with ratios; ONLY=psi runs one
	@$(BIN)/python -m benchmarks $(ONLY)

chaos: $(READY) ## chains while services are killed, stopped and paused; ARGS="--minutes 30"
	@$(BIN)/python -m tests.chaos $(ARGS)

docs: $(READY) ## write docs/reference from the task types
	@$(BIN)/python -m scripts.generate_docs

clean: ## remove all that make has made, the environment too
	rm -rf .venv .tools .sfw dist benchmarks/results
	rm -rf ui/node_modules ui/openapi.json ui/src/api/schema.d.ts $(dir $(PAGE))
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Syncing is exact: without its group the oracle would go again, so it stays once it is there.
$(READY): $(LOCKED)
	@scripts/setup $$([ -e $(ORACLE) ] && echo oracle)
	@touch $@

$(PAGE): $(PAGE_SOURCES) | $(READY)
	@scripts/ui build

$(ORACLE): $(LOCKED)
	@scripts/setup oracle
	@touch $(READY) $@
