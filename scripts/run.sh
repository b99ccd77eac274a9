#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds the agent and starts it; arguments go to the agent.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_swift
require_packages "${build_packages[@]}"

section "building skoop-agent (a few minutes the first time)"
swiftpm build -c release --package-path Examples --product skoop-agent
agent=$(swift build -c release --package-path Examples --show-bin-path)/skoop-agent

section "starting skoop-agent, stop it with Ctrl-C"
if [ "$(id -u)" != 0 ]; then
    echo "not root: only what an unprivileged process may read will be served; /status says what is missing and why"
fi
if [ $# = 0 ]; then
    cat << 'TEXT'
open  http://localhost:9102/                      what there is to see
      http://localhost:9102/metrics               all counters of all namespaces
      http://localhost:9102/metrics?format=json   the same as JSON
      http://localhost:9102/status                which probes run, from which source, and why not
TEXT
fi
exec "$agent" "$@"
