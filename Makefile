# `make help` lists what there is. Needs Python 3.11 or newer and make; everything else comes from
# PyPI at the versions in uv.lock.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
UV := .uv/bin/uv-$(UV_VERSION)
BIN := .venv/bin
SYNCED := .venv/.synced
POSTGRES := deploy/postgres/.venv/.synced

# An environment that happens to be active, or a Python that uv would download, must not be used.
unexport VIRTUAL_ENV
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never
# A company's proxy signs with a certificate that the machine knows and uv's own list does not.
export UV_SYSTEM_CERTS := true
# Checks parse the project beside, not over, what a running build uses.
LINT_TARGET := target/lint

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(SYNCED) ## Install Python packages (into .venv) and dbt packages (into dbt_packages)
	@$(BIN)/python scripts/install_dbt_packages.py

# Bytecode is compiled once here: without it every start of dbt takes twice as long.
$(SYNCED): uv.lock pyproject.toml $(UV)
	@echo "== setup: Python packages from uv.lock into .venv"
	@$(UV) sync --frozen --compile-bytecode --quiet --python "$$(scripts/find_python.sh)"
	@$(BIN)/python scripts/install_charts.py
	@touch $@

$(UV):
	@echo "== setup: uv $(UV_VERSION) into .uv"
	@"$$(scripts/find_python.sh)" -m venv .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@ln -sf uv $@

.PHONY: demo
# A separate home, so that invented people are never mixed with real ones.
demo: export PERSONA_ACCESS_HOME := data/demo
demo: setup ## Invent a bank's weekly files, load and build every week, publish and show the report
	@echo "== demo: invented weekly files into the drop zone"
	@$(BIN)/persona-access demo --answers
	@echo "== demo: load the drop zone"
	@$(BIN)/persona-access load
	@echo "== demo: build and test every loaded week"
	@$(BIN)/persona-access build
	@$(BIN)/persona-access summary
	@echo "== demo: publish the newest week"
	@$(BIN)/persona-access publish
	@echo "== demo: ask it more after:  export PERSONA_ACCESS_HOME=$$PERSONA_ACCESS_HOME"
	@$(BIN)/python scripts/open_report.py "$$PERSONA_ACCESS_HOME/published/current/report/index.html"

.PHONY: demo-foreign
demo-foreign: export PERSONA_ACCESS_HOME := data/demo_foreign
demo-foreign: export PERSONA_ACCESS_FEEDS := feeds/demo
demo-foreign: setup ## The same bank in the files of other systems, read by the mappings in feeds/demo
	@$(BIN)/persona-access demo --foreign
	@$(BIN)/persona-access load
	@$(BIN)/persona-access build
	@$(BIN)/persona-access summary

.PHONY: test
test: setup ## Run every check and every test, as CI does
	@# Side by side: each keeps one core busy most of the time, and has a target folder of its own.
	@$(MAKE) --jobs 2 --output-sync=line lint unit
	@$(MAKE) pytest

.PHONY: lint
lint: setup ## Check style, types, SQL, YAML and the shape of the dbt project
	@echo "== lint: Python (ruff, mypy)"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --no-error-summary
	@echo "== lint: Python layers (import-linter) and dependencies (deptry)"
	@said="$$($(BIN)/lint-imports --no-cache 2>&1)" || { echo "$$said"; exit 1; }
	@said="$$($(BIN)/deptry scripts 2>&1)" || { echo "$$said"; exit 1; }
	@echo "== lint: spelling and words (codespell, scripts/words_to_avoid.txt)"
	@git ls-files -z | xargs -0 $(BIN)/codespell
	@$(BIN)/python scripts/check_words.py
	@echo "== lint: tables of settings in the documentation"
	@$(BIN)/python scripts/docs_tables.py --check
	@echo "== lint: YAML (yamllint)"
	@$(BIN)/yamllint --strict .
	@echo "== lint: dbt project (parse, warnings are errors, unknown keys are errors)"
	@$(BIN)/python scripts/check_yaml_keys.py --target-path $(LINT_TARGET)
	@echo "== lint: dbt project (general conventions: dbt-bouncer)"
	@found="$$($(BIN)/dbt-bouncer run --config-file dbt-bouncer.yml 2>&1)" || { echo "$$found"; exit 1; }
	@echo "== lint: dbt project (keys, readers, columns that are copied, the clock)"
	@$(BIN)/python scripts/check_project.py $(LINT_TARGET)/manifest.json
	@echo "== lint: SQL (sqlfluff)"
	@$(BIN)/python scripts/check_sql_strings.py
	@# sqlfluff's worker processes warn about their own clean-up.
	@PYTHONWARNINGS=ignore $(BIN)/sqlfluff lint --processes 2 --disable-progress-bar $(wildcard models snapshots tests scripts)

