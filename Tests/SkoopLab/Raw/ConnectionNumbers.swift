// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem

/// Where a connection is in its numbers: what a segment made by hand needs in order to belong to it.
struct ConnectionNumbers: Sendable {
    /// The number of the next byte that this side sends.
    var sendSequence: UInt32
    /// The number of the next byte that it expects.
    var receiveSequence: UInt32
    /// Its present time stamp.
    var timestamp: UInt32

    /// Asks the kernel, which tells only whoever repairs a connection (`TCP_REPAIR`, needs `CAP_NET_ADMIN`).
    init(of connection: borrowing TCPSocket) throws(SystemError) {
        let socket = connection.socket.rawValue
        let level = CInt(IPPROTO_TCP)
        func ask(_ name: CInt) throws(SystemError) -> UInt32 {
            var value: UInt32 = 0
            var length = socklen_t(4)
            guard getsockopt(socket, level, name, &value, &length) == 0 else {
                throw SystemError(lastOf: "getsockopt", "TCP_REPAIR")
            }
            return value
        }
        try connection.socket.setOption(level, TCP_REPAIR, 1)
        // -1 ends it without a probe of the window, which would be a segment nobody asked for.
        defer { try? connection.socket.setOption(level, TCP_REPAIR, -1) }
        let queues: (receive: CInt, send: CInt) = (1, 2)
        try connection.socket.setOption(level, TCP_REPAIR_QUEUE, queues.send)
        let send = try ask(TCP_QUEUE_SEQ)
        try connection.socket.setOption(level, TCP_REPAIR_QUEUE, queues.receive)
        receiveSequence = try ask(TCP_QUEUE_SEQ)
        sendSequence = send
        timestamp = try ask(TCP_TIMESTAMP)
    }
}
