// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// IP fragments cannot be put together.
public enum FragmentsLostCase: Case {
    public static let arises =
        "Datagrams longer than the MTU are sent in fragments; if one is lost, by a firewall that drops "
        + "fragments or a policer, all of it is."

    public static let reproduction =
        "A router that drops a share of the fragments."

    public static let rule = Rule(
        "fragments-lost", guides: [.loss, .dns],
        symptom: "long datagrams, for example large DNS answers, do not arrive",
        cause: "IP fragments get lost, so that datagrams cannot be put together",
        when: Quantity.increase(Measure(IPMetric.reasmfails, IP6Metric.reasmFails)) >= 3,
        confidence: 0.75,
        explains: ["dns-no-answer", "dns-retries"],
        advice: [
            "keep datagrams below the path's MTU (EDNS buffer size 1232); let fragments pass firewalls"
        ],
        checks: [
            "net.ipv4.ipfrag_high_thresh, if there is no loss on the way"
        ])
}
