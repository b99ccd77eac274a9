// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem
import Foundation
import Glibc
import SkoopBPF
import SkoopTesting
import Testing

extension KernelTests {
    @Suite struct Hooks {
        @Test func missingPlacesSayWhatIsMissing() {
            #expect(Hook.btfTracepoint("no_such").hindrance == "no tracepoint 'no_such'")
            #expect(Hook.fentry("no_such").hindrance == "no function 'no_such'")
            #expect(Hook.lsm("no_such").hindrance == "no security hook 'no_such'")
            #expect(Hook.rawTracepoint("no_such").hindrance?.contains("No such file") == true)
            #expect(Hook.uprobe(file: "/no/such", function: "f").hindrance == "no readable file '/no/such'")
            #expect(Hook.cgroup("/proc").hindrance?.contains("control groups") == true)
            #expect(Hook.networkNamespace("/no/such").hindrance == "no network namespace at '/no/such'")
        }

        /// Whether kprobes and fentry work differs between kernels; what the probe says must be what attaching does.
        @Test(arguments: [
            BPFAttachment("by_probe", to: .kprobe("tcp_v4_connect")),
            BPFAttachment("by_entry", to: .fentry("tcp_v4_connect")),
        ])
        func theProbeAgreesWithAttaching(_ attachment: BPFAttachment) throws {
            var opened = try Tracing.open(attachment.program)
            try opened.target(attachment.program, at: attachment.hook)
            let hindrance = attachment.hook.hindrance
            do {
                let object = try opened.load()
                let link = try object.attach(attachment.program, to: attachment.hook)
                try link.detach()
                #expect(hindrance == nil)
            } catch {
                #expect(hindrance != nil, "\(error)")
            }
        }

        @Test func theFirstOfferedAlternativeIsTaken() throws {
            var opened = try Tracing.open("by_entry", "raw", "typed")
            let choice = try opened.choose(from: [
                BPFAttachment("by_entry", to: .fentry("no_such_function")),
                BPFAttachment("raw", to: .rawTracepoint("sys_enter")),
                BPFAttachment("typed", to: .btfTracepoint("sys_enter")),
            ])
            #expect(choice.chosen == BPFAttachment("raw", to: .rawTracepoint("sys_enter")))
            #expect(
                choice.description
                    == "raw at raw_tp/sys_enter; not by_entry at fentry/no_such_function: no function 'no_such_function'"
            )
            let object = try opened.load()
            let link = try object.attach(choice)
            Tracing.callParent(4)
            #expect(try object.global(Tracing.seen) == 4)
            try link.detach()
        }

        @Test func noAlternativeIsAnErrorWithEveryReason() throws {
            var opened = try BPFObject(.tracing)
            let error = try #require(throws: BPFError.self) {
                try opened.choose(from: [
                    BPFAttachment("by_entry", to: .fentry("no_such_function")),
                    BPFAttachment("typed", to: .btfTracepoint("no_such_point")),
                ])
            }
            #expect(error.code == .unsupported)
            #expect(error.message.contains("no function 'no_such_function'"))
            #expect(error.message.contains("no tracepoint 'no_such_point'"))
        }

        @Test func disabledProgramsCannotBeAttached() throws {
            let object = try Tracing.open("typed").load()
            let error = try #require(throws: BPFError.self) {
                _ = try object.attach("raw", to: .rawTracepoint("sys_enter"))
            }
            #expect(error.message == "the program was disabled before loading")
        }

        @Test func pinnedLinksStay() throws {
            let path = "/sys/fs/bpf/skoop-test-\(getpid())-link"
            let object = try Tracing.open("typed").load()
            let link = try object.attach("typed", to: .btfTracepoint("sys_enter"))
            try link.pin(at: path)
            Tracing.callParent(2)
            #expect(try object.global(Tracing.seen) == 2)
            #expect(unlink(path) == 0)
            // The kernel lets go of the link after the file, on its own time.
            #expect(
                eventually {
                    let before = try? object.global(Tracing.seen)
                    Tracing.callParent(1)
                    return before != nil && before == (try? object.global(Tracing.seen))
                })
        }
    }
}
