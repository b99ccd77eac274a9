// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
public import SkoopProbes

extension Configuration {
    /// Which events are reported, and to whom.
    public struct Events: Sendable, Hashable {
        /// The probes; only name and arguments count. At first the cheap ones of those that tell of lost packets and
        /// broken connections.
        public var probes = ProbeRegistry.defaultEventNames.map { ProbeSettings($0) }
        /// Where events go, beside the live stream.
        public var sinks: [SinkSettings] = []

        /// Makes the defaults.
        public init() {}
    }

    /// A sink to run.
    public struct SinkSettings: Sendable, Hashable {
        /// The sink's own name, whichever spelling the file used.
        public var name: String
        /// Validated arguments.
        public var arguments: [String: ArgumentValue]

        /// Makes settings.
        public init(_ name: String, arguments: [String: ArgumentValue] = [:]) {
            self.name = name
            self.arguments = arguments
        }
    }

    /// A probe that runs, for its metrics, its events, or both at once.
    public struct ProbeRun: Sendable, Hashable {
        /// What a probe runs for.
        public struct Purpose: OptionSet, Sendable, Hashable {
            /// The bits.
            public let rawValue: UInt8

            /// Makes a purpose of bits.
            public init(rawValue: UInt8) { self.rawValue = rawValue }

            /// Its metrics are exported.
            public static let metrics = Purpose(rawValue: 1)
            /// Its events are reported.
            public static let events = Purpose(rawValue: 2)
        }

        /// Name, arguments, source and deadline.
        public var settings: ProbeSettings
        /// What it runs for.
        public var purpose: Purpose
    }

    /// Every probe once: those of the metrics in their order, then those that only report events.
    ///
    /// A probe of both has the arguments of both; where they contradict each other, which a file must not, those of the
    /// events hold.
    public var runs: [ProbeRun] {
        var runs = metrics.probes.map { ProbeRun(settings: $0, purpose: .metrics) }
        for settings in event.probes {
            if let position = runs.firstIndex(where: { $0.settings.name == settings.name }) {
                runs[position].purpose.insert(.events)
                runs[position].settings.arguments.merge(settings.arguments) { $1 }
            } else {
                runs.append(ProbeRun(settings: settings, purpose: .events))
            }
        }
        return runs
    }

    /// The sinks as a pipeline takes them; those that `kinds` does not have are left out.
    func pipelineSinks(_ kinds: [SinkKind]) -> [PipelineSink] {
        var count: [String: Int] = [:]
        return event.sinks.compactMap { settings in
            guard let kind = kinds.first(where: { $0.definition.name == settings.name }) else { return nil }
            let number = count[settings.name, default: 0] + 1
            count[settings.name] = number
            return PipelineSink(
                kind, SinkEnvironment(arguments: settings.arguments, node: nodeName),
                named: number == 1 ? settings.name : "\(settings.name)-\(number)")
        }
    }
}
