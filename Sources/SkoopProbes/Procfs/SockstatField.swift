// SPDX-License-Identifier: Apache-2.0
internal import SkoopSystem

/// A value of `/proc/<pid>/net/sockstat` or `sockstat6`, `net/ipv4/proc.c`, `net/ipv6/proc.c`: `TCP: inuse 5 orphan 0 …`.
struct SockstatField: Sendable {
    /// How the line begins, with its colon.
    var line: StaticString
    /// The word before the value.
    var key: StaticString

    init(_ line: StaticString, _ key: StaticString) {
        self.line = line
        self.key = key
    }

    /// Hands over each wanted value with its position in `fields`.
    ///
    /// - Returns: how many of the wanted values had not the expected form.
    static func parse(_ text: Span<UInt8>, _ fields: [SockstatField], _ body: (Int, UInt64) -> Void) -> UInt64 {
        var malformed: UInt64 = 0
        var lines = ByteScanner(text)
        while let line = lines.line() {
            var words = ByteScanner(line)
            guard let name = words.token() else { continue }
            while let key = words.token() {
                let value = words.decimal()
                for (position, field) in fields.enumerated() where key.equals(field.key) && name.equals(field.line) {
                    if let value { body(position, value) } else { malformed += 1 }
                }
            }
        }
        return malformed
    }
}
