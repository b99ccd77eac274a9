#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the built programs as people do: good and bad configurations, signals, a page that the
# witnesses of the field accept. The first argument is the folder of the executables.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bin=${1:-$(swift build --package-path Examples --show-bin-path)}
python=$cache/venv/bin/python3
work=$(mktemp -d)
agent=
cleanup() {
    [ -z "$agent" ] || kill -KILL "$agent" 2> /dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

# Runs a command that must end with a status and say one line on standard error.
refused() { # status, pattern, command...
    local wanted=$1 pattern=$2 status=0
    shift 2
    timeout 60 "$@" > "$work/out" 2> "$work/err" || status=$?
    if [ "$status" != "$wanted" ] || [ "$(wc -l < "$work/err")" != 1 ] || ! grep -qE -- "$pattern" "$work/err"; then
        echo "$*: ended with $status, expected $wanted and one line like: $pattern"
        cat "$work/err"
        return 1
    fi
}
fetch() { # path, header...
    "$python" - "$@" << 'PYTHON'
import sys, urllib.request
headers = dict(header.split(": ", 1) for header in sys.argv[3:])
request = urllib.request.Request(sys.argv[1] + sys.argv[2], headers=headers)
sys.stdout.buffer.write(urllib.request.urlopen(request, timeout=60).read())
PYTHON
}
# Starts the agent on a port the kernel chooses and sets $agent and $url.
start() { # argument...
    "$bin/skoop-agent" "$@" > "$work/log" 2>&1 &
    agent=$!
    for _ in $(seq 300); do
        url=$(sed -nE 's/.*serving node .* on ([^ ,]+),.*/http:\/\/\1/p' "$work/log")
        [ -z "$url" ] || return 0
        kill -0 "$agent" 2> /dev/null || break
        sleep 0.1
    done
    echo "the agent does not start:"
    cat "$work/log"
    return 1
}
# Waits until the agent has ended; its status is the result.
ended() {
    local status=0
    wait "$agent" || status=$?
    agent=
    return "$status"
}

bad_configurations() {
    printf 'metrics:\n  probes:\n    - name: tcpexr\n' > "$work/probe.yaml"
    printf 'address: nowhere\n' > "$work/address.yaml"
    printf 'metrics: [\n' > "$work/yaml.yaml"
    printf 'metrics: {mapping: %s/none.yaml}\n' "$work" > "$work/mapping.yaml"
    printf 'node: a\nbtf: %s/btf.yaml\n' "$work" > "$work/btf.yaml"
    refused 2 "probe.yaml:3: metrics.probes\[0\].name: unknown probe 'tcpexr', did you mean 'tcpext'\? allowed are " \
        "$bin/skoop-agent" --config "$work/probe.yaml" &&
        refused 2 'address.yaml:1: address: expected .*, found the string "nowhere"' \
            "$bin/skoop-agent" --config "$work/address.yaml" &&
        refused 2 'yaml.yaml:2: not YAML: ' "$bin/skoop-agent" --config "$work/yaml.yaml" &&
        refused 2 'mapping.yaml:1: metrics.mapping: cannot be read.*none.yaml' "$bin/skoop-agent" --check "$work/mapping.yaml" &&
        refused 2 'btf.yaml:2: btf: expected type information of this kernel: .*btf.yaml: neither BTF ' \
            "$bin/skoop-agent" --config "$work/btf.yaml" &&
        refused 2 'missing.yaml: cannot be read' "$bin/skoop-agent" --config "$work/missing.yaml" &&
        refused 2 'cannot be read.*is a directory' "$bin/skoop-agent" --config "$work" &&
        refused 2 "unknown argument '--nonsense', allowed are " "$bin/skoop-agent" --nonsense &&
        refused 2 '--config needs a file' "$bin/skoop-agent" --config &&
        "$bin/skoop-agent" --check > "$work/out" &&
        grep -q '^the configuration can be used: 13 probes, address :9102$' "$work/out"
}

serving() {
    printf 'address: 127.0.0.1:0\nmetrics: {deadline: 20s}\n' > "$work/good.yaml"
    start --config "$work/good.yaml" || return 1
    printf 'address: %s\n' "${url#http://}" > "$work/taken.yaml"
    fetch "$url" /metrics > "$work/page.txt" &&
        fetch "$url" /metrics 'Accept: application/openmetrics-text;version=1.0.0' > "$work/page.om" &&
        fetch "$url" '/metrics?format=json' > "$work/page.json" &&
        fetch "$url" /status > "$work/status.json" &&
        [ "$(fetch "$url" /healthz)" = ok ] &&
        kill -HUP "$agent" &&
        [ "$(fetch "$url" /healthz)" = ok ] || return 1
    # What it holds open after a scrape is what it holds open after many.
    local before after
    before=$(sed -n 's/^process_open_fds //p' "$work/page.txt")
    for _ in $(seq 10); do fetch "$url" /metrics > "$work/later.txt" || return 1; done
    after=$(sed -n 's/^process_open_fds //p' "$work/later.txt")
    [ "$after" -le "$((before + 1))" ] || {
        echo "$before descriptors were open after one scrape, $after after eleven more"
        return 1
    }
    # A second agent on the same port says so; as no root it says that first.
    "$bin/skoop-agent" --config "$work/taken.yaml" 2> "$work/err" && return 1
    [ $? = 2 ] && grep -q 'taken.yaml:1: address: cannot listen on .*: another process listens there' "$work/err" || return 1
    kill -TERM "$agent" && ended || return 1
    grep -q 'SIGHUP: sinks open their files anew' "$work/log" && grep -q ': stopping$' "$work/log"
}

# promtool dislikes names; those that KubeSkoop fixed stay, any other complaint is a fault.
text_page() {
    "$cache/tools/usr/bin/promtool" check metrics < "$work/page.txt" > "$work/complaints" 2>&1 || true
    ! grep -vE '^kubeskoop_[a-zA-Z0-9_]+ ' "$work/complaints"
}
openmetrics_page() {
    "$python" - "$work/page.om" << 'PYTHON'
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(open(sys.argv[1]).read()))
assert len(families) > 50, families
assert any(f.name == "skoop_probe_success" and any(s.value == 1 for s in f.samples) for f in families)
PYTHON
}
json_pages() {
    "$python" - "$work/page.json" "$work/status.json" Documentation/schema/snapshot-1.json << 'PYTHON'
import json, sys, jsonschema
page, status, schema = (json.load(open(path)) for path in sys.argv[1:])
jsonschema.validate(page, schema)
assert {p["name"] for p in status["inuse_probes"]["metrics"]} >= {"tcp", "udp", "netdev", "io"}, status
PYTHON
}

