# Everything happens in .venv; the first target that needs it sets it up.
# Prerequisites: make, Python >= 3.11 with venv, Java 17 or 21.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/set-up.done
# Jobs run as users run them: by spark-submit from the activated environment.
ACTIVATE := . $(BIN)/activate &&
# API and studio take the use case that is named here, else HITCAST_USE_CASE's.
SERVED := $(if $(USE_CASE),HITCAST_USE_CASE=$(USE_CASE))
USE_CASE ?= spotify
# How many rows a first run generates.
ROWS_OF_pistachio := 2000
ROWS_OF_lyrics := 2000
TWIN_ROWS ?= $(or $(ROWS_OF_$(USE_CASE)),100000)
# What a first run trains, of the families that conf/ declares: all, but where it may be quicker; and
# what it asks about in the end.
CANDIDATES_OF_spotify := logistic_regression xgboost
CANDIDATES_OF_fraud := logistic_regression xgboost
CANDIDATES_OF_pistachio := logistic_regression xgboost
CANDIDATES_OF_lyrics := logistic_regression naive_bayes
CANDIDATES ?= $(or $(CANDIDATES_OF_$(USE_CASE)),all)
EXAMPLE_OF_spotify := docs/track.json
EXAMPLE ?= $(or $(EXAMPLE_OF_$(USE_CASE)),$(wildcard docs/examples/$(USE_CASE).json))
# What `make rehearse` rehearses, and the rows that it does so with.
TARGET ?= dev
JOB ?= weekly
ifeq ($(origin EXTRACT), undefined)
rehearse: EXTRACT := --twin=5000
# As `make run` has it; a week of real rows is EXTRACT=--kaggle or EXTRACT=--csv=FILE.
weekly: EXTRACT := --twin=$(TWIN_ROWS)
endif
# Which tests `make test` runs: pytest's expression of markers, and files or options.
MARKS ?= not slow and not nightly
TESTS ?=

.PHONY: setup java run weekly serve studio test test-slow test-nightly lint format openapi screenshots wheel space rehearse
.PHONY: notebooks bench-ingest bench-quality bench-training bench-serving bench-studio lock clean

setup: java $(DONE)

java:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit(f"error: expected Python 3.11 or newer, found {sys.version.split()[0]}; install one and run make PYTHON=python3.11")'
	@PYTHONPATH=src $(PYTHON) -m hitcast.running.environment java

# uv, itself taken from the lock by pip, installs the rest several times faster than pip would.
$(DONE): requirements.lock pyproject.toml src/hitcast/running/environment.py src/hitcast/running/class_archive.py src/hitcast/running/delta_jars.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "error: expected Python's venv module; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "set-up, once: fetching the locked packages (about 2 GB with what they unpack to)" >&2
	@awk '/^[^ ]/ { keep = /^uv==/ } keep' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@echo "set-up, once: fetching Delta's jars (13 MB)" >&2
	@$(BIN)/python -m hitcast.running.environment spark 2> $(VENV)/jars.log || { tail -n 1 $(VENV)/jars.log >&2; exit 1; }
	@echo "set-up, once: archiving the classes that a job loads (200 MB), so that jobs start sooner" >&2
	@$(BIN)/python -m hitcast.running.environment classes jobs/ingest.py --twin 500
	@touch $@

run: setup
	@$(ACTIVATE) spark-submit jobs/ingest.py --use-case $(USE_CASE) --twin $(TWIN_ROWS)
	@$(ACTIVATE) spark-submit jobs/train.py --use-case $(USE_CASE) --candidates $(CANDIDATES) \
		--search random --trials 2 --folds 2
	@echo "the version in production on the rows of $(EXAMPLE):" >&2
	@$(ACTIVATE) exec env HITCAST_USE_CASE=$(USE_CASE) python -m frontend $(addprefix --try ,$(EXAMPLE))

# The bundle's weekly job on the home folder; started again, it goes on where it ended.
weekly: setup
	@$(BIN)/python -m rehearsal.weekly --use-case $(USE_CASE) --extract=$(EXTRACT) $(ARGS)

serve: setup
	@$(ACTIVATE) exec env $(SERVED) python -m serving

studio: setup
	@$(ACTIVATE) exec env $(SERVED) streamlit run frontend/app.py

test: setup
	@$(BIN)/python -m pytest -m "$(MARKS)" $(TESTS)

test-slow: setup
	@$(BIN)/python -m pytest -m "slow and not nightly" $(TESTS)

# Before a release and before an issue is closed; at most 90 minutes.
test-nightly: setup
	@$(BIN)/python -m pytest -m nightly $(TESTS)

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench-ingest: setup
	@$(ACTIVATE) python -m benchmarks.ingest

# Hours: five trainings of all families, and FLAML's five minutes for each; ARGS="--splits 1" for less.
bench-quality: setup
	@$(ACTIVATE) python -m benchmarks.quality $(ARGS)

bench-training: setup
	@$(ACTIVATE) python -m benchmarks.training

bench-serving: setup
	@$(ACTIVATE) python -m benchmarks.serving

bench-studio: setup
	@$(ACTIVATE) python -m benchmarks.studio

# Pictures of every page, at desk and phone width, light and dark; needs Chromium.
screenshots: setup
	@$(ACTIVATE) python -m tests.frontend.screenshots

# Runs the notebooks on what the home folder holds and writes docs/notebooks/*.html; 03_serve only
# where the API answers (make run or make serve in another terminal, or HITCAST_API_URL).
notebooks: setup
	@$(ACTIVATE) python -m hitcast.exploring.rendering --use-case $(USE_CASE) $(ARGS)

# The description of the API for those who generate clients; a test keeps it current.
openapi: setup
	@$(BIN)/python -c 'import json; from serving.main import app; print(json.dumps(app.openapi(), indent=2))' > docs/openapi.json

# What a deployment builds for Databricks, as bundle.yml does it: what jobs install, in dist/, and what
# the API's app installs, in serving/. To install one: pip install 'dist/hitcast-….whl[spark,api]'.
wheel: setup
	@rm -rf dist build
	@$(BIN)/uv build --quiet --wheel --out-dir dist .
	@$(BIN)/python resources/app_wheel.py

# A public demo's folder, with production's scorer: make space USE_CASE=spotify OUT=FOLDER. docs/space.md
# says how it is published.
space: setup
	@test -n "$(OUT)" || { echo "error: expected a folder: make space USE_CASE=$(USE_CASE) OUT=FOLDER" >&2; exit 1; }
	@$(BIN)/python deploy/space/assemble.py --use-case $(USE_CASE) --out "$(OUT)" $(ARGS)

# Runs a job of the Databricks bundle here: make rehearse TARGET=prod JOB=weekly ARGS=--dry-run
rehearse: setup
	@$(BIN)/python -m rehearsal --target $(TARGET) --job $(JOB) --var extract=$(EXTRACT) $(ARGS)

# Renews the locked versions; --universal makes one lock for every platform and Python.
lock: setup
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --extra spark --extra api --extra studio --group dev --group benchmarks \
		pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --group automl -o benchmarks/automl.lock
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --constraint requirements.lock deploy/space/requirements.in \
		-o deploy/space/requirements.txt

clean:
	rm -rf $(VENV) .venv-automl .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist src/*.egg-info
