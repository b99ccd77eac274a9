// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem

extension FaultLab {
    /// Sends datagrams to a server that never reads and has the smallest receive buffer the kernel gives.
    ///
    /// - Returns: what was sent, and how many of it the server's socket counts as dropped.
    public func overflowReceiveBuffer(
        _ family: IPFamily, port: UInt16 = 0, count: Int = 100, length: Int = 500
    ) throws -> DatagramBurst {
        let receiver = try UDPSocket(in: server, family, port: port, receiveBuffer: 1)
        let sender = try UDPSocket(in: client, family)
        let bytes = [UInt8](repeating: 0, count: length)
        var waiting = 0
        for _ in 0..<count { try sender.send(bytes, to: receiver.local) }
        // Sent is not yet arrived: the burst is over when all are either waiting to be read or dropped.
        var drops = 0
        while try receiver.socket.wait(for: Int32(POLLIN), .milliseconds(100)) != 0 {
            drops = Int(try receiver.socket.drops())
            _ = try receiver.receive()
            waiting += 1
            if waiting + drops >= count { break }
        }
        drops = Int(try receiver.socket.drops())
        guard waiting + drops == count else {
            throw LabError("of \(count) datagrams, \(waiting) arrived and \(drops) were dropped")
        }
        return DatagramBurst(
            client: sender.local, server: receiver.local, sent: count, lost: drops, length: length)
    }
}
