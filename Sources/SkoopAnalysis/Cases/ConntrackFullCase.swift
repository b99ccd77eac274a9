// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The connection tracking table is full.
public enum ConntrackFullCase: Case {
    public static let arises =
        "Every connection through a namespace with stateful rules or NAT takes an entry, for minutes after "
        + "its end. At nf_conntrack_max the kernel first evicts unreplied entries, then drops packets of new "
        + "connections."

    public static let reproduction =
        "Connections up to a low limit, and further ones."

    public static let rule = Rule(
        "conntrack-full", guides: [.capacity, .http, .dns, .loss],
        symptom: "new connections and DNS queries fail now and then, established ones work",
        cause: "the connection tracking table is full: packets of new connections are dropped",
        when: (Quantity.increase(Measure(ConntrackMetric.drop)) >= 1
            && .fill(Measure(ConntrackMetric.entries), Measure(ConntrackMetric.maxentries)) >= 0.9)
            || Quantity.increase(Measure(ConntrackMetric.earlydrop)) >= 1,
        confidence: 0.9,
        supports: [
            Clue(
                .fill(Measure(ConntrackMetric.entries), Measure(ConntrackMetric.maxentries)) >= 0.98, weight: 0.5,
                "the table is as good as full")
        ],
        explains: Common.lost + ["netfilter-drop", "conntrack-invalid"],
        advice: [
            "raise net.netfilter.nf_conntrack_max, and nf_conntrack_buckets with it",
            "shorten timeouts (nf_conntrack_tcp_timeout_established, _time_wait), or do not track what "
                + "needs no state",
        ],
        checks: [
            "who has most entries: conntrack -L"
        ])
}
