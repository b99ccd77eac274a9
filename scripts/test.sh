#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, and passes every test. As root the tests of the real kernel run
# too; without root they are skipped and say so.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_swift
require_packages "${build_packages[@]}"
scripts/test-tools.sh
mkdir -p .build
log=.build/test.log

test_programs() { swiftpm build --build-tests --traits "$traits" 2>&1 | tee "$log"; }
# One fills the kernel's programs with work until they miss some, while others count what theirs see; one needs the number of a
# namespace back that it has given away; one makes a hundred pods.
alone="HostMissedRunsTests|HostReuseTests|PodCrowdTests"
swift_tests() { swift test --traits "$traits" --disable-xctest --skip-build --skip "$alone" 2>&1 | tee -a "$log"; }
lonely_tests() { swift test --traits "$traits" --disable-xctest --skip-build --no-parallel --filter "$alone"; }
# Dependencies suppress their own warnings, so what is left is ours.
no_warnings() { [ -s "$log" ] && ! grep -F " warning: " "$log" | grep -F "$root/" | grep -vF /.build/ | sort -u; }
programs() { swiftpm build --package-path Examples 2>&1 | tee -a "$log"; }
benchmarks() { swiftpm build --package-path Benchmarks 2>&1 | tee -a "$log"; }

step "the package and its tests are built" test_programs
step "unit and kernel tests" swift_tests
step "tests that bear no others beside them" lonely_tests
step "older and newer kernels, in guests" scripts/test-kernels.sh --quick --no-build --kernels "5.10 6.12"
step "programs under Examples/" programs
step "benchmarks" benchmarks
step "the programs run" scripts/test-programs.sh
step "what is deployed" scripts/test-manifests.sh
step "capabilities of the DaemonSet" scripts/test-capabilities.sh
step "no compiler warnings in our sources" no_warnings
step "kernel programs compile for arm64" scripts/compile-bpf-arm64.sh
step "packages that depend on this one" scripts/test-consumers.sh
# The test runner's own last word.
if last=$(grep -E 'Test run with [0-9]+ test' "$log" | tail -n 1); then
    results+=("$last")
else
    results+=("no test ran")
    failures=$((failures + 1))
fi
summary
