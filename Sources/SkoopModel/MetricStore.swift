// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The metrics of all sets that somebody has asked for.
final class MetricStore: Sendable {
    struct Key: Hashable {
        var set: ObjectIdentifier
        var key: String
    }

    static let shared = MetricStore()

    private let metrics = Mutex<[Key: Metric]>([:])

    /// The metric of a case, made when it is not there yet.
    func metric(of key: Key, _ make: () -> Metric) -> Metric {
        if let metric = metrics.withLock({ $0[key] }) { return metric }
        let metric = make()
        metrics.withLock { $0[key] = metric }
        return metric
    }
}
