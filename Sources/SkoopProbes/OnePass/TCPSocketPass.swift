// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopModel

/// Counts the TCP sockets of every network namespace by one run of `tcp_sockets.bpf.c`.
///
/// Kernel 5.19 and later. A value is owned by one thread at a time.
struct TCPSocketPass: ~Copyable {
    private static let read: BPFProgramName = "read_tcp_sockets"
    private static let rows: BPFMapName<UInt32, skoop_tcp_row> = "rows"
    private static let rowOfNet: BPFMapName<UInt64, UInt32> = "row_of_net"

    /// The program with room for a number of namespaces.
    private struct Loaded: ~Copyable {
        let program: LoadedBPFObject
        let rows: MappedArray<skoop_tcp_row>

        init(capacity: Int) throws(BPFError) {
            var object = try BPFObject(.tcpSockets)
            try object.resize(TCPSocketPass.rows, entries: capacity)
            try object.resize(TCPSocketPass.rowOfNet, entries: capacity)
            let program = try object.load()
            let rows = try program.mapping(of: TCPSocketPass.rows)
            self.program = program
            self.rows = rows
        }
    }

    private var loaded: Loaded

    /// Loads the program.
    ///
    /// - Parameter capacity: namespaces there is room for at first; it grows by itself.
    init(capacity: Int = 1024) throws(ProbeError) {
        do { loaded = try Loaded(capacity: capacity) } catch { throw ProbeError(error) }
    }

    /// Runs the program.
    ///
    /// - Parameter problems: counts sockets that could not be attributed and chains that changed underfoot.
    mutating func read(_ problems: ProblemCounter) throws(ProbeError) -> [TCPSockets] {
        do {
            // A namespace that goes away under the walk can end it early; that is rare enough to begin again.
            for _ in 0..<8 {
                var pass = skoop_pass()
                pass.capacity = UInt32(loaded.rows.count)
                try loaded.program.runSyscall(Self.read, context: &pass)
                if pass.complete != 0 {
                    if pass.broken > 0 { problems.record("hash-chain", count: UInt64(pass.broken)) }
                    if pass.unknown > 0 { problems.record("socket-namespace", count: UInt64(pass.unknown)) }
                    return (0..<Int(pass.namespaces)).map { TCPSockets(loaded.rows[$0]) }
                }
                if pass.namespaces >= pass.capacity { loaded = try Loaded(capacity: loaded.rows.count * 2) }
            }
        } catch { throw ProbeError(error) }
        throw ProbeError(.unreadable, "the list of network namespaces kept changing while it was walked")
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
