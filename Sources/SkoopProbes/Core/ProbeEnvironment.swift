// SPDX-License-Identifier: Apache-2.0

/// What a probe may use: the host's file systems, its arguments and the readers it shares with other probes.
public struct ProbeEnvironment: Sendable {
    /// Where `/proc` and `/sys` of the host are, other than usual in a container or a test.
    public struct HostPaths: Sendable, Hashable {
        /// The host's `/proc`.
        public var proc: String
        /// The host's `/sys`.
        public var sys: String

        /// Makes paths; the defaults are the usual ones.
        public init(proc: String = "/proc", sys: String = "/sys") {
            self.proc = proc
            self.sys = sys
        }
    }

    /// The host's file systems.
    public var host: HostPaths
    /// The validated arguments from the configuration.
    public var arguments: [String: ArgumentValue]
    /// The only source to use; `nil` takes the best that works.
    public var requiredSource: Source?
    /// Readers that several probes share, made at first use.
    public var readers: SharedReaders
    /// Where events go; `nil` where nobody wants them, and probes only count.
    public var events: EventOutlet?
    /// Where the programs that a probe attaches are noted; one per probe.
    public var programs = ProgramLedger()
    /// Kinds of hooks (`tp_btf`, `fentry`, …) taken only where the kernel offers no other; at first those that the
    /// environment variable `SKOOP_AVOID_HOOKS` lists.
    public var avoidedHooks: Set<String> = Self.generallyAvoidedHooks

    /// Makes an environment.
    public init(
        host: HostPaths = HostPaths(), arguments: [String: ArgumentValue] = [:], requiredSource: Source? = nil,
        readers: SharedReaders = SharedReaders(), events: EventOutlet? = nil
    ) {
        self.host = host
        self.arguments = arguments
        self.requiredSource = requiredSource
        self.readers = readers
        self.events = events
    }
}

/// The value of a probe's argument.
public enum ArgumentValue: Sendable, Hashable {
    /// A text.
    case string(String)
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// A list of texts.
    case list([String])
    /// A time.
    case duration(Duration)
}

/// An argument that a probe or a sink takes.
public struct ProbeArgument: Sendable, Hashable {
    /// What form a value has.
    public enum Form: Sendable, Hashable {
        /// Any text.
        case string
        /// `true` or `false`.
        case bool
        /// A whole number in a range.
        case integer(ClosedRange<Int64>)
        /// A list whose elements are among these; any when empty.
        case list(of: [String])
        /// A time in a range, written `500ms`, `3s` or `1m`.
        case duration(ClosedRange<Duration>)
    }
    /// The key in the configuration; matched without regard to case.
    public var name: String
    /// What form its value has.
    public var form: Form
    /// What it does.
    public var help: String
    /// Whether it must be given.
    public var isRequired: Bool

    /// Makes an argument definition.
    public init(_ name: String, _ form: Form, help: String, isRequired: Bool = false) {
        self.name = name
        self.form = form
        self.help = help
        self.isRequired = isRequired
    }
}
