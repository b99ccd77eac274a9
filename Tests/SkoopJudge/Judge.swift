// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import SkoopAnalysis
import SkoopEvidence
import SkoopLab
import SkoopModel
import SkoopSystem
import SkoopTesting
import Synchronization

/// Plays scenarios and asks an analyzer what it makes of the evidence.
public final class Judge: Sendable {
    private let observatory: Observatory
    private let analyzer = Analyzer()
    private let played = Atomic<Int>(10)

    /// Starts the probes.
    ///
    /// What plays here comes before whatever else the machine does: that is not what is judged.
    public init() throws {
        setpriority(CInt(PRIO_PROCESS.rawValue), 0, -15)
        // Sessions share the CPUs evenly, whatever their processes' priorities are.
        if let group = fopen("/proc/self/autogroup", "w") {
            fputs("-15", group)
            fclose(group)
        }
        observatory = try Observatory()
    }

    /// Plays scenarios, several at once where they do not disturb each other.
    ///
    /// - Parameters:
    ///   - width: how many play at once.
    ///   - report: takes each verdict as it falls.
    public func play(
        _ scenarios: [LabScenario], seed: UInt64, width: Int = 4, report: @escaping @Sendable (Verdict) -> Void
    ) -> [Verdict] {
        let queue = Mutex(Array(scenarios.enumerated()).filter { $0.element.reach == .lab })
        let verdicts = Mutex<[Verdict]>([])
        @Sendable func judge(_ position: Int, _ scenario: LabScenario) {
            for verdict in judged(scenario, seed: seed &+ UInt64(position) &* 0x9E37_79B9_7F4A_7C15) {
                verdicts.withLock { $0.append(verdict) }
                report(verdict)
            }
        }
        let group = DispatchGroup()
        for _ in 0..<width {
            group.enter()
            let thread = try? WorkerThread(name: "judge") {
                while let (position, scenario) = queue.withLock({ $0.popLast() }) { judge(position, scenario) }
                group.leave()
            }
            if thread == nil { group.leave() }
        }
        group.wait()
        for (position, scenario) in scenarios.enumerated() where scenario.reach != .lab {
            judge(position, scenario)
        }
        return verdicts.withLock { $0 }.sorted { $0.scenario.name < $1.scenario.name }
    }

    private func judged(_ scenario: LabScenario, seed: UInt64) -> [Verdict] {
        do { return try judge(scenario, seed) } catch {
            return [Verdict(scenario: scenario, detail: "", findings: [], problem: "\(error)")]
        }
    }

    private func judge(_ scenario: LabScenario, _ seed: UInt64) throws -> [Verdict] {
        var random = SeededGenerator(quietly: seed)
        let topology = scenario.topologies.randomElement(using: &random) ?? .direct
        let number = played.add(1, ordering: .relaxed).newValue
        let lab = try FaultLab(topology, Subnet(10 + number % 90))
        let label = "s\(number)"
        let hosts = [lab.client, lab.server] + [lab.middle].compactMap(\.self)
        let hidden = scenario.hidesMiddle ? lab.middle : nil
        observatory.name(hosts.filter { $0 !== hidden }, label, hiding: hidden)
        defer { observatory.forget(hosts) }
        let stage = try Stage(lab, scenario.families, observatory, random)
        let traffic = try EverydayTraffic(stage)
        try scenario.play(stage)
        _ = consume traffic
        guard let time = stage.time else { throw LabError("\(scenario.name) let no fault happen") }
        var evidence = observatory.gathered
        for source in try stage.sources(label) { try source.add(to: &evidence, EvidenceRequest(analyzer)) }
        let detail = "\(label) \(topology) \(stage.family) \(stage.duration)"
        var verdicts = [verdict(scenario, label, evidence, time, detail)]
        if time.upperBound - time.lowerBound >= Self.long {
            var thinned = scenario
            thinned.name += ", looked at every 15 s"
            // The interval in which the time begins is of what was before, too.
            let whole = time.lowerBound + 20_000_000_000...time.upperBound
            verdicts.append(verdict(thinned, label, observatory.gatheredSparsely, whole, detail))
        }
        return verdicts
    }

    /// A time in which there is enough to see also for those who look every 15 s, in nanoseconds.
    private static let long: UInt64 = 120_000_000_000

    /// What is asked of a node with which nothing is wrong. Whether processes and disks wait depends on what the machine
    /// does besides; that nothing is dropped or kept from being received does not.
    private static let fairOfTheNode: Set<String> = [
        "softnet-backlog", "softirq-starvation", "virtio-command", "conntrack-full", "conntrack-race",
    ]

