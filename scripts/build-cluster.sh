#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds kube-apiserver and kubelet from Debian's source package into the cache (SKOOP_CACHE, by default
# ~/.cache/skoop), once: cluster/kube-apiserver and cluster/kubelet; and unpacks etcd. Takes some minutes, and 4 GB
# until it is done; what was interrupted goes on where it was. Ends with 77 where it cannot be built.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

programs=$cache/cluster
skip() {
    echo "SKIPPED: no kube-apiserver, so that the tests of the API's client ask a stand-in: $*"
    exit 77
}
for tool in apt-get dpkg-deb; do
    command -v "$tool" > /dev/null || skip "it is built from a package of Debian, and there is no $tool"
done
(unpack_package etcd-server etcd) || skip "there is no etcd"
is_built() { [ -x "$programs/kube-apiserver" ] && [ -x "$programs/kubelet" ]; }
! is_built || exit 0

mkdir -p "$programs"
exec {lock}> "$programs/lock"
flock "$lock"
! is_built || exit 0

work=$programs/build
tree=$work/go/src/k8s.io/kubernetes
export GOROOT=$work/root/usr/lib/go-1.19 GOPATH=$work/go GOCACHE=$work/cache GO111MODULE=off CGO_ENABLED=0 GOFLAGS=
fetch() {
    local package
    private_apt "$programs/apt" "deb bookworm" "deb-src bookworm" || return
    rm -rf "$work" && mkdir -p "$work/debs" "$work/root" "$tree"
    (
        cd "$work/debs"
        apt-get download -qq golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev
        apt-get source -qq --download-only kubernetes
    ) || return
    for package in "$work"/debs/*.deb; do dpkg-deb -x "$package" "$work/root"; done
    tar -xf "$work"/debs/kubernetes_*.orig.tar.* -C "$tree" --strip-components=1
    # The vendored one crashes at the first map when a newer compiler than Kubernetes' own has built it.
    reflect=modern-go/reflect2
    rm "$tree/vendor/github.com/$reflect"/*.{go,s}
    cp "$work/root/usr/share/gocode/src/github.com/$reflect"/*.{go,s} "$tree/vendor/github.com/$reflect"
    rm -r "$work/debs"
    touch "$work/fetched"
}
build() { # program in the tree, name
    section "building $2 into $programs, once"
    local package flags="-s -w"
    for package in component-base/version client-go/pkg/version; do
        package=k8s.io/kubernetes/vendor/k8s.io/$package
        flags+=" -X $package.gitVersion=v1.20.2 -X $package.gitMajor=1 -X $package.gitMinor=20"
    done
    (cd "$tree" && "$GOROOT/bin/go" build -trimpath -o "$work/$2" -ldflags "$flags" "$1")
}
# The types' descriptions are no part of the source package: upstream's build makes them, too.
describe() {
    build ./vendor/k8s.io/kube-openapi/cmd/openapi-gen openapi-gen
    (
        cd "$tree"
        inputs=$(grep -rlE --include='*.go' '^//\s*\+k8s:openapi-gen=' pkg vendor/k8s.io staging/src/k8s.io |
            grep -vE '_test.go|/zz_generated|/code-generator/|/sample-|/kube-openapi/' |
            sed 's,^staging/src/,vendor/,; s,/[^/]*$,,; s,^,k8s.io/kubernetes/,' | sort -u | paste -sd ,)
        PATH=$GOROOT/bin:$PATH "$work/openapi-gen" -i "$inputs" -p k8s.io/kubernetes/pkg/generated/openapi \
            -O zz_generated.openapi -h hack/boilerplate/boilerplate.generatego.txt -r "$work/violations"
    )
    touch "$work/described"
}

if [ ! -e "$work/fetched" ]; then
    section "fetching the source of Kubernetes and its compiler"
    fetch || skip "Debian's mirror cannot be reached, or has no such packages"
fi
[ -e "$work/described" ] || describe
[ -x "$work/kube-apiserver" ] || build ./cmd/kube-apiserver kube-apiserver
[ -x "$work/kubelet" ] || build ./cmd/kubelet kubelet
mv "$work/kube-apiserver" "$work/kubelet" "$programs"
chmod -R u+w "$work" && rm -rf "$work"
ls -lh "$programs"
