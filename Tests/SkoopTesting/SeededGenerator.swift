// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A random number generator whose whole sequence follows from its seed (SplitMix64).
///
/// The seed is printed when the sequence begins; `SKOOP_SEED` in the environment replays one.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    /// What the sequence began with.
    public let seed: UInt64
    private var state: UInt64

    /// Starts a sequence; without a seed, the environment's `SKOOP_SEED` or a random one.
    public init(seed: UInt64? = nil) {
        let environment = getenv("SKOOP_SEED").flatMap { UInt64(String(cString: $0)) }
        self.seed = seed ?? environment ?? UInt64.random(in: 0 ... .max)
        state = self.seed
        print("seed \(self.seed)")
    }

    /// A generator whose seed follows from another one that was printed.
    public init(quietly seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
