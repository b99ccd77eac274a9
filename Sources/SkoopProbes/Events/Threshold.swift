// SPDX-License-Identifier: Apache-2.0

/// A latency above which a probe reports an event, as an argument of the probe.
struct Threshold: Sendable {
    /// The argument's key.
    let name: String
    /// What holds where the configuration says nothing: KubeSkoop's.
    let usual: Duration
    private let help: String

    /// Makes a threshold.
    ///
    /// - Parameter what: what is reported, after "reports ".
    init(_ name: String, usual: Duration, of what: String) {
        self.name = name
        self.usual = usual
        help = "reports \(what) only above this latency; \(usual.milliseconds) ms by default"
    }

    /// The argument's definition.
    var argument: ProbeArgument {
        ProbeArgument(name, .duration(.milliseconds(1) ... .seconds(60)), help: help)
    }

    /// The threshold that holds, in nanoseconds.
    func nanoseconds(_ environment: ProbeEnvironment) -> UInt64 {
        guard case .duration(let given) = environment.arguments[name] else { return usual.nanoseconds }
        return given.nanoseconds
    }
}

extension Duration {
    fileprivate var milliseconds: UInt64 { nanoseconds / 1_000_000 }

    fileprivate var nanoseconds: UInt64 {
        UInt64(clamping: components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000)
    }
}
