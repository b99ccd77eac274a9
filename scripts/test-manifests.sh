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
require_packages skopeo umoci ca-certificates gcc libc6-dev
own=amd64 second=arm64 foreign=aarch64
[ "$(uname -m)" = x86_64 ] || own=arm64 second=amd64 foreign=x86_64
promtool=$cache/tools/usr/bin/promtool
agent=Examples/Agent
work=$(mktemp -d)
started=()
cleanup() {
    [ ${#started[@]} = 0 ] || kill -KILL "${started[@]}" 2> /dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

manifests() { "$python" scripts/manifests.py "$@"; }
schemas() {
    shopt -s globstar
    manifests schemas "$agent"/manifests/**/*.yaml || return 1
    # A check that nothing can fail is none.
    sed 's/hostPID: true/hostPIDs: true/' "$agent/manifests/30-daemonset.yaml" > "$work/bad.yaml"
    ! manifests schemas "$work/bad.yaml" > /dev/null
}
# One version everywhere.
versions() {
    local version place
    version=$("$bin/skoop-agent" --version | cut -d ' ' -f 2)
    for place in "image: skoop/agent:$version\$ manifests/30-daemonset.yaml" \
        "image: skoop/agent:$version\$ manifests/sidecar/20-pod.yaml" "tag: $version\$ helm/skoop/values.yaml" \
        "^version: $version\$ helm/skoop/Chart.yaml" "^appVersion: $version\$ helm/skoop/Chart.yaml"; do
        grep -qE "${place% *}" "$agent/${place##* }" || {
            echo "the agent is $version; expected in $agent/${place##* }: ${place% *}"
            return 1
        }
    done
}
# Both the whole ConfigMap and what the kubelet makes a file of.
configuration() {
    local config=$agent/manifests/20-config.yaml
    manifests configuration "$config" > "$work/config.yaml" &&
        "$bin/skoop-agent" --check "$work/config.yaml" && "$bin/skoop-agent" --check "$config" &&
        "$bin/skoop-agent" --check "$agent/manifests/sidecar/10-config.yaml"
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
# A real agent, scraped by a real Prometheus, answers them.
live() {
    [ "$(id -u)" = 0 ] || {
        echo "not root: not tried"
        return 0
    }
    local url server status=0
    "$bin/skoop" probes > "$work/probes" || return 1
    {
        printf 'address: 127.0.0.1:0\nadmin: none\nmetrics:\n  deadline: 20s\n  probes:\n'
        awk 'NR > 1 { print "    - name: " $1 }' "$work/probes"
    } > "$work/agent.yaml"
    "$bin/skoop-agent" --config "$work/agent.yaml" 2> "$work/agent.log" &
    started+=("$!")
    for _ in $(seq 300); do
        url=$(sed -nE 's/.*serving node .* on ([^ ,]+),.*/\1/p' "$work/agent.log")
        [ -z "$url" ] || break
        sleep 0.1
    done
    printf 'scrape_configs:\n- {job_name: skoop, scrape_interval: 2s, static_configs: [{targets: ["%s"]}]}\n' "$url" \
        > "$work/prometheus.yml"
    server=127.0.0.1:$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$cache/tools/usr/bin/prometheus" --config.file "$work/prometheus.yml" --storage.tsdb.path "$work/data" \
        --web.listen-address "$server" 2> "$work/prometheus.log" &
    started+=("$!")
    for _ in $(seq 300); do
        # Enough samples for a rate.
        ! "$python" - "http://$server" << 'PYTHON' || break
import json, sys, urllib.parse, urllib.request
query = urllib.parse.urlencode({"query": "count_over_time(up[1m]) > 5"})
try:
    answer = json.load(urllib.request.urlopen(f"{sys.argv[1]}/api/v1/query?{query}"))
except OSError:
    sys.exit(1)
sys.exit(0 if answer["data"]["result"] else 1)
PYTHON
        sleep 0.2
    done
    "$python" scripts/dashboards.py live "http://$server" || status=1
    kill "${started[@]}"
    wait "${started[@]}" || true
    started=()
    [ "$status" = 0 ] || { tail -n 3 "$work/agent.log" "$work/prometheus.log"; return 1; }
}
alerts() {
    "$python" scripts/dashboards.py alerts && "$promtool" check rules "$agent/alerts/skoop.rules.yaml" &&
        "$promtool" test rules "$agent/alerts/skoop.test.yaml"
}
# Any static program will do for the packer, and one of another architecture.
image() {
    local clang other=$work/other layout=$work/image.tar
    clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
    mkdir -p "$work/own" "$other"
    printf '#include <stdio.h>\nint main(void) { return puts("it runs") < 0; }\n' > "$work/main.c"
    gcc -static "$work/main.c" -o "$work/own/skoop-agent" && cp "$work/own/skoop-agent" "$work/own/skoop" || return 1
    echo 'void _start(void) { for (;;) ; }' > "$work/start.c"
    "$clang" --target="$foreign"-linux-gnu -nostdlib -static -fuse-ld=lld "$work/start.c" -o "$other/skoop-agent" &&
        cp "$other/skoop-agent" "$other/skoop" || return 1
    pack() { "$python" scripts/image.py "$@" 0.1.0 "$own=$work/own" "$second=$other"; }
    pack "$layout" && pack "$work/again.tar" > /dev/null && cmp "$layout" "$work/again.tar" || return 1
    # As the tools of the field see it, and as a runtime runs it.
    for arch in amd64 arm64; do
        [ "$(skopeo --override-arch "$arch" inspect --config "oci-archive:$layout" | "$python" -c \
            'import json, sys; print(json.load(sys.stdin)["architecture"])')" = "$arch" ] || return 1
    done
    skopeo --override-arch "$own" copy -q "oci-archive:$layout" "oci:$work/layout:one" &&
        umoci raw unpack --image "$work/layout:one" "$work/root" > /dev/null &&
        [ "$(stat -c %a "$work/root/usr/bin/skoop")" = 755 ] && [ "$(stat -c %a "$work/root/tmp")" = 1777 ] &&
        grep -q BEGIN "$work/root/etc/ssl/certs/ca-certificates.crt" || return 1
    [ "$(id -u)" != 0 ] || [ "$(chroot "$work/root" /usr/bin/skoop)" = "it runs" ] || return 1
    # What would not run there is refused.
    ! "$python" scripts/image.py "$work/bad.tar" 0.1.0 "$second=$work/own" 2> "$work/err" || return 1
    grep -q "own/skoop-agent: built for machine" "$work/err" || return 1
    cp /bin/true "$work/own/skoop"
    ! "$python" scripts/image.py "$work/bad.tar" 0.1.0 "$own=$work/own" 2> "$work/err" || return 1
    grep -q "own/skoop: needs shared libraries" "$work/err"
}

step "manifests are valid" schemas
step "the agent takes the ConfigMap" configuration
step "versions agree" versions
step "the chart renders the manifests" helm
step "dashboards show every metric" dashboards
step "dashboards show what a running agent has" live
step "alerts fire and stay silent" alerts
step "images of two architectures" image
summary
