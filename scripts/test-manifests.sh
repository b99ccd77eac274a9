#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks all that is deployed to Kubernetes: manifests against the API's schemas, the configuration by the agent itself,
# the chart by Helm, dashboards and alerts by promtool, images by the tools of the field. The first argument is the folder
# of the executables.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bin=${1:-$(swift build --package-path Examples --show-bin-path)}
python=$cache/venv/bin/python3
agent=Examples/Agent
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

manifests() { "$python" scripts/manifests.py "$@"; }
schemas() {
    shopt -s globstar
    manifests schemas "$agent"/manifests/**/*.yaml || return 1
    # A check that nothing can fail is none.
    sed 's/hostPID: true/hostPIDs: true/' "$agent/manifests/30-daemonset.yaml" > "$work/bad.yaml"
    ! manifests schemas "$work/bad.yaml" > /dev/null
}
# Both the whole ConfigMap and what the kubelet makes a file of.
configuration() {
    local config=$agent/manifests/20-config.yaml
    manifests configuration "$config" > "$work/config.yaml" &&
        "$bin/skoop-agent" --check "$work/config.yaml" && "$bin/skoop-agent" --check "$config"
}

step "manifests are valid" schemas
step "the agent takes the ConfigMap" configuration
summary
