// SPDX-License-Identifier: Apache-2.0
import CMallocCounter

/// Counts heap allocations of the calling thread.
public enum Allocations {
    /// Whether this process counts: not under a sanitizer, and with glibc only.
    public static var areCounted: Bool { malloc_counter_available() }

    /// How many allocations the thread has made.
    public static var total: Int { Int(malloc_counter_value()) }

    /// How many allocations `body` makes.
    public static func count<Failure: Error>(in body: () throws(Failure) -> Void) throws(Failure) -> Int {
        let before = total
        try body()
        return total - before
    }

    /// How many bytes of the heap `body` leaves in use, of what the calling thread allocates and frees.
    public static func bytes<Failure: Error>(leftBy body: () throws(Failure) -> Void) throws(Failure) -> Int {
        let before = malloc_counter_bytes()
        try body()
        return Int(malloc_counter_bytes() - before)
    }
}