# To files and not through pipes: a reader that stops early would end the writer with an error.
tool() {
    "$bin/skoop" explain inspector_pod_udpnoports > "$work/explained" &&
        grep -q '^kubeskoop_udp_noports$' "$work/explained" &&
        "$bin/skoop" probes > "$work/probes" 2> /dev/null &&
        grep -qE '^tcp +yes +10 +yes +(one-pass|procfs)' "$work/probes" &&
        "$bin/skoop" snapshot --probe udp > "$work/snapshot" 2> /dev/null &&
        grep -qE '^kubeskoop_udp_noports\{k8s_node="[^"]+",k8s_namespace="",k8s_pod=""\} [0-9]+$' "$work/snapshot" &&
        "$bin/skoop" snapshot --json --probe tcp udp > "$work/snapshot.json" 2> /dev/null &&
        "$python" -m jsonschema -i "$work/snapshot.json" Documentation/schema/snapshot-1.json 2> /dev/null &&
        ! "$bin/skoop" explain what_is_this_supposed_to_be > /dev/null &&
        ! "$bin/skoop" snapshot --probe nonsense 2> "$work/err" &&
        grep -q "unknown probe 'nonsense', allowed: " "$work/err"
}

# The worked example of Documentation/rules.md passes, and fails where another thing is expected.
rules() {
    local status=0
    cp Examples/Rules/* "$work"
    sed -i 's/atLeast: 0.75/atLeast: 0.95/' "$work/checkout.test.yaml"
    printf 'rules: [{id: x, cause: y, advice: [], when: {increase: kubeskoop_udp_noport, atLeast: 1}}]\n' > "$work/rules.yaml"
    "$bin/skoop" rules check Examples/Rules/checkout.yaml &&
        "$bin/skoop" rules test Examples/Rules/checkout.test.yaml || return 1
    "$bin/skoop" rules test "$work/checkout.test.yaml" > "$work/out" || status=$?
    [ "$status" = 1 ] && grep -q 'line 8: expected checkout-refused .*at least 95 % likely' "$work/out" &&
        grep -q 'found checkout-refused of .*, 80 % likely' "$work/out" || return 1
    status=0
    "$bin/skoop" rules check "$work/rules.yaml" > "$work/out" || status=$?
    [ "$status" = 1 ] && grep -q "rules.yaml:1: rules\[0\].when.increase: unknown metric 'kubeskoop_udp_noport', did" "$work/out" &&
        "$bin/skoop" analyze --recording Examples/Rules/refused.skoop --rules Examples/Rules/checkout.yaml --only-rules \
            > "$work/out" && grep -q '1. checkout-refused ' "$work/out" && grep -q '^One cause was found.' "$work/out"
}

# What is missing at the start is no reason to tell of nothing.
missing_files() {
    printf 'address: 127.0.0.1:0\nadmin: none\nmetrics: {mapping: %s/later.yaml, probes: [{name: udp}]}\n' "$work" \
        > "$work/missing-mapping.yaml"
    rm -f "$work/later.yaml"
    start --config "$work/missing-mapping.yaml" || return 1
    fetch "$url" /metrics | grep -q '^skoop_config_last_reload_successful{.*} 0$' &&
        grep -q "starting without it until it is there: .*:3: metrics.mapping: there is no file .*/later.yaml" "$work/log" ||
        return 1
    echo 'pods: []' > "$work/later.yaml"
    for _ in $(seq 300); do
        ! fetch "$url" /metrics | grep -q '^skoop_config_last_reload_successful{.*} 1$' || break
        sleep 0.1
    done
    fetch "$url" /metrics | grep -q '^skoop_config_last_reload_successful{.*} 1$' || return 1
    kill -TERM "$agent" && ended
}

