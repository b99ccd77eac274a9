#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds VictoriaLogs, a log store that takes Loki's push requests and OTLP, from Debian's source package into the
# cache (SKOOP_CACHE, by default ~/.cache/skoop), once: receivers/victoria-logs. The tests ask it what arrived.
# Ends with 77 where it is not there and cannot be built: no Debian, or no mirror.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

receivers=$cache/receivers
program=$receivers/victoria-logs
[ ! -x "$program" ] || exit 0
skip() {
    echo "SKIPPED: no VictoriaLogs, so that the tests that ask it are not run: $*"
    exit 77
}
for tool in apt-get dpkg-deb; do
    command -v "$tool" > /dev/null || skip "it is built from a package of Debian, and there is no $tool"
done

mkdir -p "$receivers"
exec {lock}> "$receivers/lock"
flock "$lock"
[ ! -x "$program" ] || exit 0

# The compiler and what the program imports, unpacked and never installed.
packages=(golang-1.24-go golang-1.24-src)
for name in github-bmatcuk-doublestar github-cespare-xxhash github-cheggaaa-pb.v3 github-gogo-protobuf \
    github-golang-snappy github-grafana-regexp github-klauspost-compress github-valyala-bytebufferpool \
    github-valyala-fastjson github-valyala-fastrand github-valyala-fasttemplate github-valyala-gozstd \
    github-valyala-histogram github-valyala-quicktemplate github-victoriametrics-easyproto \
    github-victoriametrics-fastcache github-victoriametrics-metrics github-victoriametrics-metricsql golang-x-crypto \
    golang-x-net golang-x-oauth2 golang-x-sys golang-x-term golang-x-text gopkg-yaml.v2; do
    packages+=("golang-$name-dev")
done

section "building VictoriaLogs into $receivers, once"
private_apt "$receivers/apt" "deb trixie" "deb-src trixie" || skip "Debian's mirror cannot be reached"
work=$(mktemp -d "$receivers/build.XXXXXX")
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
tree=$work/go/src/github.com/VictoriaMetrics/VictoriaMetrics
mkdir -p "$work/debs" "$work/root" "$work/go"
(cd "$work/debs" && apt-get download -qq "${packages[@]}" && apt-get source -qq --download-only victoriametrics) ||
    skip "its packages cannot be fetched"
for package in "$work"/debs/*.deb; do dpkg-deb -x "$package" "$work/root"; done
mv "$work/root/usr/share/gocode/src" "$work/go/src"
mkdir -p "$tree"
tar -xf "$work"/debs/victoriametrics_*.orig.tar.* -C "$tree" --strip-components=1
(
    cd "$tree"
    export GOROOT=$work/root/usr/lib/go-1.24 GOPATH=$work/go GOCACHE=$work/cache GO111MODULE=off GOTOOLCHAIN=local
    export CGO_ENABLED=0 GOFLAGS=
    "$GOROOT/bin/go" build -trimpath -ldflags "-s -w" -o "$work/victoria-logs" ./app/victoria-logs
)
mv "$work/victoria-logs" "$program"
ls -lh "$program"
