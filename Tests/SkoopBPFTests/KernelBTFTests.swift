// SPDX-License-Identifier: Apache-2.0
import SkoopTesting
import Testing

// SPDX-License-Identifier: Apache-2.0
@testable import SkoopBPF

@Suite struct KernelBTFTests {
    @Test func enumeratorsOfTheRunningKernel() throws {
        let names = [
            "LINUX_MIB_LISTENDROPS", "LINUX_MIB_LISTENOVERFLOWS", "TCP_ESTABLISHED", "BPF_MAP_TYPE_RINGBUF", "NO_SUCH",
        ]
        let values = try KernelBTF.enumerators(names)
        #expect(values["TCP_ESTABLISHED"] == 1)
        #expect(values["BPF_MAP_TYPE_RINGBUF"] == 27)
        #expect(values["NO_SUCH"] == nil)
        #expect(values["LINUX_MIB_LISTENDROPS"] == values["LINUX_MIB_LISTENOVERFLOWS"].map { $0 + 1 })
    }

    @Test func severalEnumerationsInOneScan() throws {
        var blob = BTFBlob()
        blob.enumeration("first", [("A", 1), ("B", 2)], signed: false)
        blob.enumeration("second", [("C", 3)], signed: false)
        blob.enumeration("third", [("D", 4)], signed: false)
        let found = try KernelBTF(path: "blob", bytes: blob.bytes).enumerators(ofAll: ["first", "third", "none"])
        #expect(found.keys.sorted() == ["first", "third"])
        #expect(found["first"]?.map(\.name) == ["A", "B"])
        #expect(found["third"]?.map(\.value) == [4])
    }

    /// A module's names go on where those of the kernel end.
    @Test func modulesAddToTheKernel() throws {
        var base = BTFBlob()
        base.enumeration("base", [("OF_THE_KERNEL", 1)], signed: false)
        var module = BTFBlob(addingTo: base)
        module.enumeration("added", [("OF_THE_MODULE", 2)], signed: false)
        let directory = try TemporaryDirectory()
        try directory.write(base.bytes, to: "vmlinux")
        try directory.write(module.bytes, to: "module")
        let data = try KernelBTF(path: "\(directory.path)/module", addingTo: "\(directory.path)/vmlinux")
        #expect(try data.enumerators(of: "added")?.map(\.name) == ["OF_THE_MODULE"])
        #expect(try data.enumerators(of: "base") == nil)
        #expect(throws: BPFError.self) { _ = try KernelBTF(module: "no_such_module") }
    }

    @Test func structuresOfTheRunningKernel() throws {
        let btf = try KernelBTF()
        #expect(try btf.bitOffset(of: "skc_family", in: "sock_common") == 16 * 8)
        #expect(try btf.bitOffset(of: "no_such", in: "sock_common") == nil)
        #expect(try btf.bitOffset(of: "x", in: "no_such") == nil)
        #expect(try btf.has(.structure, "task_struct"))
        #expect(try btf.has(.function, "tcp_v4_connect"))
        #expect(try !btf.has(.function, "no_such_function"))
    }

    /// A compiled program is an ELF file with a `.BTF` section, as a kernel image is.
    @Test func anELFFile() throws {
        let directory = try TemporaryDirectory()
        try directory.write(BPFImage.tracing.bytes, to: "tracing.o")
        let btf = try KernelBTF(path: "\(directory.path)/tracing.o")
        #expect(try btf.bitOffset(of: "id", in: "sys_enter_record") == 64)
        #expect(try btf.names(of: .function, in: ["typed", "raw", "nothing"]) == ["typed", "raw"])
        #expect(try btf.has(.variable, "seen"))
    }

