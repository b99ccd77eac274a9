// SPDX-License-Identifier: Apache-2.0

/// The name of a program in an object: that of its C function.
///
/// Declare names once, beside the code that uses them: `static let onSwitch: BPFProgramName = "on_switch"`.
public struct BPFProgramName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name as in the C source.
    public let description: String

    /// A name known only at run time.
    public init(_ name: String) { description = name }

    /// A name in the source.
    public init(stringLiteral name: String) { description = name }
}

/// The name of a map in an object, with the Swift types of its keys and values.
///
/// A type must have the size of the C type; that is checked when the map is looked up, also on an object that is only
/// opened (`BPFObject.check`), so that a test without privileges can check every name.
public struct BPFMapName<Key: BitwiseCopyable, Value: BitwiseCopyable>: Hashable, Sendable, ExpressibleByStringLiteral,
    CustomStringConvertible
{
    /// The name as in the C source.
    public let description: String

    /// A name known only at run time.
    public init(_ name: String) { description = name }

    /// A name in the source.
    public init(stringLiteral name: String) { description = name }
}

/// The name of a map with one value for each possible CPU, with the Swift types of its keys and of one CPU's value.
public struct BPFPerCPUMapName<Key: BitwiseCopyable, Value: BitwiseCopyable>: Hashable, Sendable,
    ExpressibleByStringLiteral,
    CustomStringConvertible
{
    /// The name as in the C source.
    public let description: String

    /// A name known only at run time.
    public init(_ name: String) { description = name }

    /// A name in the source.
    public init(stringLiteral name: String) { description = name }
}

/// The name of a global variable in an object, with the Swift type of the same size.
public struct BPFGlobalName<Value: BitwiseCopyable>: Hashable, Sendable, ExpressibleByStringLiteral,
    CustomStringConvertible
{
    /// The name as in the C source.
    public let description: String

    /// A name known only at run time.
    public init(_ name: String) { description = name }

    /// A name in the source.
    public init(stringLiteral name: String) { description = name }
}

/// The name of a ring buffer map (`BPF_MAP_TYPE_RINGBUF`) in an object.
public struct BPFRingBufferName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name as in the C source.
    public let description: String

    /// A name known only at run time.
    public init(_ name: String) { description = name }

    /// A name in the source.
    public init(stringLiteral name: String) { description = name }
}
