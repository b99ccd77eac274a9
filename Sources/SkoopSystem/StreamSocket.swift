// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem
import Glibc

/// A connected stream socket, used by one thread that waits for it.
public struct StreamSocket: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    /// Connects to a socket in the file system.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - timeout: how long each sending and receiving may wait, the error is `EAGAIN`; nil for as long as it takes.
    public init(unix path: String, timeout: Duration? = nil) throws(SystemError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SystemError("connect", path, errno: ENAMETOOLONG)
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        descriptor = try Self.connected(AF_UNIX, &address, to: path)
        if let (seconds, rest) = timeout?.components {
            skoop_set_socket_timeouts(descriptor.rawValue, Int(seconds), Int(rest / 1_000_000_000_000))
        }
    }

    /// Connects to a numeric IPv4 or IPv6 address, `localhost`, or where `host` is empty to this host.
    public init(host: String, port: UInt16) throws(SystemError) {
        let subject = "\(host):\(port)"
        var v4 = sockaddr_in()
        v4.sin_family = sa_family_t(AF_INET)
        v4.sin_port = port.bigEndian
        if unsafe inet_pton(AF_INET, ["", "localhost"].contains(host) ? "127.0.0.1" : host, &v4.sin_addr) == 1 {
            descriptor = try Self.connected(AF_INET, &v4, to: subject)
            return
        }
        var v6 = sockaddr_in6()
        v6.sin6_family = sa_family_t(AF_INET6)
        v6.sin6_port = port.bigEndian
        guard unsafe inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 else {
            throw SystemError("connect", subject, errno: EINVAL)
        }
        descriptor = try Self.connected(AF_INET6, &v6, to: subject)
    }

    /// Connects to a host by name or address; of several addresses the first that answers.
    ///
    /// - Parameters:
    ///   - host: a name, or an address of either version.
    ///   - port: the port.
    ///   - timeout: how long each connecting, sending and receiving may wait; the error is `EAGAIN` or `EINPROGRESS`.
    public init(resolving host: String, port: UInt16, timeout: Duration) throws(SystemError) {
        let subject = "\(host):\(port)"
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, "\(port)", &hints, &list)
        guard status == 0 else {
            throw SystemError("resolve", host, errno: status == EAI_SYSTEM ? Glibc.errno : EADDRNOTAVAIL)
        }
        defer { unsafe freeaddrinfo(list) }
        let (seconds, rest) = timeout.components
        var failure = SystemError("connect", subject, errno: EADDRNOTAVAIL)
        var next = unsafe list
        while let entry = unsafe next {
            unsafe next = entry.pointee.ai_next
            do throws(SystemError) {
                let descriptor = try FileDescriptor(
                    socket: unsafe entry.pointee.ai_family, CInt(SOCK_STREAM.rawValue), subject: subject)
                let number = descriptor.rawValue
                skoop_set_socket_timeouts(number, Int(seconds), Int(rest / 1_000_000_000_000))
                let code = unsafe connect(number, entry.pointee.ai_addr, entry.pointee.ai_addrlen)
                guard code == 0 else { throw SystemError(lastOf: "connect", subject) }
                self.descriptor = descriptor
                return
            } catch { failure = error }
        }
        throw failure
    }

    private static func connected<Address>(
        _ family: CInt, _ address: inout Address, to subject: String
    ) throws(SystemError) -> FileDescriptor {
        let descriptor = try FileDescriptor(socket: family, CInt(SOCK_STREAM.rawValue), subject: subject)
        let number = descriptor.rawValue
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(number, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard code == 0 else { throw SystemError(lastOf: "connect", subject) }
        return descriptor
    }

    /// Sends all bytes; a peer that is gone is the error `EPIPE`.
    public borrowing func send(_ bytes: [UInt8]) throws(SystemError) {
        let number = descriptor.rawValue
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try FileDescriptor.retrying("send") {
                unsafe rest.withUnsafeBytes {
                    unsafe Glibc.send(number, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
                }
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Waits for bytes; none at the end.
    public borrowing func receive(atMost limit: Int = 65536) throws(SystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        let number = descriptor.rawValue
        let count = try FileDescriptor.retrying("recv") {
            unsafe buffer.withUnsafeMutableBytes { unsafe recv(number, $0.baseAddress, $0.count, 0) }
        }
        buffer.removeSubrange(count...)
        return buffer
    }
}
