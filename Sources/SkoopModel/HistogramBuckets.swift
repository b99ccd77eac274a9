// SPDX-License-Identifier: Apache-2.0

/// The upper bounds of a histogram's buckets.
public struct HistogramBuckets: Sendable, Hashable {
    /// The bounds in ascending order, in the unit of the metric's stored integers (see ``Metric/decimals``); what is
    /// larger than the last falls into `+Inf`.
    public var bounds: [UInt64]

    /// Makes buckets of ascending bounds.
    public init(bounds: [UInt64]) { self.bounds = bounds }

    /// How many counts a row has: one for each bound, and one for what exceeds the last.
    public var width: Int { bounds.count + 1 }

    /// The slots of the kernel programs (`bpf/include/skoop/abi/histogram.h`) in nanoseconds: slot n counts from 2^n to
    /// less than 2^(n+1) microseconds, so that its bound is 2^(n+1) microseconds; the last slot has none.
    public static let log2Microseconds = HistogramBuckets(bounds: (1...26).map { (1 << UInt64($0)) * 1000 })
}
