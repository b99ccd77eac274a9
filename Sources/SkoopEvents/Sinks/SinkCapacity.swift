// SPDX-License-Identifier: Apache-2.0

/// How much may wait in front of a sink, and what gets lost beyond that.
public enum SinkCapacity: Sendable, Hashable {
    /// So many events; those that come later are lost, as `queue-full`.
    case events(Int)
    /// So many bytes of memory, as estimated; the oldest are lost, as `spool-full`. What is being delivered is not.
    case bytes(Int)
}
