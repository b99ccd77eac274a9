// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopTesting
import Testing

/// What the compiler must refuse: the ownership rules that the documentation promises.
@Suite struct OwnershipTests {
    struct Snippet: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var body: String
        /// Nil for one that must compile.
        var diagnostic: String?
    }

    static let snippets = [
        Snippet(
            testDescription: "what is right",
            body: """
                func use(_ image: BPFImage) throws(BPFError) -> BPFLink {
                    var object = try BPFObject(image)
                    try object.disable("other")
                    let loaded = try object.load()
                    let map = try loaded.map(BPFMapName<UInt32, UInt64>("m"))
                    _ = try map.value(for: 1)
                    var ring = try loaded.ringBuffer("ring")
                    try ring.drain { record in _ = record.load(as: UInt32.self) }
                    return try loaded.attach("p", to: .kprobe("f"))
                }
                """,
            diagnostic: nil),
        Snippet(
            testDescription: "an object cannot be changed after loading",
            body: """
                func use(_ image: BPFImage) throws(BPFError) {
                    var object = try BPFObject(image)
                    let loaded = try object.load()
                    try object.disable("other")
                    _ = loaded.name
                }
                """,
            diagnostic: "'object' used after consume"),
        Snippet(
            testDescription: "a link cannot be detached twice",
            body: """
                func use(_ link: consuming BPFLink) throws(BPFError) {
                    try link.detach()
                    try link.detach()
                }
                """,
            diagnostic: "'link' consumed more than once"),
        Snippet(
            testDescription: "a link has one owner",
            body: """
                func use(_ link: borrowing BPFLink) -> [BPFLink] {
                    [link]
                }
                """,
            diagnostic: "does not conform to protocol 'Copyable'"),
        Snippet(
            testDescription: "a view of a map cannot outlive the object",
            body: """
                func use(_ image: BPFImage) throws(BPFError) -> UInt64? {
                    var map: BPFMap<UInt32, UInt64>
                    do {
                        let loaded = try BPFObject(image).load()
                        map = try loaded.map(BPFMapName<UInt32, UInt64>("m"))
                    }
                    return try map.value(for: 1)
                }
                """,
            diagnostic: "lifetime-dependent"),
        Snippet(
            testDescription: "a record cannot be kept",
            body: """
                func use(_ ring: inout RingBuffer) throws(BPFError) {
                    var kept: RawSpan? = nil
                    try ring.drain { record in kept = record }
                    _ = kept?.byteCount
                }
                """,
            diagnostic: "escapes"),
        Snippet(
            testDescription: "two threads cannot read one ring",
            body: """
                func use(_ ring: consuming RingBuffer) {
                    var mine = ring
                    Task { _ = try mine.drain { _ in } }
                    Task { _ = try mine.drain { _ in } }
                }
                """,
            diagnostic: "risks causing data races"),
    ]

    @Test(arguments: snippets)
    func theCompilerKeepsTheRules(_ snippet: Snippet) throws {
        let directory = try TemporaryDirectory()
        try directory.write("import SkoopBPF\n\(snippet.body)\n", to: "snippet.swift")
        // The test program lies beside the modules that it was built from.
        let products = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .deletingLastPathComponent()
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let command = [
            "swiftc", "-typecheck", "-swift-version", "6", "-enable-experimental-feature", "Lifetimes",
            "-module-cache-path", "\(directory.path)/cache",
            "-I", products.appending(path: "Modules").path(),
            "-Xcc", "-fmodule-map-file=\(sources.path())/CLibbpf/module.modulemap",
            "-Xcc", "-fmodule-map-file=\(products.path())/CSkoopBPF.build/module.modulemap",
            "\(directory.path)/snippet.swift",
        ]
        // Ownership is checked after type checking, while the intermediate form is made.
        let emit = command.map { $0 == "-typecheck" ? "-emit-sil" : $0 } + ["-o", "\(directory.path)/snippet.sil"]
        guard let diagnostic = snippet.diagnostic else {
            try run(emit)
            return
        }
        let error = try #require(throws: CommandError.self) { try run(emit) }
        #expect(error.errors.contains("error: "))
        #expect(error.errors.contains(diagnostic), "\(error.errors)")
        #expect(!error.errors.contains("no such module") && !error.errors.contains("missing required module"))
    }
}
