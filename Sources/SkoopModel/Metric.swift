// SPDX-License-Identifier: Apache-2.0

/// What a metric is: its exported name, what the kernel really has behind it, and what it tells.
///
/// A metric is a plain value. The catalogue's own are cases of a ``MetricSet``, so that a misspelt one does not
/// compile; a tool that brings its own metrics makes such values itself, or declares a set of its own.
public struct Metric: Sendable, Hashable {
    /// Whether the value only grows while its entity lives.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Grows monotonically; a rate is its meaning.
        case counter
        /// A level at the moment of the snapshot.
        case gauge
        /// Observations counted by size, with their sum; each count only grows.
        case histogram
    }

    /// What one unit of the exported value is.
    public enum Unit: String, Sendable, Hashable, CaseIterable {
        /// A plain count of what the help text names.
        case none
        /// Bytes.
        case bytes
        /// Seconds.
        case seconds
        /// Milliseconds; only where KubeSkoop fixed the name and with it the value.
        case milliseconds
        /// Memory pages of the running kernel's page size.
        case pages
        /// A fraction between 0 and 1.
        case ratio
    }

    /// Which labels a series of the metric carries.
    public enum Labels: Sendable, Hashable {
        /// The entity's labels (`k8s_node`, `k8s_namespace`, `k8s_pod` and the configured additional ones), then `extra`.
        case entity(extra: [String] = [])
        /// `k8s_node`, then `extra`.
        case node(extra: [String] = [])
        /// Only the named labels.
        case plain([String] = [])

        /// The label names beyond the entity's or node's own, in the order in which their values are stored.
        public var extra: [String] {
            switch self {
            case .entity(let extra), .node(let extra), .plain(let extra): extra
            }
        }
    }

    /// A name under which the same value is, or was, known elsewhere.
    public struct Alias: Sendable, Hashable {
        /// Where a name comes from.
        public enum Era: String, Sendable, Hashable, CaseIterable {
            /// Written so in the ACK document; exported by no release.
            case ack
            /// KubeSkoop before 1.0.0: `inspector_pod_*`, labels `target_node` … `pod`.
            case v0
            /// KubeSkoop between September 2023 and February 2024: doubled prefixes and old probe names.
            case v1beta
        }
        /// The other spelling.
        public var name: String
        /// Who wrote or writes it so.
        public var era: Era

        /// Makes an alias.
        public init(_ name: String, _ era: Era) {
            self.name = name
            self.era = era
        }
    }

    /// The exported name, the same in every format.
    public var name: String
    /// The probe that yields it, for example `tcpext`.
    public var probe: String
    /// Counter or gauge, as the kernel has it.
    public var kind: Kind
    /// Unit of the exported value.
    public var unit: Unit
    /// How many decimal digits of the stored integer stand behind the point: 9 for nanoseconds exported as seconds.
    public var decimals: Int
    /// One sentence for `# HELP`.
    public var help: String
    /// The labels of its series.
    public var labels: Labels
    /// Where the kernel counts it: file and field, or structure and enumerator.
    public var source: String
    /// What a rise of the value suggests to somebody looking for a fault.
    public var rise: String
    /// Where a document describes the metric wrongly: what it says, and what is true.
    public var correction: String?
    /// Other spellings of the same value.
    public var aliases: [Alias]
    /// The buckets of a histogram; nil of every other kind.
    public var buckets: HistogramBuckets?

    /// Makes a metric; see the properties for the meaning of each argument.
    public init(
        name: String, probe: String, kind: Kind, unit: Unit = .none, decimals: Int = 0, help: String,
        labels: Labels = .entity(), source: String, rise: String = "", correction: String? = nil, aliases: [Alias] = [],
        buckets: HistogramBuckets? = nil
    ) {
        precondition((kind == .histogram) == (buckets != nil), "\(name) is a \(kind.rawValue)")
        self.name = name
        self.probe = probe
        self.kind = kind
        self.unit = unit
        self.decimals = decimals
        self.help = help
        self.labels = labels
        self.source = source
        self.rise = rise
        self.correction = correction
        self.aliases = aliases
        self.buckets = buckets
    }

    /// The other spellings of the given origins, each once.
    public func aliasNames(of eras: Set<Alias.Era>) -> [String] {
        var names: [String] = []
        for alias in aliases where eras.contains(alias.era) && !names.contains(alias.name) { names.append(alias.name) }
        return names
    }

    /// Metrics are the same when their exported names are.
    public static func == (one: Metric, other: Metric) -> Bool { one.name == other.name }

    /// Hashes the exported name.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
