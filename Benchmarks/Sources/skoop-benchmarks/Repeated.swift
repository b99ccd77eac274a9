// SPDX-License-Identifier: Apache-2.0
import CBenchmark

/// Measures what is too short to be measured once.
enum Repeated {
    /// What takes less is done again and again for as long, and averaged.
    private static let enough: UInt64 = 1_000_000

    /// The nanoseconds that `body` takes when it is done once.
    static func once(_ body: () -> Void) -> UInt64 {
        let start = bench_now()
        body()
        return bench_now() - start
    }

    /// The nanoseconds that `body` takes.
    static func measure<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) -> UInt64 {
        let start = bench_now()
        var count: UInt64 = 0
        var elapsed: UInt64 = 0
        repeat {
            try body()
            count += 1
            elapsed = bench_now() - start
        } while elapsed < enough
        return elapsed / count
    }
}
