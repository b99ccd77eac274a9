// SPDX-License-Identifier: Apache-2.0

/// What events may cost.
public struct EventLimits: Sendable, Hashable {
    /// Events per second of one type and namespace, beyond ``burst``; 0 for as many as there are. Folded repeats do not
    /// count.
    public var rate = 100
    /// How many may come at once.
    public var burst = 1000
    /// For how long repeats are gathered before they are reported as one; zero folds nothing.
    public var foldWindow: Duration = .seconds(1)
    /// How many different events are watched for repeats at once.
    public var folds = 4096
    /// How long an event of a namespace that nobody knows yet waits for somebody to know it.
    public var attributionDelay: Duration = .seconds(1)
    /// Events that wait in front of a sink without a capacity of its own; what comes when it is full is lost.
    public var queue = 8192
    /// Events that are kept for those who ask later.
    public var history = 2048

    /// Makes the defaults.
    public init() {}
}
