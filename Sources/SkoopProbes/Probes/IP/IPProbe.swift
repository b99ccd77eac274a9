// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// IPv4 packets: the `Ip:` line of `/proc/net/snmp`.
public struct IPProbe: MIBProbe {
    /// The counters and where they are read.
    public let counters: MIBSubscription<IPMetric>

    /// Makes the probe of counters that are subscribed.
    public init(counters: MIBSubscription<IPMetric>) { self.counters = counters }
}
