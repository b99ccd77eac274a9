// SPDX-License-Identifier: Apache-2.0
import SkoopModel
import SkoopSystem

/// A bind mount of a network namespace, one line of `/proc/<pid>/mountinfo`; source: proc(5), `fs/proc_namespace.c`.
struct NamespaceMount {
    var namespace: NamespaceID
    /// Where it is mounted; `nil` where that place has been deleted since.
    var path: String?

    /// Parses a line; `nil` where it is another mount, or no line of that file.
    init?(_ line: Span<UInt8>) {
        // id, parent, device, root, mount point, options, any number of tagged fields, "-", type, source, options.
        var fields = ByteScanner(line)
        fields.skipTokens(3)
        guard let root = fields.token(), let inode = Self.inode(in: root), let point = fields.token() else {
            return nil
        }
        while let field = fields.token() {
            guard field.equals("-") else { continue }
            guard let type = fields.token(), type.equals("nsfs") else { return nil }
            namespace = NamespaceID(rawValue: inode)
            let path = Self.unescape(point)
            self.path = path.hasSuffix("//deleted") ? nil : path
            return
        }
        return nil
    }

    private static func inode(in root: Span<UInt8>) -> UInt64? {
        let prefix: StaticString = "net:["
        guard root.starts(with: prefix), root[root.count - 1] == UInt8(ascii: "]") else { return nil }
        return root.extracting(prefix.utf8CodeUnitCount..<root.count - 1).decimal
    }

    /// Replaces `\040` and the like, by which the kernel writes space, tab, newline and backslash.
    private static func unescape(_ text: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "\\"), index + 3 < text.count,
                let byte = octal(text.extracting(index + 1..<index + 4))
            {
                bytes.append(byte)
                index += 4
            } else {
                bytes.append(text[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func octal(_ digits: Span<UInt8>) -> UInt8? {
        var value = 0
        for index in digits.indices {
            let digit = digits[index]
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "7") else { return nil }
            value = value * 8 + Int(digit - UInt8(ascii: "0"))
        }
        return UInt8(exactly: value)
    }
}
