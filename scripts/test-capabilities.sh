#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Proves that the capabilities in the DaemonSet suffice, and that without any one of them a probe lacks something: the
# agent runs under runc as the manifests say. The first argument is the folder of the executables.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bin=${1:-$(swift build --package-path Examples --show-bin-path)}
if [ "$(id -u)" != 0 ]; then
    echo "not root: runc cannot be asked for pods of the node's namespaces"
    exit 77
fi
require_packages runc golang-github-containers-common linux-libc-dev
"$cache/venv/bin/python3" scripts/pod.py "$bin/skoop-agent" Examples/Agent/manifests
