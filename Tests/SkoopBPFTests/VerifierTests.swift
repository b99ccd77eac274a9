// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import Testing

extension KernelTests {
    @Suite struct Verifier {
        @Test func aRefusalCarriesTheLog() throws {
            let error = try #require(throws: BPFError.self) { try load(BPFObject(.refused)) }
            #expect(error.code == .verifier)
            #expect(error.subject == "refused.reads_anywhere")
            let log = try #require(error.verifierLog)
            #expect(log.full.contains("processed "))
            // With the instruction before it, or the report of newer kernels.
            let isLine = log.summary.contains("invalid mem access") && log.summary.contains(": (")
            #expect(isLine || log.summary.contains("Invalid dereference"))
            #expect(error.description.contains(log.summary))
        }

        private func load(_ object: consuming BPFObject) throws -> String { try object.load().name }
    }
}
