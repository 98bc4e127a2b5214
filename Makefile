# The project's commands; `make help` lists them.

PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin
CLIENTS := blogsite/tests/clients
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes
UV := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
      --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)

.PHONY: help serve test check dev shell lock audit bench fuzz messages
.DEFAULT_GOAL := help

help:  ## List these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

serve: .venv/runtime  ## Run the site at http://127.0.0.1:8000 (another port: PORT=8001)
	@exec $(BIN)/python manage.py serve --port='$(PORT)'

test: .venv/development $(if $(shell command -v npm),$(CLIENTS)/node_modules)  ## Run all tests, on SQLite and, where one answers, on PostgreSQL (some: ARGS='-k words')
	@exec $(BIN)/python -m blogsite.tests $(ARGS)

check: .venv/development  ## Lint, types, imports, migrations, templates, production settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find accounts articles templates -name '*.html' -print0 | xargs -0 --no-run-if-empty $(BIN)/djade --check
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run
	ENV_FILE=/dev/null ALLOWED_HOSTS=blog.example.org \
		SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_hex(32))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

dev: .venv/development  ## Run the development server: DEBUG is on, changes are picked up
	@DEBUG=on $(BIN)/python manage.py migrate --verbosity 0
	@DEBUG=on exec $(BIN)/python manage.py runserver $(PORT)

audit: .venv/development benchmarks/node_modules  ## Hold a running site's pages against Lighthouse, axe, the Nu checker (URL=http://…)
	@$(BIN)/python -m benchmarks.audit $(or $(URL),http://127.0.0.1:$(PORT)) $(ARGS)

bench: .venv/runtime var/bench/fastapi/installed  ## Measure how fast it is, beside its peers (QUICK=1; SIZE=1000000; PUBLISH=1)
	@exec $(BIN)/python -m benchmarks.bench $(if $(QUICK),--quick) $(if $(SIZE),--size=$(SIZE)) $(if $(PUBLISH),--publish) $(ARGS)

# The service that this project replaces, to be measured beside it. Without it the rest is measured all the same.
var/bench/fastapi/installed: benchmarks/peer_fastapi/requirements.txt | .venv/runtime
	@echo "Installing the FastAPI service that is measured too (a minute, the first time) ..."
	@mkdir -p $(@D) && $(BIN)/python -m venv --without-pip --clear $(@D) && \
		$(subst pip install,pip --python $(@D)/bin/python install,$(PIP)) -r $< && touch $@ || rm -rf $(@D)

# What is installed of JavaScript, for the audit and for the test of a TypeScript client.
%/node_modules: %/package-lock.json
	@cd $* && npm ci --ignore-scripts --no-fund --no-audit --fetch-retries=5 --fetch-timeout=60000 && touch node_modules

fuzz: .venv/development  ## Hold a running site's API against its description (URL=http://…, TOKEN=…, ARGS='--max-time 600')
	@FUZZ_AUTHORIZATION='Bearer $(TOKEN)' $(BIN)/schemathesis run $(or $(URL),http://127.0.0.1:$(PORT))/openapi.json $(ARGS)

shell: .venv/development  ## Open a Python prompt with the models imported
	@DEBUG=on exec $(BIN)/python manage.py shell

messages: .venv/development  ## Take new strings into the catalogues of locale/, and compile these (needs gettext)
	$(BIN)/python manage.py makemessages --all --no-location --no-obsolete --no-wrap \
		--ignore var --ignore benchmarks --ignore node_modules --ignore '*/tests/*'
	$(BIN)/python manage.py compilemessages --ignore .venv --ignore var

lock: .venv/development  ## Remake the lock files from pyproject.toml (newer versions: UPGRADE=1)
	$(UV) pyproject.toml --output-file requirements.txt
	$(UV) pyproject.toml --group dev --constraint requirements.txt --output-file requirements-dev.txt
	$(UV) benchmarks/peer_fastapi/requirements.in --output-file benchmarks/peer_fastapi/requirements.txt
	@for file in requirements.txt requirements-dev.txt; do \
		{ echo "# Made by make lock from pyproject.toml: change that, not this."; cat $$file; } > $$file.new && mv $$file.new $$file; \
	done

# What is installed is as new as its lock file. An interrupted installation is taken up by the next run.
.venv/runtime: requirements.txt | .venv/bin/pip
	@echo "Installing what the site needs (a minute, the first time) ..."
	@$(PIP) -r $< || { echo "The installation failed, for the reason above. Run make again once it is mended." >&2; exit 1; }
	@touch $@

.venv/development: requirements-dev.txt .venv/runtime
	@echo "Installing what tests and checks need ..."
	@$(PIP) -r $< || { echo "The installation failed, for the reason above. Run make again once it is mended." >&2; exit 1; }
	@touch $@

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "blogsite needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo missing)." \
			"Name another with PYTHON=python3.12." >&2; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version) ..."
	@why=$$({ $(PYTHON) -m venv --without-pip .venv && $(BIN)/python -m ensurepip --default-pip; } 2>&1) || { \
		hint="(Debian keeps what it takes in the package python3-venv)"; \
		echo "Could not make .venv: $$(echo "$$why" | grep -m 1 Errno || echo "$$why" $$hint | tail -n 1)" >&2; exit 1; }
