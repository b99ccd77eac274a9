// SPDX-License-Identifier: Apache-2.0

/// The rules by which KubeSkoop's metrics were named before, and are named in the ACK document.
enum OldNames {
    /// Probes of the releases that exported `inspector_pod_*`.
    private static let firstProbes: Set = [
        "conntrack", "qdisc", "fd", "io", "ipvs", "netdev", "tcpext", "tcp", "udp", "ip", "sock", "softnet",
        "tcpsummary", "packetloss", "kernellatency", "socketlatency", "softirq", "netiftxlat", "virtcmdlatency",
    ]
    /// Probes that the ACK document configures or cites; it writes some of their metrics `kubeskoop_pod_*`.
    private static let documentProbes: Set = [
        "conntrack", "qdisc", "netdev", "io", "sock", "tcpsummary", "tcp", "tcpext", "udp", "softnet",
    ]

    /// The other names of the metric that is now `kubeskoop_<probe>_<key>`.
    static func aliases(probe: String, key: String) -> [Metric.Alias] {
        var aliases: [Metric.Alias] = []
        let doubled = doubledKey(probe: probe, key: key)
        if documentProbes.contains(probe) { aliases.append(Metric.Alias("kubeskoop_pod_\(probe)\(key)", .ack)) }
        if let doubled {
            let beta = "kubeskoop_\(betaProbe(probe))_\(doubled)"
            aliases.append(Metric.Alias(beta, .v1beta))
            if probe == "io" { aliases.append(Metric.Alias(beta, .ack)) }
        }
        if firstProbes.contains(probe) {
            let first =
                switch probe {
                case "packetloss": "packetloss_\(key)"
                case "io": "ioio\(key)"
                default: doubled ?? "\(probe)\(key)"
                }
            aliases.append(Metric.Alias("inspector_pod_\(first)", .v0))
        }
        return aliases
    }

    /// The key of the probes that repeated their name in it until January 2024; `nil` for the others.
    private static func doubledKey(probe: String, key: String) -> String? {
        switch probe {
        case "io": "io\(key)"
        case "kernellatency", "netiftxlat": "\(probe)_\(key)"
        case "socketlatency": "socketlatency\(key)"
        case "softirq": "net_softirq_\(key)"
        case "virtcmdlatency": "virtcmd\(key)"
        default: nil
        }
    }

    /// What such a probe was called at that time.
    private static func betaProbe(_ probe: String) -> String {
        switch probe {
        case "softirq": "netsoftirq"
        case "virtcmdlatency": "virtcmdLatency"
        default: probe
        }
    }
}
