// SPDX-License-Identifier: Apache-2.0
import SkoopAnalysis
import SkoopModel
import SkoopRules
import SkoopTesting
import SkoopYAML
import Testing

@Suite struct RuleFileTests {
    private static let whole = """
        rules:
          - id: checkout-refused
            guides: [http, reset]
            scope: entities
            symptom: the shop answers 502
            cause: the payment service refuses connections
            window: 2m
            confidence: 0.7
            when:
              all:
                - {event: TCPConnectFailed, where: {result: [refused, timeout], dport: 8443, latency_ns: {atMost: 1s}}, atLeast: 3}
                - not: {increase: kubeskoop_tcpext_listenoverflows, atLeast: 1, of: peer}
                - any:
                    - {slower: skoop_connect_seconds, than: 250ms, atLeast: 1}
                    - {quantile: skoop_dns_seconds, share: 0.95, where: {direction: client}, moreThan: 0.5}
                - count: 1
                  among:
                    - {change: kubeskoop_tcpsummary_tcptimewaitconn, floor: 10, atMost: 0.5}
                    - {fill: skoop_tcp_accept_queue_length, by: skoop_tcp_accept_queue_limit, atLeast: 0.5}
                    - {lasting: DNSError, where: {rcode: SERVFAIL}, atLeast: 4s}
            supports:
              - when: {rate: [kubeskoop_udp_noports, skoop_udp6_no_ports_total], lessThan: 2, of: node}
                weight: 0.5
                meaning: few
            contradicts:
              - when: {increase: skoop_packet_drops_total, except: {reason: NO_SOCKET}, atLeast: 1}
            explains: [listen-overflow]
            advice: [look at the payment service's pods]
            checks: [its log]
            references: [runbook 7]
        """

    private static var equal: Rule {
        Rule(
            "checkout-refused", guides: [.http, .reset], symptom: "the shop answers 502",
            cause: "the payment service refuses connections", window: 120,
            when: .all([
                Quantity.events(
                    EventQuery(ConnectEvent.failed).where("result", "refused", "timeout").where("dport", "8443")
                        .where("latency_ns", atMost: 1)) >= 3,
                .not((Quantity.increase(Measure(TCPExtMetric.listenoverflows)) >= 1).of(.peer)),
                .any([
                    Quantity.above(Measure(ConnectMetric.seconds), 0.25) >= 1,
                    Quantity.quantile(Measure(DNSMetric.seconds).where("direction", "client"), 0.95) > 0.5,
                ]),
                .atLeast(
                    1,
                    [
                        Quantity.change(Measure(TCPSummaryMetric.tcptimewaitconn), floor: 10) <= 0.5,
                        .fill(
                            Measure(TCPSummaryExtraMetric.acceptQueueLength),
                            Measure(TCPSummaryExtraMetric.acceptQueueLimit)) >= 0.5,
                        Quantity.lasting(EventQuery(DNSEvent.error).where("rcode", "SERVFAIL")) >= 4,
                    ]),
            ]), confidence: 0.7,
            supports: [
                Clue(
                    (Quantity.rate(Measure(UDPMetric.noports, UDP6Metric.noPorts)) < 2).of(.node), weight: 0.5, "few")
            ],
            contradicts: [
                Clue(Quantity.increase(Measure(PacketlossExtraMetric.drops).except("reason", "NO_SOCKET")) >= 1, "")
            ],
            explains: ["listen-overflow"], advice: ["look at the payment service's pods"], checks: ["its log"],
            references: ["runbook 7"])
    }

    @Test func saysAllThatCodeCanSay() throws {
        #expect(try RuleFile.parse(Self.whole, file: "rules.yaml") == [Self.equal])
    }

    @Test func emptyFilesHaveNoRules() throws {
        #expect(try RuleFile.parse("", file: "x").isEmpty)
        #expect(try RuleFile.parse("rules:\n", file: "x").isEmpty)
    }

    private static let frame = "rules:\n- id: a\n  cause: b\n  advice: [c]\n  when: "

