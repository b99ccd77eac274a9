// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Two namespaces linked by a veth pair, and by a second way through a third namespace that forwards; with servers.
///
/// Made with `ip` of iproute2; everything ends with this value, or when the next one is made.
final class CostNetwork {
    static let client = "skoop-cost-client"
    static let server = "skoop-cost-server"
    static let router = "skoop-cost-router"
    static let direct = "10.77.0.1"
    static let direct6 = "fd77::1"
    static let forwarded = "10.78.1.1"
    private var servers: [Process] = []

    /// The files of the namespaces.
    static var namespaces: [String] { [client, server, router].map { "/run/netns/\($0)" } }

    init() throws {
        Self.remove()
        for name in [Self.client, Self.server, Self.router] {
            try Self.run("ip", "netns", "add", name)
            try Self.run("ip", "-n", name, "link", "set", "lo", "up")
        }
        try Self.link((Self.client, "eth0"), (Self.server, "eth0"))
        try Self.link((Self.client, "eth1"), (Self.router, "client"))
        try Self.link((Self.server, "eth1"), (Self.router, "server"))
        for (name, device, address) in [
            (Self.client, "eth0", "10.77.0.2/24"), (Self.server, "eth0", "10.77.0.1/24"),
            (Self.client, "eth0", "fd77::2/64"), (Self.server, "eth0", "fd77::1/64"),
            (Self.client, "eth1", "10.78.2.1/24"), (Self.router, "client", "10.78.2.254/24"),
            (Self.server, "eth1", "10.78.1.1/24"), (Self.router, "server", "10.78.1.254/24"),
        ] {
            let more = address.contains(":") ? ["nodad"] : []
            try Self.run(["ip", "-n", name, "addr", "add", address, "dev", device] + more)
        }
        try Self.run("ip", "-n", Self.client, "route", "add", "10.78.1.0/24", "via", "10.78.2.254")
        try Self.run("ip", "-n", Self.server, "route", "add", "10.78.2.0/24", "via", "10.78.1.254")
        try Self.run("ip", "netns", "exec", Self.router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        for arguments in [
            ["udp", Self.direct, "53"], ["udp", Self.direct6, "53"], ["udp", Self.direct, "5300"],
            ["echo", Self.direct, "8000"], ["echo", Self.forwarded, "8000"], ["connect", Self.direct, "8001"],
        ] {
            servers.append(try Self.start(in: Self.server, [Self.executable, "traffic", "server"] + arguments + ["0"]))
        }
        usleep(200_000)
    }

    deinit {
        for server in servers { server.terminate() }
        Self.remove()
    }

    /// Starts a server that ends with this value.
    func serve(_ command: [String]) throws { servers.append(try Self.start(in: Self.server, command)) }

    /// Makes traffic from the client's namespace and waits until it is over.
    func traffic(_ kind: String, _ host: String, _ port: Int, _ count: Int) throws {
        try Self.run([
            "ip", "netns", "exec", Self.client, Self.executable, "traffic", "client", kind, host, "\(port)", "\(count)",
        ])
    }

    static let executable = Bundle.main.executablePath ?? CommandLine.arguments[0]

    private static func link(_ one: (String, String), _ other: (String, String)) throws {
        try run(
            "ip", "link", "add", one.1, "netns", one.0, "type", "veth", "peer", "name", other.1, "netns", other.0)
        for (name, device) in [one, other] { try run("ip", "-n", name, "link", "set", device, "up") }
    }

    private static func remove() {
        for name in [client, server, router] { _ = try? run("ip", "netns", "del", name) }
    }

    private static func start(in namespace: String, _ command: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        // A server must not outlive a benchmark that crashes.
        process.arguments = ["ip", "netns", "exec", namespace, "setpriv", "--pdeathsig", "TERM"] + command
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    @discardableResult
    static func run(_ command: String...) throws -> String { try run(command) }

    /// Runs a command and gives what it writes.
    @discardableResult
    static func run(_ command: [String]) throws -> String {
        try BenchmarkError.checkInterrupt()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkError("\(command.joined(separator: " ")): \(String(decoding: complaint, as: UTF8.self))")
        }
        return String(decoding: text, as: UTF8.self)
    }
}
