// SPDX-License-Identifier: Apache-2.0
import SkoopExport

/// The format of an access log: what stands between the variables.
public struct AccessFormat: Sendable, Hashable {
    /// A variable and the text behind it.
    private struct Piece: Sendable, Hashable {
        var variable: AccessVariable?
        var isList: Bool
        var literal: [UInt8]
    }

    /// The text before the first variable.
    private var lead: [UInt8] = []
    private var pieces: [Piece] = []
    /// Whether lines are JSON objects whose members are named after the variables.
    private var isJSON = false
    /// Whether lines may go on behind the last variable.
    private var isOpen = false

    /// nginx's own default; it has no times, so that it tells little.
    public static let combined = AccessFormat(
        builtIn: "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
            + "\"$http_user_agent\"", isOpen: true)
    /// The default of the ingress controller of the Kubernetes project.
    public static let ingress = AccessFormat(
        builtIn: "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
            + "\"$http_user_agent\" $request_length $request_time [$proxy_upstream_name] "
            + "[$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time "
            + "$upstream_status $req_id", isOpen: false)
    /// JSON objects whose members are named after nginx's variables, whatever case and whether with underscores.
    public static let json: AccessFormat = {
        var format = AccessFormat()
        format.isJSON = true
        return format
    }()

    /// What is allowed, for messages.
    public static let allowed =
        "combined, ingress, json, or nginx's log_format, for example '$msec $status $request_time'"

    private init() {}

    private init(builtIn text: String, isOpen: Bool) {
        self.isOpen = isOpen
        (lead, pieces) = Self.parse(Array(text.utf8)).parts
    }

    /// Reads a name or a format.
    ///
    /// - Parameter text: see ``allowed``; what nginx's configuration has between the quotes of `log_format`.
    /// - Throws: where two variables have nothing between them, or no time or status is in it.
    public init(_ text: String) throws(EvidenceError) {
        switch text {
        case "combined": self = .combined
        case "ingress": self = .ingress
        case "json": self = .json
        default:
            let (parts, problem) = Self.parse(Array(text.utf8))
            if let problem { throw EvidenceError("the access log's format", problem) }
            (lead, pieces) = parts
            let variables = Set(pieces.compactMap(\.variable))
            guard variables.contains(.status) else {
                throw EvidenceError("the access log's format", "'\(text)' has no $status; allowed are \(Self.allowed)")
            }
            guard !variables.isDisjoint(with: [.localTime, .isoTime, .milliseconds]) else {
                throw EvidenceError(
                    "the access log's format", "there is no $time_local, $time_iso8601 or $msec in '\(text)'")
            }
        }
    }

    private static func parse(_ text: [UInt8]) -> (parts: ([UInt8], [Piece]), problem: String?) {
        var lead: [UInt8] = []
        var pieces: [Piece] = []
        var rest = text[...]
        while let byte = rest.first {
            guard byte == UInt8(ascii: "$") else {
                rest = rest.dropFirst()
                if pieces.isEmpty { lead.append(byte) } else { pieces[pieces.count - 1].literal.append(byte) }
                continue
            }
            let isBraced = rest.dropFirst().first == UInt8(ascii: "{")
            let start = rest.dropFirst(isBraced ? 2 : 1)
            let name = start.prefix {
                $0 == UInt8(ascii: "_") || (48...57).contains($0) || (97...122).contains($0 | 32)
            }
            rest = start.dropFirst(name.count)
            if isBraced {
                guard rest.popFirst() == UInt8(ascii: "}") else { return ((lead, pieces), "a ${ has no }") }
            }
            guard !name.isEmpty else { return ((lead, pieces), "a $ has no name behind it") }
            let variable = String(decoding: name, as: UTF8.self)
            if let last = pieces.last, last.literal.isEmpty {
                return ((lead, pieces), "there is nothing before $\(variable) that would tell where it begins")
            }
            pieces.append(
                Piece(
                    variable: AccessVariable(rawValue: variable), isList: AccessVariable.isList(variable), literal: []))
        }
        return ((lead, pieces), nil)
    }

    /// The values in a line; nil where it is not in this format.
    func fields(of line: ArraySlice<UInt8>) -> AccessFields? {
        if isJSON { return Self.members(of: line) }
        guard line.starts(with: lead) else { return nil }
        var rest = line.dropFirst(lead.count)
        var fields = AccessFields()
        for (number, piece) in pieces.enumerated() {
            let value: ArraySlice<UInt8>
            if piece.isList {
                value = Self.list(in: rest, before: piece.literal)
            } else if piece.literal.isEmpty {
                value = isOpen ? rest.prefix { $0 != UInt8(ascii: " ") } : rest
            } else {
                guard let end = Self.position(of: piece.literal, in: rest) else { return nil }
                value = rest[rest.startIndex..<end]
            }
            rest = rest[value.endIndex...]
            guard rest.starts(with: piece.literal) else { return nil }
            rest = rest.dropFirst(piece.literal.count)
            if let variable = piece.variable { fields[variable] = value }
            if number == pieces.count - 1, !isOpen, !rest.isEmpty { return nil }
        }
        return fields
    }

    /// The values for each upstream: without blanks themselves, and `, ` or ` : ` between them.
    private static func list(in text: ArraySlice<UInt8>, before literal: [UInt8]) -> ArraySlice<UInt8> {
        var position = text.startIndex
        while true {
            while position < text.endIndex, ![0x20, 0x2c, 0x22].contains(text[position]),
                !(text[position] == literal.first && text[position...].starts(with: literal))
            { position += 1 }
            let rest = text[position...]
            guard let length = separators.first(where: { rest.starts(with: $0) })?.count else { break }
            position += length
        }
        return text[..<position]
    }

    private static let separators: [[UInt8]] = [Array(", ".utf8), Array(" : ".utf8)]

    /// Where a text begins first, what a backslash escapes left out.
    private static func position(of literal: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        var position = text.startIndex
        while position < text.endIndex {
            if text[position] == literal[0], text[position...].starts(with: literal) { return position }
            position += text[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return nil
    }

    private static func members(of line: ArraySlice<UInt8>) -> AccessFields? {
        guard let members = (try? JSONValue(parsing: line))?.members else { return nil }
        var fields = AccessFields()
        for (name, value) in members {
            guard let variable = AccessVariable.spellings[AccessVariable.comparable(name)] else { continue }
            switch value {
            case .string(let text): fields[variable] = Array(text.utf8)[...]
            case .integer(let number): fields[variable] = Array("\(number)".utf8)[...]
            case .number(let number): fields[variable] = Array("\(number)".utf8)[...]
            case .null: fields[variable] = Array("-".utf8)[...]
            case .negative, .bool, .array, .object: return nil
            }
        }
        return fields
    }
}
