// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A port on which nobody listens, below those that the kernel chooses, lest somebody else is given it before it is used.
public func freePort() throws -> UInt16 {
    for port in (UInt16(10_000)..<30_000).shuffled() {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if status == 0 { return port }
    }
    throw CommandError(command: ["bind"], status: errno, errors: "no port is free")
}
