// SPDX-License-Identifier: Apache-2.0
import Glibc
public import SkoopSystem
import SkoopTesting

/// A connection whose server does not read, until the client may send no more: its window is closed.
public struct ClosedWindow: ~Copyable, Sendable {
    /// The client's side, with unsent data in it.
    public let client: TCPSocket
    /// The server's side, with unread data in it.
    public let server: TCPSocket
    /// How many bytes the client has written.
    public let written: Int

    /// Reads all that was written, which opens the window again.
    public func open() throws(SystemError) {
        _ = try server.receive(exactly: written)
    }
}

extension FaultLab {
    /// Lets a client write to a server that reads nothing, until the kernel takes no more.
    public func closeWindow(_ family: IPFamily, port: UInt16 = 0) throws -> ClosedWindow {
        let listener = try TCPListener(in: server, family, port: port, receiveBuffer: 4096)
        let client = try self.client.connect(to: listener.endpoint) { socket in
            try socket.setOption(SOL_SOCKET, SO_SNDBUF, 32768)
        }
        let server = try listener.accept()
        let before = try self.server.counters()
        try client.socket.setTimeout(.milliseconds(200))
        let block = [UInt8](repeating: 0, count: 4096)
        var written = 0
        // A write that takes nothing in a fifth of a second, and the window said to be zero.
        repeat {
            while let count = try? client.write(block[...]) { written += count }
        } while try self.server.counters().growth(since: before)["TcpExt.TCPToZeroWindowAdv"] == 0
        return ClosedWindow(client: client, server: server, written: written)
    }
}
