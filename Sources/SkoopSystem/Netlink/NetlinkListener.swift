// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A socket to which a kernel subsystem tells what happens, in the network namespace in which its thread was when it was
/// opened.
///
/// **An open socket keeps its namespace alive**, see ``NetlinkSocket``. What comes while the receive buffer is full is lost
/// and counted. The sender learns nothing of that: where a listener is slow, the kernel goes on as if there were none.
///
/// Receiving is for one thread at a time. Needs `CAP_NET_ADMIN` in the namespace. Source: `net/netlink/af_netlink.c`,
/// netlink(7).
public struct NetlinkListener: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    /// Opens a socket and begins to listen.
    ///
    /// - Parameters:
    ///   - family: the subsystem.
    ///   - groups: the numbers of its multicast groups, 1 to 32.
    ///   - receiveBuffer: how much memory of the kernel unread messages may take, their bookkeeping included; as much as
    ///     the system allows where the process may not ask for more.
    /// - Throws: `EPERM` without `CAP_NET_ADMIN`; `ENOENT` where the family has no such group.
    public init(_ family: NetlinkSocket.Family, groups: Set<UInt32>, receiveBuffer: Int) throws(SystemError) {
        let socket = try FileDescriptor(
            socket: AF_NETLINK, CInt(SOCK_RAW.rawValue) | CInt(SOCK_NONBLOCK.rawValue), protocol: family.rawValue,
            subject: "netlink \(family)")
        // The kernel doubles what it is told. SO_RCVBUFFORCE is 33.
        let half = CInt(clamping: max(0, receiveBuffer) / 2)
        if !Self.set(socket, SOL_SOCKET, 33, half) { _ = Self.set(socket, SOL_SOCKET, SO_RCVBUF, half) }
        // NETLINK_NO_ENOBUFS: after a loss go on as soon as there is room, instead of when all has been read.
        _ = Self.set(socket, 270, 5, 1)
        try Self.bind(socket, to: groups.reduce(0) { $0 | 1 << ($1 - 1) })
        descriptor = socket
    }

    private static func set(
        _ socket: borrowing FileDescriptor, _ level: CInt, _ option: CInt, _ value: CInt
    ) -> Bool {
        var value = value
        return setsockopt(socket.rawValue, level, option, &value, socklen_t(MemoryLayout<CInt>.size)) == 0
    }

    /// Gives the socket an address, without which it would not be told anything, and its groups.
    private static func bind(_ socket: borrowing FileDescriptor, to groups: UInt32) throws(SystemError) {
        // struct sockaddr_nl: family and padding, number, groups; what is behind it belongs to struct sockaddr.
        let address = [UInt32(AF_NETLINK), 0, groups, 0]
        let number = socket.rawValue
        _ = try FileDescriptor.retrying("bind", "netlink groups") {
            unsafe address.withUnsafeBytes { bytes in
                unsafe bytes.withMemoryRebound(to: sockaddr.self) { address in
                    unsafe Glibc.bind(number, address.baseAddress, 12)
                }
            }
        }
    }

    /// The descriptor, readable while there are messages; valid as long as the value lives.
    public var fileDescriptor: CInt { descriptor.rawValue }

    /// How many messages were lost because the buffer was full, modulo 2^32 (`SO_MEMINFO`, 4.12 and later).
    public var lost: UInt32 {
        // SO_MEMINFO is 55, SK_MEMINFO_DROPS the ninth of its values.
        var values = [UInt32](repeating: 0, count: 9)
        var size = socklen_t(4 * values.count)
        return getsockopt(descriptor.rawValue, SOL_SOCKET, 55, &values, &size) == 0 ? values[8] : 0
    }

    /// How much memory unread messages may take, as the kernel has it.
    public var receiveBuffer: Int {
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor.rawValue, SOL_SOCKET, SO_RCVBUF, &value, &size) == 0 ? Int(value) : 0
    }

    /// Receives one datagram without waiting for it.
    ///
    /// - Returns: its whole length, which may exceed the buffer; `nil` where there is none.
    public func receive(into buffer: inout [UInt8]) throws(SystemError) -> Int? {
        let descriptor = descriptor.rawValue
        while true {
            let length = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT) | CInt(MSG_TRUNC))
            }
            if length >= 0 { return length }
            switch errno {
            case EINTR: continue
            case EAGAIN: return nil
            default: throw SystemError(lastOf: "recv", "netlink")
            }
        }
    }
}
