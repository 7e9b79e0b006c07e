# make run, make test, make check: each installs what it needs by itself.

PYTHON := .venv/bin/python
# For the line that says how long the start took; BSD's date knows no %N.
export HARBOR_STARTED := $(shell date +%s.%N | tr -d N)
export PORT ?= 8000
# Two workers help on any machine; more would wait for each other's browsers.
TEST_WORKERS ?= 2

.PHONY: help run test bench faults check format requirements clean

help:
	@echo "make run           the site on http://localhost:8000 (PORT=8001 for another port, DEBUG=1 for development)"
	@echo "make test          every test (ARGS=\"-k word\" for some)"
	@echo "make faults        what dies, hangs or fills up, with figures"
	@echo "make bench         what pages cost (ARGS=\"--only warm\", ARGS=--load for writes and a mixed load)"
	@echo "make check         formatting, lint, who may import whom, migrations, settings"
	@echo "make format        apply the formatting"
	@echo "make requirements  pin the dependencies of pyproject.toml anew"
	@echo "make clean         remove var/ (database and uploads too) and .venv/"

run:
	@sh advocacy_site/prepare_venv.sh requirements.txt
	@$(PYTHON) manage.py serve

test: .dev
	@CHROMIUM="$$($(PYTHON) tests/chromium.py)" && export CHROMIUM && \
	$(PYTHON) -m pytest -n $(TEST_WORKERS) --dist loadgroup $(ARGS)

faults: .dev
	$(PYTHON) -m pytest tests/faults \
		tests/races/test_the_schedule.py tests/races/test_tasks_survive.py tests/races/test_migrating.py \
		tests/advocacy_site/test_schedule.py::test_a_clock_moved_back_does_not_stop_a_job \
		tests/community/newsletter/test_nothing_lost_nothing_twice.py::test_a_machine_whose_clock_is_wrong_sends_all_the_same \
		tests/community/newsletter/test_nothing_lost_nothing_twice.py::test_a_database_clock_set_back_keeps_nothing_waiting \
		-n0 -rP

bench: .dev
	@$(PYTHON) -W ignore tests/bench/site.py $(ARGS)

check: .dev
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) .venv/bin/lint-imports
	find templates -name "*.html" -exec .venv/bin/djade --check --target-version 6.1 {} +
	$(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(PYTHON) manage.py check

format: .dev
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .
	find templates -name "*.html" -exec .venv/bin/djade --target-version 6.1 {} +

requirements: .dev
	@sh advocacy_site/compile_requirements.sh

clean:
	rm -rf var .venv

.PHONY: .dev
.dev:
	@sh advocacy_site/prepare_venv.sh requirements.txt requirements-dev.txt
