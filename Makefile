# SPDX-License-Identifier: Apache-2.0
# Two commands do everything on a Debian 12 machine with Swift 6.3: "make run" and "make test".
.DEFAULT_GOAL := help
.PHONY: help accuracy run test test-cluster test-kernels build static image bench bench-probes lint docs reference protobuf dashboards arm64 consumers fixtures clean

help: ## list the targets
	@awk -F ': ## ' '/^[a-z0-9-]+: ## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## install what is missing, build the agent, start it on :9102 (ARGS="--config FILE" is passed on)
	@scripts/run.sh $(ARGS)

test: ## install what is missing, build, pass every test
	@scripts/test.sh

test-kernels: ## run the kernel tests in QEMU guests of four kernels (ARGS="--kernels '5.10 7.3'", --update; root)
	@scripts/test-kernels.sh $(ARGS)

test-cluster: ## pass the tests of the cluster side against a real kube-apiserver and kubelet, built once (root)
	@scripts/test-cluster.sh

build: ## build all modules and the programs for debugging
	@scripts/build.sh

static: ## build skoop-agent and skoop fully static and stripped, into .build/static
	@scripts/static.sh

image: ## pack the static executables as an OCI image, into .build/image (ARGS="arm64=FOLDER" adds an architecture)
	@scripts/image.sh $(ARGS)

accuracy: ## judge the case rules by faults made real (root; ARGS="--rounds 3 --write Documentation/accuracy.md")
	@scripts/accuracy.sh --healthy-minutes 10 $(ARGS)

bench: ## measure snapshots, encoding and the agent's memory (ARGS="--markdown" writes Documentation/benchmarks.md)
	@scripts/bench.sh $(ARGS)

bench-probes: ## measure what eBPF programs cost (ARGS="--object x.bpf.o" for any others, --markdown, --json PATH; root)
	@scripts/bench-probes.sh $(ARGS)

lint: ## check formatting, shell scripts and licence lines
	@scripts/lint.sh

docs: ## build the DocC documentation of every public module, warnings are errors
	@scripts/docs.sh

protobuf: ## write the messages of container runtimes anew from their definition
	@scripts/protobuf.sh

reference: ## write Documentation/metrics.md anew from the catalogue
	@SKOOP_UPDATE_GOLDEN=1 swift test --filter 'SkoopModelTests|CaseReferenceTests'

dashboards: ## write Grafana's dashboards anew from Examples/Agent/dashboards/panels.yaml, and the PrometheusRule
	@scripts/test-tools.sh && "$${SKOOP_CACHE:-$$HOME/.cache/skoop}/venv/bin/python3" scripts/dashboards.py write

arm64: ## compile all kernel programs for arm64
	@scripts/compile-bpf-arm64.sh

consumers: ## build throwaway packages that depend on this one by URL
	@scripts/test-consumers.sh

fixtures: ## capture the test fixtures again in a QEMU guest (root)
	@scripts/fixtures.sh

clean: ## remove everything that was built
	@rm -rf .build Examples/.build Benchmarks/.build
