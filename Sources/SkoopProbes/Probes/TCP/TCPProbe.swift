// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// TCP segments, opens and resets of every namespace: the `Tcp:` line of `/proc/net/snmp`.
public struct TCPProbe: MIBProbe {
    /// The counters and where they are read.
    public let counters: MIBSubscription<TCPMetric>

    /// Makes the probe of counters that are subscribed.
    public init(counters: MIBSubscription<TCPMetric>) { self.counters = counters }
}