    @Test func filesWithoutTypes() throws {
        let directory = try TemporaryDirectory()
        try directory.write("no types", to: "text")
        try directory.write([0x7F, 0x45, 0x4C, 0x46, 2, 1], to: "short")
        try directory.write("", to: "empty")
        for name in ["text", "short", "empty", "missing"] {
            let error = try #require(throws: BPFError.self) { _ = try KernelBTF(path: "\(directory.path)/\(name)") }
            #expect(error.code == .btf)
            #expect(error.subject == "\(directory.path)/\(name)")
        }
    }

    @Test func signsAndWidths() throws {
        var blob = BTFBlob()
        blob.enumeration("small", [("MINUS", 0xFFFF_FFFF), ("ONE", 1)], signed: true)
        blob.enumeration("", [("HIGH", 0xFFFF_FFFF)], signed: false)
        blob.enumeration64([("WIDE", 1 << 40)])
        let btf = try KernelBTF(path: "blob", bytes: blob.bytes)
        #expect(
            try btf.enumerators(["MINUS", "ONE", "HIGH", "WIDE", "NONE"])
                == ["MINUS": -1, "ONE": 1, "HIGH": 0xFFFF_FFFF, "WIDE": 1 << 40])
        let small = try #require(try btf.enumerators(of: "small"))
        #expect(small.map(\.name) == ["MINUS", "ONE"])
        #expect(small.map(\.value) == [-1, 1])
        #expect(try btf.enumerators(of: "none") == nil)
        // Before 6.0 no enumeration says that it is signed, and most with the high bit are.
        var old = BTFBlob()
        old.enumeration("", [("MINUS", 0xFFFF_FFFF)], signed: false)
        #expect(try KernelBTF(path: "old", bytes: old.bytes).enumerators(["MINUS"]) == ["MINUS": -1])
    }

    /// Whatever the bytes, an answer or an error, never a crash and never a walk without end.
    @Test func damagedTypesAreErrors() throws {
        var blob = BTFBlob()
        blob.enumeration("small", [("MINUS", 0xFFFF_FFFF), ("ONE", 1)], signed: true)
        blob.enumeration64([("WIDE", 1 << 40)])
        var random = SeededGenerator()
        var answers = 0
        for round in 0..<20_000 {
            var bytes = blob.bytes
            if round % 3 == 0 { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
            for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            do {
                let btf = try KernelBTF(path: "damaged", bytes: bytes)
                _ = try btf.enumerators(["MINUS", "WIDE", "NONE"])
                _ = try btf.bitOffset(of: "a", in: "small")
                answers += 1
            } catch {
                #expect(error.code == .btf)
            }
        }
        #expect(answers > 0 && answers < 20_000)
    }
}

/// Type information written by hand: `Documentation/bpf/btf.rst`.
private struct BTFBlob {
    private var types: [UInt32] = []
    private(set) var strings: [UInt8] = [0]
    /// How many bytes of names the kernel has that a module adds to.
    private let firstString: Int

    init(addingTo base: BTFBlob? = nil) { firstString = base?.strings.count ?? 0 }

    private mutating func string(_ text: String) -> UInt32 {
        guard !text.isEmpty else { return 0 }
        let offset = UInt32(firstString + strings.count)
        strings += Array(text.utf8) + [0]
        return offset
    }

    mutating func enumeration(_ name: String, _ values: [(String, UInt32)], signed: Bool) {
        types += [string(name), (signed ? 1 << 31 : 0) | 6 << 24 | UInt32(values.count), 4]
        for (name, value) in values { types += [string(name), value] }
    }

    mutating func enumeration64(_ values: [(String, UInt64)]) {
        types += [0, 19 << 24 | UInt32(values.count), 8]
        for (name, value) in values {
            types += [string(name), UInt32(truncatingIfNeeded: value), UInt32(value >> 32)]
        }
    }

    var bytes: [UInt8] {
        let size = UInt32(types.count * 4)
        let header: [UInt32] = [0x0001_EB9F, 24, 0, size, size, UInt32(strings.count)]
        return (header + types).flatMap { word in withUnsafeBytes(of: word) { Array($0) } } + strings
    }
}
