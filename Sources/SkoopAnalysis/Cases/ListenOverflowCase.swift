// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The listen queue is full because the process does not accept: a customer's Tomcat during garbage collection.
public enum ListenOverflowCase: Case {
    public static let arises =
        "A listening socket queues connections until the process accepts them. While the process stands still "
        + "- garbage collection, a lock, no CPU - the queue fills up, and the kernel drops further SYNs and "
        + "final ACKs. Clients try again after a second, so that they see seconds of delay, or time out."

    public static let reproduction =
        "A server that stops accepting while clients go on connecting, with backlogs, loads and times at "
        + "random, over IPv4 and IPv6."

    private static let waiting = Measure(TCPSummaryExtraMetric.acceptQueueLength)
    private static let room = Measure(TCPSummaryExtraMetric.acceptQueueLimit)

    public static let rule = Rule(
        "listen-overflow", guides: [.http, .jitter],
        symptom: "connecting takes a second or more, or fails, while established connections work",
        cause: "a listen queue overflowed because the process did not accept connections in time",
        when: Quantity.increase(Measure(TCPExtMetric.listenoverflows)) >= 1
            || (Quantity.increase(Measure(TCPExtMetric.listendrops)) >= 3 && .fill(waiting, room) >= 0.9),
        confidence: 0.9,
        supports: [
            Clue(
                .fill(waiting, room) >= 0.5,
                "the accept queues are at least half full"),
            Clue(
                Quantity.increase(Measure(TCPSummaryExtraMetric.acceptQueueMaxLength)) >= 1,
                "a listener has connections waiting"),
            Clue(
                Quantity.change(Measure(TCPExtMetric.listendrops), floor: 0.01) >= 2, weight: 0.2,
                "clearly more attempts to connect were dropped than usual"),
        ],
        explains: Common.waiting.filter { $0 != "listen-overflow" } + [
            "mtu-black-hole", "connect-refused", "connection-unknown",
        ],
        advice: [
            "find out what the process does when it does not accept: garbage collection, a lock, too few "
                + "threads, no CPU",
            "if it only happens in bursts, give listen() a larger backlog and raise net.core.somaxconn "
                + "with it",
        ],
        checks: [
            "the process's own log at this time, for example of garbage collection",
            "CPU throttling of the pod",
        ])
}
