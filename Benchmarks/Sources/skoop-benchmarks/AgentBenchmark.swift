// SPDX-License-Identifier: Apache-2.0
import CBenchmark
import Foundation

/// Memory of a running agent, and the size of its executable.
struct AgentBenchmark {
    let executable: String
    private static let port: UInt16 = 19_102
    private static let pages = [
        ("text 0.0.4", "/metrics", "text/plain;version=0.0.4"),
        ("OpenMetrics", "/metrics", "application/openmetrics-text;version=1.0.0"),
        ("JSON", "/metrics?format=json", "application/json"),
    ]
    private static let codings = ["gzip", "zstd"]

    /// Scrapes every format 20 times, compressed both ways by turns, and reads the high-water mark.
    func run(namespaces: Int) throws -> (table: Table, bars: [Bar]) {
        let configuration = FileManager.default.temporaryDirectory.appending(path: "skoop-benchmark-\(getpid()).yaml")
        defer { try? FileManager.default.removeItem(at: configuration) }
        try "address: 127.0.0.1:\(Self.port)\n".write(to: configuration, atomically: true, encoding: .utf8)
        let agent = Process()
        agent.executableURL = URL(filePath: executable)
        agent.arguments = ["--config", configuration.path()]
        agent.standardOutput = FileHandle.nullDevice
        let messages = Pipe()
        agent.standardError = messages
        try agent.run()
        defer {
            agent.terminate()
            agent.waitUntilExit()
        }
        try waitUntilReady(agent, messages)

        var table = Table(
            "The agent at \(namespaces) namespaces, default probes",
            ["scraped 20 times, gzip and zstd", "page", "VmHWM"])
        for (name, path, accept) in Self.pages {
            var size = 0
            for round in 1...20 {
                try BenchmarkError.checkInterrupt()
                Progress.show("scraping \(name) \(round)/20")
                size = try get(path, accept: accept, coding: Self.codings[round % 2])
            }
            let plain = try get(path, accept: accept, coding: "identity")
            table.rows.append([
                name, "\(plain / 1000) kB, \(size / 1000) kB compressed",
                "\(decimal(try Self.highWater(agent.processIdentifier), digits: 1)) MB",
            ])
        }
        Progress.clear()
        let memory = try Self.highWater(agent.processIdentifier)
        let attributes = try FileManager.default.attributesOfItem(atPath: executable)
        let megabytes = Double((attributes[.size] as? Int) ?? 0) / 1e6
        table.notes.append("executable, static and stripped: \(decimal(megabytes, digits: 1)) MB")
        return (
            table,
            [
                .below(40, "agent VmHWM", memory, unit: "MB"),
                .below(30, "agent executable, static, stripped", megabytes, unit: "MB"),
            ]
        )
    }

    private func get(_ path: String, accept: String, coding: String) throws(BenchmarkError) -> Int {
        let request =
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nAccept: \(accept)\r\nAccept-Encoding: \(coding)\r\n"
            + "Connection: close\r\n\r\n"
        let size = bench_http_get(Self.port, request)
        try BenchmarkError.check(size, "cannot get \(path) from the agent")
        return size
    }

    private func waitUntilReady(_ agent: Process, _ messages: Pipe) throws(BenchmarkError) {
        Progress.show("waiting for the agent")
        for _ in 0..<300 {
            try BenchmarkError.checkInterrupt()
            guard agent.isRunning else {
                let said = String(decoding: messages.fileHandleForReading.availableData, as: UTF8.self)
                throw BenchmarkError("the agent ended at start: \(said)")
            }
            if (try? get("/healthz", accept: "*/*", coding: "identity")) != nil { return }
            usleep(100_000)
        }
        throw BenchmarkError("the agent was not healthy within 30 s")
    }

    /// `VmHWM` in megabytes (10^6 bytes).
    static func highWater(_ pid: pid_t) throws -> Double { try memory(pid, "VmHWM") }

    /// One of the sizes of a process's memory in megabytes (10^6 bytes).
    static func memory(_ pid: pid_t, _ name: String) throws -> Double {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        guard let kilobytes = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first,
            let value = Double(kilobytes)
        else { throw BenchmarkError("no \(name) in /proc/\(pid)/status") }
        return value * 1024 / 1e6
    }
}
