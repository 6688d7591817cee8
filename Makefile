# Everything a newcomer types. Needs Debian 12 with git and make; scripts/setup installs the rest.
.DEFAULT_GOAL := help
.PHONY: help build data demo test up down logs bench lint format fuzz clean

# Where `make data` writes, how long `make fuzz` runs each target, over how many workers `make up` cuts queries (a Ray of its own).
DATA ?= build/data
SECONDS_EACH ?= 60
scale ?= 1

help: ## List the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r t d; do printf '  make %-8s %s\n' "$$t" "$$d"; done

build: ## Install what is missing, compile; the program is build/bin/skein
	@scripts/build release skein

data: ## Sample data in build/data (DATA=DIR for another place)
	@scripts/setup build
	@scripts/make-data $(DATA)

demo: ## Build, start over sample data, ask one question through each door
	@scripts/demo

test: ## Build and run all tests (ARGS= goes to pytest)
	@scripts/test $(ARGS)

up: ## Start the server in the background on the default ports (scale=N: with N workers on a local Ray)
	@scripts/build release skein $(if $(filter-out 1,$(scale)),skein_worker_library skein_python)
	@scripts/make-data build/data
	@scripts/server up --scale $(scale)

down: ## Stop the server that up or demo started
	@scripts/server down

logs: ## Follow the log of the server that up or demo started
	@scripts/server logs

bench: ## Measure against DuckDB in process and PostgreSQL (ARGS= picks parts)
	@scripts/setup dev
	@scripts/build release skein
	@. build/deps.env && "$$SKEIN_PYTHON" bench/run.py $(ARGS)

lint: ## Check layers, file sizes and (with clang-format-19) the format
	@scripts/setup build
	@. build/deps.env && "$$SKEIN_PYTHON" scripts/run_tests.py --lint-only

format: ## Format the C++ sources in place
	@git ls-files '*.h' '*.cpp' | xargs clang-format-19 -i

fuzz: ## Fuzz each codec for a minute (SECONDS_EACH=n), with clang
	@scripts/setup dev
	@scripts/fuzz $(SECONDS_EACH)

clean: down ## Remove what was built (the download cache outside stays)
	rm -rf build
