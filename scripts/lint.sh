#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks formatting, shell scripts and licence lines; changes nothing.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_swift
require_packages "${lint_packages[@]}"

tracked() { git ls-files -z --cached --others --exclude-standard -- "$@"; }

licence_lines() {
    local file bad=0
    while IFS= read -r -d '' file; do
        head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ' && continue
        echo "$file: no SPDX-License-Identifier in its first three lines"
        bad=1
    done < <(tracked '*.swift' '*.c' '*.h' '*.sh' .ci/run Makefile)
    return "$bad"
}
swift_format() { tracked '*.swift' | xargs -0 swift format lint --strict --parallel; }
c_format() { tracked '*.c' '*.h' | xargs -0 clang-format --dry-run --Werror; }
shell_scripts() { tracked '*.sh' .ci/run | xargs -0 shellcheck -x; }

step "swift format" swift_format
step "clang-format" c_format
step "shellcheck" shell_scripts
step "licence lines" licence_lines
summary
