// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// The example of the README, as a package of its own.
let package = Package(
    name: "snapshot",
    dependencies: [.package(url: Context.environment["SKOOP_URL"] ?? "", exact: "1.0.0")],
    targets: [
        .executableTarget(
            name: "snapshot",
            dependencies: [
                .product(name: "SkoopExport", package: "skoop"),
                .product(name: "SkoopModel", package: "skoop"),
                .product(name: "SkoopProbes", package: "skoop"),
            ])
    ]
)
