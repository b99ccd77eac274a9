// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopTesting
import Testing

/// A server on loopback that answers as planned and keeps what it got (`Receivers/receiver.py`).
final class Receiver {
    /// A request as it arrived.
    struct Request {
        let path: String
        let headers: [String: String]
        /// Which connection it came on.
        let connection: Int
        /// When, in seconds since 1970.
        let time: Double
        /// The body, decompressed.
        let body: [UInt8]
        /// The body of an OTLP request as the generated classes of its protocol read it.
        let otlp: [String: Any]?

        var json: [String: Any]? { try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] }
        /// The streams of a push request.
        var streams: [[String: Any]] { json?["streams"] as? [[String: Any]] ?? [] }
        /// The lines of a push request.
        var lines: [[Any]] { streams.flatMap { $0["values"] as? [[Any]] ?? [] } }
        /// The times of its lines.
        var timestamps: [String] { lines.compactMap { $0.first as? String } }
    }

    /// Who it says it is.
    struct TLS {
        var certificate: String
        var key: String
        /// The authority whose clients it lets in; nil for everybody.
        var clientAuthority: String?
    }

    let port: Int
    private let directory: TemporaryDirectory
    private let process: TestProcess
    private let isSecure: Bool

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - plan: its answers; the last is given again and again.
    ///   - port: where; 0 lets the kernel choose.
    init(_ plan: [[String: Any]] = [[:]], port: Int = 0, tls: TLS? = nil) throws {
        let directory = try TemporaryDirectory()
        isSecure = tls != nil
        try directory.write([UInt8](JSONSerialization.data(withJSONObject: plan)), to: "plan.json")
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Receivers/receiver.py").path()
        var words = [try TestTools.python(), script, directory.path, "\(port)"]
        if let tls { words += [tls.certificate, tls.key] + [tls.clientAuthority].compactMap { $0 } }
        process = try TestProcess(words)
        let file = directory.path + "/port"
        #expect(eventually { FileManager.default.fileExists(atPath: file) })
        self.port = try #require(Int(try String(contentsOfFile: file, encoding: .utf8)))
        self.directory = directory
    }

    /// Its URL, by the address.
    var url: String { "\(isSecure ? "https" : "http")://127.0.0.1:\(port)" }

    /// Plans other answers, by the number of the request since the start.
    func plan(_ plan: [[String: Any]]) throws {
        try directory.write([UInt8](JSONSerialization.data(withJSONObject: plan)), to: "plan.json")
    }

    /// What it got until now.
    var requests: [Request] {
        let text = (try? String(contentsOfFile: directory.path + "/requests", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                return nil
            }
            return Request(
                path: object["path"] as? String ?? "", headers: object["headers"] as? [String: String] ?? [:],
                connection: object["connection"] as? Int ?? -1, time: object["time"] as? Double ?? 0,
                body: [UInt8](Data(base64Encoded: object["body"] as? String ?? "") ?? Data()),
                otlp: object["otlp"] as? [String: Any])
        }
    }
}
