// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// How names are resolved where an entity runs: `/etc/resolv.conf`.
public enum ResolverMetric: String, MetricSet {
    case nameservers = "skoop_resolver_nameservers"
    case publicNameservers = "skoop_resolver_public_nameservers"
    case searchDomains = "skoop_resolver_search_domains"
    case ndots = "skoop_resolver_ndots"
    case timeout = "skoop_resolver_timeout_seconds"
    case attempts = "skoop_resolver_attempts"
    case option = "skoop_resolver_option"

    public static let probe = "resolver"
    public static let summary = "the resolver's configuration of each entity"

    public var definition: MetricDefinition {
        switch self {
        case .nameservers:
            gauge("name servers that are asked, one after the other", rise: "One was added; the C library takes three.")
        case .publicNameservers:
            gauge(
                "name servers with an address of the public Internet",
                rise: "Names of the cluster are asked for outside of it, and answers have far to come.")
        case .searchDomains:
            gauge(
                "domains that are tried behind a name",
                rise: "Each is a query more, twice where both A and AAAA are asked."
            )
        case .ndots:
            gauge(
                "dots that a name must have to be tried as it is first",
                rise: "Names with fewer dots are tried with each search domain first, mostly in vain.")
        case .timeout:
            gauge(
                "time that is waited for an answer before the next server is asked", unit: .seconds,
                rise: "Each lost query costs so much time.")
        case .attempts: gauge("how often all servers are asked", rise: "Names that fail take longer to fail.")
        case .option:
            gauge(
                "options that are set, such as rotate, single-request and use-vc: 1 each",
                labels: .entity(extra: ["option"]),
                rise: "With use-vc queries go by TCP, with single-request A and AAAA are asked one after the other.")
        }
    }

    private func gauge(
        _ help: String, unit: Metric.Unit = .none, labels: Metric.Labels = .entity(), rise: String
    ) -> MetricDefinition {
        .gauge(help, name: rawValue, unit: unit, labels: labels, source: "resolv.conf(5)", rise: rise)
    }
}
