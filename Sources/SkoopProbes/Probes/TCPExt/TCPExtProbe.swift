// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Listen queues, retransmissions and aborts: the `TcpExt:` line of `/proc/net/netstat`.
public struct TCPExtProbe: MIBProbe {
    /// Counters that KubeSkoop leaves out.
    public static var extras: (any MetricSet.Type)? { TCPExtExtraMetric.self }

    /// The counters and where they are read.
    public let counters: MIBSubscription<TCPExtMetric>

    /// Makes the probe of counters that are subscribed.
    public init(counters: MIBSubscription<TCPExtMetric>) { self.counters = counters }
}
