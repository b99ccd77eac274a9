// SPDX-License-Identifier: Apache-2.0
internal import SkoopBPF
internal import Synchronization

/// The task pass, shared by the inventory and the io probe: what one has listed the other uses.
///
/// Safe to use from several threads; who comes while a listing is made waits for it.
final class TaskReader: Sendable {
    private struct State: ~Copyable {
        var pass: TaskPass?
        var hindrance: ProbeError?
        /// A listing that the io probe has not seen yet.
        var unseen: TaskListing?
    }

    private let state = Mutex(State())

    /// Loads the programs once.
    ///
    /// - Throws: why the pass cannot be used.
    func prepare() throws(ProbeError) {
        try state.withLock { state throws(ProbeError) in
            if let hindrance = state.hindrance { throw hindrance }
            guard state.pass == nil else { return }
            do throws(BPFError) { state.pass = try TaskPass() } catch {
                let hindrance = ProbeError(error)
                state.hindrance = hindrance
                throw hindrance
            }
        }
    }

    /// Lists the tasks now; what exited is kept for ``take(_:)``.
    func list(_ problems: ProblemCounter) throws(ProbeError) -> TaskListing {
        try state.withLock { state throws(ProbeError) in try Self.list(&state, problems) }
    }

    /// The listing made last, if nobody has taken it, or a new one.
    func take(_ problems: ProblemCounter) throws(ProbeError) -> TaskListing {
        try state.withLock { state throws(ProbeError) in
            if state.unseen == nil { _ = try Self.list(&state, problems) }
            return state.unseen.take() ?? TaskListing()
        }
    }

    private static func list(_ state: inout State, _ problems: ProblemCounter) throws(ProbeError) -> TaskListing {
        do throws(BPFError) {
            guard var listing = try state.pass?.read(problems) else {
                throw BPFError(.run, subject: "task_io", "is not loaded")
            }
            // The exits that an inventory took out of the kernel must not get lost when no probe looked at it.
            for (group, io) in state.unseen?.exited ?? [:] { listing.exited[group, default: TaskIO()].add(io) }
            state.unseen = listing
            return listing
        } catch { throw ProbeError(error) }
    }
}
