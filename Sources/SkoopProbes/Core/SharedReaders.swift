// SPDX-License-Identifier: Apache-2.0

/// Readers that several probes share, so that one scrape reads each thing once.
public final class SharedReaders: Sendable {
    /// Makes an empty set; readers come into being at first use.
    public init() {}
}
