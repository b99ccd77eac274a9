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
promtool=$cache/tools/usr/bin/promtool
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
# Helm tells on standard error that it follows the link to the alerts.
chart() { # chart
    manifests chart "$1" "$agent/manifests" "$work/theirs.yaml" 2> "$work/err" ||
        { grep -v ' INFO ' "$work/err"; return 1; }
}
helm() {
    [ "$("$python" -c 'import platform; print(platform.machine())')" = x86_64 ] || {
        echo "Helm is not to be had for this machine"
        return 77
    }
    chart "$agent/helm/skoop" && "$bin/skoop-agent" --check "$work/theirs.yaml" || return 1
    # A template or a value that goes astray is noticed.
    cp -rL "$agent/helm/skoop" "$work/chart"
    sed -i '/hostPID/d' "$work/chart/templates/daemonset.yaml"
    echo 'unused: 1' >> "$work/chart/values.yaml"
    ! chart "$work/chart" > "$work/out" || return 1
    grep -q 'DaemonSet: the chart differs .* in spec.template.spec.hostPID' "$work/out" &&
        grep -q 'values.yaml: unused changes nothing' "$work/out"
}
dashboards() {
    "$python" scripts/dashboards.py check && "$python" scripts/dashboards.py rules > "$work/rules.yaml" &&
        "$promtool" check rules "$work/rules.yaml"
}
alerts() {
    "$python" scripts/dashboards.py alerts && "$promtool" check rules "$agent/alerts/skoop.rules.yaml" &&
        "$promtool" test rules "$agent/alerts/skoop.test.yaml"
}

step "manifests are valid" schemas
step "the agent takes the ConfigMap" configuration
step "the chart renders the manifests" helm
step "dashboards show every metric" dashboards
step "alerts fire and stay silent" alerts
summary
