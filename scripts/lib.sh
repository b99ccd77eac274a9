# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Shared by the scripts here: what is printed, what is installed, how steps are counted.
# The sourcing script has set -euo pipefail.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

# The package with everything there is; one spelling everywhere, since another one builds all anew.
# shellcheck disable=SC2034
traits=HTTPServer,HTTPSinks,Kubernetes

# Outside the clone, so that it survives a clean one.
cache=${SKOOP_CACHE:-$HOME/.cache/skoop}

# What the package itself links against or compiles with; shellcheck does not see the users.
# shellcheck disable=SC2034
build_packages=(git ca-certificates gcc g++ libc6-dev libbpf-dev libelf-dev libzstd-dev zlib1g-dev libyaml-dev)
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

# Unpacks a Debian package below the cache without installing it, for one whose installation starts a service.
unpack_package() { # package, program in it
    local work
    [ ! -x "$cache/tools/usr/bin/$2" ] || return 0
    section "unpacking $1 into $cache/tools"
    work=$(mktemp -d)
    (
        cd "$work"
        download=(apt-get download -q -o APT::Sandbox::User=root "$1")
        "${download[@]}" || { [ "$(id -u)" = 0 ] && apt-get update -q && "${download[@]}"; }
    ) || fail "$1 cannot be downloaded: as root, apt-get update may help"
    mkdir -p "$cache/tools"
    dpkg-deb -x "$work"/*.deb "$cache/tools"
    rm -r "$work"
}

# Package lists of suites that are not this machine's, in a directory of their own; the machine's own apt never sees
# them. From then on apt-get uses them. 77 where the mirror cannot be reached.
private_apt() { # directory, "deb SUITE" or "deb-src SUITE"...
    local directory=$1 uri entry suite
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    shift
    mkdir -p "$directory/lists/partial" "$directory/cache/archives/partial"
    uri=$(awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources 2> /dev/null || true)
    uri=${uri:-http://deb.debian.org/debian}
    uri=${uri%/}
    for entry in "$@"; do
        suite=${entry#* }
        case $suite in
            *-security) echo "${entry%% *} [signed-by=$keyring] $uri-security $suite main" ;;
            *) echo "${entry%% *} [signed-by=$keyring] $uri $suite main" ;;
        esac
    done > "$directory/sources.list"
    export APT_CONFIG=$directory/apt.conf
    cat > "$APT_CONFIG" << CONF
Dir::Etc::sourcelist "$directory/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$directory/lists";
Dir::Cache "$directory/cache";
APT::Sandbox::User "root";
APT::Update::Post-Invoke-Success "";
Acquire::Languages "none";
Acquire::Retries "2";
CONF
    apt-get update -qq --error-on=any || return 77
}

# Runs swift build or swift package; once more where the tool itself crashed, which says nothing of what it builds.
swiftpm() { # subcommand, argument...
    local status=0
    swift "$@" || status=$?
    if [ "$status" -gt 128 ]; then
        echo "swift $1 was ended by signal $((status - 128)): once more" >&2
        status=0
        swift "$@" || status=$?
    fi
    return "$status"
}

results=()
failures=0
# What each failed step said, repeated at the very end: of a long log often only that is kept.
causes=$(mktemp)

# Runs a command as a named step; a failure is noted and the next step runs all the same.
step() { # title, command...
    # With names of their own: the command is a function that would see these before the script's.
    local step_title=$1 step_started=$SECONDS step_output step_copied step_log step_status=0
    shift
    section "$step_title"
    step_log=$(mktemp)
    # Not a pipe: the step may set variables. What it leaves running must not hold its output open.
    exec {step_output}> >(tee "$step_log")
    step_copied=$!
    "$@" >&"$step_output" 2>&1 {step_output}>&- || step_status=$?
    exec {step_output}>&-
    wait "$step_copied" || true
    if [ "$step_status" = 0 ]; then
        results+=("$(printf '  ok      %4d s  %s' $((SECONDS - step_started)) "$step_title")")
    elif [ "$step_status" = 77 ] && [ "${CI:-}" != true ]; then
        # As other test runners have it: what it needs is not to be had, and it has said so. Nobody may miss it in
        # continuous integration, where it is a failure like any other.
        results+=("$(printf '  skipped %4d s  %s' $((SECONDS - step_started)) "$step_title, see its log")")
    else
        results+=("$(printf '  FAILED  %4d s  %s' $((SECONDS - step_started)) "$step_title")")
        failures=$((failures + 1))
        { section "why '$step_title' failed" && cause "$step_log"; } >> "$causes"
    fi
    rm "$step_log"
}

# The lines of a failed step's log that say why: its own summary where it has one, issues of tests with what follows
# them, else errors, else its end.
cause() { # log
    awk '
        /^(◇|✔|✘|➜|⚠) / { issue = /recorded an issue/ }
        issue { issues = issues $0 "\n" }
        /(^|[ :])([Ee]rror|Fatal error): / { errors = errors $0 "\n" }
        /^== summary$/ { last = ""; inner = 1; next }
        { last = last $0 "\n" }
        NR > 40 && !inner { last = substr(last, index(last, "\n") + 1) }
        END { printf "%s", inner ? last : issues ? issues : errors ? errors : last }
    ' "$1" | awk 'NR <= 60 { print substr($0, 1, 1000) }'
}

# Prints the steps and their outcome, and after all why steps failed; non-zero when one failed.
summary() {
    section "summary"
    printf '%s\n' "${results[@]}"
    cat "$causes"
    rm "$causes"
    [ "$failures" = 0 ]
}
