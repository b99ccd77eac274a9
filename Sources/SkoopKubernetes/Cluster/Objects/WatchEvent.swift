// SPDX-License-Identifier: Apache-2.0
import SkoopExport

/// A line of a watch.
struct WatchEvent: Sendable {
    /// What has happened to the object.
    enum Kind: String, Sendable {
        case added = "ADDED"
        case modified = "MODIFIED"
        case deleted = "DELETED"
        /// Nothing; the watch has come as far as the object's version.
        case bookmark = "BOOKMARK"
        /// The watch is at its end, and the object says why.
        case error = "ERROR"
    }

    var kind: Kind
    var object: ClusterObject

    /// Reads an event.
    init(parsing bytes: [UInt8]) throws(JSONError) {
        var kind: Kind?
        var object: ClusterObject?
        var cursor = JSONCursor(bytes)
        try cursor.object { (cursor, name) throws(JSONError) in
            switch name {
            case "type": kind = try cursor.text().flatMap { Kind(rawValue: $0) }
            case "object": object = try ClusterObject(&cursor)
            default: try cursor.skip()
            }
        }
        try cursor.finish()
        guard let kind, let object else { throw cursor.error("an event has a known type and an object") }
        self.kind = kind
        self.object = object
    }
}

/// What a list says beside its elements.
struct ListEnd: Sendable, Hashable {
    /// Where a watch begins.
    var version = ""
    /// By which the next part is asked for; empty after the last.
    var next = ""

    /// Reads what is left of a list.
    init(parsing bytes: [UInt8]) throws(JSONError) {
        var cursor = JSONCursor(bytes)
        var hasItems = false
        try cursor.object { (cursor, name) throws(JSONError) in
            switch name {
            case "items":
                hasItems = true
                try cursor.skip()
            case "metadata":
                try cursor.members { (cursor, name) throws(JSONError) in
                    switch name {
                    case "resourceVersion": self.version = try cursor.text() ?? ""
                    case "continue": self.next = try cursor.text() ?? ""
                    default: try cursor.skip()
                    }
                }
            default: try cursor.skip()
            }
        }
        try cursor.finish()
        guard hasItems, !version.isEmpty else { throw cursor.error("a list has items and a version") }
    }
}
