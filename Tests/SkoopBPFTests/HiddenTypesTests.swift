// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem
import Foundation
import Glibc
import SkoopBPF
import SkoopTesting
import Testing

extension KernelTests {
    /// A kernel that shows no types, as one built without them: they are hidden from the test's thread.
    @Suite struct HiddenTypes {
        private func withoutTypes(_ body: @escaping @Sendable () throws -> Void) async throws {
            try await onThread {
                try #require(unshare(0x20000) == 0)
                try #require(mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0)
                try #require(mount("/dev/null", KernelBTF.systemPath, nil, UInt(MS_BIND), nil) == 0)
                try body()
            }
        }

        private func copyOfTypes() throws -> TemporaryDirectory {
            let directory = try TemporaryDirectory()
            let types = try Data(contentsOf: URL(filePath: KernelBTF.systemPath))
            try directory.write(Array(types), to: "types")
            return directory
        }

        @Test func aFileOfTypesStandsInForTheKernels() async throws {
            let directory = try copyOfTypes()
            let file = directory.path + "/types"
            try await withoutTypes {
                func load() throws -> LoadedBPFObject {
                    var object = try BPFObject(.relocated)
                    try object.setGlobal("wanted_process" as BPFGlobalName<Int32>, to: getpid())
                    return try object.load()
                }
                func check() throws {
                    let object = try load()
                    let link = try object.attach("at_call", to: .rawTracepoint("sys_enter"))
                    Tracing.callParent(10)
                    try link.detach()
                    #expect(try object.global("seen" as BPFGlobalName<UInt64>) >= 10)
                    #expect(try KernelBTF.enumerators(["TCP_ESTABLISHED"]) == ["TCP_ESTABLISHED": 1])
                }
                let error = try #require(throws: BPFError.self) { _ = try load().name }
                #expect(error.code == .btf && error.message.contains("none is in the usual places"))
                KernelBTF.preferredPath = file
                try check()
                KernelBTF.preferredPath = nil
                #expect(throws: BPFError.self) { _ = try load().name }
                // One of the places where distributions put it.
                try #require(mount("none", "/boot", "tmpfs", 0, nil) == 0)
                try #require(symlink(file, "/boot/vmlinux-\(KernelVersion.runningRelease)") == 0)
                try check()
            }
            withExtendedLifetime(directory.path) {}
        }

        /// Such a program names types by numbers that only the kernel itself gives.
        @Test func aFileDoesNotHelpWhatIsTypedByTheKernel() async throws {
            let directory = try copyOfTypes()
            let file = directory.path + "/types"
            try await withoutTypes {
                KernelBTF.preferredPath = file
                defer { KernelBTF.preferredPath = nil }
                let error = try #require(throws: BPFError.self) { _ = try Tracing.open("typed").load().name }
                #expect(error.code == .btf)
                #expect(
                    error.message
                        == "needs type information (BTF) of the kernel itself, in \(KernelBTF.systemPath); \(file) cannot "
                        + "stand in for it")
            }
            withExtendedLifetime(directory.path) {}
        }
    }
}
