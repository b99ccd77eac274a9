// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// The upstream answers late.
public enum UpstreamSlowCase: Case {
    public static let arises =
        "The application takes its time until it answers: it waits for others, for a lock, or for CPU. The "
        + "network shows nothing of it."

    public static let reproduction =
        "nginx in front of a server that waits before it answers, now and then or always."

    public static let rule = Rule(
        "upstream-slow", guides: [.http, .jitter],
        symptom: "requests are slow; $upstream_header_time is nearly all of $request_time",
        cause: "the upstream takes long until it answers",
        when: Quantity.above(Common.upstreamTime("header"), 0.5) >= 5
            && .shareAbove(Common.upstreamTime("header"), 0.5) >= 0.05,
        confidence: 0.6,
        supports: [
            Clue(
                .shareAbove(Common.upstreamTime("connect"), 0.1) < 0.01, weight: 0.5,
                "it was connected at once")
        ],
        explains: ["client-gave-up"],
        advice: [
            "look at what the upstream does in this time: traces, slow queries, the services that it asks itself",
            "requests that wait on purpose (long polling) belong in a log of their own",
        ],
        checks: [
            "whether one upstream ($upstream_addr) or one kind of request is slow"
        ])
}