    private func verdict(
        _ scenario: LabScenario, _ label: String, _ evidence: Evidence, _ time: ClosedRange<UInt64>, _ detail: String
    ) -> Verdict {
        let analysis = analyzer.analyze(evidence, range: time)
        // Whoever waits for a CPU that others keep really does: that is found rightly, and is not the scenario's.
        let isCrowded = !scenario.causes.contains("cpu-contention") && Self.isCrowded
        let before = scenario.reach == .machine ? nodeFindings(evidence, before: time.lowerBound) : []
        let findings = analysis.findings.flatMap { finding -> [Finding] in
            // What follows from what the rest of the machine goes through is the scenario's only where it is its fault.
            let here = finding.consequences.filter {
                $0.subject.entity.podName.hasPrefix(label + "-")
                    && (!isCrowded || scenario.causes.contains($0.rule.id))
            }
            if isCrowded, finding.rule.id == "cpu-contention" { return here }
            if finding.subject.entity.podName.hasPrefix(label + "-") { return [finding] }
            guard finding.subject.entity.kind == .node else { return [] }
            if scenario.reach == .machine {
                guard scenario.causes.isEmpty else { return before.contains(finding.rule.id) ? [] : [finding] }
                if Self.fairOfTheNode.contains(finding.rule.id) { return [finding] }
            }
            // What the rest of the machine goes through is not this scenario's; what it explains here is.
            return here
        }
        let note = isCrowded ? ", others keep the CPUs" : ""
        var verdict = Verdict(scenario: scenario, detail: detail + note, findings: findings)
        if !verdict.isRight { verdict.drops = drops(time, label) }
        return verdict
    }

    /// Whether the machine has more to do than twice its CPUs, which no scenario makes by itself.
    private static var isCrowded: Bool {
        var load = [0.0]
        return getloadavg(&load, 1) == 1 && load[0] > 2 * Double(sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    }

    /// What the node went through already, in half a minute before.
    private func nodeFindings(_ evidence: Evidence, before time: UInt64) -> Set<String> {
        let findings = analyzer.analyze(evidence, range: time - 30_000_000_000...time).findings
        return Set(findings.filter { $0.subject.entity.kind == .node }.map(\.rule.id))
    }

    /// The packets that were dropped, by reason, for who wants to know why a verdict is wrong.
    private func drops(_ time: ClosedRange<UInt64>, _ label: String) -> [String] {
        let rules = Self.reasons.map { reason in
            Rule(
                reason, guides: [], symptom: "", cause: "",
                when: Quantity.increase(Measure(PacketlossExtraMetric.drops).where("reason", reason)) >= 1, advice: [])
        }
        return Analyzer(rules: rules).analyze(observatory.gathered, range: time).findings
            .filter { $0.subject.entity.podName.hasPrefix(label + "-") }
            .map { "\($0.rule.id) \(Int($0.observations.first?.value ?? 0)) of \($0.subject.name)" }
    }

    private static let reasons = [
        "NETFILTER_DROP", "NO_SOCKET", "NEIGH_FAILED", "NEIGH_QUEUEFULL", "NEIGH_DEAD", "NOT_SPECIFIED", "TCP_CSUM",
        "UDP_CSUM", "SOCKET_RCVBUFF", "QDISC_DROP", "QDISC_OVERLIMIT", "CPU_BACKLOG", "TCP_RFC7323_PAWS",
        "TCP_OVERWINDOW",
        "TCP_ZEROWINDOW", "TCP_LISTEN_OVERFLOW", "TCP_REQQFULLDROP", "IP_OUTNOROUTES", "IP_RPFILTER", "PKT_TOO_BIG",
        "TC_EGRESS", "TC_INGRESS", "BPF_CGROUP_EGRESS", "XDP", "FULL_RING", "SOCKET_BACKLOG", "PROTO_MEM",
        "TCP_INVALID_SYN", "TCP_FLAGS", "TCP_CLOSE", "TCP_FASTOPEN", "TCP_ABORT_ON_DATA",
        "TCP_OFO_QUEUE_PRUNE", "TCP_OFO_DROP", "TCP_RETRANSMIT_FAILED", "TCP_TIMEWAIT", "TCP_RFC7323_TW_PAWS",
        "TCP_RFC7323_PAWS_ACK", "TCP_TOO_OLD_ACK", "TCP_INVALID_SEQUENCE", "TCP_INVALID_ACK_SEQUENCE",
    ]
}
