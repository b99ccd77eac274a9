// SPDX-License-Identifier: Apache-2.0
import SkoopEvents
import SkoopIdentity
import SkoopProbes
import SkoopSystem

/// Takes the census on a thread of its own, and keeps the last one for when that hangs or fails.
struct CensusRunner: Sendable {
    private typealias Outcome = Result<Census, ProbeError>
    /// A census, how long it took, and why it is an older one or none.
    typealias Answer = (census: Census?, duration: Duration?, error: ProbeError?)

    /// Where the events' pipeline finds the last census, and asks for another.
    let board: CensusBoard
    private let worker: Worker<Void, Outcome>
    /// How long one may take.
    var deadline: Duration
    private var last: Census?
    /// Whether the last one that was asked for did not come in time.
    private var isLate = false

    init(_ source: CensusSource, deadline: Duration, turn: PreparationTurn) throws(SystemError) {
        self.deadline = deadline
        let worker = try Worker<Void, Outcome>(name: "inventory") {
            let take = turn.take { source.prepare() }
            return { (_: Void) in
                do throws(ProbeError) {
                    return .success(try take())
                } catch {
                    return .failure(error)
                }
            }
        }
        self.worker = worker
        board = CensusBoard { board in _ = worker.offer((), deliver: { Self.publish($0, on: board) }) }
    }

    private static func publish(_ outcome: Outcome, on board: CensusBoard) {
        if case .success(let census) = outcome { board.publish(census) }
    }

    /// Lets the thread end.
    func stop() { worker.stop() }

    /// The census of now, else the last one with the reason.
    mutating func take() -> Answer {
        let start = MonotonicTime.now
        let result = Monitor<Outcome?>(nil)
        let board = board
        let isAsked = worker.offer((), until: isLate ? start : start + deadline) { outcome in
            Self.publish(outcome, on: board)
            result.update { $0 = outcome }
        }
        guard isAsked else {
            isLate = true
            return (last, nil, ProbeError(.deadline, "an earlier inventory is still being taken"))
        }
        isLate = false
        switch result.wait(until: start + deadline, for: { $0 }) {
        case .success(let census):
            last = census
            return (census, MonotonicTime.now.since(start), nil)
        case .failure(let error):
            return (last, MonotonicTime.now.since(start), error)
        case nil:
            isLate = true
            return (last, nil, ProbeError(.deadline, "the inventory was not finished within \(deadline.shortText)"))
        }
    }
}
