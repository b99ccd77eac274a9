// SPDX-License-Identifier: Apache-2.0
public import Glibc
public import SkoopSystem

/// A socket of one of the lab's hosts, closed when the value goes. It blocks, unless it says otherwise.
public struct LabSocket: ~Copyable, Sendable {
    let descriptor: FileDescriptor

    /// The number, for what this type does not offer; valid as long as the value lives.
    public var rawValue: CInt { descriptor.rawValue }

    /// Takes ownership of an open socket.
    init(owning rawValue: CInt) { descriptor = FileDescriptor(owning: rawValue) }

    /// Opens a socket in a host's namespace.
    ///
    /// - Parameter type: for example `SOCK_STREAM`.
    public init(in host: LabHost, _ family: IPFamily, _ type: CInt, protocol number: CInt = 0) throws {
        let rawValue = try host.inside { () throws(SystemError) in
            try FileDescriptor(socket: family.number, type, protocol: number, subject: host.name).release()
        }
        self.init(owning: rawValue)
    }

    /// Lets a server have the port of one family without the other.
    func separateFamilies(_ family: IPFamily) throws(SystemError) {
        if family == .v6 { try setOption(IPPROTO_IPV6, IPV6_V6ONLY, 1) }
    }

    /// A stream socket.
    static func stream(in host: LabHost, _ family: IPFamily) throws -> LabSocket {
        try LabSocket(in: host, family, CInt(SOCK_STREAM.rawValue))
    }

    /// A datagram socket.
    static func datagram(in host: LabHost, _ family: IPFamily) throws -> LabSocket {
        try LabSocket(in: host, family, CInt(SOCK_DGRAM.rawValue))
    }

    /// Sets an option that is an integer.
    public func setOption(_ level: some BinaryInteger, _ name: CInt, _ value: CInt) throws(SystemError) {
        var value = value
        guard setsockopt(rawValue, CInt(level), name, &value, socklen_t(MemoryLayout<CInt>.size)) == 0 else {
            throw SystemError(lastOf: "setsockopt \(level)/\(name)")
        }
    }

    /// Binds it; port 0 lets the kernel choose.
    func bind(to endpoint: Endpoint) throws(SystemError) {
        let code = endpoint.withSocketAddress { Glibc.bind(rawValue, $0, $1) }
        guard code == 0 else { throw SystemError(lastOf: "bind", "\(endpoint)") }
    }

    /// Limits how long one call waits to receive or to send.
    public func setTimeout(_ duration: Duration) throws(SystemError) {
        let (seconds, attoseconds) = duration.components
        var time = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        for name in [SO_RCVTIMEO, SO_SNDTIMEO] {
            guard setsockopt(rawValue, SOL_SOCKET, name, &time, socklen_t(MemoryLayout<timeval>.size)) == 0 else {
                throw SystemError(lastOf: "setsockopt", "timeout")
            }
        }
    }

    /// Where it is bound.
    func localEndpoint() throws(SystemError) -> Endpoint {
        guard let endpoint = Endpoint({ getsockname(rawValue, $0, $1) }) else {
            throw SystemError(lastOf: "getsockname")
        }
        return endpoint
    }

    /// How many packets for this socket the kernel dropped, as `ss -m` shows it (`SK_MEMINFO_DROPS`).
    public func drops() throws(SystemError) -> UInt32 {
        var values = [UInt32](repeating: 0, count: 9)
        var length = socklen_t(values.count * 4)
        // SO_MEMINFO of asm-generic/socket.h since 4.12; SK_MEMINFO_DROPS is the ninth value.
        guard getsockopt(rawValue, SOL_SOCKET, 55, &values, &length) == 0, length == 36 else {
            throw SystemError(lastOf: "getsockopt", "SO_MEMINFO")
        }
        return values[8]
    }

    /// What the kernel knows of a TCP socket, as far as the C library's structure goes (`TCP_INFO`).
    public func information() throws(SystemError) -> tcp_info {
        var information = tcp_info()
        var length = socklen_t(MemoryLayout<tcp_info>.size)
        guard getsockopt(rawValue, CInt(IPPROTO_TCP), TCP_INFO, &information, &length) == 0 else {
            throw SystemError(lastOf: "getsockopt", "TCP_INFO")
        }
        return information
    }

    /// Waits until one of `events` of `poll(2)` holds, or an error or hang-up; empty when the time is over.
    func wait(for events: Int32, _ timeout: Duration?) throws(SystemError) -> Int32 {
        var request = pollfd(fd: rawValue, events: Int16(truncatingIfNeeded: events), revents: 0)
        let milliseconds = timeout.map { CInt(clamping: Int($0 / .milliseconds(1))) } ?? -1
        while true {
            let code = poll(&request, 1, milliseconds)
            if code >= 0 { return Int32(request.revents) }
            guard errno == EINTR else { throw SystemError(lastOf: "poll") }
        }
    }
}
