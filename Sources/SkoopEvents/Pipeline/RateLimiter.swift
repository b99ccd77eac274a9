// SPDX-License-Identifier: Apache-2.0
import SkoopModel

/// A token bucket for each type and namespace.
struct RateLimiter: Sendable {
    private struct Key: Hashable {
        var type: EventType
        var namespace: NamespaceID
    }

    private struct Bucket {
        var tokens: Double
        var time: UInt64
    }

    private let rate: Double
    private let burst: Double
    private let capacity: Int
    private var buckets: [Key: Bucket] = [:]

    /// Makes full buckets.
    ///
    /// - Parameters:
    ///   - rate: tokens per second; 0 for as many as are asked for.
    ///   - burst: tokens of a full bucket.
    ///   - capacity: how many buckets there may be; whoever comes later shares one.
    init(rate: Int, burst: Int, capacity: Int = 16384) {
        self.rate = Double(max(0, rate))
        self.burst = Double(max(1, burst))
        self.capacity = capacity
    }

    /// Takes a token; false when there is none.
    ///
    /// - Parameter now: nanoseconds of a clock that does not go back.
    mutating func take(_ type: EventType, _ namespace: NamespaceID, now: UInt64) -> Bool {
        guard rate > 0 else { return true }
        var key = Key(type: type, namespace: namespace)
        if buckets[key] == nil, buckets.count >= capacity {
            buckets = buckets.filter { refilled($0.value, now).tokens < burst }
            if buckets.count >= capacity { key = Key(type: EventType.overflow, namespace: NamespaceID(rawValue: 0)) }
        }
        var bucket = refilled(buckets[key] ?? Bucket(tokens: burst, time: now), now)
        let isGranted = bucket.tokens >= 1
        if isGranted { bucket.tokens -= 1 }
        buckets[key] = bucket
        return isGranted
    }

    private func refilled(_ bucket: Bucket, _ now: UInt64) -> Bucket {
        let seconds = Double(now - min(now, bucket.time)) / 1e9
        return Bucket(tokens: min(burst, bucket.tokens + seconds * rate), time: max(now, bucket.time))
    }
}

extension EventType {
    /// Stands for all types that came too late for a bucket of their own.
    fileprivate static let overflow = EventType(
        name: "", probe: "", help: "", labels: .fields(), source: "", suggests: "")
}
