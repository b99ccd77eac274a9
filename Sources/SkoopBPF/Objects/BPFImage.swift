// SPDX-License-Identifier: Apache-2.0

/// A compiled eBPF object file (ELF), not yet known to the kernel.
///
/// The `BPFObjects` build plugin adds one constant per `*.bpf.c` file to this type, named after the file:
/// `retransmits.bpf.c` becomes `BPFImage.retransmits`.
public struct BPFImage: Sendable {
    private enum Storage: Sendable {
        case base64(StaticString)
        case bytes([UInt8])
    }

    /// What messages call the object: the file name without `.bpf.c`.
    public let name: String
    private let storage: Storage

    /// An image embedded in the program, as the build plugin writes it.
    public init(name: String, base64: StaticString) {
        self.name = name
        self.storage = .base64(base64)
    }

    /// An image from elsewhere, such as a file read at run time.
    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.storage = .bytes(bytes)
    }

    /// The object file. An embedded one is decoded anew at each call and not kept.
    public var bytes: [UInt8] {
        switch storage {
        case .bytes(let bytes): bytes
        case .base64(let text): decodeBase64(text)
        }
    }
}

/// The plugin writes no line breaks and correct padding; anything else ends up as a file that libbpf refuses.
private func decodeBase64(_ text: StaticString) -> [UInt8] {
    let text = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var bits: UInt32 = 0
    var held = 0
    for index in 0..<text.count {
        let character = unsafe text[index]
        let digit: UInt8
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): digit = 62
        case UInt8(ascii: "/"): digit = 63
        default: continue
        }
        bits = bits << 6 | UInt32(digit)
        held += 6
        if held >= 8 {
            held -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
        }
    }
    return bytes
}
