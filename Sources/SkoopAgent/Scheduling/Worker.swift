// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// A thread that does one job at a time and accepts none while it is busy.
///
/// The thread owns what its work is done with, so that it needs no lock. Work that hangs leaves the thread behind;
/// nobody waits for it.
final class Worker<Input: Sendable, Output: Sendable>: Sendable {
    private struct Job: Sendable {
        var input: Input
        var deliver: @Sendable (Output) -> Void
    }

    private struct State: Sendable {
        var job: Job?
        var isBusy = false
        var isStopping = false
        var hasEnded = false
    }

    private let state = Monitor(State())

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: the thread's name.
    ///   - prepare: called once on the thread; returns what does a job.
    init(name: String, preparing prepare: @escaping @Sendable () -> (Input) -> Output) throws(SystemError) {
        let state = state
        let thread = try WorkerThread(name: name) {
            Self.serve(state, prepare)
            state.update { $0.hasEnded = true }
        }
        _ = consume thread
    }

    /// A function of its own, so that what the work is done with is gone when it returns.
    private static func serve(_ state: Monitor<State>, _ prepare: () -> (Input) -> Output) {
        let work = prepare()
        while let job = next(state) {
            let output = work(job.input)
            // First: whoever gets the output may ask again at once.
            state.update { $0.isBusy = false }
            job.deliver(output)
        }
    }

    private static func next(_ state: Monitor<State>) -> Job? {
        state.wait { state -> Job?? in
            if state.isStopping { return .some(nil) }
            guard let job = state.job else { return nil }
            state.job = nil
            state.isBusy = true
            return .some(job)
        } ?? nil
    }

    /// Hands over a job; false when the last one is not finished.
    ///
    /// - Parameters:
    ///   - input: what to work on.
    ///   - deadline: until when to wait for the last one to be finished; without it nothing is waited for.
    ///   - deliver: called on the worker's thread.
    func offer(
        _ input: Input, until deadline: MonotonicTime = MonotonicTime(nanoseconds: 0),
        deliver: @escaping @Sendable (Output) -> Void
    ) -> Bool {
        let isAccepted = state.wait(until: deadline) { state -> Bool? in
            if state.isStopping { return false }
            guard state.job == nil, !state.isBusy else { return nil }
            state.job = Job(input: input, deliver: deliver)
            return true
        }
        // Waiting changes the state but wakes nobody.
        if isAccepted == true { state.update { _ in } }
        return isAccepted ?? false
    }

    /// Lets the thread end after the job it works on.
    func stop() { state.update { $0.isStopping = true } }

    /// Waits until the thread has let go of what it works with; one that hangs is left behind.
    func waitForEnd(until deadline: MonotonicTime) { state.wait(until: deadline) { $0.hasEnded ? true : nil } }
}
