// SPDX-License-Identifier: Apache-2.0

/// Where the agent listens.
public enum ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A TCP port on a host's address; an empty host is every address of the machine, port 0 one the kernel chooses.
    case tcp(host: String, port: UInt16)
    /// A stream socket in the file system.
    case unix(path: String)

    /// Where live events are served unless a configuration says otherwise: for root on this host only.
    public static let defaultAdmin = ListenAddress.unix(path: "/run/skoop/agent.sock")

    /// The spellings that ``init(_:)`` takes.
    public static let allowed = "[tcp://]host:port, :port, [IPv6]:port or unix:///path"

    /// Reads `[tcp://]host:port`, `:port`, `[::1]:port` or `unix:///path`; `nil` for anything else.
    ///
    /// A path must be absolute and, with its terminating zero, fit the 108 bytes of `sockaddr_un`.
    public init?(_ text: String) {
        if text.hasPrefix("unix://") {
            let path = text.dropFirst("unix://".count)
            guard path.hasPrefix("/"), !path.hasSuffix("/"), path.utf8.count < 108, !path.utf8.contains(0) else {
                return nil
            }
            self = .unix(path: String(path))
            return
        }
        let rest = text.hasPrefix("tcp://") ? text.dropFirst("tcp://".count) : text[...]
        guard let colon = rest.lastIndex(of: ":"), let port = Self.port(rest[rest.index(after: colon)...]) else {
            return nil
        }
        var host = rest[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(where: { ":[]".contains($0) }) {
            return nil
        }
        guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else { return nil }
        self = .tcp(host: String(host), port: port)
    }

    private static func port(_ digits: Substring) -> UInt16? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt16(digits)
    }

    /// The address as a configuration would write it.
    public var description: String {
        switch self {
        case .unix(let path): "unix://\(path)"
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
