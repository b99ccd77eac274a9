// SPDX-License-Identifier: Apache-2.0
import Foundation
import ProgramCost

/// A web server and a client that asks it as often as it can: nginx and wrk.
struct HTTPPair {
    private let network: CostNetwork
    private static let folder = "/tmp/skoop-cost-nginx"

    /// Starts the server.
    init(_ network: CostNetwork) throws {
        self.network = network
        try? FileManager.default.removeItem(atPath: Self.folder)
        try FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
        let configuration = """
            daemon off; master_process off; pid \(Self.folder)/pid; error_log \(Self.folder)/errors;
            events { worker_connections 1024; }
            http {
                access_log off; keepalive_requests 1000000000;
                server { listen \(CostNetwork.direct):8080; location / { return 200 "a page of some words"; } }
            }

            """
        let path = "\(Self.folder)/nginx.conf"
        try configuration.write(toFile: path, atomically: true, encoding: .utf8)
        try network.serve(["nginx", "-p", Self.folder, "-e", "\(Self.folder)/errors", "-c", path])
        for _ in 0..<50 where !FileManager.default.fileExists(atPath: "\(Self.folder)/pid") { usleep(100_000) }
        usleep(200_000)
    }

    /// Requests per second over a second.
    func rate() throws -> Double {
        let text = try CostNetwork.run(
            "ip", "netns", "exec", CostNetwork.client, "wrk", "-t", "1", "-c", "16", "-d", "1s",
            "http://\(CostNetwork.direct):8080/")
        let line = text.split(separator: "\n").first { $0.hasPrefix("Requests/sec:") }
        guard let line, let rate = Double(line.split(separator: " ").last ?? "") else {
            throw BenchmarkError("wrk: no rate in what it says: \(text)")
        }
        return rate
    }
}
