#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots kernels in QEMU and runs there, as root, the tests that depend on the kernel: which source or hook each probe
# takes, what SkoopBPF attaches to, what passes over devices count, the events of every probe, these by the best hooks
# and by those that stand behind them. Usage, options in any order:
#   test-kernels.sh [--kernels "5.10 6.1"] [--filter REGEX] [--avoid KINDS] [--quick] [--update] [--no-build]
#   --filter    instead of the usual tests, once
#   --avoid     for --filter: hooks of these kinds come last, as with SKOOP_AVOID_HOOKS
#   --quick     which source or hook each probe takes and its events, once, but no test that takes long here
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
quick=0
avoid=
matrix='KernelMatrixTests/every'
files() { find "$@" -printf '|/%f:' | sed 's/\./[.]/g'; }
# Test files of events, wherever a probe's author has put one.
events=$(files Tests -path '*/Events/*Tests.swift')
# Everything that loads programs by itself, and what needs a guest's hypervisor.
all="SkoopBPFTests[.]KernelTests|/NetdevProbeTests[.]swift:|/GuestTests[.]swift:"
# Twenty rounds to see nothing leak are slow here, and the same on every kernel.
skip='KernelTests/Leaks'
filter=
while [ $# -gt 0 ]; do
    case $1 in
        --kernels) kernels=$2 && shift ;;
        --filter) filter=$2 && shift ;;
        --avoid) avoid=$2 && shift ;;
        --quick) quick=1 ;;
        --update) update=1 && filter=$matrix ;;
        --no-build) build=0 ;;
        *) fail "unknown option '$1', allowed are --kernels, --filter, --avoid, --quick, --update, --no-build" ;;
    esac
    shift
done
# Rounds of tests: the kinds of hooks to be tried last, and which tests.
rounds=("$avoid $filter")
[ -n "$filter" ] || [ "$quick" = 0 ] || rounds=(" $matrix$events")
[ -n "$filter" ] || [ "$quick" = 1 ] || rounds=(
    " $all|$matrix$events"
    "tp_btf,fentry,fexit ${events#|}"
    # By netfilter's hooks, where the kernel has links to them.
    "fentry,kprobe /KernelLatencyProbeTests[.]swift:"
)
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

[ "$build" = 0 ] || swiftpm build --build-tests --traits "$traits"
runner=$(echo "$root"/.build/debug/*PackageTests.xctest)
logs=$root/.build/kernels
[ -x "$runner" ] || fail "the tests are not built"
mkdir -p "$logs"

guest_script() { # SERIES
    local round
    cat << SCRIPT
cd $(printf %q "$root")
export SKOOP_KERNEL=$1 SKOOP_UPDATE_GOLDEN=$update SKOOP_QUICK=$quick
# What only requests would load, and no probe makes them.
modprobe -a nf_conntrack ip_vs veth
status=0
SCRIPT
    for round in "${rounds[@]}"; do
        cat << SCRIPT
export SKOOP_AVOID_HOOKS=${round%% *}
echo "avoiding: \$SKOOP_AVOID_HOOKS"
$(printf %q "$runner") --testing-library swift-testing --no-parallel --filter $(printf %q "${round#* }") --skip $(printf %q "$skip") || status=\$?
SCRIPT
    done
    cat << SCRIPT
cp -r Tests/SkoopProbesTests/Kernels/Golden /out/
exit \$status
SCRIPT
}

# One line when a guest starts, one when it has ended, and of what failed the issues.
check_kernel() { # SERIES
    local series=$1 out=$logs/$1 status=0 started=$SECONDS name log skipped summaries
    name="kernel $(guest_release "$series")"
    log=$out/log
    echo "$name: booting"
    guest_script "$series" > "$logs/$series.sh"
    guest_boot "$series" "$logs/$series.sh" "$out" > "$logs/$series.problem" 2>&1 || status=$?
    cat "$logs/$series.problem"
    skipped=$(grep -cE '^➜ Test .* skipped' "$log" || true)
    summaries=$(sed -n 's/^[✔✘] \(Test run .*\)\.$/\1/p' "$log")
    echo "$name: ${summaries//$'\n'/; }, $skipped skipped; $((SECONDS - started)) s in all"
    [ "$status" = 0 ] || awk '/^(◇|✔|✘|➜|⚠) / { issue = /recorded an issue/ } issue' "$log" | head -n 60
    # A runner that found no test ends well.
    [ "$(grep -c '^✔ Test run with [1-9]' "$log")" = ${#rounds[@]} ] && [ "$status" = 0 ]
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
        cp "$logs/$series/Golden/$series."*tsv Tests/SkoopProbesTests/Kernels/Golden/
    done
    SKOOP_UPDATE_GOLDEN=1 "$runner" --testing-library swift-testing --filter KernelMatrixTests/theDocumentation
fi
[ ${#failed[@]} = 0 ] || fail "failed on ${failed[*]}; the logs are in $logs"
