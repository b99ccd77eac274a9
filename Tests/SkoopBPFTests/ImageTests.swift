// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import Testing

/// What needs no privilege: every embedded object opens and has what the code expects.
@Suite struct ImageTests {
    @Test(arguments: [BPFImage.syscalls, .tracing, .iterators, .packets, .refused])
    func opens(_ image: BPFImage) throws {
        let object = try BPFObject(image)
        #expect(object.name == image.name)
        #expect(!object.programNames.isEmpty)
        #expect(image.bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]))
    }

    @Test func namesAndSizesAreChecked() throws {
        let object = try BPFObject(.tracing)
        for program in Tracing.programs { try object.check(program) }
        try object.check(Tracing.calls)
        try object.check(Tracing.perCPU)
        try object.check(Tracing.perCPUByCall)
        try object.check(Tracing.recent)
        try object.check(Tracing.wantedThread)
        try object.check(Tracing.wantedCall)
        try object.check(Tracing.seen)
        #expect(throws: BPFError.self) { try object.check("no_such" as BPFProgramName) }
        #expect(throws: BPFError.self) { try object.check("recent" as BPFRingBufferName) }
        #expect(throws: BPFError.self) { try object.check("seen" as BPFGlobalName<UInt32>) }
        #expect(throws: BPFError.self) { try object.check("no_such" as BPFGlobalName<UInt32>) }
        #expect(throws: BPFError.self) { try object.check("per_cpu" as BPFMapName<UInt32, UInt32>) }
        #expect(try object.info(of: "per_cpu").kind == .perCPUArray)
    }

    @Test func whatIsNoObjectIsRefused() throws {
        let text = BPFImage(name: "text", bytes: Array("no object file".utf8))
        let error = try #require(throws: BPFError.self) { _ = try BPFObject(text) }
        #expect(error.code == .image)
        #expect(error.subject == "text")
        let cut = BPFImage(name: "cut", bytes: Array(BPFImage.tracing.bytes.prefix(3000)))
        #expect(throws: BPFError.self) { _ = try BPFObject(cut) }
        #expect(throws: BPFError.self) { _ = try BPFObject(BPFImage(name: "empty", bytes: [])) }
    }

    @Test func impossibleSizesAreRefused() throws {
        var object = try BPFObject(.tracing)
        let error = try #require(throws: BPFError.self) { try object.resize(Tracing.recent, entries: 0) }
        #expect(error.message == "0 entries, allowed: 1 to 4294967295")
        #expect(throws: BPFError.self) { try object.resize(Tracing.recent, entries: 1 << 40) }
    }

    @Test(arguments: [
        ("6.1.0-18-amd64", KernelVersion(6, 1)), ("5.10.223", KernelVersion(5, 10, 223)),
        ("6.18.44-fc-v657", KernelVersion(6, 18, 44)), ("7.3-rc1", KernelVersion(7, 3)),
    ])
    func releases(_ release: String, _ version: KernelVersion) { #expect(KernelVersion(release: release) == version) }

    @Test(arguments: ["", "linux", "6", "6.x", ".", "-1.2"])
    func noReleases(_ release: String) { #expect(KernelVersion(release: release) == nil) }
}