# Unit tests bring their own rows, but need the tables to exist, their own too where it is
# incremental: so the models are built twice from an empty raw layer.
.PHONY: unit
unit: export PERSONA_ACCESS_HOME := target/unit
unit: export PERSONA_ACCESS_WAREHOUSE := target/unit/warehouse.duckdb
unit: setup ## Run the dbt unit tests on an empty warehouse of their own
	@echo "== test: dbt unit tests"
	@rm -rf target/unit
	@$(BIN)/persona-access load --init
	@$(BIN)/dbt --quiet build --empty --target-path target/unit/dbt \
	    --exclude-resource-type unit_test --exclude-resource-type test
	@$(BIN)/dbt --quiet build --empty --target-path target/unit/dbt

.PHONY: pytest
pytest: setup $(POSTGRES) ## Run the Python tests: loader, rules, demo bank, real weeks
	@echo "== test: pytest"
	@# In the order of tests/python/conftest.py, not by the number of tests in a file.
	@$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: benchmark
# L takes hours: benchmarks/README.md. PySpark needs a Java 17.
benchmark: setup ## Time the weekly job beside scripts in DuckDB, pandas, Polars and PySpark (a while)
	@$(UV) sync --frozen --quiet --project benchmarks --python "$$(scripts/find_python.sh)"
	@benchmarks/.venv/bin/python benchmarks/weekly_job.py --size S M --results benchmarks/results.json
	@benchmarks/.venv/bin/python benchmarks/picture.py benchmarks/results.json

.PHONY: docs-tables
docs-tables: setup ## Write the tables of environment variables into README.md and docs/
	@$(BIN)/python scripts/docs_tables.py

