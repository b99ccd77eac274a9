// SPDX-License-Identifier: Apache-2.0
import CLibyaml
import Glibc

/// Reads one YAML document into a tree with libyaml; the only file of the module that holds C pointers.
///
/// Size, depth and the number of nodes are bounded, a repeated alias counts with everything it stands for: a text of
/// a few lines can therefore not fill the memory.
public enum YAMLDocument {
    /// What a document may ask for at most.
    public struct Limits: Sendable, Hashable {
        /// Bytes of the text.
        public var bytes = 1 << 20
        /// Nesting of lists and mappings.
        public var depth = 32
        /// Nodes, with those that aliases repeat.
        public var nodes = 100_000

        /// Makes the usual limits.
        public init() {}
    }

    /// Reads the document of a text; an empty text is null.
    ///
    /// - Throws: `YAMLError` for what is not YAML, a key that occurs twice, more than one document, or a limit passed.
    public static func parse(_ text: String, limits: Limits = Limits()) throws(YAMLError) -> YAMLNode {
        try parse(Array(text.utf8), limits: limits)
    }

    /// Reads the document of a text in UTF-8 or, with a byte order mark, UTF-16.
    public static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws(YAMLError) -> YAMLNode {
        guard bytes.count <= limits.bytes else {
            throw YAMLError(line: 1, "the document has \(bytes.count) bytes, allowed are \(limits.bytes)")
        }
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<YAMLNode, YAMLError> in
            let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
            defer { parser.deallocate() }
            guard yaml_parser_initialize(parser) == 1 else { return .failure(YAMLError(line: 1, "out of memory")) }
            defer { yaml_parser_delete(parser) }
            yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
            var composer = Composer(parser: parser, limits: limits)
            do throws(YAMLError) {
                return .success(try composer.document())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

/// What the parser says next, copied out of C.
private struct YAMLEvent {
    enum Kind {
        case streamEnd, documentStart, documentEnd, scalar(String, isPlain: Bool), alias(String)
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd, other
    }
    var kind: Kind
    var anchor: String?
    var line: Int
}

private struct Composer {
    private struct Anchored {
        var node: YAMLNode
        var count: Int
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let limits: YAMLDocument.Limits
    private var anchors: [String: Anchored] = [:]
    private var nodes = 0

    init(parser: UnsafeMutablePointer<yaml_parser_t>, limits: YAMLDocument.Limits) {
        self.parser = parser
        self.limits = limits
    }

    mutating func document() throws(YAMLError) -> YAMLNode {
        var root: YAMLNode?
        while true {
            let event = try next()
            switch event.kind {
            case .streamEnd:
                return root ?? YAMLNode(.scalar("", isPlain: true), line: 1)
            case .documentStart:
                guard root == nil else { throw YAMLError(line: event.line, "a second document starts, allowed is one") }
                root = try node(try next(), depth: 0)
            default:
                continue
            }
        }
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        guard depth <= limits.depth else {
            throw YAMLError(line: event.line, "nested deeper than \(limits.depth) levels")
        }
        let before = nodes
        try count(1, line: event.line)
        let node: YAMLNode
        switch event.kind {
        case .alias(let name):
            guard let anchored = anchors[name] else {
                throw YAMLError(line: event.line, "alias '*\(name)' has no anchor '&\(name)' before it")
            }
            try count(anchored.count, line: event.line)
            return anchored.node
        case .scalar(let text, let isPlain):
            node = YAMLNode(.scalar(text, isPlain: isPlain), line: event.line)
        case .sequenceStart:
            node = YAMLNode(.sequence(try elements(depth: depth)), line: event.line)
        case .mappingStart:
            node = YAMLNode(.mapping(try entries(depth: depth)), line: event.line)
        default:
            throw YAMLError(line: event.line, "a value was expected")
        }
        if let anchor = event.anchor { anchors[anchor] = Anchored(node: node, count: nodes - before) }
        return node
    }

    private mutating func elements(depth: Int) throws(YAMLError) -> [YAMLNode] {
        var elements: [YAMLNode] = []
        while true {
            let event = try next()
            if case .sequenceEnd = event.kind { return elements }
            elements.append(try node(event, depth: depth + 1))
        }
    }

    private mutating func entries(depth: Int) throws(YAMLError) -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        var lines: [String: Int] = [:]
        while true {
            let event = try next()
            if case .mappingEnd = event.kind { return entries }
            guard case .scalar(let key, _) = try node(event, depth: depth + 1).content else {
                throw YAMLError(line: event.line, "a key must be a single word")
            }
            if let first = lines.updateValue(event.line, forKey: key) {
                throw YAMLError(line: event.line, "key '\(key)' occurs twice, first in line \(first)")
            }
            let value = try node(try next(), depth: depth + 1)
            entries.append(YAMLNode.Entry(key: key, line: event.line, value: value))
        }
    }

    private mutating func count(_ added: Int, line: Int) throws(YAMLError) {
        nodes += added
        guard nodes <= limits.nodes else {
            throw YAMLError(line: line, "more than \(limits.nodes) values, counting what aliases repeat")
        }
    }

    private func next() throws(YAMLError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        var anchor: UnsafeMutablePointer<yaml_char_t>?
        let kind: YAMLEvent.Kind
        switch event.type {
        case YAML_STREAM_END_EVENT: kind = .streamEnd
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_ALIAS_EVENT: kind = .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            anchor = scalar.anchor
            let value = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            kind = .scalar(value, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        case YAML_SEQUENCE_START_EVENT:
            anchor = event.data.sequence_start.anchor
            kind = .sequenceStart
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            anchor = event.data.mapping_start.anchor
            kind = .mappingStart
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        default: kind = .other
        }
        return YAMLEvent(kind: kind, anchor: text(anchor), line: Int(event.start_mark.line) + 1)
    }

    private func failure() -> YAMLError {
        let parser = parser.pointee
        let problem = parser.problem.map { String(cString: $0) } ?? "not readable"
        let context = parser.context.map { String(cString: $0) + ": " } ?? ""
        // The reader, which checks the encoding, has only an offset and leaves the mark where the scanner was.
        let line = Int(parser.error == YAML_READER_ERROR ? parser.mark.line : parser.problem_mark.line) + 1
        return YAMLError(line: line, "not YAML: \(context)\(problem)")
    }

    private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}
