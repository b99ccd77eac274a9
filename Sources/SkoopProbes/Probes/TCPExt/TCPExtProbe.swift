// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Listen queues, retransmissions and aborts: the `TcpExt:` line of `/proc/net/netstat`.
public struct TCPExtProbe: MIBProbe {
    public let counters: MIBSubscription<TCPExtMetric>

    public init(counters: MIBSubscription<TCPExtMetric>) { self.counters = counters }
}
