// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem

/// Settings of the C library's allocator, for the whole process.
public enum MemoryAllocator {
    /// Keeps the memory of a program with many threads small; call it before the first thread starts.
    ///
    /// glibc gives every few threads an arena of their own and keeps what they free. Two arenas, and memory given back
    /// to the system from 128 KiB on, cost no measurable time where threads allocate seldom.
    public static func preferSmall() {
        _ = mallopt(CInt(SKOOP_M_ARENA_MAX), 2)
        _ = mallopt(CInt(SKOOP_M_TRIM_THRESHOLD), 128 << 10)
    }
}
