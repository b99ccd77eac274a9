// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import SkoopSystem
internal import Synchronization

/// An iterator program over a map of what is pending, run now and then to find what has waited for too long.
///
/// Safe to use from several threads; one run at a time.
final class MapSweep: Sendable {
    private struct State: ~Copyable {
        let iterator: BPFIterator
        var buffer: [UInt8] = []
        var next = MonotonicTime(nanoseconds: 0)
    }

    private let state: Mutex<State>
    /// What is at least between two runs of ``runIfDue()``.
    private static let interval = Duration.milliseconds(250)

    /// Prepares a program (`SEC("iter/bpf_map_elem")`) to run over a map of its object.
    init(_ program: AttachedProgram, _ name: BPFProgramName, over map: String) throws(ProbeError) {
        let iterator = try program.access { object throws(BPFError) in try object.iterator(name, overMap: map) }
        state = Mutex(State(iterator: iterator))
    }

    /// Runs the program.
    func run() throws(ProbeError) {
        try state.withLock { state throws(ProbeError) in try Self.run(&state) }
    }

    /// Runs the program if the last run was a while ago.
    func runIfDue() throws(ProbeError) {
        try state.withLock { state throws(ProbeError) in
            if MonotonicTime.now >= state.next { try Self.run(&state) }
        }
    }

    private static func run(_ state: inout State) throws(ProbeError) {
        state.next = .now + interval
        do throws(BPFError) { try state.iterator.run(into: &state.buffer) { _ in } } catch { throw ProbeError(error) }
    }
}
