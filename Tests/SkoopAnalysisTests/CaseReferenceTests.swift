// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import SkoopAnalysis

@Suite struct CaseReferenceTests {
    @Test func isUpToDate() throws {
        var root = URL(filePath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let url = root.appending(path: "Documentation/cases.md")
        let generated = CaseReference.markdown()
        if ProcessInfo.processInfo.environment["SKOOP_UPDATE_GOLDEN"] == "1" {
            try generated.write(to: url, atomically: true, encoding: .utf8)
        }
        #expect(
            try String(contentsOf: url, encoding: .utf8) == generated,
            "Documentation/cases.md is stale; make reference rewrites it")
    }
}
