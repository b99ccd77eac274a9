#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the benchmarks; arguments go to the program.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_swift
require_packages "${build_packages[@]}"
[ "$(id -u)" = 0 ] || fail "the benchmarks make network namespaces: run them as root"
[ -x .build/static/skoop-agent ] || scripts/static.sh
section "building the benchmarks"
swiftpm build -c release --package-path Benchmarks
exec "$(swift build -c release --package-path Benchmarks --show-bin-path)/skoop-benchmarks" \
    --agent .build/static/skoop-agent "$@"
