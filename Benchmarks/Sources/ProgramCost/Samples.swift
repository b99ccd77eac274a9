// SPDX-License-Identifier: Apache-2.0
/// Several measurements of one thing.
public struct Samples: Sendable, Codable {
    /// The measurements, ascending.
    public let sorted: [Double]

    /// Sorts measurements.
    public init(_ measurements: [Double]) { sorted = measurements.sorted() }

    /// Whether there is nothing to tell.
    public var isEmpty: Bool { sorted.isEmpty }
    /// The least; 0 of none.
    public var least: Double { sorted.first ?? 0 }
    /// The greatest; 0 of none.
    public var greatest: Double { sorted.last ?? 0 }

    /// The one in the middle; 0 of none.
    public var median: Double {
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
