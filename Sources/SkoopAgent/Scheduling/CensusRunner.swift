// SPDX-License-Identifier: Apache-2.0
import SkoopIdentity
import SkoopProbes
import SkoopSystem

/// Takes the census on a thread of its own, and keeps the last one for when that hangs or fails.
struct CensusRunner: Sendable {
    private typealias Outcome = Result<Census, ProbeError>
    /// A census, how long it took, and why it is an older one or none.
    typealias Answer = (census: Census?, duration: Duration?, error: ProbeError?)

    private let worker: Worker<Void, Outcome>
    private let deadline: Duration
    private var last: Census?

    init(_ source: CensusSource, deadline: Duration, turn: PreparationTurn) throws(SystemError) {
        self.deadline = deadline
        worker = try Worker(name: "inventory") {
            let take = turn.take { source.prepare() }
            return { (_: Void) in
                do throws(ProbeError) {
                    return .success(try take())
                } catch {
                    return .failure(error)
                }
            }
        }
    }

    /// Lets the thread end.
    func stop() { worker.stop() }

    /// The census of now, else the last one with the reason.
    mutating func take() -> Answer {
        let start = MonotonicTime.now
        let result = Monitor<Outcome?>(nil)
        guard worker.offer((), deliver: { outcome in result.update { $0 = outcome } }) else {
            return (last, nil, ProbeError(.deadline, "an earlier inventory is still being taken"))
        }
        switch result.wait(until: start + deadline, for: { $0 }) {
        case .success(let census):
            last = census
            return (census, MonotonicTime.now.since(start), nil)
        case .failure(let error):
            return (last, MonotonicTime.now.since(start), error)
        case nil:
            return (last, nil, ProbeError(.deadline, "the inventory was not finished within \(deadline.shortText)"))
        }
    }
}
