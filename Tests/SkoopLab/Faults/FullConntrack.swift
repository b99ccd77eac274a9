// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A server whose table of tracked connections is full; its connections end when the value goes.
///
/// The table's size is one number for the whole machine, though each namespace counts for itself: it is lowered to
/// more than twice what the machine's own namespace tracks, and put back at the end, also when this process is killed.
/// Needs nf_conntrack. Source: `net/netfilter/nf_conntrack_core.c`.
public struct FullConntrack: ~Copyable, Sendable {
    /// Where the server listens.
    public let server: Endpoint
    /// How many connections fit; so many are open, but for those of others in the same namespace.
    public let limit: Int
    /// How many fit before, and will again.
    public var limitBefore: Int { Int(setting.before) ?? 0 }

    private let hosts: (client: LabHost, server: LabHost)
    private let listener: TCPListener
    private let connections: [SharedConnection]
    private let rule: NetfilterRule
    private let setting: GlobalSetting

    fileprivate init(_ family: IPFamily, client: LabHost, server: LabHost, port: UInt16) throws {
        // A rule that asks for the connection makes the kernel track them all.
        let rule = try NetfilterRule(on: server, .prerouting, expression: "ct state new", .accept)
        let listener = try TCPListener(in: server, family, port: port, backlog: 4000)
        let count = Int(Self.read("/proc/sys/net/netfilter/nf_conntrack_count")) ?? 0
        let limit = max(64, 2 * count + 64)
        let setting = try GlobalSetting("net/netfilter/nf_conntrack_max", "\(limit)")
        var connections: [SharedConnection] = []
        while connections.count < limit {
            do {
                let connection = try client.connect(to: listener.endpoint) { try $0.setTimeout(.seconds(1)) }
                connections.append(SharedConnection(connection))
            } catch {
                // Others have connections in the table too: it is full already.
                guard try Self.drops(in: server) > 0 else { throw error }
                break
            }
        }
        self.server = listener.endpoint
        self.limit = limit
        hosts = (client, server)
        self.listener = listener
        self.connections = connections
        self.rule = rule
        self.setting = setting
    }

    /// Sends one SYN for a connection that does not fit, and gives up after a moment.
    public func attempt() throws -> ConnectAttempt {
        try hosts.client.tryToConnect(to: server, timeout: .milliseconds(20))
    }

    /// How many packets the server's kernel has dropped because a connection did not fit.
    public func drops() throws -> Int { try Self.drops(in: hosts.server) }

    private static func drops(in server: LabHost) throws -> Int {
        let lines = read("/proc/\(server.pid)/net/stat/nf_conntrack").split(separator: "\n")
            .map { $0.split(separator: " ") }
        guard let column = lines.first?.firstIndex(of: "drop") else { throw LabError("no statistics of nf_conntrack") }
        return lines.dropFirst().reduce(0) { $0 + (Int($1[column], radix: 16) ?? 0) }
    }

    private static func read(_ path: String) -> String {
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

extension FaultLab {
    /// Opens connections until the server's kernel cannot track another one.
    public func fillConntrack(_ family: IPFamily, port: UInt16 = 0) throws -> FullConntrack {
        try FullConntrack(family, client: client, server: server, port: port)
    }
}
