#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Packs what "make static" has built as an OCI image, into .build/image, without any container engine. Executables that
# another machine has built are added as ARCH=FOLDER, for an image of both architectures.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_packages python3 ca-certificates
case $(uname -m) in
    x86_64) here=amd64 ;;
    aarch64) here=arm64 ;;
    *) fail "images are for amd64 and arm64, this machine is $(uname -m)" ;;
esac
version=$(sed -n 's/.*let current = "\(.*\)"/\1/p' Sources/SkoopAgent/AgentVersion.swift)
if [ ! -x .build/static/skoop-agent ] || [ ! -x .build/static/skoop ]; then scripts/static.sh; fi
mkdir -p .build/image
python3 scripts/image.py ".build/image/skoop-agent-$version.tar" "$version" "$here=.build/static" "$@"
