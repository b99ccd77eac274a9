// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import Synchronization

/// The attached programs of a probe, for whoever runs it: how often the kernel did not run them.
///
/// Safe to use from several threads.
public final class ProgramLedger: Sendable {
    private struct Weak: Sendable {
        weak let program: AttachedProgram?
    }

    private let attached = Mutex<[Weak]>([])

    /// Makes an empty one.
    public init() {}

    func add(_ program: AttachedProgram) { attached.withLock { $0.append(Weak(program: program)) } }

    /// How often each program was not run although its hook was passed, by its name; what it would have counted or reported
    /// is missing. Programs that were never left out are not listed.
    ///
    /// The kernel leaves a program out where it is running already on that CPU, and counts it since 5.12.
    public var missedRuns: [String: UInt64] {
        var missed: [String: UInt64] = [:]
        for entry in attached.withLock({ $0 }) {
            for (name, count) in entry.program?.missedRuns ?? [:] { missed[name, default: 0] += count }
        }
        return missed
    }

    /// What the kernel tells of every program and map now; takes some milliseconds for large maps.
    ///
    /// - Parameter limit: up to how many entries of a map are counted, one system call each.
    public func details(countingAtMost limit: Int) -> ProgramDetails {
        var details = ProgramDetails()
        for entry in attached.withLock({ $0 }) {
            guard let program = entry.program else { continue }
            let found = program.details(countingAtMost: limit)
            details.programs += found.programs
            details.maps += found.maps
        }
        return details
    }
}
