// SPDX-License-Identifier: Apache-2.0
import Glibc

/// An address and a port, as an event should report them.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// The address's family.
    public var family: IPFamily
    /// The address as `inet_ntop` writes it, for example `10.91.0.1` or `fd91::1`.
    public var address: String
    /// The port in host byte order.
    public var port: UInt16

    /// Makes an endpoint.
    public init(_ family: IPFamily, _ address: String, port: UInt16) {
        self.family = family
        self.address = address
        self.port = port
    }

    /// `10.91.0.1:80` or `[fd91::1]:80`.
    public var description: String { family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)" }

    /// The address's 4 or 16 bytes in network order; empty where ``address`` is none.
    public var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: family == .v4 ? 4 : 16)
        return inet_pton(family.number, address, &bytes) == 1 ? bytes : []
    }

    /// Lends the `sockaddr` to `body`.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let bytes = bytes
        return withUnsafeMutableBytes(of: &storage) { memory in
            // The family is the first field of both, the port the second, in network order.
            memory.storeBytes(of: sa_family_t(family.number), as: sa_family_t.self)
            memory.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
            memory.baseAddress?.advanced(by: family == .v4 ? 4 : 8).copyMemory(from: bytes, byteCount: bytes.count)
            let length = family == .v4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            guard let start = memory.bindMemory(to: sockaddr.self).baseAddress else {
                preconditionFailure("a sockaddr_storage has an address")
            }
            return body(start, socklen_t(length))
        }
    }

    /// Reads what `fill` stores into a `sockaddr`; `nil` where `fill` fails or stores no IP address.
    init?(_ fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { fill($0, &length) }
        }
        guard code >= 0, length > 0 else { return nil }
        let family: IPFamily
        switch CInt(storage.ss_family) {
        case AF_INET: family = .v4
        case AF_INET6: family = .v6
        default: return nil
        }
        self = withUnsafeBytes(of: &storage) { memory in
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            let address = memory.baseAddress?.advanced(by: family == .v4 ? 4 : 8)
            inet_ntop(family.number, address, &text, socklen_t(text.count))
            let end = text.firstIndex(of: 0) ?? text.count
            return Endpoint(
                family, String(decoding: text[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self),
                port: UInt16(bigEndian: memory.load(fromByteOffset: 2, as: UInt16.self)))
        }
    }
}
