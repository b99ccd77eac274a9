#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the programs without any shared library and strips them, into .build/static.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_swift
require_packages "${build_packages[@]}" binutils
# A scratch path of its own: the flags differ, and alternating would build everything anew each time.
flags=(-c release --package-path Examples --scratch-path .build/static-build --static-swift-stdlib
    -Xswiftc -static-executable)
mkdir -p .build/static
for program in skoop-agent skoop; do
    section "building $program"
    swiftpm build "${flags[@]}" --product "$program"
    strip -o ".build/static/$program" "$(swift build "${flags[@]}" --show-bin-path)/$program"
done
section "built"
ls -lh .build/static
