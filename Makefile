# Everything that a user or a developer does here. Each target prepares what it needs first, and says so.

PREPARE := .ci/prepare
PYTHON := .venv/bin/python
PYTEST = FUMEHOOD_REQUIRE_ENGINE=1 $(PREPARE) with-engine $(PYTHON) -m pytest
PROBES := $(sort $(dir $(wildcard probes/*/*.py)))

.PHONY: help analyze test check lint unit fuzz bench soak docs images constraints kernel-probe clock-probe clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

analyze: ## analyse a package: make analyze PACKAGE=six [ARGS="--sandbox docker -o html=six.html"]
	@test -n "$$PACKAGE" || { echo 'usage: make analyze PACKAGE=six [ARGS=…]' >&2; exit 2; }
	@$(PREPARE) run
	@.venv/bin/fumehood analyze "$$PACKAGE" $(ARGS)

test: ## every test, on both sandboxes; starts a Docker engine if none answers [ARGS="-k name"]
	@$(PREPARE) test
	@$(PYTEST) $(ARGS)

check: ## what has to pass before a change goes in: lint and test
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test

lint: ## ruff, mypy, import-linter, interrogate, and the linters of rules, taxonomies and issues
	@$(PREPARE) dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy analyzer
	.venv/bin/mypy hatch_build.py
	@set -e; for probe in $(PROBES); do echo ".venv/bin/mypy $$probe"; .venv/bin/mypy "$$probe"; done
	.venv/bin/lint-imports
	.venv/bin/interrogate --quiet analyzer probes hatch_build.py
	$(PYTHON) -m analyzer.cli.lint

unit: ## the tests that need neither sandbox nor network [ARGS="-k name"]
	@$(PREPARE) dev
	@$(PYTHON) -m pytest tests/unit $(ARGS)

fuzz: ## every parser of hostile bytes, one after the other, and a table [SECONDS=600] [PARSER=name]
	@$(PREPARE) fuzz
	@nice -n 10 $(PYTHON) -m tests.fuzz.run $(or $(SECONDS),600) $(PARSER)

bench: ## what tracing costs, and the seconds of whole analyses
	@$(PREPARE) test
	@$(PREPARE) with-engine $(PYTHON) -m tests.bench.run $(ARGS)

docs: ## write what the documentation takes from the code: docs/behaviors.md, docs/issues.md, docs/schemas
	@$(PREPARE) dev
	@$(PYTHON) -m docs.generate

soak: ## kill analyses at random moments and look for what is left or half [RUNS=200 ARGS="--seed 1"]
	@$(PREPARE) test
	@$(PREPARE) with-engine nice $(PYTHON) -m tests.soak.run --runs $(or $(RUNS),200) $(ARGS)

images: ## build the Docker images now instead of at the first analysis [ARGS="3.11 3.13"]
	@$(PREPARE) engine
	@$(PREPARE) with-engine $(PYTHON) -m analyzer.sandbox.docker.images $(ARGS)

kernel-probe: ## compile the programs of the kernel tracer (probes/kernel) with clang, if they changed
	@$(PREPARE) kernel-probe

clock-probe: ## compile the library of a clock that runs ahead (probes/clock) with gcc, if it changed
	@$(PREPARE) clock-probe

constraints: ## resolve the newest versions of all dependencies into constraints.txt
	@$(PREPARE) dev
	@.venv/bin/uv pip compile --quiet --upgrade --python-version 3.11 --python-platform linux --group dev --group fuzz \
		--no-annotate --no-header --no-emit-index-url --output-file constraints.txt pyproject.toml

clean: ## remove what was built here: the venv, caches and logs (not the Docker images)
	rm -rf .venv .build build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
