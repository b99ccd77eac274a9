// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem
import Foundation
import SkoopBPF
import SkoopTesting
import Testing

extension KernelTests {
    /// Descriptors and mappings before and after using everything, in a process of its own because other tests run
    /// beside this one.
    @Suite struct Leaks {
        @Test func nothingIsLeftOpen() async {
            await #expect(processExitsWith: .success) {
                try useEverything()
                let before = (files: try openFiles(), bytes: try mappedBytes())
                for _ in 0..<20 { try useEverything() }
                let after = (files: try openFiles(), bytes: try mappedBytes())
                try #require(after.files.filter(isOfBPF) == before.files.filter(isOfBPF))
                // The runtime may open something of its own once, a leak of ours opens twenty.
                try #require(after.files.count < before.files.count + 20, "\(after.files)")
                // A lost verifier log would be 16 MiB each time, a lost ring 12 KiB.
                try #require(after.bytes < before.bytes + 4 << 20)
            }
        }
    }
}

private func useEverything() throws {
    let object = try Tracing.open("typed", "raw").load()
    var ring = try object.ringBuffer(Tracing.calls)
    let detached = try object.attach("typed", to: .btfTracepoint("sys_enter"))
    let dropped = try object.attach("raw", to: .rawTracepoint("sys_enter"))
    Tracing.callParent(3)
    guard try ring.drain({ _ in }) == 6 else { throw CocoaError(.featureUnsupported) }
    _ = try object.mapHandle(Tracing.recent).value(for: 1)
    try detached.detach()
    _ = dropped.name
    _ = Hook.fentry("tcp_v4_connect").hindrance
    _ = KernelFeature.program(.xdp).support
    if KernelFeature.program(.syscall).support == .supported {
        let syscalls = try BPFObject(.syscalls).load()
        _ = try syscalls.mapping(of: KernelTests.SyscallPrograms.sums)[0]
        var request = Request(input: 1, output: 0)
        try syscalls.runSyscall("add", context: &request)
    }
    _ = try BPFObject(.iterators).load().iterator("processes").run()
    do {
        _ = try BPFObject(.refused).load().name
    } catch {
        _ = try BPFObject(.refused)
    }
    _ = try KernelBTF.enumerators(["TCP_ESTABLISHED"])
}

private func openFiles() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        .compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }.sorted()
}

private func isOfBPF(_ file: String) -> Bool { file.contains("bpf") || file.contains("btf") }

private func mappedBytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmSize:") }
    return (line?.split(separator: " ").dropFirst().first).flatMap { Int($0) }.map { $0 * 1024 } ?? 0
}
