// SPDX-License-Identifier: Apache-2.0

/// What became of a batch: so many from its beginning were dealt with, the others were not touched.
public struct SinkReceipt: Sendable, Hashable {
    /// Events that arrived.
    public var delivered: Int
    /// Events that are lost, by cause (a short constant such as `refused`).
    public var lost: [String: Int]
    /// Why the others were not touched; nil where there are none. They are offered again or lost, as the error says.
    public var error: SinkError?

    /// Makes a receipt; see the properties for the meaning of each argument.
    public init(delivered: Int, lost: [String: Int] = [:], error: SinkError? = nil) {
        self.delivered = delivered
        self.lost = lost
        self.error = error
    }

    /// Events dealt with.
    var handled: Int { lost.values.reduce(delivered, +) }
}
