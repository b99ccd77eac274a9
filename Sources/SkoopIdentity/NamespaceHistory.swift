// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// Which network namespace had which inode number when, as far as somebody has looked.
///
/// The kernel gives the number of a namespace that has gone to the next one. Cookies are given once only. Whoever looks
/// now and then learns that a number was one namespace's from one look to another; what happened in between is another's
/// only if that came and went unseen. All times are nanoseconds of `CLOCK_MONOTONIC`.
public struct NamespaceHistory: Sendable {
    private struct Tenure {
        var cookie: UInt64
        /// The last look at which the number was not this one's; 0 where that was before anybody looked.
        var after: UInt64
        /// The first look at which it was.
        var since: UInt64
        /// The last look at which it was, and until when it may have been; while it still is, the largest number.
        var until = UInt64.max
        var end = UInt64.max
    }

    /// For how long a namespace that is being taken down still counts as the owner of its number.
    public static let farewell: UInt64 = 1_000_000_000
    /// How long the past is kept.
    private static let memory: UInt64 = 60_000_000_000

    private var tenures: [NamespaceID: [Tenure]] = [:]
    private var current: [NamespaceID: UInt64] = [:]
    private var past = 0
    private var last: (begin: UInt64, end: UInt64) = (0, 0)

    /// Makes an empty history.
    public init() {}

    /// Notes what a look has seen.
    ///
    /// - Parameters:
    ///   - cookies: the cookie of every namespace that there is.
    ///   - begin: when the look began.
    ///   - end: when it ended.
    public mutating func look(_ cookies: [NamespaceID: UInt64], from begin: UInt64, to end: UInt64) {
        if cookies != current {
            for (id, cookie) in current where cookies[id] != cookie { leave(id, end) }
            for (id, cookie) in cookies where current[id] != cookie {
                // The number is given away when nothing is left of the one before.
                if let place = tenures[id]?.indices.last, let before = tenures[id]?[place].end {
                    tenures[id]?[place].end = min(before, end)
                }
                tenures[id, default: []].append(Tenure(cookie: cookie, after: last.begin, since: end))
            }
            current = cookies
        }
        last = (begin, end)
        if past > 0 { forget(before: begin - min(begin, Self.memory)) }
    }

    /// The cookie that a number has now.
    public func cookie(of id: NamespaceID) -> UInt64? { current[id] }

    /// Which namespace had a number at a moment; 0 where that cannot be told.
    ///
    /// - Parameters:
    ///   - id: the number.
    ///   - moment: when; 0 for the last look.
    public func cookie(of id: NamespaceID, at moment: UInt64) -> UInt64 {
        let moment = moment == 0 ? last.begin : moment
        var found: UInt64 = 0
        for tenure in tenures[id] ?? [] {
            if tenure.since <= moment, moment <= tenure.until { return tenure.cookie }
            guard tenure.after < moment, moment < tenure.end else { continue }
            guard found == 0 else { return 0 }
            found = tenure.cookie
        }
        return found
    }

    private mutating func leave(_ id: NamespaceID, _ end: UInt64) {
        guard let place = tenures[id]?.indices.last else { return }
        tenures[id]?[place].until = last.begin
        tenures[id]?[place].end = end + Self.farewell
        past += 1
    }

    private mutating func forget(before moment: UInt64) {
        guard tenures.values.contains(where: { $0[0].end < moment }) else { return }
        past = 0
        for (id, all) in tenures where all[0].end != .max {
            let kept = all.filter { $0.end >= moment }
            past += kept.count { $0.end != .max }
            tenures[id] = kept.isEmpty ? nil : kept
        }
    }
}
