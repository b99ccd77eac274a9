#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures what eBPF programs cost; arguments go to the program.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_swift
require_packages "${build_packages[@]}" iproute2 nginx-light wrk curl
[ "$(id -u)" = 0 ] || fail "the benchmarks attach eBPF programs and make network namespaces: run them as root"
section "building the benchmarks"
swiftpm build -c release --package-path Benchmarks
agent=()
[ ! -x .build/static/skoop-agent ] || agent=(--agent .build/static/skoop-agent)
exec "$(swift build -c release --package-path Benchmarks --show-bin-path)/skoop-benchmarks" probes "${agent[@]}" "$@"
