// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// Nothing here is resolved by a dependent unless it asks for the trait: a program
// that wants only the model and the exporter gets no framework and no libbpf.
let package = Package(
    name: "skoop",
    products: [
        .library(name: "SkoopModel", targets: ["SkoopModel"]),
        .library(name: "SkoopExport", targets: ["SkoopExport"]),
        .library(name: "SkoopAnalysis", targets: ["SkoopAnalysis"]),
        .library(name: "SkoopReport", targets: ["SkoopReport"]),
        .library(name: "SkoopEvidence", targets: ["SkoopEvidence"]),
        .library(name: "SkoopTop", targets: ["SkoopTop"]),
        .library(name: "SkoopCompression", targets: ["SkoopCompression"]),
        .library(name: "SkoopBPF", targets: ["SkoopBPF"]),
        .library(name: "SkoopBPFHeaders", targets: ["SkoopBPFHeaders"]),
        .library(name: "SkoopSystem", targets: ["SkoopSystem"]),
        .library(name: "SkoopIdentity", targets: ["SkoopIdentity"]),
        .library(name: "SkoopProbes", targets: ["SkoopProbes"]),
        .library(name: "SkoopEvents", targets: ["SkoopEvents"]),
        .library(name: "SkoopYAML", targets: ["SkoopYAML"]),
        .library(name: "SkoopRules", targets: ["SkoopRules"]),
        .library(name: "SkoopRuleTesting", targets: ["SkoopRuleTesting"]),
        .library(name: "SkoopSinks", targets: ["SkoopSinks"]),
        .library(name: "SkoopKubernetes", targets: ["SkoopKubernetes"]),
        .library(name: "SkoopAgent", targets: ["SkoopAgent"]),
        .plugin(name: "BPFObjects", targets: ["BPFObjects"]),
        .plugin(name: "SourceRegistry", targets: ["SourceRegistry"]),
    ],
    traits: [
        .trait(name: "HTTPServer", description: "the agent's HTTP endpoint in SkoopAgent, on swift-nio"),
        .trait(
            name: "HTTPSinks",
            description: "sinks for Loki and OTLP, and TLS of evidence sources"),
        .trait(name: "Kubernetes", description: "pods from container runtimes by gRPC", enabledTraits: ["HTTPSinks"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // Without the trait that writes delimited messages to files, which needs all of Foundation.
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    ],
    targets: [
        // System libraries: libbpf-dev, libelf-dev, libzstd-dev, zlib1g-dev, libyaml-dev.
        .systemLibrary(name: "CLibbpf", providers: [.apt(["libbpf-dev", "libelf-dev", "libzstd-dev"])]),
        .systemLibrary(name: "CLibyaml", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),

        // Build tools: bpf/*.bpf.c -> embedded objects, and lists of the types a folder holds.
        .executableTarget(name: "skoop-build"),
        .plugin(name: "BPFObjects", capability: .buildTool(), dependencies: ["skoop-build"]),
        .plugin(name: "SourceRegistry", capability: .buildTool(), dependencies: ["skoop-build"]),

        .target(name: "SkoopBPFHeaders", path: "bpf/include", publicHeadersPath: "."),
        .target(name: "CSkoopBPF", dependencies: ["CLibbpf"]),
        .target(name: "SkoopBPF", dependencies: ["CLibbpf", "CSkoopBPF"]),

        .target(name: "SkoopModel", plugins: ["SourceRegistry"]),
        .target(name: "SkoopExport", dependencies: ["SkoopModel"]),
        .target(name: "SkoopAnalysis", dependencies: ["SkoopModel"], plugins: ["SourceRegistry"]),
        .target(name: "SkoopReport", dependencies: ["SkoopModel", "SkoopExport", "SkoopAnalysis"]),
        // The live table of `skoop top`, as values.
        .target(name: "SkoopTop", dependencies: ["SkoopModel", "SkoopExport"]),
        .target(
            name: "SkoopEvidence",
            dependencies: [
                "SkoopModel", "SkoopExport", "SkoopAnalysis", "SkoopCompression", "SkoopHTTP", "SkoopSystem",
            ]),
        // The client of sinks and of sources of evidence; without the trait it speaks no TLS.
        .target(
            name: "SkoopHTTP",
            dependencies: [
                "SkoopSystem",
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["HTTPSinks"])),
                .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["HTTPSinks"])),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: .when(traits: ["HTTPSinks"])),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["HTTPSinks"])),
                .product(name: "NIOTLS", package: "swift-nio", condition: .when(traits: ["HTTPSinks"])),
            ]),
        .target(name: "SkoopCompression", dependencies: ["CZlib", "CZstd"]),
        .target(name: "CSkoopSystem"),
        .target(name: "SkoopSystem", dependencies: ["CSkoopSystem"]),
        .target(name: "SkoopIdentity", dependencies: ["SkoopModel", "SkoopSystem"]),
        .target(
            name: "SkoopKubernetes",
            dependencies: [
                "SkoopModel", "SkoopIdentity", "SkoopExport", "SkoopSystem", "SkoopHTTP", "SkoopYAML",
                .product(name: "SwiftProtobuf", package: "swift-protobuf", condition: .when(traits: ["Kubernetes"])),
                .product(name: "GRPCCore", package: "grpc-swift-2", condition: .when(traits: ["Kubernetes"])),
                .product(
                    name: "GRPCProtobuf", package: "grpc-swift-protobuf", condition: .when(traits: ["Kubernetes"])),
                .product(
                    name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport",
                    condition: .when(traits: ["Kubernetes"])),
            ],
            exclude: ["Runtime/CRI/runtime.proto"]),
        .target(
            name: "SkoopProbes",
            dependencies: ["SkoopModel", "SkoopBPF", "SkoopBPFHeaders", "SkoopSystem", "SkoopIdentity"],
            plugins: ["BPFObjects", "SourceRegistry"]
        ),
        .target(
            name: "SkoopEvents",
            dependencies: ["SkoopModel", "SkoopExport", "SkoopProbes", "SkoopIdentity", "SkoopSystem"]),
        .target(name: "SkoopYAML", dependencies: ["CLibyaml", "SkoopSystem"]),
        .target(name: "SkoopRules", dependencies: ["SkoopAnalysis", "SkoopModel", "SkoopYAML"]),
        .target(
            name: "SkoopRuleTesting",
            dependencies: ["SkoopRules", "SkoopAnalysis", "SkoopEvidence", "SkoopReport", "SkoopYAML", "SkoopSystem"]),
        .target(
            name: "SkoopSinks",
            dependencies: [
                "SkoopModel", "SkoopExport", "SkoopCompression", "SkoopProbes", "SkoopEvents", "SkoopHTTP",
                "SkoopSystem",
            ]
        ),
        .target(
            name: "SkoopAgent",
            dependencies: [
                "SkoopModel", "SkoopAnalysis", "SkoopEvidence", "SkoopReport", "SkoopExport", "SkoopBPF", "SkoopProbes",
                "SkoopEvents", "SkoopIdentity", "SkoopKubernetes", "SkoopSystem", "SkoopCompression", "SkoopRules",
                "SkoopYAML", "SkoopTop",
                .target(name: "SkoopSinks", condition: .when(traits: ["HTTPSinks"])),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["HTTPServer"])),
                .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["HTTPServer"])),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: .when(traits: ["HTTPServer"])),
            ]
        ),

        .target(name: "CMallocCounter", path: "Tests/CMallocCounter"),
        .target(name: "SkoopTesting", dependencies: ["SkoopSystem", "CMallocCounter"], path: "Tests/SkoopTesting"),
        // Real faults in namespaces, for the tests of whatever should notice them.
        .target(
            name: "SkoopLab", dependencies: ["SkoopTesting", "SkoopSystem", "CSkoopSystem"], path: "Tests/SkoopLab"),
        .testTarget(name: "SkoopLabTests", dependencies: ["SkoopLab", "SkoopTesting", "SkoopSystem"]),
        .testTarget(name: "SkoopModelTests", dependencies: ["SkoopModel", "SkoopTesting"], exclude: ["Fixtures"]),
        .testTarget(
            name: "SkoopExportTests", dependencies: ["SkoopExport", "SkoopModel", "SkoopTesting"],
            exclude: ["Golden", "Oracles"]),
        // Labelled faults end to end, and what an analyzer makes of them.
        .target(
            name: "SkoopJudge",
            dependencies: [
                "SkoopLab", "SkoopTesting", "SkoopSystem", "SkoopModel", "SkoopIdentity", "SkoopProbes", "SkoopEvents",
                "SkoopAnalysis", "SkoopEvidence",
            ],
            path: "Tests/SkoopJudge"),
        .executableTarget(
            name: "skoop-judge", dependencies: ["SkoopJudge", "SkoopAnalysis", "SkoopTesting"],
            path: "Tests/skoop-judge"),
        .testTarget(
            name: "SkoopAnalysisLabTests", dependencies: ["SkoopJudge", "SkoopLab", "SkoopAnalysis", "SkoopTesting"]),
        .testTarget(name: "SkoopAnalysisTests", dependencies: ["SkoopAnalysis", "SkoopModel", "SkoopTesting"]),
        .testTarget(
            name: "SkoopReportTests",
            dependencies: ["SkoopReport", "SkoopAnalysis", "SkoopModel", "SkoopExport", "SkoopTesting"],
            exclude: ["Golden"]),
        .testTarget(
            name: "SkoopEvidenceTests",
            dependencies: [
                "SkoopEvidence", "SkoopReport", "SkoopAnalysis", "SkoopExport", "SkoopHTTP", "SkoopModel",
                "SkoopSystem",
                "SkoopTesting",
            ]),
        .testTarget(
            name: "SkoopTopTests", dependencies: ["SkoopTop", "SkoopModel", "SkoopExport", "SkoopTesting"],
            exclude: ["Oracles"]),
        .testTarget(name: "SkoopCompressionTests", dependencies: ["SkoopCompression", "SkoopTesting"]),
        .testTarget(name: "SkoopSystemTests", dependencies: ["SkoopSystem", "SkoopTesting"]),
        .testTarget(
            name: "SkoopKubernetesTests",
            dependencies: [
                "SkoopKubernetes", "SkoopAgent", "SkoopAnalysis", "SkoopEvents", "SkoopEvidence", "SkoopExport",
                "SkoopHTTP",
                "SkoopIdentity", "SkoopModel", "SkoopProbes", "SkoopSystem", "SkoopTesting",
            ],
            exclude: ["APIServer", "Node"]),
        .testTarget(name: "SkoopIdentityTests", dependencies: ["SkoopIdentity", "SkoopTesting"]),
        .testTarget(
            name: "SkoopBPFTests",
            dependencies: ["SkoopBPF", "SkoopBPFHeaders", "SkoopSystem", "CSkoopSystem", "SkoopTesting"],
            exclude: ["bpf"], plugins: ["BPFObjects"]),
        .testTarget(
            name: "SkoopProbesTests",
            dependencies: ["SkoopProbes", "SkoopBPF", "SkoopBPFHeaders", "SkoopLab", "SkoopTesting"],
            exclude: ["Equality/Traffic", "Kernels/Golden"]),
        .testTarget(name: "SkoopYAMLTests", dependencies: ["SkoopYAML"]),
        .testTarget(
            name: "SkoopRulesTests",
            dependencies: ["SkoopRules", "SkoopAnalysis", "SkoopModel", "SkoopTesting", "SkoopYAML"]),
        .testTarget(
            name: "SkoopRuleTestingTests",
            dependencies: [
                "SkoopRuleTesting", "SkoopEvidence", "SkoopReport", "SkoopRules", "SkoopAnalysis", "SkoopModel",
                "SkoopTesting", "SkoopYAML",
            ]),
        .testTarget(name: "SkoopEventsTests", dependencies: ["SkoopEvents", "SkoopTesting"]),
        .testTarget(
            name: "SkoopSinksTests",
            dependencies: ["SkoopSinks", "SkoopEvents", "SkoopHTTP", "SkoopModel", "SkoopSystem", "SkoopTesting"],
            exclude: ["Receivers"]),
        .testTarget(
            name: "SkoopAgentTests",
            dependencies: [
                "SkoopAgent", "SkoopAnalysis", "SkoopBPF", "SkoopCompression", "SkoopEvidence", "SkoopTesting",
                "SkoopYAML",
            ],
            exclude: ["Oracles"]),
    ]
)

for target in package.targets where [.regular, .executable, .test].contains(target.type) {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableExperimentalFeature("Lifetimes"),
    ]
    if target.name == "SkoopBPF" { target.swiftSettings?.append(.strictMemorySafety()) }
}
