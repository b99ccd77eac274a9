// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// The programs, assembled from the library's parts; what only they need is resolved only here.
let package = Package(
    name: "skoop-examples",
    products: [
        .executable(name: "skoop-agent", targets: ["skoop-agent"]),
        .executable(name: "skoop", targets: ["skoop"]),
    ],
    dependencies: [
        // The name stands for the folder above, whatever that is called.
        .package(name: "skoop", path: "..", traits: ["HTTPServer", "HTTPSinks", "Kubernetes"]),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .executableTarget(
            name: "skoop-agent",
            dependencies: [
                .product(name: "SkoopAgent", package: "skoop"),
                .product(name: "SkoopEvents", package: "skoop"),
                .product(name: "SkoopIdentity", package: "skoop"),
                .product(name: "SkoopKubernetes", package: "skoop"),
                .product(name: "SkoopProbes", package: "skoop"),
                .product(name: "SkoopSystem", package: "skoop"),
            ],
            path: "Agent"),
        .executableTarget(
            name: "skoop",
            dependencies: [
                .product(name: "SkoopAgent", package: "skoop"),
                .product(name: "SkoopAnalysis", package: "skoop"),
                .product(name: "SkoopEvents", package: "skoop"),
                .product(name: "SkoopEvidence", package: "skoop"),
                .product(name: "SkoopExport", package: "skoop"),
                .product(name: "SkoopIdentity", package: "skoop"),
                .product(name: "SkoopModel", package: "skoop"),
                .product(name: "SkoopProbes", package: "skoop"),
                .product(name: "SkoopReport", package: "skoop"),
                .product(name: "SkoopRules", package: "skoop"),
                .product(name: "SkoopRuleTesting", package: "skoop"),
                .product(name: "SkoopSystem", package: "skoop"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "CLI"),
    ]
)

for target in package.targets {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]
}
