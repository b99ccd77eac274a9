// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem

/// Counts the TCP sockets of every namespace from `/proc/<pid>/net/tcp` and `tcp6`.
///
/// The kernel walks its whole table of established connections for each file, milliseconds on a large host however few
/// sockets the namespace has: this is the fallback where the one-pass reader cannot run. It does not show the limits of
/// accept queues. May be used by several threads at once.
public struct ProcTCPReader: Sendable {
    private let host: ProbeEnvironment.HostPaths

    /// Makes a reader.
    public init(host: ProbeEnvironment.HostPaths = .init()) { self.host = host }

    /// Reads all namespaces; one that has gone meanwhile is left out.
    ///
    /// A line that has not the expected form is left out and counted in the scrape's problems, and so is a file that
    /// cannot be read. That `tcp6` is missing, as it is where IPv6 is disabled, is no problem.
    public func read(_ scrape: Scrape) -> [TCPSockets] {
        var buffer = FileBuffer(capacity: 32 << 10)
        var all: [TCPSockets] = []
        NamespaceFiles(host, scrape).forEach { position, directory in
            var sockets = TCPSockets(namespace: scrape.census.inventory.namespaces[position].id)
            for name in ["net/tcp", "net/tcp6"] {
                var malformed: UInt64 = 0
                do throws(SystemError) {
                    let file = try FileDescriptor(open: name, in: directory)
                    try buffer.forEachLine(of: file) { if !sockets.add(line: $0) { malformed += 1 } }
                } catch {
                    if !error.isAbsence { scrape.problems.record("tcp-unreadable") }
                }
                if malformed > 0 { scrape.problems.record("tcp-line", count: malformed) }
            }
            all.append(sockets)
        }
        return all
    }
}

extension TCPSockets {
    /// Counts the socket of one line of `/proc/net/tcp` or `tcp6`, `net/ipv4/tcp_ipv4.c`, `get_tcp4_sock()`.
    ///
    /// - Returns: whether the line has the expected form; the header line has, and counts nothing.
    mutating func add(line: Span<UInt8>) -> Bool {
        var fields = ByteScanner(line)
        guard let number = fields.token() else { return false }
        if number.equals("sl") { return true }
        // Number, local and remote address, state, transmit and receive queue.
        fields.skipTokens(2)
        guard let state = fields.hexadecimal(), state > 0, state < states.count, let queues = fields.token() else {
            return false
        }
        var parts = ByteScanner(queues)
        guard let transmit = parts.field(before: UInt8(ascii: ":"))?.hexadecimal, transmit <= UInt32.max,
            let receive = parts.rest.hexadecimal, receive <= UInt32.max
        else { return false }
        states[Int(state)] += 1
        // In a listening socket's line the receive queue is the accept queue, in connections.
        if state == Self.listen {
            acceptQueue += receive
            acceptQueueMax = max(acceptQueueMax, receive)
        } else {
            transmitQueue += transmit
            receiveQueue += receive
        }
        return true
    }

    /// `TCP_LISTEN` of `include/net/tcp_states.h`.
    private static let listen = 10
}
