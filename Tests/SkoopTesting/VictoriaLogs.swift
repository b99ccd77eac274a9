// SPDX-License-Identifier: Apache-2.0
import Foundation
public import Testing

/// A log store on loopback that keeps what it gets by Loki's push requests and by OTLP, and can be asked for it.
public final class VictoriaLogs {
    /// Where it listens.
    public let port: UInt16
    private let directory: TemporaryDirectory
    private var process: TestProcess?

    /// The URL of its Loki.
    public var lokiURL: String { "http://127.0.0.1:\(port)/insert/loki/api/v1/push" }
    /// The URL of its OTLP.
    public var otlpURL: String { "http://127.0.0.1:\(port)/insert/opentelemetry/v1/logs" }

    /// Starts an empty one on a free port.
    public init() throws {
        port = try freePort()
        directory = try TemporaryDirectory()
        try start()
    }

    /// Starts it again, with what it had.
    public func start() throws {
        process = try TestProcess(
            TestTools.victoriaLogs(), "-storageDataPath=\(directory.path)/data", "-httpListenAddr=127.0.0.1:\(port)",
            "-loggerLevel=ERROR", "-retentionPeriod=1d")
        let isThere = eventually { (try? ask("/health", [:])) == "OK" }
        #expect(isThere, "victoria-logs does not start on port \(port)")
    }

    /// Lets it write down what it has, and stop.
    public func stop() {
        guard let pid = process?.pid else { return }
        kill(pid, SIGTERM)
        #expect(eventually { process?.isRunning != true })
        process = nil
    }

    /// The entries that a query of LogsQL finds, by the names of their fields.
    public func query(_ query: String) throws -> [[String: String]] {
        let text = try ask("/select/logsql/query", ["query": query])
        return text.split(separator: "\n").compactMap { line in
            try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        }
    }

    private func ask(_ path: String, _ parameters: [String: String]) throws -> String {
        let script = """
            import sys, urllib.request, urllib.parse, json
            body = urllib.parse.urlencode(json.loads(sys.argv[2])).encode()
            sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1], body or None, timeout=60).read())
            """
        let json = String(decoding: try JSONSerialization.data(withJSONObject: parameters), as: UTF8.self)
        return try run("python3", "-c", script, "http://127.0.0.1:\(port)\(path)", json)
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test only where there is a VictoriaLogs.
    public static var requiresVictoriaLogs: Self {
        .enabled(if: (try? TestTools.victoriaLogs()) != nil, "no VictoriaLogs: scripts/test-receivers.sh builds it")
    }
}
