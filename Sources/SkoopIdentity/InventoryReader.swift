// SPDX-License-Identifier: Apache-2.0
public import SkoopSystem

/// Finds the namespaces and processes of this host.
///
/// A reader is owned by one thread and may keep what it learnt from one read to the next.
public protocol InventoryReader: ~Copyable, Sendable {
    /// What is here now. A process that cannot be read is left out.
    ///
    /// - Throws: when nothing can be said at all.
    mutating func read() throws(SystemError) -> HostInventory
}
