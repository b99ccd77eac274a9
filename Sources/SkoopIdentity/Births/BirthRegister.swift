// SPDX-License-Identifier: Apache-2.0

/// The births of the last minute, as many as there is room for.
public struct BirthRegister: Sendable {
    /// For how long a birth is remembered, in nanoseconds.
    public static let memory: UInt64 = 60_000_000_000
    /// How many are remembered; the oldest are forgotten first.
    public static let capacity = 2048

    /// The births, in the order of time; the same value as long as none comes or goes.
    public private(set) var births: [NamespaceBirth] = []
    /// How many there was no room for until their time was over.
    public private(set) var omitted: UInt64 = 0

    /// Makes an empty register.
    public init() {}

    /// Enters a birth. What is in no container is left out: nobody could be named by it.
    ///
    /// - Returns: whether it was entered.
    @discardableResult
    public mutating func enter(_ birth: NamespaceBirth) -> Bool {
        guard ContainerID(cgroup: birth.process.cgroup) != nil else { return false }
        // CPUs take turns in what they write, nearly in the order of time.
        var place = births.endIndex
        while place > 0, births[place - 1].time > birth.time { place -= 1 }
        births.insert(birth, at: place)
        if births.count > Self.capacity {
            births.removeFirst(births.count - Self.capacity)
            omitted += 1
        }
        return true
    }

    /// Forgets what is too old.
    ///
    /// - Parameter now: nanoseconds of `CLOCK_MONOTONIC`.
    public mutating func forget(at now: UInt64) {
        let end = now - min(now, Self.memory)
        let old = births.prefix { $0.time < end }.count
        if old > 0 { births.removeFirst(old) }
    }
}