    @Test(arguments: [
        ("{increase: kubeskoop_tcpext_listenoverflow, atLeast: 1}", nil),
        (
            "{increase: listenoverflows, atLeast: 1}",
            "r:5: rules[0].when.increase: unknown metric 'listenoverflows', did you mean 'kubeskoop_tcpext_listenoverflows'?"
        ),
        (
            "{increase: nothing_like_it, atLeast: 1}",
            "r:5: rules[0].when.increase: unknown metric 'nothing_like_it'; Documentation/metrics.md lists them"
        ),
        (
            "{maximum: kubeskoop_udp_noports, atLeast: 1}",
            "r:5: rules[0].when.maximum: kubeskoop_udp_noports is a counter, expected a gauge"
        ),
        (
            "{slower: kubeskoop_udp_noports, than: 1s, atLeast: 1}",
            "r:5: rules[0].when.slower: kubeskoop_udp_noports is a counter, expected a histogram"
        ),
        (
            "{increase: kubeskoop_udp_noports}",
            "r:5: rules[0].when: expected one of atLeast, atMost, moreThan, lessThan"
        ),
        (
            "{increase: kubeskoop_udp_noports, atLeast: many}",
            "r:5: rules[0].when.atLeast: expected a number, since it is no time, such as 10, found the string \"many\""
        ),
        (
            "{increase: kubeskoop_udp_noports, atLeast: 100ms}",
            "r:5: rules[0].when.atLeast: expected a number, since it is no time, such as 10, found the string \"100ms\""
        ),
        (
            "{change: skoop_task_latency_seconds, atLeast: 3}",
            "r:5: rules[0].when.change: skoop_task_latency_seconds is a histogram, expected a counter or gauge"
        ),
        (
            "{maximum: [kubeskoop_tcpsummary_tcprxqueue, kubeskoop_tcpsummary_tcpestablishedconn], atLeast: 3}",
            "r:5: rules[0].when.maximum: kubeskoop_tcpsummary_tcprxqueue is a gauge of unit bytes, "
                + "kubeskoop_tcpsummary_tcpestablishedconn a gauge of unit none: they do not add up"
        ),
        (
            "{slower: skoop_task_latency_seconds, than: 5MB, atLeast: 1}",
            "r:5: rules[0].when.than: expected a number of seconds, or a duration such as 100ms, "
                + "found the string \"5MB\""
        ),
        ("{quantile: skoop_task_latency_seconds, atLeast: 100ms}", nil),
        (
            "{last: kubeskoop_tcpsummary_tcprxqueue, atLeast: 100ms}",
            "r:5: rules[0].when.atLeast: expected a number of bytes, without a unit, such as 4096, "
                + "found the string \"100ms\""
        ),
        (
            "{increase: kubeskoop_tcpext_tcpmemorypressureschrono, atLeast: 2kB}",
            "r:5: rules[0].when.atLeast: expected a number of milliseconds, or a duration such as 100ms, "
                + "found the string \"2kB\""
        ),
        (
            "{rate: kubeskoop_tcpext_tcpmemorypressureschrono, atLeast: 10ms}",
            "r:5: rules[0].when.atLeast: expected a number, since it is no time, such as 10, found the string \"10ms\""
        ),
        ("{lasting: DNSError, atLeast: 3s}", nil),
        (
            "{slowerShare: skoop_task_latency_seconds, than: 5ms, atLeast: 100ms}",
            "r:5: rules[0].when.atLeast: expected a number, since it is no time, such as 10, found the string \"100ms\""
        ),
        (
            "{event: DNSError, where: {dport: {atLeast: 5s}}, atLeast: 1}",
            "r:5: rules[0].when.where.dport.atLeast: expected a number, since it is no time, such as 10, found the string \"5s\""
        ),
        (
            "{increase: kubeskoop_udp_noports, atLeast: 1, off: node}",
            "r:5: rules[0].when.off: unknown key 'off', did you mean 'of'?"
        ),
        (
            "{increase: kubeskoop_udp_noports, atLeast: 1, of: nod}",
            "r:5: rules[0].when.of: unknown subject 'nod', did you mean 'node'? allowed are entity, node, peer, resolver"
        ),
        (
            "{event: DNSNoAnswr, atLeast: 1}",
            "r:5: rules[0].when.event: unknown event 'DNSNoAnswr', did you mean 'DNSNoAnswer'?"
        ),
        (
            "{event: DNSError, where: {rcod: X}, atLeast: 1}",
            "r:5: rules[0].when.where.rcod: unknown field 'rcod', did you mean 'rcode'?"
        ),
        (
            "{increase: skoop_packet_drops_total, where: {reaso: X}, atLeast: 1}",
            "r:5: rules[0].when.where.reaso: unknown label 'reaso', did you mean 'reason'? allowed are reason, location"
        ),
        ("{all: []}", "r:5: rules[0].when.all: expected a list of conditions, found nothing"),
        ("[1]", "r:5: rules[0].when: expected a mapping with one of"),
        ("{}", "r:5: rules[0].when: expected a mapping with one of"),
        ("{ratio: kubeskoop_tcp_retranssegs, atLeast: 1}", "r:5: rules[0].when.by: missing, the metric to divide by"),
    ]) func namesPlaceAndWayOut(_ condition: String, _ message: String?) throws {
        do throws(DocumentErrors) {
            _ = try RuleFile.parse(Self.frame + condition + "\n", file: "r")
            #expect(message == nil)
        } catch {
            let expected = try #require(message, "\(error)")
            #expect(error.errors.count == 1, "\(error)")
            #expect(error.errors.contains { $0.description.hasPrefix(expected) }, "\(error)")
        }
    }

