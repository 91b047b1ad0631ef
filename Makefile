# Every target installs what it needs first (scripts/setup.sh, a moment when nothing is missing).
# Variables: JOBS (parallel compilations), DEMO_ARGS, TEST_ARGS (for ctest: TEST_ARGS="-L unit"), BENCH_ARGS, LINT=all.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build demo test bench format lint check clean

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | awk -F '\t' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: ## install what is missing from Debian
	@scripts/setup.sh

build: setup ## the program, at build/release/citadel
	@scripts/build.sh release citadel

demo: build ## weeks of failing renewals in fast forward, then the report (DEMO_ARGS="--keep" leaves it up)
	@build/release/citadel demo $(DEMO_ARGS)

test: setup ## every test, against a real PostgreSQL
	@scripts/build.sh release
	@scripts/test.sh release $(TEST_ARGS)

bench: setup ## benchmarks beside PostgreSQL's own ceiling in the same run
	@scripts/build.sh release citadel citadel_bench
	@build/release/bench/citadel_bench $(BENCH_ARGS)

format: ## rewrite the sources in the house style
	@scripts/setup.sh lint
	@git ls-files --cached --others --exclude-standard '*.cpp' '*.h' | xargs clang-format-19 -i

lint: ## formatting, and clang-tidy over changed sources (LINT=all: over all)
	@scripts/setup.sh lint
	@scripts/build.sh debug
	@scripts/lint.sh $(LINT)

check: setup ## every test with both compilers and under the sanitizers; takes a while
	@for preset in gcc asan tsan; do \
	  echo "== $$preset"; scripts/build.sh $$preset && scripts/test.sh $$preset $(TEST_ARGS) || exit 1; \
	done

clean: ## remove build/
	@rm -rf build
