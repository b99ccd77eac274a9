// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// IPv6 packets: the `Ip6` lines of `/proc/net/snmp6`.
public struct IP6Probe: MIBProbe {
    /// The counters and where they are read.
    public let counters: MIBSubscription<IP6Metric>

    /// Makes the probe of counters that are subscribed.
    public init(counters: MIBSubscription<IP6Metric>) { self.counters = counters }
}
