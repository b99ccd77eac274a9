#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the packages of Tests/Consumers against this checkout as a stranger would get it: by the URL and
# tag of a repository, where unsafe flags and files beside the checkout do not help. Runs what they built.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_swift
require_packages "${build_packages[@]}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SKOOP_URL=file://$work/skoop

# The checkout as it stands, uncommitted changes included, as release 1.0.0 of a new repository; only what belongs to
# the package, since a compiler may leave files beside it whose names SwiftPM cannot read.
mkdir "$work/skoop"
git ls-files -z --cached --others --exclude-standard -- Package.swift Plugins Sources Tests bpf |
    tar --create --null --files-from - --ignore-failed-read 2> /dev/null | tar --extract --directory "$work/skoop"
git -C "$work/skoop" init -q
git -C "$work/skoop" add -A
git -C "$work/skoop" -c user.name=test -c user.email=test@localhost commit -q -m release
git -C "$work/skoop" tag 1.0.0
cp -r Tests/Consumers "$work/"

# A cache of its own: nothing of an earlier run may help, and nothing is left behind.
in_consumer() { # package, swift subcommand, arguments...
    local package=$1 command=$2
    shift 2
    swiftpm "$command" --package-path "$work/Consumers/$package" --cache-path "$work/cache" "$@"
}
bin() { echo "$(in_consumer "$1" build --show-bin-path)/$1"; }
build() { in_consumer "$1" build && [ -x "$(bin "$1")" ]; }
expect() { # file, pattern
    grep -qE -- "$2" "$1" || {
        echo "expected to match: $2"
        cat "$1"
        return 1
    }
}

model_and_export() {
    local out=$work/out resolved
    build model-and-export || return 1
    resolved=$(ls "$work/Consumers/model-and-export/.build/checkouts")
    [ "$resolved" = skoop ] || {
        echo "resolved more than this package: $resolved"
        return 1
    }
    ldd "$(bin model-and-export)" > "$out" || return 1
    if grep -E 'lib(bpf|elf|z|zstd|yaml)\.so|Foundation' "$out"; then
        echo "the lines above are more than the model and the exporter may link"
        return 1
    fi
    "$(bin model-and-export)" > "$out" &&
        expect "$out" '^kubeskoop_udp_noports\{k8s_node="desk",k8s_namespace="default",k8s_pod="web"\} 42$' &&
        expect "$out" '^paper_latency_seconds\{.*k8s_pod="web"\} 1\.5(00)?$' &&
        expect "$out" '^# EOF$'
}

# The kernel's answer needs root; without it the build alone is the test.
run_as_root() { # package, pattern...
    local package=$1 pattern
    shift
    [ "$(id -u)" = 0 ] || {
        echo "not root: built, not run"
        return 0
    }
    "$(bin "$package")" > "$work/out" || return 1
    for pattern in "$@"; do expect "$work/out" "$pattern" || return 1; done
}

# The README shows this program; what it shows is what is built here.
snapshot() {
    # shellcheck disable=SC2016  # the backticks are Markdown's
    diff <(sed -n '/^```swift$/,/^```$/p' README.md | sed '/^```/d') \
        <(tail -n +2 Tests/Consumers/snapshot/Sources/snapshot/main.swift) || {
        echo "the README's example is not Tests/Consumers/snapshot"
        return 1
    }
    build snapshot &&
        run_as_root snapshot '^the node retransmitted [0-9]+ segments$' \
            '^kubeskoop_tcp_insegs\{k8s_node="[^"]+",k8s_namespace="",k8s_pod=""\} [0-9]+$' \
            '^kubeskoop_tcpsummary_tcpestablishedconn\{' '^# EOF$'
}

own_program() {
    build own-program &&
        run_as_root own-program '^example_uptime_seconds\{k8s_node="here"\} [0-9]+\.[0-9]+$' \
            '^example_network_namespaces\{k8s_node="here"\} [1-9]'
}

step "consumer: model and exporter only" model_and_export
step "consumer: a snapshot" snapshot
step "consumer: own program, metric and probe" own_program
summary
