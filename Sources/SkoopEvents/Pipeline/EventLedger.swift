// SPDX-License-Identifier: Apache-2.0
import SkoopProbes
import Synchronization

/// Keeps account of every probe's events: what was emitted was reported, got lost for a cause that is counted, or is
/// still on its way.
final class EventLedger: Sendable {
    private struct Account {
        /// The sources that are read now.
        var sources: [any EventSource] = []
        /// What those that are read no longer had counted at their end.
        var retired = EventCounts()
        var reported: UInt64 = 0
        var limited: UInt64 = 0
        var error: ProbeError?
    }

    private let accounts = Mutex<[String: Account]>([:])

    /// Opens an account.
    func add(_ source: any EventSource) {
        accounts.withLock { accounts in
            accounts[source.probe, default: Account()].sources.append(source)
            accounts[source.probe]?.error = nil
        }
    }

    /// Closes the account of a source.
    ///
    /// - Parameters:
    ///   - taken: how many events it delivered.
    ///   - cause: why the others are lost.
    ///   - error: why it is read no longer; nil where its probe has ended.
    func retire(_ source: any EventSource, taken: UInt64, cause: String, error: ProbeError? = nil) {
        accounts.withLock { accounts in
            var account = accounts[source.probe] ?? Account()
            let counts = source.counts
            let known = counts.lost.values.reduce(taken, +)
            account.retired.emitted += max(counts.emitted, known)
            account.retired.lost.merge(counts.lost) { $0 + $1 }
            if counts.emitted > known { account.retired.lost[cause, default: 0] += counts.emitted - known }
            account.sources.removeAll { $0 === source }
            account.error = error
            accounts[source.probe] = account
        }
    }

    /// Adds what the stage has done.
    func add(_ tallies: [String: EventStage.Tally]) {
        guard !tallies.isEmpty else { return }
        accounts.withLock { accounts in
            for (probe, tally) in tallies {
                accounts[probe, default: Account()].reported += tally.reported
                accounts[probe]?.limited += tally.limited
            }
        }
    }

    /// The accounts by name.
    var statuses: [ProbeEventStatus] {
        accounts.withLock { accounts in
            accounts.sorted { $0.key < $1.key }.map { probe, account in
                var counts = account.retired
                for source in account.sources {
                    let live = source.counts
                    counts.emitted += live.emitted
                    counts.lost.merge(live.lost) { $0 + $1 }
                }
                if account.limited > 0 { counts.lost["rate-limited"] = account.limited }
                return ProbeEventStatus(
                    probe: probe, emitted: counts.emitted, reported: account.reported, lost: counts.lost,
                    error: account.error)
            }
        }
    }
}
