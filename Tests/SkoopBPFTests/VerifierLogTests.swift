// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import Testing

/// Logs as kernels of several versions write them, and the line that tells why.
@Suite struct VerifierLogTests {
    static let statistics =
        "processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"

    @Test func aRegisterIsNamedWithItsInstruction() {
        let log = VerifierLog(
            """
            0: R1=ctx() R10=fp0
            ; return *address; @ refused.bpf.c:11
            0: (79) r1 = *(u64 *)(r1 +0)          ; R1_w=scalar()
            1: (61) r0 = *(u32 *)(r1 +0)
            R1 invalid mem access 'scalar'

            """ + Self.statistics)
        #expect(log.summary == "1: (61) r0 = *(u32 *)(r1 +0): R1 invalid mem access 'scalar'")
        #expect(log.lines.count == 6)
        #expect(log.lines(last: 2).first == "R1 invalid mem access 'scalar'")
        #expect(log.lines(last: -1).isEmpty)
    }

    @Test func aWholeSentenceStandsAlone() {
        let log = VerifierLog(
            """
            0: (b7) r0 = 0
            The sequence of 8193 jumps is too complex.
            verification time 850563 usec
            stack depth 64+8+0+8

            """ + Self.statistics)
        #expect(log.summary == "The sequence of 8193 jumps is too complex.")
    }

    @Test func aContextAccessIsNamedWithItsInstruction() {
        let log = VerifierLog("0: (61) r0 = *(u32 *)(r1 +200)\ninvalid bpf_context access off=200 size=4\n")
        #expect(log.summary == "0: (61) r0 = *(u32 *)(r1 +200): invalid bpf_context access off=200 size=4")
    }

    /// Kernels before 5.? write no statistics line when they give up early; 4.x writes tabs.
    @Test func oldKernels() {
        #expect(VerifierLog("0: (95) exit\nR0 !read_ok\n").summary == "0: (95) exit: R0 !read_ok")
        #expect(VerifierLog("unknown func bpf_loop#181\n").summary == "unknown func bpf_loop#181")
    }

    /// The report that kernels since 7.3 write, with its paragraphs.
    @Test func aReport() {
        let log = VerifierLog(
            """
            0: R1=ctx() R10=fp0
            0: (95) exit
            R0 !read_ok

            Verification failed: Register Type Safety: Unreadable register

            Reason:
              R0 was never written on this path,
              so it cannot be read.

            At:
              insn 0
                    | ^-- error: R0 is not readable
              Instruction context:
              >>> 0 | (95) exit

            Causal path:
              no retained diagnostic events on this path

            Suggestion:
              Write to R0 first.


            """ + Self.statistics)
        #expect(
            log.summary
                == "Register Type Safety: Unreadable register: R0 was never written on this path, so it cannot be read."
        )
    }

    @Test(arguments: [
        ("", "the log is empty"), ("\n\n", "the log is empty"), (statistics, "the log is empty"), ("R", "R"),
        ("R1", "R1"),
        ("Verification failed:", ""), ("Verification failed: cut\nReason:", "cut"), ("1", "1"), (": (", ": ("),
    ])
    func whateverIsWrittenIsRead(_ text: String, _ summary: String) { #expect(VerifierLog(text).summary == summary) }
}
