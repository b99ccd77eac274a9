#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes the Swift of the messages that are spoken with container runtimes anew, after a change of their definition.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_swift
require_packages protobuf-compiler
version=$(sed -n 's|.*apple/swift-protobuf", from: "\([0-9.]*\)".*|\1|p' Package.swift)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/Sources/generator"
echo > "$work/Sources/generator/empty.swift"
cat > "$work/Package.swift" << MANIFEST
// swift-tools-version: 6.2
import PackageDescription
let package = Package(
    name: "generator",
    dependencies: [.package(url: "https://github.com/apple/swift-protobuf", exact: "$version")],
    targets: [.target(name: "generator", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")])])
MANIFEST
swiftpm build --package-path "$work" --product protoc-gen-swift
plugin=$(swift build --package-path "$work" --show-bin-path)/protoc-gen-swift

cd Sources/SkoopKubernetes/Runtime/CRI
protoc --plugin="$plugin" --swift_opt=UseAccessLevelOnImports=true --swift_out="$work" runtime.proto
{
    printf '// %s\n' "SPDX-License-Identifier: Apache-2.0" "swift-format-ignore-file"
    echo "#if Kubernetes"
    cat "$work/runtime.pb.swift"
    echo "#endif"
} > runtime.pb.swift
