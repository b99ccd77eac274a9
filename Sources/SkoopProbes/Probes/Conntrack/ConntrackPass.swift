// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopModel
internal import Synchronization

/// Reads connection tracking of every network namespace by one run of `conntrack.bpf.c`. Safe to share.
final class ConntrackPass: Sendable {
    private let pass: Mutex<NamespacePass<skoop_conntrack_row>>

    /// Loads the program.
    init(sys: String) throws(ProbeError) {
        pass = Mutex(
            try NamespacePass(.init(image: .conntrack, program: "read_conntrack", readsPerCPU: true), sys: sys))
    }

    /// Reads all namespaces.
    func read() throws(ProbeError) -> [(key: NamespaceKey, reading: ConntrackReading)] {
        try pass.withLock { pass throws(ProbeError) in
            let count = Int(try pass.run().namespaces)
            return (0..<count).map { index in
                let row = pass.rows[index]
                return (
                    NamespaceKey(id: NamespaceID(rawValue: row.inum), cookie: row.cookie), ConntrackReading(row)
                )
            }
        }
    }

    /// Compares the pass with what `/proc` shows of the own namespace.
    ///
    /// - Throws: what differs.
    func compare(with shown: ConntrackReading, of namespace: NamespaceID) throws(ProbeError) {
        guard let walked = try read().first(where: { $0.key.id == namespace })?.reading else {
            throw ProbeError(.unreadable, "the one pass does not find the own namespace")
        }
        let sums = ConntrackTally(shown.counters).totals
        for counter in ConntrackCounter.allCases where shown.available[counter.rawValue] {
            // The pass came later, and counters only grow.
            guard walked.available[counter.rawValue],
                UInt64(walked.counters[counter.rawValue]) >= sums[counter.rawValue]
            else {
                throw ProbeError(
                    .unsupportedKernel, "the one pass and /proc/net/stat/nf_conntrack differ in \(counter)")
            }
        }
        guard walked.limit == shown.limit else {
            throw ProbeError(.unsupportedKernel, "the one pass and /proc/sys/net/netfilter/nf_conntrack_max differ")
        }
    }
}

extension ConntrackReading {
    fileprivate init(_ row: skoop_conntrack_row) {
        entries = UInt64(row.entries)
        limit = UInt64(row.max_entries)
        // The sums over CPUs stand for one CPU: both wrap at 2^32.
        let c = row.counters
        counters = [c.0, c.1, c.2, c.3, c.4, c.5, c.6, c.7, c.8, c.9, c.10]
        available = ConntrackCounter.allCases.map { row.available >> UInt32($0.rawValue) & 1 != 0 }
    }
}
