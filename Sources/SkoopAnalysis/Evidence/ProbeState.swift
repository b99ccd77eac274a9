// SPDX-License-Identifier: Apache-2.0

/// Whether a probe could have seen something.
public enum ProbeState: Sendable, Hashable {
    /// It runs; that it shows nothing means that there was nothing.
    case running
    /// It is not switched on.
    case off
    /// It does not run, and why.
    case failed(String)
    /// The evidence does not say.
    case unknown
}
