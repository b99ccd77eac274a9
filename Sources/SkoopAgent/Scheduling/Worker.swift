// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// A thread that does one job at a time and accepts none while it is busy.
///
/// The thread owns whatever its body holds, so that what it works with needs no lock. A body that hangs leaves the
/// thread behind; nobody waits for it.
final class Worker<Job: Sendable>: Sendable {
    private struct State: Sendable {
        var job: Job?
        var isBusy = false
        var isStopping = false
    }

    private let state = Monitor(State())

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: the thread's name.
    ///   - body: runs on the thread; its argument waits for the next job and returns `nil` when the worker stops.
    init(name: String, _ body: @escaping @Sendable (_ next: () -> Job?) -> Void) throws(SystemError) {
        let state = state
        let thread = try WorkerThread(name: name) {
            body {
                state.update { $0.isBusy = false }
                return state.wait { state -> Job?? in
                    if state.isStopping { return .some(nil) }
                    guard let job = state.job else { return nil }
                    state.job = nil
                    state.isBusy = true
                    return .some(job)
                } ?? nil
            }
        }
        _ = consume thread
    }

    /// Hands over a job; false when the last one is not finished.
    func offer(_ job: Job) -> Bool {
        state.update { state in
            guard state.job == nil, !state.isBusy, !state.isStopping else { return false }
            state.job = job
            return true
        }
    }

    /// Lets the thread end after the job it works on.
    func stop() { state.update { $0.isStopping = true } }
}