# As one container of a pod, without any privilege: its own namespace, and nothing else.
sidecar() {
    [ "$(id -u)" = 0 ] || {
        echo "not root: not tried"
        return 0
    }
    local netns=skoop-sidecar-$$ status=0
    ip netns add "$netns" && ip -n "$netns" link set lo up || return 1
    run_sidecar "/run/netns/$netns" || status=1
    if [ -n "$agent" ]; then
        # Who gives up rights gives up dying with its parent, too.
        pkill -KILL -f "^$work/skoop-agent" || true
        ended || true
    fi
    ip netns del "$netns"
    return "$status"
}
run_sidecar() { # mount of the pod's network namespace
    # The clone may be where nobody else may look.
    install -m 755 "$bin/skoop-agent" "$work/skoop-agent"
    chmod 755 "$work"
    sed -n 's/^    //; /^port:/,$p' Examples/Agent/manifests/sidecar/10-config.yaml > "$work/sidecar.yaml"
    grep -q '^sidecar: true$' "$work/sidecar.yaml" || return 1
    sed -i 's/^port: 9102/address: 127.0.0.1:0/; s/^event:/admin: none\nevent:/' "$work/sidecar.yaml"
    # A probe that it may not run is its own affair.
    sed -i 's/^    - name: io$/    - name: io\n    - name: packetloss\n    - name: softnet/' "$work/sidecar.yaml"
    in_pod() {
        nsenter --net="$1" unshare --pid --fork --kill-child --mount --mount-proc --uts -- sh -c "hostname web-1 && exec setpriv --reuid 65534 \
            --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs \"\$@\"" - "${@:2}"
    }
    KUBESKOOP_POD_NAMESPACE=shop INSPECTOR_NODENAME=n1 in_pod "$1" "$work/skoop-agent" --config "$work/sidecar.yaml" \
        > "$work/log" 2>&1 &
    agent=$!
    for _ in $(seq 300); do
        url=$(sed -nE 's/.*serving node n1 on ([^ ,]+),.*/http:\/\/\1/p' "$work/log")
        [ -z "$url" ] || break
        sleep 0.1
    done
    get() { nsenter --net="$netns_path" "$python" -c \
        'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1], timeout=60).read())' "$url$1"; }
    local netns_path=$1
    nsenter --net="$1" "$python" -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(7): s.sendto(b"x", ("127.0.0.1", 9))'
    if ! get /metrics > "$work/page.sidecar" || ! get /status > "$work/status.sidecar"; then
        cat "$work/log"
        return 1
    fi
    "$python" - "$work/page.sidecar" "$work/status.sidecar" << 'PYTHON'
import json, re, sys
page, status = open(sys.argv[1]).read(), json.load(open(sys.argv[2]))
own = 'k8s_node="n1",k8s_namespace="shop",k8s_pod="web-1",app=""'
series = [line for line in page.splitlines() if re.match("(kubeskoop|skoop)_", line) and "k8s_pod=" in line]
assert f"kubeskoop_udp_noports{{{own}}} 7" in page, page
assert series and all(own in line for line in series), [line for line in series if own not in line]
for name in ["kubeskoop_tcp_", "kubeskoop_tcpext_", "kubeskoop_tcpsummary_", "kubeskoop_ip_", "kubeskoop_netdev_",
             "skoop_sockstat_", "kubeskoop_io_"]:
    assert any(line.startswith(name) for line in series), f"nothing of {name}*: {status['probes']}"
probes = {probe["name"]: probe for probe in status["probes"]}
errors = {name: probe["error"]["reason"] for name, probe in probes.items() if probe["error"]}
assert errors.keys() == {"packetloss", "softnet"}, errors
assert errors["packetloss"] == "missing-privilege", errors
assert all(probe["source"] == "procfs" or name in errors or probe["source"] == "netlink"
           for name, probe in probes.items()), probes
assert [source["name"] for source in status["identity"]] == ["sidecar"], status["identity"]
assert status["identity"][0]["peer"] == "KUBESKOOP_POD_NAMESPACE, the host name", status["identity"]
PYTHON
}

