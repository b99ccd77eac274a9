// SPDX-License-Identifier: Apache-2.0
public import SkoopEvents
public import SkoopExport
public import SkoopIdentity
public import SkoopKubernetes
public import SkoopProbes
public import SkoopYAML

/// What the agent is told to do; a plain value whose defaults need no file at all.
public struct Configuration: Sendable, Hashable {
    /// A probe to run.
    public struct ProbeSettings: Sendable, Hashable {
        /// The probe's own name, whichever spelling the file used.
        public var name: String
        /// Validated arguments.
        public var arguments: [String: ArgumentValue]
        /// The only source to use; `nil` takes the best that works.
        public var source: Source?
        /// How long one collection may take; `nil` is ``Metrics/deadline``.
        public var deadline: Duration?

        /// Makes settings.
        public init(
            _ name: String, arguments: [String: ArgumentValue] = [:], source: Source? = nil, deadline: Duration? = nil
        ) {
            self.name = name
            self.arguments = arguments
            self.source = source
            self.deadline = deadline
        }
    }

    /// What is exported and how.
    public struct Metrics: Sendable, Hashable {
        /// The probes, in the order of export; ACK's ten at first, then those its users miss.
        public var probes = ProbeRegistry.defaultNames.map { ProbeSettings($0) }
        /// Labels made from those of the pods.
        public var additionalLabels = AdditionalLabels()
        /// Older names that are exported beside the current ones.
        public var compatNames: CompatNames = []
        /// How long one collection of a probe may take, and how long taking the inventory may.
        public var deadline: Duration = .seconds(3)
        /// One of so many histogram buckets is exported, each with what is in those before it too.
        public var bucketStep = 1
        /// A file that names the pods of namespaces and containers; empty for none.
        public var mapping = ""

        /// Makes the defaults.
        public init() {}
    }

    /// What the agent may cost.
    public struct Limits: Sendable, Hashable {
        /// Series of one metric.
        public var seriesPerFamily = 10_000
        /// Series of a page.
        public var series = 200_000
        /// Pages being made or sent at the same time; more are refused with status 503.
        public var scrapes = 16
        /// Open connections; more wait in the kernel's accept queue.
        public var connections = 128
        /// What events may cost.
        public var events = EventLimits()

        /// Makes the defaults.
        public init() {}
    }

    /// Something the file asks for that this version knows but does not have.
    public struct Notice: Sendable, Hashable {
        /// The key, written as a path.
        public var key: String
        /// What is not there: `event sink loki`.
        public var subject: String

        /// Makes a notice.
        public init(key: String, subject: String) {
            self.key = key
            self.subject = subject
        }
    }

    /// Where in which file keys were written, for messages.
    public struct Origin: Sendable, Hashable {
        /// The file; empty where there was none.
        public var file = ""
        /// The lines of keys, by their paths.
        public var lines: [String: Int] = [:]

        /// Makes one of no file.
        public init() {}

        /// Something that is wrong with the value of a key.
        func error(_ key: String, _ message: String) -> ConfigurationError {
            ConfigurationError(file: file, line: lines[key] ?? 0, key: key, message)
        }
    }

    /// Whether more is logged.
    public var debugMode = false
    /// Where the agent listens.
    public var address = ListenAddress.tcp(host: "", port: 9102)
    /// The value of `k8s_node`; empty takes the environment's `INSPECTOR_NODENAME`, else the host name.
    public var node = ""
    /// A file with the running kernel's type information (BTF), for a kernel that shows none; empty for none.
    public var btf = ""
    /// Where live events are served; `nil` for nowhere. Never the address of the metrics.
    public var admin: ListenAddress? = .defaultAdmin
    /// Whether the agent is a container of the pod that it tells of, and of no other.
    public var isSidecar = false
    /// The container runtime that is asked for its pods; `nil` for none.
    public var runtime: RuntimePods.Settings? = runtimeOfEnvironment
    /// The cluster that is asked whose addresses there are; `nil` for none.
    public var cluster: ClusterSettings? = clusterOfEnvironment
    /// What is exported and how.
    public var metrics = Metrics()
    /// Which events are reported, and to whom.
    public var event = Events()
    /// How it looks for causes by itself.
    public var analysis = AnalysisSettings()
    /// What the agent may cost.
    public var limits = Limits()
    /// What is known but not there yet.
    public var notices: [Notice] = []
    /// The files that it names, and that are not there yet; it goes without them.
    public var missing: [ConfigurationError] = []
    /// Where the keys were written whose values can prove unusable later.
    public var origin = Origin()

    /// Makes the defaults.
    public init() {}

    /// One line about everything in ``notices``; `nil` when there is none.
    public var warning: String? {
        guard !notices.isEmpty else { return nil }
        return "known but not built yet, ignored: " + notices.map(\.subject).joined(separator: ", ")
    }
}
