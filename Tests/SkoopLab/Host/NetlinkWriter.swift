// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem

/// The bytes of a netlink message that changes something.
struct NetlinkWriter: Sendable {
    private(set) var bytes: [UInt8]

    /// Starts a message: `nlmsg_type`, and `nlmsg_flags` beside `NLM_F_REQUEST`.
    init(type: UInt16, flags: UInt16) {
        bytes = [0, 0, 0, 0] + type.native + (flags | 1).native + [0, 0, 0, 0, 0, 0, 0, 0]
    }

    /// Adds fields of the structure after the header.
    mutating func append(_ fields: [UInt8]) { bytes += fields }

    /// Adds an attribute.
    mutating func append(_ type: UInt16, _ value: [UInt8]) {
        bytes += UInt16(4 + value.count).native + type.native + value
        pad()
    }

    /// Adds an attribute that holds text.
    mutating func append(_ type: UInt16, _ text: String) { append(type, Array(text.utf8) + [0]) }

    /// Adds an attribute that holds others.
    mutating func nest(_ type: UInt16, _ content: (inout NetlinkWriter) -> Void) {
        let start = bytes.count
        bytes += [0, 0] + type.native
        content(&self)
        bytes.replaceSubrange(start..<start + 2, with: UInt16(bytes.count - start).native)
    }

    private mutating func pad() { while bytes.count % 4 != 0 { bytes.append(0) } }

    /// Sends the message.
    func send(by socket: borrowing LabSocket) throws(SystemError) {
        var bytes = bytes
        bytes.replaceSubrange(0..<4, with: UInt32(bytes.count).native)
        guard Glibc.send(socket.rawValue, bytes, bytes.count, 0) == bytes.count else {
            throw SystemError(lastOf: "send", "netlink")
        }
    }
}

extension FixedWidthInteger {
    /// The bytes in this machine's order.
    var native: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }
    /// The bytes in network order.
    var octets: [UInt8] { bigEndian.native }
}
