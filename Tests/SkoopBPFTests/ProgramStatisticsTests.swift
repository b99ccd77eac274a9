// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct ProgramStatisticsTests {
    @Test func countsRunsWhileTheClockRuns() throws {
        let object = try BPFObject(.packets).load()
        var packet = [UInt8](repeating: 0, count: 64)
        let before = try object.statistics(of: "only_ipv6")
        #expect(before.id > 0 && before.codeSize > 0 && before.verifiedInstructions > 0)
        let clock = try BPFRunClock()
        _ = try object.run("only_ipv6", on: &packet, repetitions: 1000)
        let after = try object.statistics(of: "only_ipv6")
        withExtendedLifetime(clock) {}
        #expect(after.id == before.id && after.missed == 0)
        #expect(after.runs == before.runs + 1000)
        #expect(after.runTime > before.runTime)
    }
}
