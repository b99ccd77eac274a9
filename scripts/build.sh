#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds all modules and the programs for debugging.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_swift
require_packages "${build_packages[@]}"
swiftpm build --traits "$traits"
swiftpm build --package-path Examples
