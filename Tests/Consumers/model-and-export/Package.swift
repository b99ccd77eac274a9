// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// Only the model and the exporter: must neither resolve another package nor link a system library.
let package = Package(
    name: "model-and-export",
    dependencies: [.package(url: Context.environment["SKOOP_URL"] ?? "", exact: "1.0.0")],
    targets: [
        .executableTarget(
            name: "model-and-export",
            dependencies: [
                .product(name: "SkoopModel", package: "skoop"),
                .product(name: "SkoopExport", package: "skoop"),
            ])
    ]
)
