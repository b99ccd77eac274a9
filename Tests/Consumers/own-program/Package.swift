// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// A program for the kernel, a metric and a probe of one's own, with the build plugin and the headers of the package.
let package = Package(
    name: "own-program",
    dependencies: [.package(url: Context.environment["SKOOP_URL"] ?? "", exact: "1.0.0")],
    targets: [
        .target(name: "OwnRecords"),
        .executableTarget(
            name: "own-program",
            dependencies: [
                "OwnRecords",
                .product(name: "SkoopBPF", package: "skoop"),
                .product(name: "SkoopBPFHeaders", package: "skoop"),
                .product(name: "SkoopModel", package: "skoop"),
                .product(name: "SkoopIdentity", package: "skoop"),
                .product(name: "SkoopProbes", package: "skoop"),
                .product(name: "SkoopExport", package: "skoop"),
            ],
            exclude: ["bpf"],
            plugins: [.plugin(name: "BPFObjects", package: "skoop")]),
    ]
)