# In a terminal, with keys, signals and crashes.
top() { "$python" scripts/test-top.py "$bin" "$work"; }

# Foundation alone would be several times the agent's size and double its memory.
# Every probe still runs, or says why not, where the kernel shows no types.
without_btf() {
    [ "$(id -u)" = 0 ] || {
        echo "not root: not tried"
        return 0
    }
    unshare --mount sh -c "mount --bind /dev/null /sys/kernel/btf/vmlinux && exec timeout 60 '$bin/skoop' probes" \
        > "$work/out" || return 1
    if ! grep -qE '^tcp +yes +10 +yes +procfs +mib: the kernel shows no type information \(BTF\) in /sys' "$work/out" ||
        grep -q 'one-pass' "$work/out"; then
        cat "$work/out"
        return 1
    fi
}
# Its tables for languages are larger than all the rest; FoundationEssentials has none.
no_foundation() {
    ldd "$bin/skoop-agent" > "$work/linked" && ! grep -iE 'lib(Foundation\.so|_FoundationICU|FoundationInternationalization)' "$work/linked"
}

step "the agent does not link all of Foundation" no_foundation
step "bad configurations" bad_configurations
step "serving and signals" serving
step "promtool accepts the text page" text_page
step "prometheus_client accepts the OpenMetrics page" openmetrics_page
step "the JSON page has its schema" json_pages
step "the command-line tool" tool
step "files that are missing at the start" missing_files
step "an agent as a sidecar" sidecar
step "the live table in a terminal" top
step "rules of one's own" rules
step "a kernel without BTF" without_btf
summary
