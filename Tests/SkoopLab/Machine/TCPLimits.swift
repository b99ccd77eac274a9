// SPDX-License-Identifier: Apache-2.0

/// A low limit on the memory of all TCP sockets of the machine; gone when the value goes or this process dies.
public struct TCPMemoryLimit: ~Copyable, Sendable {
    private let setting: GlobalSetting

    /// Sets the limit.
    ///
    /// - Parameter pages: above which connections are killed; pressure begins at two thirds.
    public init(pages: Int) throws {
        setting = try GlobalSetting("net/ipv4/tcp_mem", "\(pages / 3) \(pages * 2 / 3) \(pages)")
    }
}

/// A low limit on TCP connections that belong to no process; gone when the value goes or this process dies.
public struct OrphanLimit: ~Copyable, Sendable {
    private let setting: GlobalSetting

    /// Sets the limit.
    public init(_ count: Int) throws { setting = try GlobalSetting("net/ipv4/tcp_max_orphans", "\(count)") }
}
