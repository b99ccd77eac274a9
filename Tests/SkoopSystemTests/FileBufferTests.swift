// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopSystem
import SkoopTesting
import Testing

@Suite struct FileBufferTests {
    @Test func growsUntilTheFileFits() throws {
        let directory = try TemporaryDirectory()
        let content = (0..<20_000).map { "line \($0)\n" }.joined()
        try directory.write(content, to: "big")
        try directory.write("", to: "empty")
        try directory.write("x", to: "small")
        var buffer = FileBuffer(capacity: 100)
        for (name, expected) in [("big", content), ("empty", ""), ("small", "x"), ("big", content)] {
            try buffer.read(directory.path + "/" + name)
            let text = buffer.bytes.text
            #expect(text == expected, "\(name)")
        }
    }

    @Test func keptDescriptorsAreReadAnew() throws {
        let directory = try TemporaryDirectory()
        try directory.write("one", to: "file")
        let file = try FileDescriptor(open: directory.path + "/file")
        var buffer = FileBuffer()
        try buffer.read(file)
        let first = buffer.bytes.text
        #expect(first == "one")
        let handle = try FileHandle(forWritingTo: URL(filePath: directory.path + "/file"))
        try handle.write(contentsOf: Data("three".utf8))
        try buffer.read(file)
        let second = buffer.bytes.text
        #expect(second == "three")
    }

    @Test func linesAreTheSameWhateverThePieces() throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator()
        for round in 0..<50 {
            let lines = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                String(repeating: "y", count: Int.random(in: 0...200, using: &random))
            }
            let terminated = Bool.random(using: &random) || lines.last?.isEmpty != false
            try directory.write(
                lines.joined(separator: "\n") + (terminated && !lines.isEmpty ? "\n" : ""), to: "f\(round)")
            let file = try FileDescriptor(open: directory.path + "/f\(round)")
            var buffer = FileBuffer(capacity: 64)
            var found: [String] = []
            try buffer.forEachLine(of: file) { found.append($0.text) }
            #expect(found == lines, "seed \(random.seed) round \(round)")
        }
    }

    @Test func aMissingFileIsNamed() throws {
        var buffer = FileBuffer()
        let error = #expect(throws: SystemError.self) { try buffer.read("/nonexistent/file") }
        #expect(error?.description == "open /nonexistent/file: no such file or directory")
        #expect(error?.isAbsence == true)
        let directory = #expect(throws: SystemError.self) { try buffer.read("/proc") }
        #expect(directory?.errno == EISDIR)
        let count = buffer.bytes.count
        #expect(count == 0)
    }

    @Test func procFilesAreReadWhole() throws {
        var buffer = FileBuffer(capacity: 64)
        try buffer.read("/proc/self/maps")
        let text = buffer.bytes.text
        #expect(text.contains("[stack]"))
        #expect(text.count > 4096)
    }
}
