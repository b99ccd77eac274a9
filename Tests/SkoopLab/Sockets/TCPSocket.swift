// SPDX-License-Identifier: Apache-2.0
import Glibc
public import SkoopSystem

/// A TCP connection of one of the lab's hosts, closed when the value goes. Calls block.
public struct TCPSocket: ~Copyable, Sendable {
    /// The socket itself.
    public let socket: LabSocket
    /// This side.
    public let local: Endpoint
    /// The other side.
    public let remote: Endpoint

    init(_ socket: consuming LabSocket, local: Endpoint, remote: Endpoint) {
        self.socket = socket
        self.local = local
        self.remote = remote
    }

    /// Sends all bytes.
    ///
    /// - Throws: `EPIPE` or `ECONNRESET` when the other side is gone, `EAGAIN` when the socket's timeout is over.
    public func send(_ bytes: [UInt8]) throws(SystemError) {
        var sent = 0
        while sent < bytes.count { sent += try write(bytes[sent...]) }
    }

    /// Sends what the kernel takes at once, one byte at least; returns how many.
    func write(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        while true {
            let count = bytes.withUnsafeBytes { Glibc.send(socket.rawValue, $0.baseAddress, $0.count, noSignal) }
            if count >= 0 { return count }
            guard errno == EINTR else { throw SystemError(lastOf: "send", "\(remote)") }
        }
    }

    /// Sends as many zeros.
    public func send(count: Int) throws(SystemError) { try send([UInt8](repeating: 0, count: count)) }

    /// Waits for bytes and receives at most as many; empty when the other side has ended the connection.
    public func receive(upTo limit: Int = 65536) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        while true {
            let count = recv(socket.rawValue, &bytes, limit, 0)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemError(lastOf: "recv", "\(remote)") }
            return Array(bytes[..<count])
        }
    }

    /// Receives as many bytes, or fewer when the other side ends the connection before.
    public func receive(exactly count: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try receive(upTo: count - bytes.count)
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    /// How many bytes have arrived and were not read (`FIONREAD`).
    public func unread() throws(SystemError) -> Int {
        var count: CInt = 0
        guard ioctl(socket.rawValue, UInt(FIONREAD), &count) == 0 else {
            throw SystemError(lastOf: "ioctl", "FIONREAD")
        }
        return Int(count)
    }

    /// Sends segments as they are written, without waiting for more.
    public func sendAtOnce() throws(SystemError) { try socket.setOption(IPPROTO_TCP, TCP_NODELAY, 1) }

    /// Makes closing reset the connection: `SO_LINGER` with no time to linger.
    public func resetOnClose() throws(SystemError) {
        var value = linger(l_onoff: 1, l_linger: 0)
        guard setsockopt(socket.rawValue, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size)) == 0
        else { throw SystemError(lastOf: "setsockopt", "SO_LINGER") }
    }

    /// Ends this side's sending: a FIN.
    public func finish() { shutdown(socket.rawValue, CInt(SHUT_WR)) }

    /// Waits until the connection is over on both sides, reset, or the server is stopped. Reads nothing.
    public func waitForEnd() { _ = try? socket.wait(for: 0, nil) }
}

/// `MSG_NOSIGNAL` of `sys/socket.h`, as a number whatever it is imported as.
private let noSignal = CInt(0x4000)