    @Test(
        "durations are converted into the metric's unit",
        arguments: [
            ("{increase: kubeskoop_tcpext_tcpmemorypressureschrono, atLeast: 200ms}", 200.0),
            ("{increase: kubeskoop_tcpext_tcpmemorypressureschrono, atLeast: 1.5s}", 1500),
            ("{increase: kubeskoop_tcpext_tcpmemorypressureschrono, atLeast: 250us}", 0.25),
            ("{increase: kubeskoop_tcpext_tcpmemorypressureschrono, atLeast: 7}", 7),
            ("{quantile: skoop_task_latency_seconds, atLeast: 1.5s}", 1.5),
            ("{quantile: skoop_task_latency_seconds, atLeast: 40ns}", 4e-8),
            ("{increase: skoop_cpu_throttled_seconds_total, atLeast: 2m}", 120),
            ("{lasting: DNSError, atLeast: 1h}", 3600),
        ])
    func durations(_ condition: String, _ bound: Double) throws {
        let rules = try RuleFile.parse(Self.frame + condition, file: "r")
        #expect(rules.first?.tests.map(\.bound) == [bound])
    }

    @Test func rulesAreWholeAndAreThereOnce() throws {
        let twice =
            Self.frame + "{increase: kubeskoop_udp_noports, atLeast: 1}\n- id: a\n  explains: [lisen-overflow]\n"
        do throws(DocumentErrors) {
            _ = try RuleFile.parse(twice, file: "r")
            Issue.record("no error")
        } catch {
            #expect(
                error.errors.map(\.description) == [
                    "r:6: rules[1].cause: missing, every rule has one",
                    "r:6: rules[1].when: missing, every rule has one",
                    "r:6: rules[1].advice: missing, every rule has one",
                ])
        }
        let again = Self.frame + "{increase: kubeskoop_udp_noports, atLeast: 1}\n  explains: [lisen-overflow]\n"
        do throws(DocumentErrors) {
            _ = try RuleFile.parse(again, file: "r")
            Issue.record("no error")
        } catch {
            #expect(
                error.errors.map(\.description) == [
                    "r:6: rules[0].explains: unknown rule 'lisen-overflow', did you mean 'listen-overflow'?"
                ])
        }
    }

    @Test func nothingThatIsWrongCrashes() {
        var generator = SeededGenerator()
        let bytes = Array(Self.whole.utf8)
        for _ in 0..<300 {
            var broken = bytes
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let position = Int.random(in: 0..<broken.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: broken[position] = UInt8.random(in: 32...126, using: &generator)
                case 1: broken.remove(at: position)
                default: broken.insert(bytes.randomElement(using: &generator) ?? 0, at: position)
                }
            }
            _ = try? RuleFile.parse(String(decoding: broken, as: UTF8.self), file: "r")
        }
    }
}
