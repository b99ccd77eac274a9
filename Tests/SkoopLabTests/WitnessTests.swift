// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopLab
import SkoopTesting
import Testing

/// A packet capture sees what the lab says it did.
@Suite("fault lab: seen by tcpdump", .requiresRoot, .serialized)
struct WitnessTests {
    /// What a capture on the server's device sees while `body` runs, until it has seen `end`.
    private func capture(
        _ lab: borrowing FaultLab, until end: String, _ body: () throws -> Void
    ) throws -> [String] {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "errors")
        let output = directory.path + "/packets"
        let capture = try lab.server.start(
            "sh", "-c", "exec tcpdump -i eth0 -n -l -v --immediate-mode 2> \(directory.path)/errors", output: output)
        #expect(eventually { text(directory.path + "/errors").contains("listening on") })
        try body()
        #expect(eventually { text(output).contains(end) }, "\(end) in \(text(output))")
        _ = capture.pid
        return text(output).split(separator: "\n").map(String.init)
    }

    private func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

    @Test("a reset", arguments: IPFamily.allCases)
    func reset(_ family: IPFamily) throws {
        let lab = try FaultLab()
        var connection: ResetConnection?
        let lines = try capture(lab, until: "Flags [R") {
            connection = try lab.resetConnection(family, by: .client, because: .unreadData)
        }
        let (sender, receiver) = try (#require(connection).sender, #require(connection).receiver)
        let resets = lines.filter { $0.contains("Flags [R") }
        #expect(resets.count == 1)
        #expect(
            resets.first?.contains("\(sender.address).\(sender.port) > \(receiver.address).\(receiver.port)") == true)
    }

    @Test("queries and answers", arguments: IPFamily.allCases)
    func names(_ family: IPFamily) throws {
        let lab = try FaultLab()
        let server = try DNSServer(in: lab.server, family)
        let other = try DNSServer(in: lab.server, family, port: 5353, .code(.nameError))
        let port = other.endpoint.port
        let lines = try capture(lab, until: "2001:db8::1") {
            _ = try lab.client.lookUp("one.example.org", .a, at: server.endpoint)
            _ = try lab.client.lookUp("two.example.org", .aaaa, at: server.endpoint)
        }
        #expect(lines.contains { $0.contains("A? one.example.org.") && !$0.contains("192.0.2.1") })
        #expect(lines.contains { $0.contains("AAAA? two.example.org.") && !$0.contains("2001:db8::1") })
        #expect(lines.contains { $0.contains("one.example.org. A 192.0.2.1") })
        #expect(lines.contains { $0.contains("two.example.org. AAAA 2001:db8::1") })
        #expect(port == 5353)
    }

    @Test("a lost segment, twice", arguments: IPFamily.allCases)
    func retransmission(_ family: IPFamily) throws {
        let lab = try FaultLab()
        var retransmission: Retransmission?
        let lines = try capture(lab, until: "seq 1:1001") {
            retransmission = try lab.retransmit(family, .timeout)
        }
        let client = try #require(retransmission).client
        let data = lines.filter { $0.contains("\(client.address).\(client.port) >") && $0.contains("length 1000") }
        #expect(data.count == 2)
    }
}
