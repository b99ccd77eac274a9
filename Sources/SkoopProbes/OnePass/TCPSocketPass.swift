// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopModel

/// Counts the TCP sockets of every network namespace by one run of `tcp_sockets.bpf.c`.
struct TCPSocketPass: ~Copyable {
    private var pass: NamespacePass<skoop_tcp_row>

    /// Loads the program.
    ///
    /// - Parameter capacity: namespaces there is room for at first.
    init(capacity: Int = 1024) throws(ProbeError) {
        pass = try NamespacePass(
            .init(image: .tcpSockets, program: "read_tcp_sockets", indexes: ["row_of_net", "tables_seen"]),
            capacity: capacity)
    }

    /// Runs the program.
    ///
    /// - Parameter problems: counts sockets that could not be attributed and chains that changed underfoot.
    mutating func read(_ problems: ProblemCounter) throws(ProbeError) -> [TCPSockets] {
        let run = try pass.run()
        if run.broken > 0 { problems.record("hash-chain", count: UInt64(run.broken)) }
        if run.unknown > 0 { problems.record("socket-namespace", count: UInt64(run.unknown)) }
        return (0..<Int(run.namespaces)).map { TCPSockets(pass.rows[$0]) }
    }
}

extension TCPSockets {
    init(_ row: skoop_tcp_row) {
        self.init(namespace: NamespaceID(rawValue: row.inum))
        let s = row.states
        states = [s.0, s.1, s.2, s.3, s.4, s.5, s.6, s.7, s.8, s.9, s.10, s.11, s.12]
        transmitQueue = row.transmit_queue
        receiveQueue = row.receive_queue
        acceptQueue = row.accept_queue
        acceptQueueLimit = row.accept_queue_limit
        acceptQueueMax = row.accept_queue_max
    }
}
