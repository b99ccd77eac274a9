// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopBPF
import SkoopProbes
import SkoopTesting

/// What one kernel offers: to each probe, of each kind of hook, and of what programs are made of.
struct KernelReport: Sendable {
    /// A line: something that is used or offered, or is not.
    struct Row: Sendable, Hashable {
        /// `probe`, `alternative`, `hook`, `feature` or `time`.
        var kind: String
        var name: String
        /// The hooks or the source in use, `yes` for what is offered, how long a probe took to begin; empty where there
        /// is nothing.
        var what: String
        /// Why not, or nothing better.
        var why: String
    }

    var rows: [Row]

    /// The rows that say how long probes took to begin, which is never the same twice; and the others.
    var times: KernelReport { KernelReport(rows: rows.filter { $0.kind == "time" }) }
    var withoutTimes: KernelReport { KernelReport(rows: rows.filter { $0.kind != "time" }) }

    /// Finds out what the running kernel offers; `series` stands for its release in reasons.
    static func running(_ series: String) throws -> KernelReport {
        let readers = SharedReaders()
        var rows: [Row] = []
        var times: [Row] = []
        var all = Duration.zero
        for type in ProbeRegistry.all.sorted(by: { $0.definition.name < $1.definition.name }) {
            let name = type.definition.name
            var environment = ProbeEnvironment(readers: readers, events: EventOutlet())
            let time = ContinuousClock().measure { rows.append(Row(kind: "probe", name: name, type, environment)) }
            all += time
            if time >= .milliseconds(100) { times.append(Row(kind: "time", name: name, time)) }
            // What stands behind the best hooks must work as well.
            var seen = [rows.last?.what ?? ""]
            for kinds in [["tp_btf"], ["tp_btf", "fentry", "fexit"], ["fentry", "kprobe"]]
            where kinds.contains(where: { kind in seen.last?.contains("\(kind)/") == true }) {
                environment.avoidedHooks = Set(kinds)
                var row = Row(
                    kind: "alternative", name: "\(name) without \(kinds.joined(separator: ", "))", type, environment)
                row.why = row.what.isEmpty ? row.why : ""
                if !seen.contains(row.what) { rows.append(row) }
                seen.append(row.what)
            }
        }
        rows += times + [Row(kind: "time", name: "all probes", all)]
        let libc = try run("cat", "/proc/self/maps").split(separator: "\n").first { $0.hasSuffix("/libc.so.6") }
        let hooks: [(name: String, hook: Hook)] = [
            ("typed tracepoint", .btfTracepoint("kfree_skb")), ("raw tracepoint", .rawTracepoint("kfree_skb")),
            ("tracepoint", .tracepoint(category: "skb", name: "kfree_skb")), ("fentry", .fentry("tcp_v4_connect")),
            ("fexit", .fexit("tcp_v4_connect")), ("kprobe", .kprobe("tcp_v4_connect")),
            ("kretprobe", .kretprobe("tcp_v4_connect")),
            ("uprobe", .uprobe(file: libc?.split(separator: " ").last.map { String($0) } ?? "", function: "getppid")),
            ("lsm", .lsm("file_open")), ("tc", .trafficControl(interface: 1, .ingress)), ("xdp", .xdp(interface: 1)),
            ("socket lookup", .networkNamespace("/proc/self/ns/net")),
        ]
        rows += hooks.map { Row(kind: "hook", name: $0.name, hindrance: $0.hook.hindrance) }
        let features: [(name: String, feature: KernelFeature)] = [
            ("ring buffer", .map(.ringBuffer)), ("system call program", .program(.syscall)),
            ("function address", .helper(.functionAddress, in: .kprobe)),
            ("loop", .helper(.loop, in: .tracepoint)), ("per-CPU look-up", .helper(.lookupPerCPU, in: .tracepoint)),
        ]
        rows += features.map { Row(kind: "feature", name: $0.name, hindrance: $0.feature.hindrance) }
        let release = KernelVersion.runningRelease
        return KernelReport(
            rows: rows.map { row in
                var row = row
                row.why = row.why.replacing(release, with: series)
                return row
            })
    }

    /// The rows, one a line.
    var text: String {
        rows.map { [$0.kind, $0.name, $0.what, $0.why].joined(separator: "\t") + "\n" }.joined()
    }
}

extension KernelReport {
    /// Reads what ``text`` writes.
    init(text: String) throws {
        rows = try text.split(separator: "\n").map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard cells.count == 4 else { throw CocoaError(.fileReadCorruptFile) }
            return Row(kind: cells[0], name: cells[1], what: cells[2], why: cells[3])
        }
    }
}

extension KernelReport.Row {
    fileprivate init(kind: String, name: String, _ type: any Probe.Type, _ environment: ProbeEnvironment) {
        do throws(ProbeError) {
            let source = try type.init(environment).source
            // Of others, hooks are what events come from, beside the source of the counters.
            let isHooked = source.source == .ebpf && !source.hooks.isEmpty
            let what = isHooked ? source.hooks.joined(separator: ", ") : source.source.rawValue
            self.init(kind: kind, name: name, what: what, why: source.reason)
        } catch { self.init(kind: kind, name: name, what: "", why: "\(error.reason.rawValue): \(error.message)") }
    }

    fileprivate init(kind: String, name: String, _ time: Duration) {
        self.init(kind: kind, name: name, what: "\(Int((time / .milliseconds(1)).rounded()))", why: "")
    }

    fileprivate init(kind: String, name: String, hindrance: String?) {
        self.init(kind: kind, name: name, what: hindrance == nil ? "yes" : "", why: hindrance ?? "")
    }
}
