// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem
internal import Synchronization

/// Reads sockets and fragments of every network namespace by one run of `sockstat.bpf.c`. Safe to share.
final class SockstatPass: Sendable {
    /// What is known of a namespace; what the running kernel does not count is left out.
    typealias Reading = [SockstatMetric: UInt64]

    private let pass: Mutex<NamespacePass<skoop_sockstat_row>>

    /// Loads the program.
    ///
    /// - Parameters:
    ///   - metrics: what the running kernel shows in its files.
    ///   - capacity: namespaces there is room for at first.
    ///   - sys: where `/sys` is.
    init(_ metrics: Set<SockstatMetric>, capacity: Int = 1024, sys: String = "/sys") throws(ProbeError) {
        // Tried beforehand for the sake of a clear error.
        do { _ = try ProtocolSockets(metrics) } catch {
            let hint = error.isDenial ? ", learning where raw sockets are counted needs CAP_NET_RAW" : ""
            throw ProbeError(error.isDenial ? .missingPrivilege : .unsupportedKernel, error.description + hint)
        }
        var definition = NamespacePass<skoop_sockstat_row>.Definition(
            image: .sockstat, program: "read_sockstat", readsPerCPU: true)
        definition.prepare = { program throws(BPFError) in try Self.learnProtocols(metrics, program) }
        pass = Mutex(try NamespacePass(definition, capacity: capacity, sys: sys))
    }

    private static func learnProtocols(
        _ metrics: Set<SockstatMetric>, _ program: borrowing LoadedBPFObject
    ) throws(BPFError) {
        let sockets: ProtocolSockets
        do { sockets = try ProtocolSockets(metrics) } catch {
            throw BPFError(.run, subject: program.name, error.description)
        }
        var kinds = sockets.kinds
        let run = try program.runSyscall("learn_protocols", context: &kinds)
        // The sockets must be open until here.
        _ = consume sockets
        guard run.returnValue == 0 else {
            throw BPFError(.run, subject: program.name, "this kernel does not count sockets as expected")
        }
    }

    /// Reads all namespaces.
    ///
    /// - Parameter body: gets each namespace and a function that gives the value of a metric, `nil` where the kernel does
    ///   not count it.
    func read(_ body: (NamespaceID, (SockstatMetric) -> UInt64?) -> Void) throws(ProbeError) {
        try pass.withLock { pass throws(ProbeError) in
            for index in 0..<Int(try pass.run().namespaces) {
                let row = pass.rows[index]
                body(NamespaceID(rawValue: row.inum), row.value)
            }
        }
    }

    /// Compares the pass with what `/proc` shows of a namespace.
    ///
    /// - Parameter show: reads the files.
    /// - Throws: what differs.
    func compare(of namespace: NamespaceID, with show: () throws(ProbeError) -> Reading) throws(ProbeError) {
        var doubtful = Set(SockstatMetric.allCases)
        var before = try show()
        // Sockets come and go between readings; each value need agree only once.
        for _ in 0..<32 where !doubtful.isEmpty {
            var walked: Reading?
            try read { id, value in
                guard id == namespace else { return }
                walked = [:]
                for metric in SockstatMetric.allCases { walked?[metric] = value(metric) }
            }
            guard let walked else {
                throw ProbeError(.unreadable, "the one pass does not find the own namespace")
            }
            let after = try show()
            doubtful = doubtful.filter { metric in
                switch (before[metric], walked[metric], after[metric]) {
                case (let before?, let value?, let after?): !(min(before, after)...max(before, after) ~= value)
                case (nil, nil, nil): false
                default: true
                }
            }
            before = after
        }
        guard doubtful.isEmpty else {
            let names = doubtful.map(\.rawValue).sorted().joined(separator: ", ")
            throw ProbeError(.unsupportedKernel, "the one pass and /proc/net/sockstat differ in \(names)")
        }
    }
}

extension skoop_sockstat_row {
    fileprivate func value(_ metric: SockstatMetric) -> UInt64? {
        let (v, place) = (values, metric.place)
        guard available >> UInt64(place.rawValue) & 1 != 0 else { return nil }
        let all: InlineArray<14, UInt64> = [
            v.0, v.1, v.2, v.3, v.4, v.5, v.6, v.7, v.8, v.9, v.10, v.11, v.12, v.13,
        ]
        return all[Int(place.rawValue)]
    }
}

extension SockstatMetric {
    fileprivate var place: skoop_sockstat_value {
        switch self {
        case .socketsUsed: SKOOP_SOCKSTAT_USED
        case .tcpInuse: SKOOP_SOCKSTAT_TCP
        case .tcpTimeWait: SKOOP_SOCKSTAT_TIME_WAIT
        case .udpInuse: SKOOP_SOCKSTAT_UDP
        case .udpliteInuse: SKOOP_SOCKSTAT_UDPLITE
        case .rawInuse: SKOOP_SOCKSTAT_RAW
        case .fragInuse: SKOOP_SOCKSTAT_FRAGMENTS
        case .fragMemory: SKOOP_SOCKSTAT_FRAGMENT_MEMORY
        case .tcp6Inuse: SKOOP_SOCKSTAT_TCP6
        case .udp6Inuse: SKOOP_SOCKSTAT_UDP6
        case .udplite6Inuse: SKOOP_SOCKSTAT_UDPLITE6
        case .raw6Inuse: SKOOP_SOCKSTAT_RAW6
        case .frag6Inuse: SKOOP_SOCKSTAT_FRAGMENTS6
        case .frag6Memory: SKOOP_SOCKSTAT_FRAGMENT_MEMORY6
        }
    }
}
