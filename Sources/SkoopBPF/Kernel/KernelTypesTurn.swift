// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Lets one thread at a time hold the kernel's type information in memory.
///
/// Loading an object and searching for enumerators each take several megabytes for a moment; on many threads at once they
/// would be a program's highest use of memory by far.
enum KernelTypesTurn {
    private static let lock = Mutex(())

    static func take<Value: Sendable, Failure>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
        try lock.withLock { _ throws(Failure) in try body() }
    }
}
