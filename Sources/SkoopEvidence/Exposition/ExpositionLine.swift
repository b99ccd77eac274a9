// SPDX-License-Identifier: Apache-2.0

/// A sample of Prometheus' text format 0.0.4 or of OpenMetrics, as its line has it.
struct ExpositionLine {
    /// What is wrong with a line.
    struct Mistake: Error {
        var message: String
    }

    var name: String
    var labels: [(name: String, value: String)] = []
    /// The text of the value.
    var value: ArraySlice<UInt8>
    /// The text of the time; nil where there is none.
    var time: ArraySlice<UInt8>?

    /// Reads a line that is neither empty nor a comment.
    init(_ line: ArraySlice<UInt8>) throws(Mistake) {
        var reader = LineReader(rest: line)
        reader.skipBlanks()
        var name: String?
        if reader.rest.first != UInt8(ascii: "{") {
            let bare = reader.word { !Self.isBlank($0) && $0 != UInt8(ascii: "{") }
            name = try Self.name(bare)
        }
        reader.skipBlanks()
        if reader.take("{") {
            reader.skipBlanks()
            while !reader.take("}") {
                // Prometheus 3 puts names that are no identifiers into the braces, in quotes.
                let isQuoted = reader.rest.first == UInt8(ascii: "\"")
                let label: String
                if isQuoted {
                    label = try reader.quoted()
                } else {
                    label = try Self.name(reader.word { !Self.isBlank($0) && !"=,}\"".utf8.contains($0) })
                }
                reader.skipBlanks()
                if reader.take("=") {
                    reader.skipBlanks()
                    let value = try reader.quoted()
                    guard !labels.contains(where: { $0.name == label }) else {
                        throw Mistake(message: "the label \(label) comes twice")
                    }
                    labels.append((label, value))
                } else if isQuoted, name == nil {
                    name = label
                } else {
                    throw Mistake(message: "expected '=' behind the label \(label)")
                }
                reader.skipBlanks()
                if reader.take(",") {
                    reader.skipBlanks()
                } else if reader.rest.first != UInt8(ascii: "}") {
                    throw Mistake(message: "expected ',' or '}' behind a label")
                }
            }
        }
        guard let name else { throw Mistake(message: "a sample without a name") }
        self.name = name
        reader.skipBlanks()
        value = reader.word { !Self.isBlank($0) }
        guard !value.isEmpty else { throw Mistake(message: "\(name) has no value") }
        reader.skipBlanks()
        // An exemplar of OpenMetrics says nothing that is looked at.
        guard let byte = reader.rest.first, byte != UInt8(ascii: "#") else { return }
        time = reader.word { !Self.isBlank($0) }
        reader.skipBlanks()
        guard reader.rest.isEmpty || reader.rest.first == UInt8(ascii: "#") else {
            throw Mistake(message: "something follows the time of \(name)")
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func name(_ bytes: ArraySlice<UInt8>) throws(Mistake) -> String {
        let isName = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard isName, let first = bytes.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            throw Mistake(message: "expected the name of a metric or a label")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Takes a line apart.
private struct LineReader {
    var rest: ArraySlice<UInt8>

    mutating func skipBlanks() { rest = rest.drop { $0 == 0x20 || $0 == 0x09 } }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func word(_ belongs: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let word = rest.prefix(while: belongs)
        rest = rest[word.endIndex...]
        return word
    }

    /// A text in quotes, in which `\\`, `\"` and `\n` stand for one character each.
    mutating func quoted() throws(ExpositionLine.Mistake) -> String {
        guard take("\"") else { throw .init(message: "expected a value in quotes") }
        var bytes: [UInt8] = []
        while let byte = rest.first {
            rest = rest.dropFirst()
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw .init(message: "a value that is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"):
                switch rest.popFirst() {
                case UInt8(ascii: "n"): bytes.append(0x0a)
                case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
                case UInt8(ascii: "\""): bytes.append(UInt8(ascii: "\""))
                default: throw .init(message: "a backslash that stands before none of \\, \" and n")
                }
            default: bytes.append(byte)
            }
        }
        throw .init(message: "a value whose quotes do not end")
    }
}
