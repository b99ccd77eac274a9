// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// What the agent tells of itself: its probes, its limits and its process.
public enum SelfMetric: String, MetricSet {
    case probeDuration = "skoop_probe_duration_seconds"
    case probeSuccess = "skoop_probe_success"
    case probeSource = "skoop_probe_source"
    case probeProblems = "skoop_probe_problems_total"
    case probeDeadlineExceeded = "skoop_probe_deadline_exceeded_total"
    case programMissed = "skoop_bpf_program_missed_total"
    case seriesDropped = "skoop_series_dropped_total"
    case series = "skoop_series"
    case scrapeDuration = "skoop_scrape_duration_seconds"
    case configSuccess = "skoop_config_last_reload_successful"
    case configTime = "skoop_config_last_reload_success_timestamp_seconds"
    case identityUp = "skoop_identity_up"
    case identityPods = "skoop_identity_pods"
    case identityObjects = "skoop_identity_objects"
    case identityTime = "skoop_identity_last_answer_timestamp_seconds"
    case identityFailures = "skoop_identity_failures_total"
    case buildInfo = "skoop_build_info"
    case processCPU = "process_cpu_seconds_total"
    case processResidentMemory = "process_resident_memory_bytes"
    case processVirtualMemory = "process_virtual_memory_bytes"
    case processOpenFDs = "process_open_fds"
    case processMaxFDs = "process_max_fds"
    case processStartTime = "process_start_time_seconds"

    public static let probe = "self"
    public static let summary = "the agent's probes, limits and process"

    public var definition: MetricDefinition {
        switch self {
        case .probeDuration:
            gauge(
                "how long the probe's last collection took", unit: .seconds, decimals: 9,
                labels: .node(extra: ["probe"]),
                rise: "The probe has more to read, or the node is overloaded.")
        case .probeSuccess:
            gauge(
                "whether the probe's last collection succeeded: 1 if so, else 0", labels: .node(extra: ["probe"]),
                rise: "A probe that failed works again. At 0 its series are missing; the status page says why.")
        case .probeSource:
            gauge(
                "always 1, its labels name the source that the probe uses", labels: .node(extra: ["probe", "source"]),
                rise: "A new series means that the probe has changed its source.")
        case .probeProblems:
            count(
                "values that the probe could not read", labels: .node(extra: ["probe", "cause"]),
                rise: "Files or messages of the kernel do not have the expected form, or vanish while they are read.")
        case .probeDeadlineExceeded:
            count(
                "collections of the probe that did not end in time", labels: .node(extra: ["probe"]),
                rise: "The probe hangs or is too slow for its deadline; its series are missing from those scrapes.")
        case .programMissed:
            count(
                "runs of an eBPF program that the kernel left out, with all they would have counted; a lower bound: the kernel "
                    + "does not count all of them",
                labels: .node(extra: ["probe", "program"]), source: "struct bpf_prog_info recursion_misses",
                rise: "The program's hook was passed while it was running on that CPU: an interrupt came between.")
        case .seriesDropped:
            count(
                "series left out because of a limit", labels: .node(extra: ["family"]),
                rise: "The limit per metric or in all is too small for this node.")
        case .series:
            gauge(
                "series of the last scrape", labels: .node(),
                rise: "More entities or more label values: pods, devices, flows.")
        case .scrapeDuration:
            gauge(
                "how long the last collection of all probes took", unit: .seconds, decimals: 9, labels: .node(),
                rise: "See the probes' durations for which one it is.")
        case .configSuccess:
            gauge(
                "whether the configuration was read without a fault the last time: 1 if so, else 0", labels: .node(),
                rise: "A fault was mended. At 0 the agent goes on with what it had; "
                    + "the status page says what is wrong.")
        case .configTime:
            gauge(
                "when the configuration was last read without a fault, since 1970-01-01T00:00:00Z", unit: .seconds,
                decimals: 3, labels: .node(), rise: "The configuration was read again.")
        case .identityUp:
            gauge(
                "whether who is asked for pods (a container runtime, an API server) answered the last time: 1 if so, else 0",
                labels: .node(extra: ["source"]),
                rise: "It answers again. At 0 new pods have no names; those known before keep theirs.")
        case .identityPods:
            gauge(
                "pods of the last answer of who is asked for them", labels: .node(extra: ["source"]),
                rise: "More pods run on the node, or of an API server's in the cluster.")
        case .identityObjects:
            gauge(
                "objects of an API server that are known, by resource", labels: .node(extra: ["source", "resource"]),
                rise: "The cluster grows; so does the memory that the agent takes.")
        case .identityTime:
            gauge(
                "when who is asked for pods last answered, since 1970-01-01T00:00:00Z", unit: .seconds, decimals: 3,
                labels: .node(extra: ["source"]),
                rise: "It answers. Its age is how stale the names of pods may be.")
        case .identityFailures:
            count(
                "times that who is asked for pods did not answer, or not sensibly",
                labels: .node(extra: ["source", "reason"]),
                rise:
                    "Runtime or API server is absent, overloaded, or does not let the agent ask; the status page says more."
            )
        case .buildInfo:
            gauge(
                "always 1, its label is the agent's version", labels: .plain(["version"]),
                rise: "Never rises; a new version shows as a new series.")
        case .processCPU:
            count(
                "CPU time of the agent, user and system", unit: .seconds, decimals: 9,
                source: "CLOCK_PROCESS_CPUTIME_ID",
                rise: "Its rate is the agent's load in CPUs.")
        case .processResidentMemory:
            gauge(
                "resident memory of the agent", unit: .bytes, source: "/proc/self/stat rss",
                rise: "More entities and series, or a leak.")
        case .processVirtualMemory:
            gauge(
                "virtual memory of the agent", unit: .bytes, source: "/proc/self/stat vsize",
                rise: "Usually without meaning.")
        case .processOpenFDs:
            gauge(
                "open file descriptors of the agent", source: "/proc/self/fd",
                rise: "More namespaces and clients, or a leak.")
        case .processMaxFDs:
            gauge(
                "open file descriptors that the agent may have", source: "RLIMIT_NOFILE", rise: "The limit was changed."
            )
        case .processStartTime:
            gauge(
                "when the agent started, since 1970-01-01T00:00:00Z", unit: .seconds, decimals: 3,
                source: "/proc/self/stat starttime",
                rise: "The agent was started again.")
        }
    }

    private func count(
        _ help: String, unit: Metric.Unit = .none, decimals: Int = 0, labels: Metric.Labels = .plain(),
        source: String = "the agent", rise: String
    ) -> MetricDefinition {
        .counter(help, name: rawValue, unit: unit, decimals: decimals, labels: labels, source: source, rise: rise)
    }

    private func gauge(
        _ help: String, unit: Metric.Unit = .none, decimals: Int = 0, labels: Metric.Labels = .plain(),
        source: String = "the agent", rise: String
    ) -> MetricDefinition {
        .gauge(help, name: rawValue, unit: unit, decimals: decimals, labels: labels, source: source, rise: rise)
    }
}
