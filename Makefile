# `make` alone prints the targets. Each brings its own set-up; all state lies in the folder .newswire (or NEWSWIRE_HOME).

STATE    := $(or $(NEWSWIRE_HOME),$(CURDIR)/.newswire)
BIN      := $(STATE)/venv/bin
NEWSWIRE := "$(BIN)/newswire"
PYTHON   := "$(BIN)/python"
PINS     := requirements requirements-setup requirements-dev requirements-image

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo up stop status psql check fast-tests test lint types bench-start bench-feeds bench-polling bench-scheduling bench-live bench-health pins clean env bench-topics bench-retag bench-pages bench-containers bench-extract bench-stories bench-duplicates bench-group bench-copies-live bench-warehouse bench-rebuild

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## a tour in two minutes: a local newsroom, Airflow at work, tagged rows (CAPTURES=folder: captured feeds)
	@$(NEWSWIRE) demo $(if $(CAPTURES),--captures "$(CAPTURES)")

up: setup ## start everything: PostgreSQL, the four Airflow processes, a supervisor
	@$(NEWSWIRE) up

stop: setup ## stop what runs; nothing is lost
	@$(NEWSWIRE) stop

status: setup ## what runs, where, queue and delay of each stage, last errors
	@$(NEWSWIRE) status || true

psql: setup ## ask the warehouse, as a reader
	@$(NEWSWIRE) psql

env: ## the secrets of the containers, in .env; what is there stays (docs/containers.md)
	@$(or $(NEWSWIRE_PYTHON),python3) docker/make_env.py .env

check: lint types fast-tests ## format, lint, types, house test, fast tests: before every commit

fast-tests: setup-dev
	@$(PYTHON) -m pytest -q -n 2 -m "not pipeline and not slow and not corpus"

test: lint types ## everything: all of check, the slow tests, and those that start the whole system
	@$(PYTHON) -m pytest -q -n 2 -m "not pipeline"
	@$(PYTHON) -m pytest -q -m pipeline

lint: setup-dev ## format and lint
	@"$(BIN)/ruff" format --check .
	@"$(BIN)/ruff" check .

types: setup-dev ## static types
	@"$(BIN)/mypy"

bench-start: setup ## seconds to start, idle CPU and memory
	@$(PYTHON) bench/start.py

bench-feeds: setup-dev ## how feeds are read, and what a poll costs (CORPUS=folder of the corpora; WRITE=1: docs/feeds-conformance.md)
	@$(PYTHON) bench/feeds.py "$(CORPUS)" $(if $(WRITE),--write-docs)

bench-polling: setup ## how soon news is found at how many polls, against other policies (TRACES=file, or a folder of captures)
	@$(PYTHON) bench/polling.py $(if $(TRACES),"$(TRACES)")

bench-pages: setup-dev ## newsroom pages through a running Airflow: undisturbed, then with tasks and scheduler killed (PAGES=2000)
	@$(PYTHON) bench/pages.py --pages $(or $(PAGES),2000)

bench-containers: setup-dev ## generated articles through the containers (ARTICLES=5000 WORKERS="1 2 3" KILL="worker redis scheduler postgres"); Docker
	@$(PYTHON) bench/containers.py --articles $(or $(ARTICLES),5000) --workers $(or $(WORKERS),1 2 3) $(if $(KILL),--kill $(KILL))

bench-scheduling: setup-dev ## an hour of 20,000 feeds on a simulated clock, with the real claims on a PostgreSQL of its own
	@$(PYTHON) bench/scheduling.py

bench-live: setup-dev ## ten minutes of 20,000 feeds on the real clock: drains, guarded web, a local server (MINUTES=n)
	@$(PYTHON) bench/live_polling.py $(or $(MINUTES),10)

bench-health: setup-dev ## how long the health of 20,000 feeds with a month of polls takes to read
	@$(PYTHON) bench/health.py

bench-topics: setup-dev ## how well and how fast topics tag labelled documents, against keywords and a learned model (CORPUS=folder with gold.jsonl.gz)
	@$(PYTHON) bench/topics.py "$(CORPUS)"

bench-retag: setup-dev ## a topic released over 200,000 articles, killed in the middle and resumed (ARTICLES=number; AIRFLOW=1: by a running Airflow)
	@$(PYTHON) bench/$(if $(AIRFLOW),retag_airflow.py,retag.py) $(or $(ARTICLES),200000)

bench-extract: setup ## how pages are read, beside other extractors (CORPUS=folder of pages; RULES=1: what each rule adds; WRITE=1: docs/extraction.md)
	@test -e "$(STATE)/peers/done" || { "$(BIN)/uv" venv --quiet --clear --python $(PYTHON) "$(STATE)/peers" && \
		"$(BIN)/uv" pip install --quiet --python "$(STATE)/peers/bin/python" --require-hashes -r bench/requirements-peers.txt && \
		touch "$(STATE)/peers/done"; }
	@$(PYTHON) bench/extraction.py "$(CORPUS)" --peers "$(STATE)/peers/bin/python" $(if $(RULES),--rules) $(if $(WRITE),--write-docs)

bench-stories: setup-dev ## how well articles on one event are found (CORPUS=folder of labelled stories)
	@PYTHONPATH=plugins $(PYTHON) bench/stories.py "$(CORPUS)" --cross-validate 5

bench-duplicates: setup-dev ## copies on labelled pairs, beside the usual methods (CORPUS=folder of the pairs; WRITE=1: docs/duplicates.md)
	@$(PYTHON) bench/duplicates.py "$(CORPUS)" $(if $(WRITE),--write-docs)

bench-group: setup-dev ## what grouping an article costs among many stored ones (STORED="100000 1000000")
	@$(PYTHON) bench/group.py $(STORED)

bench-warehouse: setup-dev ## size, marts, examples, searches and exports of a warehouse of made-up articles (ROWS=1000000, DATA=folder)
	@$(PYTHON) bench/warehouse.py "$(or $(DATA),$(STATE)/bench)" --rows $(or $(ROWS),1000000)

bench-copies-live: setup-dev ## newsroom articles grouped by a running Airflow, how late, and their days rebuilt (ARTICLES=20000)
	@$(PYTHON) bench/copies_live.py --articles $(or $(ARTICLES),20000)

bench-rebuild: setup-dev ## a week of archived articles rebuilt by a running Airflow beside live news, then killed (ARTICLES=30000; TWICE=1: backfilled once more)
	@$(PYTHON) bench/rebuild.py --articles $(or $(ARTICLES),30000) $(if $(TWICE),--twice)

pins: setup ## make requirements*.txt from requirements*.in, keeping the versions that still fit (UPGRADE=1: the newest)
	@for name in $(PINS); do echo "  $$name.txt"; "$(BIN)/uv" pip compile --quiet $(if $(UPGRADE),--upgrade) --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --custom-compile-command "make pins" $$name.in --output-file $$name.txt || exit; done

clean: ## stop what runs and remove all state: databases, archive, environment
	@if [ -x $(PYTHON) ]; then PYTHONPATH=plugins $(PYTHON) -m newswire.runtime.remove "$(STATE)"; fi
	@rm -rf "$(STATE)"

setup:
	@$(or $(NEWSWIRE_PYTHON),python3) setup/install.py

setup-dev:
	@$(or $(NEWSWIRE_PYTHON),python3) setup/install.py --dev
