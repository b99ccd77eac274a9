// SPDX-License-Identifier: Apache-2.0
import SkoopProbes

extension SinkEnvironment {
    /// The text of an argument; nil where it is not given.
    public func string(_ name: String) -> String? {
        guard case .string(let value) = arguments[name] else { return nil }
        return value
    }

    /// The whole number of an argument; nil where it is not given.
    public func integer(_ name: String) -> Int? {
        guard case .integer(let value) = arguments[name] else { return nil }
        return Int(clamping: value)
    }

    /// The duration of an argument; nil where it is not given.
    public func duration(_ name: String) -> Duration? {
        guard case .duration(let value) = arguments[name] else { return nil }
        return value
    }

    /// The texts of an argument; none where it is not given.
    public func list(_ name: String) -> [String] {
        guard case .list(let value) = arguments[name] else { return [] }
        return value
    }

    /// Whether an argument is `true`; `false` where it is not given.
    public func flag(_ name: String) -> Bool { arguments[name] == .bool(true) }
}
