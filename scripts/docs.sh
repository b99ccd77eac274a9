#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the DocC documentation of every library product into .build/docs; a warning is an error.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_swift
require_packages "${build_packages[@]}"
rm -rf .build/docs .build/docs-graphs
mkdir -p .build/docs .build/docs-graphs

section "symbol graphs"
# The command ends with an error because it also tries the package's test runner, which no module can import;
# what counts is that every graph below is there.
find .build -maxdepth 2 -name symbolgraph -exec rm -r {} +
swiftpm package --traits "$traits" dump-symbol-graph --minimum-access-level public --skip-synthesized-members \
    > .build/docs-graphs/log 2>&1 || true
graphs=$(find .build -maxdepth 2 -type d -name symbolgraph | head -n 1)
[ -n "$graphs" ] || {
    tail -n 40 .build/docs-graphs/log
    fail "swift package dump-symbol-graph left no graphs"
}

# C headers have no symbol graph; their documentation is in themselves.
modules=$(sed -n 's/.*\.library(name: "\([A-Za-z]*\)".*/\1/p' Package.swift | grep -v 'Headers$')
module_documentation() {
    local module=$1
    [ -d "Sources/$module/$module.docc" ] || {
        echo "Sources/$module/$module.docc is missing: every public module has a landing page"
        return 1
    }
    [ -f "$graphs/$module.symbols.json" ] || {
        echo "no symbol graph for $module, see .build/docs-graphs/log"
        return 1
    }
    mkdir -p ".build/docs-graphs/$module" &&
        # With what the module adds to types of others, for example of the standard library.
        find "$graphs" \( -name "$module.symbols.json" -o -name "$module@*.symbols.json" \) \
            -exec cp {} ".build/docs-graphs/$module/" \; &&
        docc convert "Sources/$module/$module.docc" --additional-symbol-graph-dir ".build/docs-graphs/$module" \
            --output-path ".build/docs/$module" --warnings-as-errors
}
for module in $modules; do step "$module" module_documentation "$module"; done
summary
