// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopBPF
import SkoopLab
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

/// What it measures is seen in the guests of the kernel matrix, which have virtio devices and kprobes.
@Suite(.serialized, .requiresRoot) struct VirtcmdLatencyProbeTests {
    @Test func saysWhatIsMissingOrRuns() throws {
        let hooks: [Hook] = [.fentry("virtnet_send_command"), .kprobe("virtnet_send_command")]
        do throws(ProbeError) {
            let probe = try VirtcmdLatencyProbe(ProbeEnvironment())
            #expect(probe.source.hooks.count == 2)
        } catch {
            #expect(error.reason == .unsupportedKernel)
            #expect(hooks.allSatisfy { error.message.contains($0.description) })
        }
    }

    @Test(.enabled(if: KernelMatrixTests.series != nil, "changes the guests' own devices"))
    func timesEveryCommand() throws {
        let device = try #require(try Self.device())
        let collector = EventCollector()
        var probe = try VirtcmdLatencyProbe(
            ProbeEnvironment(arguments: ["threshold": .duration(.nanoseconds(1))], events: collector.outlet))
        // The device is down, or it would be told its filters as well.
        for number in 1...10 { try run("ip", "link", "set", device, "address", "00:00:5e:00:53:f\(number % 10)") }

        #expect(try eventually { try collector.events().count >= 10 })
        let events = try collector.events()
        #expect(events.count == 10)
        for event in events {
            #expect(event.type == VirtcmdLatencyEvent.slow.type || event.type == VirtcmdLatencyEvent.slow100ms.type)
            #expect(event.process?.command == "ip")
            #expect(event.string("command") == "mac")
            #expect(event.integer("cpu").map { $0 >= 0 && $0 < 2 } == true)
            #expect(event.duration("latency_ns") ?? 0 > 0)
        }
        #expect(collector.counts.emitted == 10 && collector.counts.lost.isEmpty)
        let families = try probe.collect(.live())
        #expect(families.observations(VirtcmdLatencyExtraMetric.duration) == 10)

        try run("ip", "link", "set", device, "up")
        try run("ip", "link", "set", device, "promisc", "on")
        #expect(try eventually { try collector.events().contains { $0.string("command") == "rx" } })
        try run("ip", "link", "set", device, "promisc", "off", "down")
    }

    @Test(.enabled(if: KernelMatrixTests.series != nil, "changes the guests' own devices"))
    func countsFastCommandsOnly() throws {
        let device = try #require(try Self.device())
        let collector = EventCollector()
        var probe = try VirtcmdLatencyProbe(
            ProbeEnvironment(arguments: ["threshold": .duration(.seconds(60))], events: collector.outlet))
        for number in 1...5 { try run("ip", "link", "set", device, "address", "00:00:5e:00:53:e\(number)") }
        #expect(try probe.collect(.live()).observations(VirtcmdLatencyExtraMetric.duration) == 5)
        #expect(try collector.events().isEmpty)
        #expect(collector.counts == EventCounts())
    }

    @Test(.enabled(if: KernelMatrixTests.series != nil, "needs the guests' slow card"))
    func seesHowLongTheHypervisorTakes() throws {
        let card = try VirtioCard()
        // It begins with as many pairs as there are CPUs, and is told nothing where nothing changes.
        try card.setPairs([1])
        let collector = EventCollector()
        var probe = try VirtcmdLatencyProbe(ProbeEnvironment(events: collector.outlet))
        let counts = [2, 4, 8]
        let times = try card.setPairs(counts)

        #expect(try eventually { try collector.events().count >= counts.count })
        let events = try collector.events()
        #expect(events.map { $0.string("command") } == counts.map { _ in "mq" })
        for (event, (pairs, time)) in zip(events, zip(counts, times)) {
            let least = VirtioCard.timePerPair * (pairs - 1)
            let latency = Duration.nanoseconds(event.duration("latency_ns") ?? 0)
            #expect(latency >= least && latency <= time)
            #expect(event.process?.command == "python3")
            let type: VirtcmdLatencyEvent = latency > .milliseconds(100) ? .slow100ms : .slow
            #expect(event.type == type.type)
        }
        let families = try probe.collect(.live())
        #expect(families.observations(VirtcmdLatencyExtraMetric.duration) == UInt64(counts.count))
        #expect(families.value(VirtcmdLatencyMetric.latency) == UInt64(counts.count))
        let verySlow = events.count { $0.duration("latency_ns") ?? 0 > 100_000_000 }
        #expect(families.value(VirtcmdLatencyMetric.latency100ms) == UInt64(verySlow))
        try card.setPairs([1])
    }

    /// A device of the driver that the probe watches.
    private static func device() throws -> String? {
        let devices = "/sys/class/net"
        return try FileManager.default.contentsOfDirectory(atPath: devices).sorted().first { name in
            let driver = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(devices)/\(name)/device/driver")
            return driver?.hasSuffix("/virtio_net") == true
        }
    }
}
