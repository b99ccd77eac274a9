// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A socket for requests to the kernel's networking, in the network namespace in which its thread was when it was opened.
///
/// **An open socket keeps its namespace alive**: a deleted pod's devices would stay as long as a socket in its namespace
/// does, and the veth's other end on the node with them. Open one for each visit; that costs about 5 µs.
///
/// Owned by one thread at a time. Source: `net/netlink/af_netlink.c`, netlink(7).
public struct NetlinkSocket: ~Copyable, Sendable, NetlinkTransport {
    /// The kernel subsystem that answers.
    public enum Family: Int32, Sendable, Hashable, CaseIterable {
        /// `NETLINK_ROUTE`: devices, addresses, routes, queueing disciplines.
        case route = 0
        /// `NETLINK_NETFILTER`: connection tracking among others.
        case netfilter = 12
        /// `NETLINK_RDMA`.
        case rdma = 20
    }

    /// What to ask of a socket beyond the default.
    public struct Options: OptionSet, Sendable, Hashable {
        /// The bits.
        public let rawValue: UInt8
        /// Wraps bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Lets the kernel refuse what it does not know instead of ignoring it, and filter dumps (4.20 and later).
        public static let strictChecking = Options(rawValue: 1)
        /// Lets the kernel explain a refusal in words (4.12 and later).
        public static let explainedErrors = Options(rawValue: 2)
    }

    private let descriptor: FileDescriptor

    /// How long to wait for a reply. The kernel answers before `send` returns, so that waiting means something is lost.
    public var timeout: Duration = .seconds(1)

    /// Opens a socket in the calling thread's namespace.
    ///
    /// - Throws: `EPROTONOSUPPORT` where the running kernel has no such subsystem.
    public init(_ family: Family, options: Options = []) throws(SystemError) {
        descriptor = try FileDescriptor(
            socket: AF_NETLINK, CInt(SOCK_RAW.rawValue), protocol: family.rawValue, subject: "netlink \(family)")
        // Both only make answers stricter or richer; a kernel without them answers all the same.
        if options.contains(.strictChecking) { enable(12) }
        if options.contains(.explainedErrors) {
            enable(11)
            enable(10)
        }
    }

    private func enable(_ option: CInt) {
        var on: CInt = 1
        setsockopt(descriptor.rawValue, 270, option, &on, socklen_t(MemoryLayout<CInt>.size))
    }

    /// The number that no other namespace has since boot (`SO_NETNS_COOKIE`, 5.14 and later); `nil` on older kernels.
    public var namespaceCookie: UInt64? {
        var cookie: UInt64 = 0
        var size = socklen_t(MemoryLayout<UInt64>.size)
        return getsockopt(descriptor.rawValue, SOL_SOCKET, 71, &cookie, &size) == 0 ? cookie : nil
    }

    /// Sends one request to the kernel.
    public mutating func send(_ request: NetlinkRequest) throws(SystemError) {
        let descriptor = descriptor.rawValue
        // Unconnected and without an address, a netlink socket sends to the kernel.
        _ = try FileDescriptor.retrying("netlink", request.name) {
            unsafe request.bytes.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, 0) }
        }
    }

    /// Receives one datagram; see ``NetlinkTransport/receive(into:)``.
    public mutating func receive(into buffer: inout [UInt8]) throws(SystemError) -> Int {
        let descriptor = descriptor.rawValue
        let flags = CInt(MSG_DONTWAIT) | CInt(MSG_TRUNC)
        while true {
            let length = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, $0.count, flags)
            }
            if length >= 0 { return length }
            switch errno {
            case EINTR: continue
            case EAGAIN: try wait()
            default: throw SystemError(lastOf: "recv", "netlink")
            }
        }
    }

    private func wait() throws(SystemError) {
        var entry = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        let (seconds, attoseconds) = timeout.components
        let milliseconds = Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        let ready = try FileDescriptor.retrying("poll", "netlink") { poll(&entry, 1, milliseconds) }
        guard ready > 0 else { throw SystemError("recv", "netlink", errno: ETIMEDOUT) }
    }
}
