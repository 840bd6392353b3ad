# Each target sets up what it needs. Requires git, make and Python 3.11 or newer. `make help` lists the targets.
PYTHON ?= python3
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
SYNC := UV_PYTHON_DOWNLOADS=never $(UV) sync --quiet --python $(PYTHON)
UV_HERE := UV_PYTHON_DOWNLOADS=never $(UV)
BIN := .venv/bin

.PHONY: help demo test test-sweeps test-exports test-lowest test-python test-spark test-foreign axe coverage lint format samples columns figures notebooks docs bench bench-spark simulations clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

demo: .venv/.run  ## simulate a firm, run the study on it, write demo/report.html, figures and tables
	@$(BIN)/tienet demo --out demo

# Tests start Python many times: without its compiled files each start, and each worker, would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

# SEED repeats the order of the tests and the examples that hypothesis generates.
TEST_OPTIONS = $(if $(SEED),--randomly-seed=$(SEED) --hypothesis-seed=$(SEED)) $(TESTS)
test: .venv/.dev  ## run the tests in random order; `make test SEED=123` repeats an order, `make test TESTS=tests/test_ties.py` runs one file
	@$(BIN)/pytest -m "not sweep and not exports" $(TEST_OPTIONS)

# The oldest releases warn about deprecations in their own newer dependencies, which tienet cannot fix.
test-lowest: .venv-lowest/.dev  ## run all tests with the lowest versions that pyproject.toml allows
	@.venv-lowest/bin/python -m pytest -W ignore::DeprecationWarning -W ignore::PendingDeprecationWarning -m "not exports" $(TEST_OPTIONS)

PY ?= 3.13
OTHER = .venv-$(notdir $(PY))
test-python: $(filter .uv/%,$(UV))  ## run all tests with another Python: `make test-python PY=3.13`, or the path of one
	@test -x $(OTHER)/bin/python || $(UV_HERE) venv --quiet --python $(PY) $(OTHER)
	@VIRTUAL_ENV=$(CURDIR)/$(OTHER) $(UV_HERE) pip install --quiet --editable . --group dev
	@$(OTHER)/bin/python -m pytest -m "not exports" $(TEST_OPTIONS)

# Among them ten shapes and kinds of log with a hundred generated tables each.
# EXAMPLES=quick tries 10 generated examples of each property instead of 100.
EXAMPLES ?= sweep
test-sweeps: .venv/.dev  ## run the sweeps that `make test` leaves out: a thousand generated tables, all kinds of damage, spellings and files
	@$(BIN)/pytest -m sweep --hypothesis-profile=$(EXAMPLES) $(TEST_OPTIONS)

# It took 46 minutes on two busy cores; docs/generated-exports.md has the last result.
test-exports: .venv/.dev  ## read 500 generated exports with each reader and compare with counts made beside them
	@$(BIN)/pytest -m exports $(TEST_OPTIONS)

axe: .venv/.dev  ## look for barriers in the report with axe-core (needs npm, which fetches it, and chromium)
	@npm install --silent --no-save --prefix .cache/axe axe-core@4
	@AXE=$(CURDIR)/.cache/axe/node_modules/axe-core/axe.min.js $(BIN)/pytest -n 0 -p no:randomly tests/test_page.py -k axe

coverage: .venv/.dev  ## run the tests of `make test` with branch coverage; lists the ten least covered files and the total
	@$(BIN)/pytest --cov --cov-report= -m "not exports and not sweep" $(TEST_OPTIONS)
	@$(BIN)/coverage report --sort=cover --skip-empty | awk 'NR <= 12 || /^TOTAL/'

# In the order of the file: the last test stops the session that all of them share.
test-spark: .venv/.spark  ## run the Spark tests on a local cluster (needs a Java 17 runtime; skipped without one)
	@$(BIN)/pytest -n 0 -p no:randomly -rs tests/spark

test-foreign: .venv/.foreign  ## compare with linearmodels and pyfixest, whose results `from_statsmodels` reads
	@$(BIN)/pytest -n 0 -rs tests/test_foreign.py tests/test_foreign_golden.py

lint: .venv/.dev  ## check style, types and imports between the layers
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

format: .venv/.dev  ## format every file and fix what ruff can fix
	@$(BIN)/ruff check --fix-only --quiet . && $(BIN)/ruff format .

samples: .venv/.run  ## rewrite data/samples from the simulator
	@$(BIN)/python data/samples/make.py

figures: .venv/.run  ## redraw docs/img from the sample firm
	@$(BIN)/python docs/make_figures.py

notebooks: .venv/.dev  ## rerun the notebooks and keep their outputs small
	@$(BIN)/python notebooks/run.py

columns: .venv/.run  ## rewrite docs/columns.md from the glossary
	@$(BIN)/python docs/make_columns.py

ROWS ?= 1000000
BENCH ?= .cache/bench
bench: .venv/.dev  ## compare time and memory with Polars, DuckDB, pandas and networkx; `make bench ROWS="10000000 100000000"`
	@$(BIN)/python bench/ties.py --rows $(ROWS) --folder $(BENCH)
	@$(BIN)/python bench/doors.py --rows $(ROWS) --folder $(BENCH)

SPARK_ROWS ?= 10000000
bench-spark: .venv/.spark  ## compare the tie step with Spark SQL on a local Spark cluster (needs a Java 17 runtime); `make bench-spark SPARK_ROWS=1000000`
	@$(BIN)/python bench/spark.py --rows $(SPARK_ROWS) --folder $(BENCH)

simulations: .venv/.dev  ## count how often 95% intervals hold the truth in simulated data; writes docs/simulations.md
	@$(BIN)/python bench/simulations/run.py 1000

docs: .venv/.docs  ## build the documentation; open docs/_build/index.html
	@$(BIN)/python -m sphinx -j auto -n -W --keep-going -q -b html docs docs/_build
	@echo docs/_build/index.html

clean:  ## remove everything that the other targets made
	rm -rf .venv .venv-* .uv demo docs/_build docs/_made docs/reference docs/gallery docs/notebooks .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage*

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

# The development packages are included because the code blocks in the pages need them.
.venv/.docs: pyproject.toml $(filter .uv/%,$(UV))
	@$(SYNC) --inexact --group docs && touch $@ .venv/.dev .venv/.run

.venv/.spark: pyproject.toml $(filter .uv/%,$(UV))
	@$(SYNC) --inexact --group spark-test && touch $@ .venv/.dev .venv/.run

.venv/.foreign: pyproject.toml $(filter .uv/%,$(UV))
	@$(SYNC) --inexact --group foreign-test && touch $@ .venv/.dev .venv/.run
