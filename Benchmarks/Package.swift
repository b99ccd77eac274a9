// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "skoop-benchmarks",
    products: [.library(name: "ProgramCost", targets: ["ProgramCost"])],
    dependencies: [.package(name: "skoop", path: "..")],
    targets: [
        .target(name: "CBenchmark"),
        // For authors of other eBPF tools: what a program costs.
        .target(
            name: "ProgramCost",
            dependencies: ["CBenchmark", .product(name: "SkoopBPF", package: "skoop")]),
        .executableTarget(
            name: "skoop-benchmarks",
            dependencies: [
                "CBenchmark",
                "ProgramCost",
                .product(name: "SkoopAnalysis", package: "skoop"),
                .product(name: "SkoopBPF", package: "skoop"),
                .product(name: "SkoopEvents", package: "skoop"),
                .product(name: "SkoopModel", package: "skoop"),
                .product(name: "SkoopExport", package: "skoop"),
                .product(name: "SkoopIdentity", package: "skoop"),
                .product(name: "SkoopProbes", package: "skoop"),
            ]
        ),
    ]
)
