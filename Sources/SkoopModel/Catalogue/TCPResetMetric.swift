// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// TCP resets, by whose they are, which way they went and why.
public enum TCPResetMetric: String, MetricSet {
    case resets

    public static let probe = "tcpreset"
    public static let summary = "TCP resets sent and received, with the reason"

    public var definition: MetricDefinition {
        .counter(
            "TCP resets sent or received, by what led to them and the kernel's reason",
            name: "skoop_tcp_resets_total", labels: .entity(extra: ["direction", "kind", "reason"]),
            source: "tracepoints tcp:tcp_send_reset and tcp:tcp_receive_reset, enum sk_rst_reason from Linux 6.10",
            rise:
                "Connections are refused or broken off. Sent: nosocket, nobody listens or the connection is forgotten; "
                + "process, the socket cannot accept what came; active, this side gives up. Received: the other side did."
        )
    }
}
