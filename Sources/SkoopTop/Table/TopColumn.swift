// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// A column of numbers.
public struct TopColumn: Sendable {
    /// What the numbers are.
    public enum Kind: String, Sendable, Hashable {
        /// How much a counter grows in a second.
        case rate
        /// A level, as it is.
        case level
    }

    /// Part of a column's number: a metric, without the rows of some values of a label.
    struct Term: Sendable {
        var metric: Metric
        var label = ""
        var without: Set<String> = []

        /// Whether a row with these values of extra labels belongs to it.
        func takes(_ labels: [String]) -> Bool {
            guard let position = metric.labels.extra.firstIndex(of: label) else { return true }
            return !without.contains(labels[position])
        }
    }

    /// For programs: `rx_bytes_per_second`.
    public let name: String
    /// For people, six characters at most.
    public let title: String
    /// What it means, for people.
    public let help: String
    /// What the numbers are.
    public let kind: Kind
    /// Whether any above 0 is a fault, or the sign of one.
    public let isFault: Bool
    /// The lower, the sooner it is shown where not all have room.
    let rank: Int
    /// What is added up: the first of these of which all is measured.
    let alternatives: [[Term]]

    /// The columns from left to right.
    public static let all: [TopColumn] = [
        TopColumn(
            name: "rx_bytes_per_second", title: "RX/s", help: "bytes received by its devices in a second", rank: 0,
            [[Term(metric: NetdevMetric.rxbytes.metric)]]),
        TopColumn(
            name: "tx_bytes_per_second", title: "TX/s", help: "bytes sent by its devices in a second", rank: 1,
            [[Term(metric: NetdevMetric.txbytes.metric)]]),
        TopColumn(
            name: "established", title: "ESTAB", help: "TCP connections that are established", kind: .level, rank: 7,
            [
                [Term(metric: TCPSummaryMetric.tcpestablishedconn.metric)],
                [Term(metric: TCPMetric.currestab.metric)],
            ]),
        TopColumn(
            name: "new_connections_per_second", title: "NEW/s",
            help: "TCP connections that it begins to open, or accepts, in a second", rank: 3,
            [[Term(metric: TCPMetric.activeopens.metric), Term(metric: TCPMetric.passiveopens.metric)]]),
        TopColumn(
            name: "retransmits_per_second", title: "RETR/s", help: "TCP segments that it sends again in a second",
            isFault: true, rank: 2, [[Term(metric: TCPMetric.retranssegs.metric)]]),
        TopColumn(
            name: "drops_per_second", title: "DROP/s",
            help: "packets dropped in a second: by the kernel, where the probe packetloss runs, else by its devices",
            isFault: true, rank: 4,
            [
                [Term(metric: PacketlossExtraMetric.drops.metric)],
                [Term(metric: NetdevMetric.rxdropped.metric), Term(metric: NetdevMetric.txdropped.metric)],
            ]),
        TopColumn(
            name: "resets_per_second", title: "RST/s",
            help:
                "TCP resets sent and received in a second; without the probe tcpreset those sent, and connections reset",
            isFault: true, rank: 5,
            [
                [Term(metric: TCPResetMetric.resets.metric)],
                [Term(metric: TCPMetric.outrsts.metric), Term(metric: TCPMetric.estabresets.metric)],
            ]),
        TopColumn(
            name: "listen_overflows_per_second", title: "LSTN/s",
            help: "connections dropped in a second because a listening socket's accept queue was full", isFault: true,
            rank: 6, [[Term(metric: TCPExtMetric.listenoverflows.metric)]]),
        TopColumn(
            name: "dns_failures_per_second", title: "DNSF/s",
            help: "DNS queries in a second that had no answer, or one other than NOERROR and NXDOMAIN", isFault: true,
            rank: 8,
            [
                [
                    Term(metric: DNSMetric.responses.metric, label: "rcode", without: ["NOERROR", "NXDOMAIN"]),
                    Term(metric: DNSMetric.unanswered.metric),
                ]
            ]),
        TopColumn(
            name: "udp_errors_per_second", title: "UDPE/s",
            help: "UDP datagrams in a second that were for no socket or could not be received", isFault: true, rank: 9,
            [[Term(metric: UDPMetric.noports.metric), Term(metric: UDPMetric.inerrors.metric)]]),
    ]

    /// The metrics of all columns.
    public static var metrics: Set<Metric> { Set(all.flatMap { $0.alternatives.joined().map(\.metric) }) }

    private init(
        name: String, title: String, help: String, kind: Kind = .rate, isFault: Bool = false, rank: Int,
        _ alternatives: [[Term]]
    ) {
        self.name = name
        self.title = title
        self.help = help
        self.kind = kind
        self.isFault = isFault
        self.rank = rank
        self.alternatives = alternatives
    }

    /// An entity's number; nil where it is not measured, or cannot be known from what was read.
    ///
    /// - Parameters:
    ///   - entity: whose.
    ///   - now: the later reading.
    ///   - before: the earlier one.
    ///   - seconds: between the two.
    func value(of entity: TopEntity, _ now: TopNumbers, after before: TopNumbers?, _ seconds: Double) -> Double? {
        guard let terms = alternatives.first(where: { $0.allSatisfy { now.measures($0.metric) } }) else { return nil }
        var sum: Double?
        for term in terms {
            let rows = (now.rows[term.metric]?[entity] ?? [:]).filter { term.takes($0.key) }
            if kind == .level {
                if !rows.isEmpty { sum = rows.values.reduce(sum ?? 0) { $0 + Double($1.value) } }
                continue
            }
            guard let before, before.entities.contains(entity), before.measures(term.metric) else { continue }
            let old = before.rows[term.metric]?[entity] ?? [:]
            for (labels, row) in rows {
                guard let growth = TopGrowth(row, after: old[labels], isLabelled: !labels.isEmpty) else { continue }
                sum = (sum ?? 0) + Double(growth.value)
            }
            // Of what is counted by label there are no rows as long as nothing happens.
            if !term.metric.labels.extra.isEmpty { sum = sum ?? 0 }
        }
        return kind == .level ? sum : sum.map { $0 / seconds }
    }
}

/// How much a counter has grown between two readings.
struct TopGrowth: Sendable, Hashable {
    var value: UInt64
    var observations: UInt64

    /// A counter that is lower than before began anew in between, so all of it is growth.
    ///
    /// - Parameters:
    ///   - now: the counter.
    ///   - before: what it was; nil where it was not there.
    ///   - isLabelled: whether it comes into being when it first counts something.
    /// - Returns: nil where it cannot be known.
    init?(_ now: TopNumbers.Value, after before: TopNumbers.Value?, isLabelled: Bool) {
        guard var before = before ?? (isLabelled ? TopNumbers.Value(value: 0) : nil) else { return nil }
        if now.value < before.value || now.observations < before.observations { before = TopNumbers.Value(value: 0) }
        value = now.value - before.value
        observations = now.observations - before.observations
    }
}
