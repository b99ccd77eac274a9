// SPDX-License-Identifier: Apache-2.0
import SkoopTesting
import SkoopYAML
import Testing

@testable import SkoopAgent

@Suite struct ConfigurationFuzzTests {
    /// Whatever a file holds, reading it returns or throws.
    @Test func mutatedDocumentsNeverCrash() throws {
        var generator = SeededGenerator()
        let originals = [
            ConfigurationFixtures.ackConfigMap, ConfigurationFixtures.helm, "a: &x {b: [1, 'c']}\nd: *x\n",
        ]
        let spices = Array("{}[]&*!|>'\"%@`#,?:-\n\t \\<~".utf8)
        var readable = 0
        for round in 0..<20_000 {
            var bytes = Array(originals[round % originals.count].utf8)
            for _ in 0...Int.random(in: 0...6, using: &generator) {
                let position = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes[position] = spices[Int.random(in: 0..<spices.count, using: &generator)]
                case 2: bytes.insert(spices[Int.random(in: 0..<spices.count, using: &generator)], at: position)
                default: bytes.removeSubrange(position..<min(bytes.count, position + 5))
                }
                if bytes.isEmpty { bytes = [0x61] }
            }
            if (try? YAMLDocument.parse(bytes)) != nil { readable += 1 }
            _ = try? Configuration(
                yaml: String(decoding: bytes, as: UTF8.self), file: "fuzz", known: ConfigurationTests.known)
        }
        // Both kinds must occur, or the mutations test nothing.
        #expect(readable > 100 && readable < 19_900)
    }
}
