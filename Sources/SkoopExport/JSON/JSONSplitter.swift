// SPDX-License-Identifier: Apache-2.0

/// Takes a stream of JSON apart while it comes, so that no more than one value need be kept.
///
/// Only brackets and quotes are looked at: whether a value is JSON is for who reads it to say.
package struct JSONSplitter {
    /// Which values are wanted.
    package enum Wanted: Sendable, Hashable {
        /// The objects of the stream, one after the other.
        case objects
        /// The objects in an array that is a member of the stream's only object. What is left of that object is
        /// ``JSONSplitter/rest``.
        case elements(of: String)
    }

    /// The member whose elements are wanted; nil where objects are.
    private let member: [UInt8]?
    private let longest: Int
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var isInArray = false
    /// The value that is being read, as far as it has come.
    private var value: [UInt8] = []
    /// The last string of the outermost object, with its quotes.
    private var name: [UInt8] = []
    /// The outermost object without the elements.
    package private(set) var rest: [UInt8] = []

    /// Begins.
    ///
    /// - Parameter longest: the most bytes of a value.
    package init(_ wanted: Wanted, longest: Int) {
        switch wanted {
        case .objects: member = nil
        case .elements(let name): member = Array(name.utf8)
        }
        self.longest = longest
    }

    private var isInValue: Bool { isInArray ? depth > 2 : member == nil && depth > 0 }

    /// Takes what has come.
    ///
    /// - Parameters:
    ///   - chunk: the next bytes, cut anywhere.
    ///   - body: gets each value that is whole.
    /// - Throws: what `body` throws, and where a value is too long or a bracket closes nothing.
    package mutating func feed(
        _ chunk: some Sequence<UInt8>, _ body: ([UInt8]) throws(JSONError) -> Void
    ) throws(JSONError) {
        for byte in chunk {
            let wasInValue = isInValue
            let wasInString = isInString
            let isBracket = step(byte)
            guard depth >= 0 else { throw JSONError(offset: 0, message: "a bracket closes what was not opened") }
            if wasInValue || isInValue {
                value.append(byte)
                guard value.count <= longest else {
                    throw JSONError(offset: longest, message: "a value of more than \(longest) bytes")
                }
                guard wasInValue, !isInValue else { continue }
                defer { value.removeAll(keepingCapacity: true) }
                try body(value)
            } else if member == nil {
                guard byte <= 0x20 else { throw JSONError(offset: 0, message: "between the objects is something else") }
            } else {
                try keep(byte, wasInString: wasInString, isBracket: isBracket)
            }
        }
    }

    /// Follows quotes and brackets.
    ///
    /// - Returns: whether the byte is one of the latter.
    private mutating func step(_ byte: UInt8) -> Bool {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return false
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            return true
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            return true
        default: break
        }
        return false
    }

    /// Takes a byte that is of no element.
    private mutating func keep(_ byte: UInt8, wasInString: Bool, isBracket: Bool) throws(JSONError) {
        if isInArray, depth >= 2 {
            // What separates elements goes with them.
            guard byte <= 0x20 || byte == UInt8(ascii: ",") else {
                throw JSONError(offset: 0, message: "an element is no object")
            }
            return
        }
        isInArray = false
        rest.append(byte)
        guard rest.count <= longest else {
            throw JSONError(offset: longest, message: "what is beside the elements has more than \(longest) bytes")
        }
        if depth == 1, isInString || wasInString {
            if isInString, !wasInString { name.removeAll(keepingCapacity: true) }
            name.append(byte)
        }
        if isBracket, depth == 2, byte == UInt8(ascii: "["), name.dropFirst().dropLast().elementsEqual(member ?? []) {
            isInArray = true
        }
    }
}
