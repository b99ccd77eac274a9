// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong with a document.
public struct DocumentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file it came from; empty where there is none.
    public var file: String
    /// The line, counted from 1; 0 where the file as a whole is meant.
    public var line: Int
    /// The key, written as a path: `metrics.probes[2].name`; empty where none is meant.
    public var key: String
    /// One lower-case line: the value found and what is allowed.
    public var message: String

    /// Makes an error.
    public init(file: String, line: Int = 0, key: String = "", _ message: String) {
        self.file = file
        self.line = line
        self.key = key
        self.message = message
    }

    /// `file:line: key: message` on one line: control characters of a quoted value are escaped.
    public var description: String {
        let place = line > 0 ? "\(file):\(line)" : file
        let text = [place, key, message].filter { !$0.isEmpty }.joined(separator: ": ")
        return text.unicodeScalars.reduce(into: "") { line, scalar in
            line += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
        }
    }
}

/// Everything that is wrong with a document, in the order of its lines; never empty.
public struct DocumentErrors: Error, Sendable, Hashable, CustomStringConvertible {
    /// The errors.
    public var errors: [DocumentError]

    /// Makes a list.
    public init(_ errors: [DocumentError]) { self.errors = errors }

    /// One line per error.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}
