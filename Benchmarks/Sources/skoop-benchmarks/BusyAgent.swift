// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopProbes

/// An agent with every probe, every event and every local sink on, and traffic for them to see.
struct BusyAgent {
    let executable: String
    private static let port = 19_103

    /// Its resident memory at work, and the most that it had, while it loaded its programs; in megabytes (10^6 bytes).
    func memory(_ pair: HTTPPair) throws -> (resident: Double, most: Double) {
        Progress.show("the agent with everything on")
        let folder = FileManager.default.temporaryDirectory.appending(path: "skoop-busy-agent-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let names = ProbeRegistry.all.map { $0.definition }
        func lines(_ names: [String]) -> String { names.map { "    - name: \($0)\n" }.joined() }
        let text =
            "address: 127.0.0.1:\(Self.port)\nadmin: none\nmetrics:\n  probes:\n" + lines(names.map(\.name))
            + "event:\n  probes:\n" + lines(names.filter { !$0.events.isEmpty }.map(\.name))
            + "  sinks:\n    - name: stderr\n    - name: file\n      args: {path: \(folder.path())events.json}\n"
        let file = folder.appending(path: "agent.yaml")
        try text.write(to: file, atomically: true, encoding: .utf8)
        let agent = Process()
        agent.executableURL = URL(filePath: executable)
        agent.arguments = ["--config", file.path()]
        agent.standardOutput = FileHandle.nullDevice
        agent.standardError = FileHandle.nullDevice
        try agent.run()
        defer {
            agent.terminate()
            agent.waitUntilExit()
        }
        sleep(3)
        for _ in 0..<5 {
            _ = try pair.rate()
            _ = try CostNetwork.run("curl", "-s", "-o", "/dev/null", "http://127.0.0.1:\(Self.port)/metrics")
        }
        guard agent.isRunning else { throw BenchmarkError("the agent with everything on has ended") }
        let pid = agent.processIdentifier
        return (try AgentBenchmark.memory(pid, "VmRSS"), try AgentBenchmark.highWater(pid))
    }
}