.PHONY: docs
# Without a home of its own, the demo's, when nothing else was built.
docs: export PERSONA_ACCESS_HOME := $(or $(PERSONA_ACCESS_HOME),$(if $(wildcard data/warehouse.duckdb),data,data/demo))
# Links of target/static_index.html to that home's newest release; a server has an address of its own.
docs: export PERSONA_ACCESS_READERS_URL ?= $(if $(filter /%,$(PERSONA_ACCESS_HOME)),file://,../)$(PERSONA_ACCESS_HOME)/published/current
docs: setup ## Write the dbt documentation of the built warehouse and the data contracts
	@$(BIN)/dbt --quiet docs generate --static
	@$(BIN)/python scripts/check_project.py target/manifest.json target/catalog.json
	@echo "Open target/static_index.html"
	@$(BIN)/python scripts/data_contracts.py target/manifest.json target/data_contracts

# Each in an environment of its own, apart from `make test`: together they are 950 MB to install.
AWS := deploy/aws/.venv/bin
SECURITY := deploy/security/.venv/bin

.PHONY: aws
aws: setup ## Synthesise the AWS templates and test every guarantee, cdk-nag, cfn-lint, checkov
	@UV_PROJECT_ENVIRONMENT=.venv $(UV) sync --project deploy/aws --frozen --quiet \
	    --python "$$(scripts/find_python.sh)"
	@cd deploy/aws && .venv/bin/ruff check --quiet && .venv/bin/ruff format --check --quiet
	@cd deploy/aws && .venv/bin/python -m pytest -q

# Beside `make test`: 500 MB to install, and it needs a Java 17 on the machine.
.PHONY: spark
spark: export PERSONA_ACCESS_HOME := $(CURDIR)/target/spark
spark: setup ## Build weeks of an invented bank on DuckDB and on Apache Spark; every mart must be equal
	@UV_PROJECT_ENVIRONMENT=.venv $(UV) sync --project deploy/spark --frozen --compile-bytecode --quiet \
	    --python "$$(scripts/find_python.sh)"
	@rm -rf "$$PERSONA_ACCESS_HOME"
	@$(BIN)/persona-access demo --employees 200 --weeks 2
	@$(BIN)/persona-access load
	@$(BIN)/persona-access build
	@$(BIN)/python deploy/engines/build_weeks.py spark
	@deploy/spark/.venv/bin/dbt run-operation export_for_comparison --profiles-dir deploy/spark \
	    --args "{folder: $$PERSONA_ACCESS_HOME/spark/exported}"
	@$(BIN)/python deploy/engines/compare_engines.py spark

$(POSTGRES): deploy/postgres/uv.lock $(SYNCED)
	@UV_PROJECT_ENVIRONMENT=.venv $(UV) sync --project deploy/postgres --frozen --compile-bytecode --quiet \
	    --python "$$(scripts/find_python.sh)"
	@touch $@

# Needs Debian's package postgresql, or another's programs on the PATH, and no server that runs.
.PHONY: postgres
postgres: export PERSONA_ACCESS_HOME := $(CURDIR)/target/postgres
postgres: setup $(POSTGRES) ## Build weeks of an invented bank on DuckDB and on PostgreSQL; every mart must be equal
	@rm -rf "$$PERSONA_ACCESS_HOME"
	@$(BIN)/persona-access demo --employees 200 --weeks 2
	@$(BIN)/persona-access load
	@$(BIN)/persona-access build
	@PYTHONPATH=tests/python $(BIN)/python deploy/postgres/throw_away.py $(MAKE) on-postgres

.PHONY: on-postgres
on-postgres: $(POSTGRES)
	@$(BIN)/python deploy/postgres/copy_raw_layer.py
	@$(BIN)/python deploy/engines/build_weeks.py postgres
	@deploy/postgres/.venv/bin/dbt test --select test_type:unit --profiles-dir deploy/postgres
	@$(BIN)/python deploy/postgres/export.py
	@$(BIN)/python deploy/engines/compare_engines.py postgres

.PHONY: schedulers
schedulers: setup ## Run the DAGs under Airflow, in an environment of its own (400 MB)
	@UV_PROJECT_ENVIRONMENT=.venv $(UV) sync --project deploy/schedulers/airflow --frozen --quiet \
	    --python "$$(scripts/find_python.sh)"
	@$(BIN)/pytest -q tests/python/project/test_schedulers.py

.PHONY: security
security: setup ## Secrets, Bandit, workflows, Containerfile; SBOM and licences into target/security
	@UV_PROJECT_ENVIRONMENT=.venv $(UV) sync --project deploy/security --frozen --quiet \
	    --python "$$(scripts/find_python.sh)"
	@$(SECURITY)/bandit --quiet --recursive scripts --configfile deploy/security/bandit.yaml
	@# Exit code 3 says that a known false alarm moved to another line, in a copy that nobody needs.
	@mkdir -p target/security
	@cp deploy/security/secrets.baseline target/security/secrets.baseline
	@git ls-files -z -- ':!*uv.lock' ':!deploy/security/secrets.baseline' | xargs -0 sh -c \
	    'found="$$($(SECURITY)/detect-secrets-hook --baseline target/security/secrets.baseline "$$@")" \
	    || [ $$? -eq 3 ] || { echo "$$found"; exit 1; }' detect-secrets
	@$(SECURITY)/zizmor --offline --quiet .github
	@$(SECURITY)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(SECURITY)/hadolint deploy/image/Containerfile
	@$(SECURITY)/kubernetes-validate --strict --quiet deploy/kubernetes/*.yaml
	@$(SECURITY)/cyclonedx-py environment --pyproject pyproject.toml \
	    --output-file target/security/sbom.cdx.json .venv/bin/python
	@$(SECURITY)/pip-licenses --python .venv/bin/python --format=csv --order=license \
	    --output-file target/security/licences.csv
	@echo "SBOM and licences are in target/security."

# Needs a network that reaches PyPI's advisories; --strict, else it passes without having asked.
.PHONY: audit-packages
audit-packages: security ## Ask PyPI for known faults of the packages in uv.lock
	@$(UV) export --frozen --no-emit-project --quiet --output-file target/security/requirements.txt
	@$(SECURITY)/pip-audit --strict --disable-pip --require-hashes \
	    --requirement target/security/requirements.txt \
	    || { echo "Not audited, or not clean. Where a package is reported as missing on PyPI, this network's" \
	    "mirror has no advisories: run it where https://pypi.org/pypi/ itself answers. Where faults are" \
	    "listed, pin the version that fixes them in pyproject.toml, and lock again."; exit 1; } >&2

.PHONY: deploy
deploy: $(UV) ## Put an image into a stage: make deploy STAGE=staging DIGEST=sha256:...
	@UV_PROJECT_ENVIRONMENT=.venv $(UV) sync --project deploy/aws --frozen --quiet \
	    --python "$$(scripts/find_python.sh)"
	@deploy/aws/deploy.sh "$(STAGE)" "$(DIGEST)"

.PHONY: clean
clean: ## Remove everything that setup, builds and tests made, except data/
	rm -rf .venv .uv dbt_packages target logs .mypy_cache .pytest_cache .ruff_cache
