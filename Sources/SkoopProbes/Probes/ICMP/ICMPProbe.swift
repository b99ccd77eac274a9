// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// ICMP messages: the `Icmp:` line of `/proc/net/snmp`.
public struct ICMPProbe: MIBProbe {
    public let counters: MIBSubscription<ICMPMetric>

    public init(counters: MIBSubscription<ICMPMetric>) { self.counters = counters }
}
