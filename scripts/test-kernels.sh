#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots kernels in QEMU and runs there, as root, the tests that depend on the kernel: which source or hook each probe
# takes, what SkoopBPF attaches to, the events of every probe. Usage, options in any order:
#   test-kernels.sh [--kernels "5.10 6.1"] [--filter REGEX] [--update] [--no-build]
#   --filter    instead of the usual tests
#   --update    what probes use is not compared but written down, for Documentation/kernels.md too
#   --no-build  the tests are as they were built last
# Ends with 77 where it could not begin: not as root, or a kernel is missing and no mirror can be reached. Kernels stay
# in ~/.cache/skoop/kernels; removing that fetches newer ones.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=guest.sh
. "$root/scripts/guest.sh"

kernels="5.10 6.1 6.12 7.3"
update=0
build=1
matrix='KernelMatrixTests/everyProbe'
# Test files of events, wherever a probe's author has put one, and everything that loads programs by itself.
events=$(find Tests -path '*/Events/*Tests.swift' -printf '|/%f:' | sed 's/\./[.]/g')
# Twenty rounds to see nothing leak are slow here, and the same on every kernel.
skip='KernelTests/Leaks'
filter="SkoopBPFTests[.]KernelTests|$matrix$events"
while [ $# -gt 0 ]; do
    case $1 in
        --kernels) kernels=$2 && shift ;;
        --filter) filter=$2 && shift ;;
        --update) update=1 && filter=$matrix ;;
        --no-build) build=0 ;;
        *) fail "unknown option '$1', allowed are --kernels, --filter, --update, --no-build" ;;
    esac
    shift
done
[ "$(id -u)" = 0 ] || {
    echo "SKIPPED: not root, and guests load eBPF programs into kernels that tests own: run this as root"
    exit 77
}
require_swift
require_packages "${build_packages[@]}"
scripts/test-tools.sh

prepared=0
# shellcheck disable=SC2086 # one word per kernel
guest_prepare $kernels || prepared=$?
if [ "$prepared" = 77 ]; then
    echo "SKIPPED: a kernel is to be fetched and Debian's mirror cannot be reached"
    exit 77
fi
[ "$prepared" = 0 ] || fail "no kernels"

[ "$build" = 0 ] || swift build --build-tests --traits "$traits"
runner=$(echo "$root"/.build/debug/*PackageTests.xctest)
logs=$root/.build/kernels
mkdir -p "$logs"

guest_script() { # SERIES
    cat << SCRIPT
cd $(printf %q "$root")
export SKOOP_KERNEL=$1 SKOOP_UPDATE_GOLDEN=$update
# What only requests would load, and no probe makes them.
modprobe -a nf_conntrack ip_vs veth
$(printf %q "$runner") --testing-library swift-testing --no-parallel --filter $(printf %q "$filter") --skip $(printf %q "$skip")
status=\$?
cp -r Tests/SkoopProbesTests/Kernels/Golden /out/
exit \$status
SCRIPT
}

# One line when a guest starts, one when it has ended, and of what failed the issues.
check_kernel() { # SERIES
    local series=$1 out=$logs/$1 status=0 started=$SECONDS name log skipped
    name="kernel $(guest_release "$series")"
    log=$out/log
    echo "$name: booting"
    guest_script "$series" > "$logs/$series.sh"
    guest_boot "$series" "$logs/$series.sh" "$out" > "$logs/$series.problem" 2>&1 || status=$?
    cat "$logs/$series.problem"
    skipped=$(grep -cE '^➜ Test .* skipped' "$log" || true)
    echo "$name: $(sed -n 's/^[✔✘] \(Test run .*\)\.$/\1/p' "$log" | tail -n 1), $skipped skipped; $((SECONDS - started)) s in all"
    [ "$status" = 0 ] || awk '/^(◇|✔|✘|➜|⚠) / { issue = /recorded an issue/ } issue' "$log" | head -n 60
    # A runner that found no test ends well.
    grep -q '^✔ Test run with [1-9]' "$log" && [ "$status" = 0 ]
}

# As many guests at once as there are processors, up to two: each has two of its own.
limit=$(($(nproc) < 2 ? 1 : 2))
declare -A guests=()
failed=()
wait_for_one() {
    local ended status=0
    wait -n -p ended "${!guests[@]}" || status=$?
    [ "$status" = 0 ] || failed+=("${guests[$ended]}")
    unset "guests[$ended]"
}
for series in $kernels; do
    [ "${#guests[@]}" -lt "$limit" ] || wait_for_one
    check_kernel "$series" &
    guests[$!]=$series
done
while [ "${#guests[@]}" -gt 0 ]; do wait_for_one; done

if [ "$update" = 1 ]; then
    for series in $kernels; do
        mkdir -p Tests/SkoopProbesTests/Kernels/Golden
        cp "$logs/$series/Golden/$series.tsv" Tests/SkoopProbesTests/Kernels/Golden/
    done
    SKOOP_UPDATE_GOLDEN=1 "$runner" --testing-library swift-testing --filter KernelMatrixTests/theDocumentation
fi
[ ${#failed[@]} = 0 ] || fail "failed on ${failed[*]}; the logs are in $logs"
