// SPDX-License-Identifier: Apache-2.0
// The members are documented by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import SkoopModel

/// Segments come for connections that do not exist here.
public enum ConnectionUnknownCase: Case {
    public static let arises =
        "Nobody listens at the port; or a load balancer sends to another backend than before, a service's "
        + "endpoint moved, an idle connection was forgotten on one side."

    public static let reproduction =
        "Segments to ports without a socket, from clients that are not watched."

    public static let rule = Rule(
        "connection-unknown", guides: [.reset],
        symptom: "clients see connection refused or connection reset by peer",
        cause: "segments come for which there is no socket: nobody listens at the port, or the connection is "
            + "not known here",
        when: (Quantity.increase(Common.resetsSent("nosocket")) >= 5
            && Quantity.lasting(EventQuery(TCPResetEvent.noSocket)) >= 4 && Common.serves)
            || (Quantity.increase(Measure(TCPMetric.outrsts)) >= 10 && Common.serves
                && .ratio(Measure(TCPMetric.outrsts), Common.sentSegments) >= 0.05),
        confidence: 0.55,
        supports: [
            Clue(
                Quantity.increase(Common.resetsSent("nosocket")) >= 5,
                "resets were sent for want of a socket")
        ],
        contradicts: [
            Clue(
                Quantity.increase(Common.resetsSent("nosocket")) < 5, weight: 4,
                "hardly any reset was sent for want of a socket"),
            Clue(
                Quantity.lasting(EventQuery(TCPResetEvent.noSocket)) < 4, weight: 4,
                "it was over within seconds, as when a server is restarted"),
        ],
        explains: ["reset-by-peer", "upstream-broke-off"],
        advice: [
            "compare the service's endpoints with who listens; look at restarts and at changes of "
                + "endpoints at this time"
        ],
        checks: [
            "the ports in the events TCPRESET_NOSOCK"
        ])
}
