// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// The first program that was run in a network namespace by a process of a control group, as the kernel told it at once.
///
/// A container's first program is run when its process is where it stays. So a birth tells whose a namespace is, also where
/// that has gone again before anybody could look.
public struct NamespaceBirth: Sendable, Hashable {
    /// Control groups by their numbers in the hierarchy of version 2 and in those of two controllers, which are the same
    /// hierarchy or others; 0 where there is none. The kernel gives such numbers once.
    public struct Groups: Sendable, Hashable {
        /// In the hierarchy of version 2.
        public var unified: UInt64
        /// In the hierarchy of the controller `cpu`.
        public var cpu: UInt64
        /// In the hierarchy of the controller `memory`.
        public var memory: UInt64

        /// Makes numbers.
        public init(unified: UInt64 = 0, cpu: UInt64 = 0, memory: UInt64 = 0) {
            self.unified = unified
            self.cpu = cpu
            self.memory = memory
        }
    }

    /// When, in nanoseconds of `CLOCK_MONOTONIC`.
    public var time: UInt64
    /// The process, with its namespace and the control group that tells most.
    public var process: HostProcess
    /// The number that no other namespace has since boot (`SO_NETNS_COOKIE`); 0 before 5.14.
    public var cookie: UInt64
    /// The control groups' numbers.
    public var groups: Groups

    /// The namespace.
    public var namespace: NamespaceID { process.namespace }

    /// Makes a birth; see the properties for the meaning of each argument.
    public init(time: UInt64, process: HostProcess, cookie: UInt64 = 0, groups: Groups = Groups()) {
        self.time = time
        self.process = process
        self.cookie = cookie
        self.groups = groups
    }
}
