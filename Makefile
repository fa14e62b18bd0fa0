# `make` lists the targets.
.DEFAULT_GOAL := help
.PHONY: help setup build demo test lint fmt fuzz bench

help: ## List the targets.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup: ## Install what is missing: compilers, make; for the tests a JDK and Maven (they run a broker), Python 3, promtool.
	@scripts/setup.sh

build: ## Build the program, optimized: target/release/wiredesk.
	cargo build --release --locked

demo: ## Run the service on an in-process broker with sample feeds, and show what comes out.
	@scripts/setup.sh build
	cargo run --locked -- demo

test: setup ## Run all tests, those on a real broker too.
	cargo test --locked

lint: ## Check formatting, lints, documentation, and, where cargo-deny is installed, licences and sources.
	cargo fmt --all --check
	cargo clippy --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked --quiet
	@if cargo deny --version >/dev/null 2>&1; then cargo deny --log-level error check licenses bans sources; \
	else echo "cargo-deny is not installed: licences and sources not checked (cargo install cargo-deny)"; fi

fmt: ## Format the code.
	cargo fmt --all

fuzz: ## Read damaged copies of all fixtures, 200,000 a format; `make test` reads 1,500.
	WIREDESK_FUZZ_INPUTS=200000 cargo test --locked --test fuzz_smoke -- --nocapture

bench: setup ## Measure the desk's index at 3 million items, and the service against a bare exactly-once copy on the same broker.
	cargo bench --locked --bench desk
	cargo bench --locked --bench service
