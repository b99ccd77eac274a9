#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Passes the tests of what comes from the API server against the real kube-apiserver, etcd and kubelet, which are built
# first where they are not there yet; without them, make test has a stand-in. Whole nodes need root.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_swift
require_packages "${build_packages[@]}"
[ "$(id -u)" = 0 ] || fail "needs root: it makes nodes with pods"
scripts/test-tools.sh
scripts/build-cluster.sh || fail "there is no real cluster to be had here"
swiftpm build --build-tests --traits "$traits"
SKOOP_CLUSTER=real swift test --traits "$traits" --disable-xctest --skip-build --filter SkoopKubernetesTests
