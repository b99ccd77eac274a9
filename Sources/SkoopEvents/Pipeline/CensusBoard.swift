// SPDX-License-Identifier: Apache-2.0
public import SkoopIdentity
import SkoopSystem
import Synchronization

/// Where whoever takes censuses leaves the latest, and where the pipeline asks for a newer one.
public final class CensusBoard: Sendable {
    private struct State {
        var census: Census?
        var number: UInt64 = 0
        var time = MonotonicTime(nanoseconds: 0)
    }

    private let state = Mutex(State())
    private let ask: @Sendable (CensusBoard) -> Void

    /// Makes an empty board.
    ///
    /// - Parameter ask: lets a census be taken soon, which is then published on the board that it is given; must not
    ///   block. Called again and again until there is one.
    public init(asking ask: @escaping @Sendable (CensusBoard) -> Void = { _ in }) { self.ask = ask }

    /// Leaves a census.
    public func publish(_ census: Census) {
        state.withLock { state in
            state.census = census
            state.number += 1
            state.time = .now
        }
    }

    /// Asks for a newer one; from any thread, does not block.
    public func refresh() { ask(self) }

    /// The latest census with its number and when it was published, if there is one after number `seen`.
    func latest(after seen: UInt64) -> (census: Census, number: UInt64, time: MonotonicTime)? {
        state.withLock { state in
            guard let census = state.census, state.number > seen else { return nil }
            return (census, state.number, state.time)
        }
    }
}
