#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Plays every labelled scenario in namespaces and says how good the rules are: recall, precision and what is found
# first, with the confusion table. Needs root. Arguments go to the judge: --rounds N, --width N (how many play at once),
# --write FILE, --healthy-minutes N (so long nothing may be found in ordinary load), parts of scenarios' names; SKOOP_SEED repeats a run.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_swift
require_packages "${build_packages[@]}"
scripts/test-tools.sh
[ "$(id -u)" = 0 ] || fail "needs root: it makes network namespaces and loads eBPF programs"
swiftpm build --product skoop-judge
.build/debug/skoop-judge "$@"
