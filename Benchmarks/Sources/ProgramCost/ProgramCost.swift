// SPDX-License-Identifier: Apache-2.0
/// What the runs of an eBPF program cost under some load.
public struct ProgramCost: Sendable, Codable {
    /// The program's name, of which the kernel keeps 15 characters.
    public let name: String
    /// Where it is attached.
    public let hook: String
    /// How often it ran in all rounds.
    public let runs: UInt64
    /// Nanoseconds of a run, one measurement per round.
    public let nanoseconds: Samples
    /// Nanoseconds of a run of an empty program at the same hook in the same rounds.
    public let empty: Samples
    /// How many times as long as the empty one the program took, round by round.
    public let ratio: Samples
    /// Runs that the kernel left out because the program was running on that CPU.
    public let missed: UInt64
    /// Bytes of machine code.
    public let codeSize: Int
    /// Instructions that the verifier looked at.
    public let verified: Int
}
