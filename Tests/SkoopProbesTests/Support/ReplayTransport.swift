// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// Answers netlink requests with recorded bytes, by the request's type.
struct ReplayTransport: NetlinkTransport {
    /// What to answer a request with; `nil` refuses it with `EOPNOTSUPP`.
    var reply: (NetlinkRequest) -> [UInt8]?
    private var pending: [UInt8]?

    init(_ reply: @escaping (NetlinkRequest) -> [UInt8]?) { self.reply = reply }

    mutating func send(_ request: NetlinkRequest) throws(SystemError) {
        guard var bytes = reply(request) else { throw SystemError("netlink", request.name, errno: 95) }
        // Recorded messages carry the number of the request that was recorded.
        var offset = 0
        while let length = bytes.span.integer(at: offset, as: UInt32.self).map(Int.init), length >= 16,
            offset + 16 <= bytes.count
        {
            for index in 8..<12 { bytes[offset + index] = request.bytes[index] }
            offset += (length + 3) & ~3
        }
        pending = bytes
    }

    mutating func receive(into buffer: inout [UInt8]) throws(SystemError) -> Int {
        guard let bytes = pending else { throw SystemError("recv", "replay", errno: 110) }
        pending = nil
        for index in 0..<min(bytes.count, buffer.count) { buffer[index] = bytes[index] }
        return bytes.count
    }
}
