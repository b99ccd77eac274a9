// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// ICMP messages: the `Icmp:` line of `/proc/net/snmp`.
public struct ICMPProbe: MIBProbe {
    /// The counters and where they are read.
    public let counters: MIBSubscription<ICMPMetric>

    /// Makes the probe of counters that are subscribed.
    public init(counters: MIBSubscription<ICMPMetric>) { self.counters = counters }
}
