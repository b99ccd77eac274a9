// SPDX-License-Identifier: Apache-2.0

/// What a type of the kernel's type information is (`BTF_KIND_…`).
public enum BTFKind: UInt32, Sendable, CaseIterable {
    /// An integer.
    case integer = 1
    /// A pointer.
    case pointer
    /// An array.
    case array
    /// A `struct`.
    case structure
    /// A `union`.
    case union
    /// An `enum` of up to 32 bits.
    case enumeration
    /// A declaration without definition.
    case forward
    /// A `typedef`.
    case typedef
    /// `volatile`.
    case volatile
    /// `const`.
    case const
    /// `restrict`.
    case restrict
    /// A function.
    case function
    /// The signature of a function.
    case signature
    /// A variable.
    case variable
    /// A section of variables.
    case section
    /// A floating-point number.
    case float
    /// A tag on a declaration.
    case declarationTag
    /// A tag on a type.
    case typeTag
    /// An `enum` of 64 bits, since 6.0.
    case enumeration64

    /// How many bytes follow `struct btf_type`.
    func trailer(count: Int) -> Int {
        switch self {
        case .integer, .variable, .declarationTag: 4
        case .array: 12
        case .structure, .union, .section, .enumeration64: 12 * count
        case .enumeration, .signature: 8 * count
        default: 0
        }
    }
}

/// One `struct btf_type`, where it is.
struct BTFType {
    /// The number that other types call it by.
    let id: UInt32
    let kind: BTFKind
    /// Where its name is in the string section; 0 is no name.
    let name: UInt32
    /// Its size in bytes, or the number of the type it refers to.
    let sizeOrType: UInt32
    /// How many members, enumerators or parameters it has.
    let count: Int
    /// `kind_flag`: an enumeration is signed, a structure has bit fields.
    let flag: Bool
    /// Where the members are.
    let members: Int
}

extension BTFData {
    /// Calls `body` with every type in order until it returns false.
    func forEachType(_ body: (BTFType) throws(BPFError) -> Bool) throws(BPFError) {
        var offset = types.lowerBound
        var id: UInt32 = 1
        while offset < types.upperBound {
            let info = try load(UInt32.self, at: offset + 4)
            guard let kind = BTFKind(rawValue: info >> 24 & 0x1F) else { throw malformed }
            let type = BTFType(
                id: id, kind: kind, name: try load(UInt32.self, at: offset),
                sizeOrType: try load(UInt32.self, at: offset + 8), count: Int(info & 0xFFFF), flag: info >> 31 == 1,
                members: offset + 12)
            offset = type.members + kind.trailer(count: type.count)
            guard offset <= types.upperBound else { throw malformed }
            guard try body(type) else { return }
            id += 1
        }
    }

    /// The value of an enumerator; `signed` is true for all 32-bit ones of BTF from before 6.0, which does not say.
    func enumerator(_ type: BTFType, _ index: Int, signed: Bool) throws(BPFError) -> (name: UInt32, value: Int64) {
        let offset = type.members + index * (type.kind == .enumeration64 ? 12 : 8)
        let low = try load(UInt32.self, at: offset + 4)
        let name = try load(UInt32.self, at: offset)
        if type.kind == .enumeration64 {
            return (name, Int64(bitPattern: UInt64(try load(UInt32.self, at: offset + 8)) << 32 | UInt64(low)))
        }
        return (name, signed ? Int64(Int32(bitPattern: low)) : Int64(low))
    }
}
