#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Captures the fixtures: of subsystems that hosts seldom have in a QEMU guest, of others here.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ "$(id -u)" = 0 ] || fail "capturing boots a guest and packs its file system: run it as root"
Tests/Fixtures/capture/capture-conntrack.sh
Tests/Fixtures/capture/capture-ipvs.sh
Tests/Fixtures/capture/capture-rdma.sh
Tests/Fixtures/capture/synthesize-rdma.sh
