// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopEvidence
import SkoopTesting

/// Gets pages by a program that is not ours.
struct CurlFetcher: PageFetcher {
    var server: String

    func fetch(_ path: String) throws(EvidenceError) -> FetchedPage {
        do {
            let output = try run("curl", "-sS", "--max-time", "20", "-w", "\n%{http_code}", server + path)
            let end = output.lastIndex(of: "\n") ?? output.startIndex
            return FetchedPage(status: Int(output[end...].dropFirst()) ?? 0, body: Array(output[..<end].utf8))
        } catch { throw EvidenceError(server, "\(error)") }
    }
}

/// Answers with what a closure says.
struct MadeUpFetcher: PageFetcher {
    let server = "http://made.up"
    var answer: @Sendable (String) -> FetchedPage?

    func fetch(_ path: String) throws(EvidenceError) -> FetchedPage {
        guard let page = answer(path) else { throw EvidenceError(server, "connection refused") }
        return page
    }
}
