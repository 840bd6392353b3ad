# Every target does its own set-up. Needed on the machine: git, make, Python 3.11 or newer. `make help` lists the targets.
PYTHON ?= python3
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
SYNC := UV_PYTHON_DOWNLOADS=never $(UV) sync --quiet --python $(PYTHON)
UV_HERE := UV_PYTHON_DOWNLOADS=never $(UV)
BIN := .venv/bin

.PHONY: help demo test test-lowest test-python test-spark coverage lint format samples columns figures notebooks docs bench bench-spark clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

demo: .venv/.run  ## simulate a firm, run the study on it, write demo/report.html, figures and tables
	@$(BIN)/tienet demo --out demo

# `make test SEED=123` repeats an order of tests and the examples of their properties, `make test TESTS=tests/test_ties.py` runs a part.
TEST_OPTIONS = $(if $(SEED),--randomly-seed=$(SEED) --hypothesis-seed=$(SEED)) $(TESTS)
test: .venv/.dev  ## the whole test suite, in an order of its own each time; `make test SEED=123` repeats one, `TESTS=tests/test_ties.py` runs a part
	@$(BIN)/pytest $(TEST_OPTIONS)

# Old releases under newer ones of what they need themselves say what is deprecated; that is not ours to mend.
test-lowest: .venv-lowest/.dev  ## the same with the lowest versions that pyproject.toml allows
	@.venv-lowest/bin/python -m pytest -W ignore::DeprecationWarning -W ignore::PendingDeprecationWarning $(TEST_OPTIONS)

PY ?= 3.13
OTHER = .venv-$(notdir $(PY))
test-python: $(filter .uv/%,$(UV))  ## the same with another Python: `make test-python PY=3.13`, or its path
	@test -x $(OTHER)/bin/python || $(UV_HERE) venv --quiet --python $(PY) $(OTHER)
	@VIRTUAL_ENV=$(CURDIR)/$(OTHER) $(UV_HERE) pip install --quiet --editable . --group dev
	@$(OTHER)/bin/python -m pytest $(TEST_OPTIONS)

coverage: .venv/.dev  ## the same with branch coverage: the ten files with the least of it, and the total
	@$(BIN)/pytest --cov --cov-report= $(TEST_OPTIONS)
	@$(BIN)/coverage report --sort=cover --skip-empty | awk 'NR <= 12 || /^TOTAL/'

test-spark: .venv/.spark  ## the same on a Spark cluster of its own (needs a Java 17 runtime, skipped without)
	@$(BIN)/pytest -n 0 -rs tests/spark

lint: .venv/.dev  ## style, types and the closed doors between the layers
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

format: .venv/.dev  ## put every file into the house style
	@$(BIN)/ruff check --fix-only --quiet . && $(BIN)/ruff format .

samples: .venv/.run  ## write data/samples anew from the simulator
	@$(BIN)/python data/samples/make.py

figures: .venv/.run  ## draw docs/img anew from the sample firm
	@$(BIN)/python docs/make_figures.py

notebooks: .venv/.dev  ## run the notebooks anew and keep their outputs small
	@$(BIN)/python notebooks/run.py

columns: .venv/.run  ## write docs/columns.md anew from the glossary
	@$(BIN)/python docs/make_columns.py

ROWS ?= 1000000
BENCH ?= .cache/bench
bench: .venv/.dev  ## time and memory beside Polars, DuckDB, pandas and networkx; `make bench ROWS="10000000 100000000"`
	@$(BIN)/python bench/ties.py --rows $(ROWS) --folder $(BENCH)

SPARK_ROWS ?= 10000000
bench-spark: .venv/.spark  ## the tie step on a Spark cluster of its own beside Spark SQL (needs a Java 17 runtime); `make bench-spark SPARK_ROWS=1000000`
	@$(BIN)/python bench/spark.py --rows $(SPARK_ROWS) --folder $(BENCH)

docs: .venv/.docs  ## build the documentation into docs/_build; open docs/_build/index.html
	@$(BIN)/python -m sphinx -j auto -n -W --keep-going -q -b html docs docs/_build
	@echo docs/_build/index.html

clean:  ## remove what the other targets made
	rm -rf .venv .venv-* .uv demo docs/_build docs/_made docs/reference .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage*

.uv/bin/uv:
	@$(PYTHON) -m venv .uv && .uv/bin/pip install --quiet --quiet --disable-pip-version-check uv

# --inexact leaves the development packages in place when both kinds of target are used in one checkout.
.venv/.run: pyproject.toml $(filter .uv/%,$(UV))
	@$(SYNC) --inexact --no-dev && touch $@

.venv/.dev: pyproject.toml $(filter .uv/%,$(UV))
	@$(SYNC) && touch $@ .venv/.run

.venv-lowest/.dev: pyproject.toml $(filter .uv/%,$(UV))
	@$(UV_HERE) venv --quiet --clear --python $(PYTHON) .venv-lowest
	@VIRTUAL_ENV=$(CURDIR)/.venv-lowest $(UV_HERE) pip install --quiet --resolution lowest-direct --editable . --group dev && touch $@

# The development packages are named too: it is they that bring what the pages' blocks draw and write with.
.venv/.docs: pyproject.toml $(filter .uv/%,$(UV))
	@$(SYNC) --inexact --group docs && touch $@ .venv/.dev .venv/.run

.venv/.spark: pyproject.toml $(filter .uv/%,$(UV))
	@$(SYNC) --inexact --group spark-test && touch $@ .venv/.dev .venv/.run
