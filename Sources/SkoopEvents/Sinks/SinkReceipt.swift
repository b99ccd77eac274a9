// SPDX-License-Identifier: Apache-2.0

/// What became of a batch: so many from its beginning were dealt with, the others were not touched and are offered again.
public struct SinkReceipt: Sendable, Hashable {
    /// Events that arrived.
    public var delivered: Int
    /// Events after those that are lost, by cause (a short constant such as `refused`).
    ///
    /// Where the receiver does not say which events of the batch it did not want, these are any.
    public var lost: [String: Int]
    /// Why events are lost, or why the others were not touched; nil where there is nothing to be said. The others are
    /// offered again or lost, as the error says.
    public var error: SinkError?

    /// Makes a receipt; see the properties for the meaning of each argument.
    public init(delivered: Int, lost: [String: Int] = [:], error: SinkError? = nil) {
        self.delivered = delivered
        self.lost = lost
        self.error = error
    }
}
