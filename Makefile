# The portal's one-word commands. `make` alone lists them. They also work in an empty environment (env -i).
SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules

ifeq ($(strip $(PATH)),)
PATH := /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
endif
ifeq ($(strip $(HOME)),)
HOME := $(shell getent passwd "$$(id -u)" 2>/dev/null | cut -d: -f6)
endif
PORT ?= 8000
export PATH HOME PORT
# Where this is set, each of the dozens of processes of the tests compiles Django and itself again.
unexport PYTHONDONTWRITEBYTECODE

# PYTHON=python3.13 make run: use this Python.
PYTHON ?=
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check -qq
NEW_KEY := LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 60
# Settings for real use, whatever .env and the environment of this machine say.
AS_IN_REAL_USE = SECRET_KEY="$$($(NEW_KEY))" ALLOWED_HOSTS=portal.example.org PORTAL_ADDRESS=https://portal.example.org DEMONSTRATION=off DEBUG=off \
	HTTPS_ONLY=on DATABASE_URL=sqlite://:memory: ALLOW_SQLITE=on EMAIL_URL=smtp+tls://mail.example.org:587

.PHONY: help run demo test soak check check-others fmt lock bench vendor clean own-key

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: .venv/.run own-key ## Set up what is missing, and serve the portal on 127.0.0.1 (PORT, DATABASE_URL)
	@$(PY) -c 'import os, socket as s; o = s.socket(); o.setsockopt(s.SOL_SOCKET, s.SO_REUSEADDR, 1); \
	  o.bind(("127.0.0.1", int(os.environ["PORT"])))' 2>/dev/null || { \
	  echo "Port $$PORT is in use, or you are not allowed to use it."; \
	  echo "Choose another one: make run PORT=8001"; exit 1; }
	@$(PY) manage.py prepare
	@$(PY) manage.py collectstatic --noinput -v0
	@echo; echo "The portal is at http://127.0.0.1:$$PORT/ (Ctrl-C stops it)"; echo
	@exec $(PY) -m gunicorn config.wsgi --bind "127.0.0.1:$$PORT" --workers 2 --worker-class gthread --threads 4 \
	  --no-control-socket --log-level warning

demo: .venv/.run own-key ## Add invented progress over five quarters, marked as invented
	@$(PY) manage.py prepare
	@$(PY) manage.py demonstration_progress

test: .venv/.dev ## Run all tests: on SQLite, on PostgreSQL and in headless Chromium
	@$(PY) -m tests.everything

soak: .venv/.dev ## Run the bounded tests in full (SOAK="sqlite"): hours
	@$(PY) -m tests.everything soak $(SOAK)

check: .venv/.dev ## Check lint, format, templates, types, imports, migrations, real-use settings and pins
	@said=$$(mktemp) && trap 'rm -f "$$said"' EXIT; \
	{ $(AS_IN_REAL_USE) $(PY) -m mypy; } >"$$said" 2>&1 & types=$$!; \
	$(MAKE) --no-print-directory check-others; others=$$?; \
	wait $$types; types=$$?; echo "$(PY) -m mypy"; cat "$$said"; [ $$types = 0 ] && exit $$others || exit $$types

# All but the types, which take as long on another core.
check-others:
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m djlint --lint --quiet templates
	$(PY) -m tests.lines
	$(PY) .venv/bin/lint-imports
	@echo $(PY) manage.py makemigrations --check; $(AS_IN_REAL_USE) $(PY) manage.py makemigrations --check --dry-run
	@echo $(PY) manage.py check --deploy; $(AS_IN_REAL_USE) $(PY) manage.py check --deploy --fail-level WARNING
	$(PY) -m pip --disable-pip-version-check check
	$(PY) -m tests.pins
	$(PY) -m tests.audit

fmt: .venv/.dev ## Format Python, and fix what the linter can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

# Extras stay in the names (coverage[toml]): pip 23 takes a newer release than the pinned one for a name without its extra.
LOCK = $(PY) -m uv pip compile pyproject.toml --universal --generate-hashes --no-strip-extras --no-header \
	--no-emit-index-url --quiet

lock: .venv/.dev ## Pin the dependencies of pyproject.toml, with hashes
	$(LOCK) -o requirements.txt
	$(LOCK) --extra s3 -c requirements.txt -o requirements-s3.txt
	$(LOCK) --group dev -c requirements.txt -o requirements-dev.txt

bench: .venv/.dev ## Time pages, files and writes (BENCH="sqlite --sizes 32,1000 --quick")
	@$(PY) -m tests.benchmarks $(BENCH)

vendor: .venv/.run ## Fetch the libraries in static/vendor again
	@$(PY) static/vendor/fetch.py

clean: ## Remove the environment and caches, keep data (var/) and .env
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# To try the portal you need no settings: this writes the two that a demonstration needs.
own-key:
	@if [ ! -e .env ] && [ -z "$$SECRET_KEY" ]; then \
	  umask 077; { \
	  echo '# Made by make run, for trying the portal on this machine. Not for real use:'; \
	  echo '# demonstration mode has invented people and shows their password. See .env.example.'; \
	  echo 'DEMONSTRATION=on'; \
	  echo '# Signs the sessions. A new key signs everybody out.'; \
	  echo "SECRET_KEY=$$($(NEW_KEY))"; } > .env.new && mv .env.new .env; fi

# The environment: .made is empty, .run can serve the portal, .dev can also test and check it.
.venv/.made:
	@python=; for each in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	  if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$each; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "The portal needs Python 3.11 or newer. Found: $$($(or $(PYTHON),python3) --version 2>&1 || true)"; \
	  echo "Install a newer one, or say where it is: make run PYTHON=/path/to/python3.12"; exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	  packages="$$("$$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"; \
	  echo "Python's venv is not installed. Trying: apt-get install $$packages"; \
	  if [ "$$(id -u)" = 0 ]; then as_root=; else as_root="sudo -n"; fi; \
	  { $$as_root apt-get update -qq; \
	    $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$packages || \
	    $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv; \
	  } >/dev/null 2>&1 || true; \
	  if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "That failed. Install it and run make again: sudo apt-get install python3-venv"; exit 1; \
	  fi; \
	fi; \
	echo "Creating the environment in .venv"; "$$python" -m venv .venv && touch $@

.venv/.run: .venv/.made requirements.txt
	@echo "Installing what the portal needs (a minute or two, the first time)"
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

# The development requirements include those of .run, in the same versions (tests/pins.py checks that). Python compiles
# what it imports; to compile everything takes longer.
.venv/.dev: .venv/.made requirements.txt requirements-dev.txt
	@echo "Installing what the portal and its tests need (a few minutes, the first time)"
	@$(PIP) install --no-compile --require-hashes -r requirements-dev.txt
	@touch .venv/.run $@
