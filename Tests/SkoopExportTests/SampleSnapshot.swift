// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// Snapshots that show every notation at least once.
enum SampleSnapshot {
    static let textOfEverything = "quote \" backslash \\ line\nfeed tab\t é 🐝"

    static let metrics: [Metric] = [
        Metric(
            name: "kubeskoop_udp_noports", probe: "udp", kind: .counter, help: textOfEverything, source: "",
            aliases: [.init("kubeskoop_pod_udpnoports", .ack), .init("inspector_pod_udpnoports", .v0)]),
        Metric(
            name: "kubeskoop_tcpsummary_tcprxqueue", probe: "tcpsummary", kind: .gauge, unit: .bytes,
            help: "bytes not read yet", source: ""),
        Metric(
            name: "skoop_cgroup_cpu_throttled_seconds_total", probe: "cgroup", kind: .counter, unit: .seconds,
            decimals: 9, help: "time without CPU", labels: .entity(extra: ["container"]), source: ""),
        Metric(
            name: "kubeskoop_flow_bytes", probe: "flow", kind: .counter, unit: .bytes, help: "bytes of a flow",
            labels: .plain(["protocol", "src"]), source: ""),
        Metric(
            name: "kubeskoop_softirq_schedslow", probe: "softirq", kind: .counter, help: "slow soft interrupts",
            labels: .node(extra: ["softirq_type"]), source: "",
            aliases: [.init("inspector_pod_net_softirq_schedslow", .v0)]),
        Metric(
            name: "process_start_time_seconds", probe: "process", kind: .gauge, unit: .seconds, decimals: 2,
            help: "when the process started", labels: .plain(), source: ""),
        Metric(name: "skoop_entities", probe: "agent", kind: .gauge, help: "", labels: .node(), source: ""),
        Metric(
            name: "skoop_softirq_latency_seconds", probe: "softirq", kind: .histogram, unit: .seconds, decimals: 9,
            help: "raised until run", labels: .node(extra: ["softirq_type"]), source: "",
            buckets: HistogramBuckets(bounds: [2_000, 4_000, 1_000_000_000])),
        Metric(
            name: "skoop_connect_seconds", probe: "connect", kind: .histogram, unit: .seconds, decimals: 9,
            help: "SYN until established", source: "", buckets: .log2Microseconds),
        Metric(name: "skoop_empty", probe: "agent", kind: .gauge, help: "no rows", source: ""),
    ]

    static func entities() -> EntityTable {
        var table = EntityTable(
            node: "node-1", nodeEntity: Entity(kind: .node, namespace: NamespaceID(rawValue: 4_026_531_840)),
            additionalLabelNames: ["app"])
        table.append(
            Entity(
                kind: .pod, namespace: NamespaceID(rawValue: 4_026_532_100), container: "3f1c", podNamespace: "shop",
                podName: "cart-0"),
            additionalLabelValues: ["cart"])
        table.append(
            Entity(kind: .namespace, namespace: NamespaceID(rawValue: 4_026_532_200), podName: textOfEverything))
        return table
    }

    static func everything() -> Snapshot {
        var families = metrics.map { Family($0) }
        for (entity, value) in [0, 9_007_199_254_740_993, UInt64.max].enumerated() {
            families[0].append(value, for: EntityTable.Index(entity))
        }
        families[1].append(9_007_199_254_740_991, for: 1)
        families[2].append(0, for: 0, labels: [""])
        families[2].append(1, for: 1, labels: ["a"])
        families[2].append(1_500_000_000, for: 1, labels: [textOfEverything])
        families[2].append(.max, for: 2, labels: ["\u{1}\r\u{7f}\u{2028}"])
        families[3].append(10, labels: ["TCP", "10.0.0.1"])
        families[3].append(99, labels: ["UDP", "fd00::1"])
        families[4].append(100, labels: ["net_rx"])
        families[5].append(176_400_000_050)
        families[6].append(3)
        families[7].append(sum: 1_000_007_500, counts: [1, 0, 1, 2], labels: [textOfEverything])
        families[8].append(sum: 0, counts: (0..<27).map { $0 }, for: 2)
        return Snapshot(timestamp: 1_764_000_000_123_456_789, entities: entities(), families: families)
    }

    /// A page as a full node gives: `metrics` metrics of `entities` pods, a tenth of them with an extra label.
    static func large(entities count: Int, metrics: Int) -> Snapshot {
        var table = EntityTable(node: "worker-node-01", version: 1)
        for index in 1..<count {
            table.append(
                Entity(
                    kind: .pod, namespace: NamespaceID(rawValue: UInt64(index)), podNamespace: "production",
                    podName: "deployment-7d4b9c6f5d-\(index)"))
        }
        let families = (0..<metrics).map { number in
            let hasExtra = number % 10 == 9
            var family = Family(
                Metric(
                    name: "kubeskoop_tcpext_metricnumber\(number)", probe: "tcpext", kind: .counter,
                    help: "number \(number)",
                    labels: .entity(extra: hasExtra ? ["device"] : []), source: ""), reserving: count)
            for index in 0..<count {
                let value = UInt64(index) &* UInt64(index) &* UInt64(number * number * 7919)
                let entity = EntityTable.Index(index)
                if hasExtra {
                    family.append(value, for: entity, labels: ["eth0"])
                } else {
                    family.append(value, for: entity)
                }
            }
            return family
        }
        return Snapshot(timestamp: 1, entities: table, families: families)
    }
}
