// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The version of the Internet Protocol; every fault of the lab takes one.
public enum IPFamily: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// IPv4.
    case v4
    /// IPv6.
    case v6

    /// `IPv4` or `IPv6`.
    public var description: String { "IP\(rawValue)" }

    /// `AF_INET` or `AF_INET6`.
    public var number: CInt { self == .v4 ? AF_INET : AF_INET6 }

    /// What nftables calls it in `meta nfproto`.
    var netfilterName: String { self == .v4 ? "ipv4" : "ipv6" }

    /// The bytes of the header without options or extensions: 20 or 40.
    public var headerLength: Int { self == .v4 ? 20 : 40 }
}
