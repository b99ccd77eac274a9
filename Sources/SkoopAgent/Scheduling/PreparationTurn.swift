// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// Lets threads prepare what they work with one after the other.
///
/// Loading an eBPF program takes the kernel's type information apart, some ten megabytes for a moment; all probes at
/// once would make that moment the agent's peak.
final class PreparationTurn: Sendable {
    private let isTaken = Monitor(false)
    private let patience: Duration

    /// Makes a turn; who waits longer than `patience` goes ahead, since what hangs must not hold up the rest.
    init(patience: Duration = .seconds(2)) { self.patience = patience }

    func take<Result>(_ body: () -> Result) -> Result {
        let isMine = isTaken.wait(until: MonotonicTime.now + patience) { isTaken -> Bool? in
            guard !isTaken else { return nil }
            isTaken = true
            return true
        }
        defer { if isMine == true { isTaken.update { $0 = false } } }
        return body()
    }
}
