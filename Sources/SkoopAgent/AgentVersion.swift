// SPDX-License-Identifier: Apache-2.0

/// The version of this package.
public enum AgentVersion {
    /// As in its tags.
    public static let current = "0.1.0"
}
