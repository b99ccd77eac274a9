// SPDX-License-Identifier: Apache-2.0
import SkoopCompression
import SkoopTesting
import Testing

@Suite struct CompressorTests {
    /// What the program of the format makes of `bytes`.
    private func decompressed(file bytes: [UInt8], _ encoding: Compressor.Encoding) throws -> String {
        let directory = try TemporaryDirectory()
        let name = encoding == .gzip ? "page.gz" : "page.zst"
        try directory.write(bytes, to: name)
        return try run(encoding.rawValue, "-d", "-c", directory.path + "/" + name)
    }

    private func compress(
        _ text: String, chunk size: Int, with compressor: inout Compressor
    ) throws -> [UInt8] {
        var output: [UInt8] = []
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = min(start + size, bytes.count)
            try compressor.compress(bytes.span.extracting(start..<end), into: &output)
            start = end
        }
        try compressor.finish(into: &output)
        return output
    }

    private static let page = (0..<20_000).map { "kubeskoop_udp_noports{k8s_pod=\"pod-\($0)\"} \($0 * $0)\n" }.joined()

    @Test(arguments: Compressor.Encoding.allCases, [1, 1000, 65_536, 10_000_000])
    func `the format's own program gets back what went in`(encoding: Compressor.Encoding, chunk: Int) throws {
        var compressor = try Compressor(encoding)
        let text = chunk == 1 ? String(Self.page.prefix(50_000)) : Self.page
        let output = try compress(text, chunk: chunk, with: &compressor)
        #expect(output.count < text.utf8.count / 5)
        #expect(try decompressed(file: output, encoding) == text)
    }

    @Test(arguments: Compressor.Encoding.allCases)
    func `a compressor is used for one stream after the other`(encoding: Compressor.Encoding) throws {
        var compressor = try Compressor(encoding, level: 6)
        var first: [UInt8] = []
        for text in ["", "a", Self.page, "", Self.page, "b"] {
            let output = try compress(text, chunk: 4096, with: &compressor)
            #expect(try decompressed(file: output, encoding) == text)
            if text == Self.page, first.isEmpty { first = output }
            if text == Self.page { #expect(output == first) }
        }
    }

    @Test(arguments: Compressor.Encoding.allCases)
    func `what cannot be made smaller comes back too`(encoding: Compressor.Encoding) throws {
        var random = SeededGenerator()
        let text = String(
            (0..<200_000).map { _ in Character(Unicode.Scalar(UInt8.random(in: 1...127, using: &random))) })
        var compressor = try Compressor(encoding, level: 9)
        #expect(try decompressed(file: try compress(text, chunk: 65_536, with: &compressor), encoding) == text)
    }

    @Test(arguments: Compressor.Encoding.allCases, [Int.min, 0, 100, Int.max])
    func `a level out of range is clamped`(encoding: Compressor.Encoding, level: Int) throws {
        var compressor = try Compressor(encoding, level: level)
        #expect(try decompressed(file: try compress("text", chunk: 10, with: &compressor), encoding) == "text")
    }

    @Test(.enabled(if: Allocations.areCounted, "needs glibc and no sanitizer"), arguments: Compressor.Encoding.allCases)
    func `a second stream allocates next to nothing`(encoding: Compressor.Encoding) throws {
        var compressor = try Compressor(encoding)
        var output: [UInt8] = []
        let bytes = Array(Self.page.utf8)
        try compressor.compress(bytes.span, into: &output)
        try compressor.finish(into: &output)
        output.removeAll(keepingCapacity: true)
        let before = Allocations.total
        try compressor.compress(bytes.span, into: &output)
        try compressor.finish(into: &output)
        #expect(Allocations.total - before < 10)
    }
}
