// SPDX-License-Identifier: Apache-2.0
internal import SkoopSystem

/// The host's root control group of version 2, to which programs for all sockets are attached.
enum RootControlGroup {
    /// Its directory.
    ///
    /// - Parameter sys: where the host's `/sys` is.
    static func path(sys: String) throws(ProbeError) -> String {
        // Version 2 alone, and beside version 1.
        for place in ["\(sys)/fs/cgroup", "\(sys)/fs/cgroup/unified"] {
            guard (try? FileIdentity(path: "\(place)/cgroup.controllers")) != nil else { continue }
            // In a container's own view the root is the container's group, which is not the first of its file system.
            let directory = try ProbeError.wrap { () throws(SystemError) in try FileIdentity(path: place) }
            guard directory.inode == 1 else {
                throw ProbeError(
                    .missingPrivilege,
                    "\(place) is the control group of a container and not the host's root; mount the host's /sys/fs/cgroup"
                )
            }
            return place
        }
        throw ProbeError(
            .missingSubsystem, "no control groups of version 2 at \(sys)/fs/cgroup or \(sys)/fs/cgroup/unified")
    }
}
