# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Shared by the scripts here: what is printed, what is installed, how steps are counted.
# The sourcing script has set -euo pipefail.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

# What the package itself links against or compiles with; shellcheck does not see the users.
# shellcheck disable=SC2034
build_packages=(git ca-certificates gcc libc6-dev libbpf-dev libelf-dev libzstd-dev zlib1g-dev libyaml-dev)
# shellcheck disable=SC2034
lint_packages=(clang-format shellcheck)

if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

section() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }

fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

require_swift() {
    command -v swift > /dev/null ||
        fail "swift is not on PATH: install Swift 6.3 or later, https://www.swift.org/install/linux/"
}

# Installs those of the named Debian packages that are missing; says what to do where it may not.
require_packages() {
    local package missing=()
    if ! command -v dpkg-query > /dev/null; then
        echo "no dpkg here: taking for granted what these Debian packages hold: $*"
        return
    fi
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        fail "missing packages, install them as root: apt-get install --no-install-recommends ${missing[*]}"
    fi
    section "installing ${missing[*]}"
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

results=()
failures=0

# Runs a command as a named step; a failure is noted and the next step runs all the same.
step() { # title, command...
    local title=$1 started=$SECONDS
    shift
    section "$title"
    if "$@"; then
        results+=("$(printf '  ok      %4d s  %s' $((SECONDS - started)) "$title")")
    else
        results+=("$(printf '  FAILED  %4d s  %s' $((SECONDS - started)) "$title")")
        failures=$((failures + 1))
    fi
}

# Prints the steps and their outcome; non-zero when one failed.
summary() {
    section "summary"
    printf '%s\n' "${results[@]}"
    [ "$failures" = 0 ]
}
