// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "skoop-benchmarks",
    dependencies: [.package(name: "skoop", path: "..")],
    targets: [
        .target(name: "CBenchmark"),
        .executableTarget(
            name: "skoop-benchmarks",
            dependencies: [
                "CBenchmark",
                .product(name: "SkoopEvents", package: "skoop"),
                .product(name: "SkoopModel", package: "skoop"),
                .product(name: "SkoopExport", package: "skoop"),
                .product(name: "SkoopIdentity", package: "skoop"),
                .product(name: "SkoopProbes", package: "skoop"),
            ]
        ),
    ]
)
