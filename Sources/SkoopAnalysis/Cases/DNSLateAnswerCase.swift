// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Customer case: the answer came after the client had given up, because the resolver that is configured is far away.
public enum DNSLateAnswerCase: Case {
    public static let arises =
        "The client waits for an answer for its own time, closes the socket and reports an error. The answer "
        + "comes later, and the kernel finds no socket for it. Often the resolver that is configured is not the "
        + "one that was meant, but a public one far away."

    public static let reproduction =
        "A DNS server that answers later than the client waits, with times at random."

    /// What meets no socket is counted as dropped too.
    private static let dropped = Quantity.increase(Measure(PacketlossMetric.total)) >= 1

    public static let rule = Rule(
        "dns-late-answer", guides: [.dns],
        symptom: "names are sporadically not resolved; the application reports a timeout",
        cause: "a DNS server answers later than the client waits: the answer finds the socket closed",
        when: Quantity.increase(Measure(DNSMetric.late)) >= 1
            || (Quantity.increase(Common.udpNoPorts) >= 1 && .ratio(Common.udpNoPorts, Common.udpSent) <= 1
                && Quantity.increase(Common.udpSent) >= 1 && (dropped || dropped.of(.node))),
        confidence: 0.6,
        supports: [
            Clue(
                Quantity.increase(Measure(DNSMetric.late)) >= 1, weight: 2,
                "answers of DNS servers came for sockets that were closed"),
            Clue(
                Quantity.increase(Common.drops("NO_SOCKET", "UDP_NO_SOCKET")) >= 1, weight: 0.5,
                "the kernel dropped packets for which there was no socket"),
            Common.resolverLoses,
            Clue(
                Quantity.level(Measure(ResolverMetric.publicNameservers), .last) >= 1, weight: 0.5,
                "a name server of the public Internet is configured"),
        ],
        contradicts: [
            Clue(
                Quantity.increase(Measure(DNSMetric.late)) < 1, weight: 4,
                "no answer of a DNS server came late"),
            Clue(
                Quantity.events(EventQuery(DNSEvent.lateAnswer).where("latency_ns", atLeast: 0.1)) < 1, weight: 4,
                "answers were late by milliseconds only: clients that ask several servers at once do that"),
        ],
        explains: ["dns-slow", "dns-no-answer", "dns-retries", "udp-closed-port"],
        advice: [
            "check which resolver is configured (/etc/resolv.conf of the pod): it ought to be the "
                + "cluster's own or one near by",
            "let the application wait longer than its slowest resolver, and cache names near it",
        ],
        checks: [
            "the server's address in the events DNSLateAnswer"
        ])
}
