// SPDX-License-Identifier: Apache-2.0
// The cases are documented by their definitions, the rest by the protocol.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

/// System calls and storage traffic of the entity's processes: `/proc/<pid>/io`, with what exited processes left.
public enum IOMetric: String, MetricSet {
    case readsyscall, writesyscall, readbytes, writebytes

    public static let probe = "io"
    public static let summary = "read and write system calls and storage bytes of each entity's processes"

    public var definition: MetricDefinition {
        switch self {
        case .readsyscall:
            count(
                "read system calls on files of any type, sockets included", field: "syscr",
                rise: "The processes read more often, or in smaller pieces. A sudden fall means that they are stalled.",
                correction: "not only storage: reads of sockets, pipes and every other file count too")
        case .writesyscall:
            count(
                "write system calls on files of any type, sockets included", field: "syscw",
                rise:
                    "The processes write more often, or in smaller pieces. A sudden fall means that they are stalled.",
                correction: "not only storage: writes to sockets, pipes and every other file count too")
        case .readbytes:
            count(
                "bytes that the processes caused to be read from storage", field: "read_bytes", unit: .bytes,
                rise:
                    "Data is no longer in the page cache, or the working set has grown. Slow storage shows as latency.")
        case .writebytes:
            count(
                "bytes that the processes caused to be written to storage", field: "write_bytes", unit: .bytes,
                rise: "More data is dirtied, for example by logs. Write-back may stall processes on slow storage.")
        }
    }

    private func count(
        _ help: String, field: String, unit: Metric.Unit = .none, rise: String, correction: String? = nil
    ) -> MetricDefinition {
        .counter(
            help, unit: unit, source: "/proc/<pid>/io \(field) (task_io_accounting.\(field))", rise: rise,
            correction: correction)
    }
}
