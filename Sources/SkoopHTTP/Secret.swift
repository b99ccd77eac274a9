// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// A password or a token: given, or in a file that is read whenever it is needed, since it may be replaced.
package enum Secret: Sendable, Hashable, CustomStringConvertible {
    /// From the configuration.
    case text(String)
    /// The path of a file with nothing else in it; blanks and line ends around it do not count.
    case file(String)

    /// The secret itself, never to be printed.
    package func value() throws(HTTPError) -> String {
        switch self {
        case .text(let text): return text
        case .file(let path):
            var buffer = FileBuffer(capacity: 256)
            do throws(SystemError) {
                try buffer.read(path)
            } catch {
                throw HTTPError(.credentials, "the file with the credentials cannot be read: \(error)")
            }
            var bytes: [UInt8] = []
            for position in 0..<buffer.bytes.count { bytes.append(buffer.bytes[position]) }
            let isBlank: (UInt8) -> Bool = { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
            let text = bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
            guard !text.isEmpty, text.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
                throw HTTPError(.credentials, "the file '\(path)' holds no password or token of one line")
            }
            return String(decoding: Array(text), as: UTF8.self)
        }
    }

    /// Not the secret.
    package var description: String { "***" }
}
