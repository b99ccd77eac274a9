// SPDX-License-Identifier: Apache-2.0

/// A container as its control group names it.
///
/// Runtimes write the container's identifier into the name of its control group; that is the one trace of a container
/// that needs no runtime socket. Understood are Docker, containerd (also under Kubernetes), CRI-O, Podman, nerdctl and
/// every other runtime that ends the directory's name in 64 hexadecimal digits, LXC, and systemd's machines
/// (`machine-….scope`, `systemd-nspawn@….service`); control groups version 1 and 2, `cgroupfs` and `systemd` drivers.
/// Of nested containers the innermost is meant. Monitors that only accompany a container (`conmon`, `lxc.monitor`,
/// the supervisor of nspawn) are not in it.
public struct ContainerID: Sendable, Hashable {
    /// Who runs the container, where the name of the control group tells.
    public enum Runtime: String, Sendable, Hashable, CaseIterable {
        /// Docker.
        case docker
        /// containerd, as Kubernetes' runtime or by `nerdctl`.
        case containerd
        /// CRI-O.
        case crio = "cri-o"
        /// Podman.
        case podman
        /// LXC or LXD.
        case lxc
        /// A machine registered with systemd: nspawn, or a virtual machine of libvirt.
        case machine
        /// The control group has an identifier, but no hint of whose.
        case unknown
    }

    /// The identifier: 64 hexadecimal digits, or the name of an LXC container or a machine.
    public var id: String
    /// Who runs it.
    public var runtime: Runtime
    /// The UID of the Kubernetes pod around it, with dashes; empty where there is none.
    public var podUID: String
    /// The container's own control group, everything below it is inside the container.
    public var cgroup: String

    /// Whether the identifier is of the 64-digit kind, of which a prefix is understood.
    public var isHexadecimal: Bool { id.utf8.count == Self.digits && id.utf8.allSatisfy(\.isLowerHexadecimalDigit) }

    /// What tells it from all others: the name of an LXC container or a machine is unique among its siblings only.
    var key: String { isHexadecimal ? id : cgroup }

    /// How many digits the identifier of an OCI container has.
    static let digits = 64

    /// Makes an identifier; see the properties for the meaning of each argument.
    public init(id: String, runtime: Runtime, podUID: String = "", cgroup: String) {
        self.id = id
        self.runtime = runtime
        self.podUID = podUID
        self.cgroup = cgroup
    }

    /// Finds the innermost container in the path of a control group, as in `/proc/<pid>/cgroup`.
    ///
    /// - Parameters:
    ///   - path: the control group of a process.
    ///   - base: a control group around all that is seen, normally that of process 1, to be left out of account.
    /// - Returns: `nil` where the path names no container.
    public init?(cgroup path: String, below base: String = "") {
        let bytes = path.utf8.span
        var start = 0
        if !base.isEmpty, base != "/", path.utf8.starts(with: base.utf8) {
            let end = base.utf8.count
            if end == bytes.count || bytes[end] == UInt8(ascii: "/") { start = end }
        }
        guard let found = CgroupWalk(bytes, from: start).container(in: bytes) else { return nil }
        self = found
    }
}

extension UInt8 {
    var isDecimalDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    var isLowerHexadecimalDigit: Bool { isDecimalDigit || self >= UInt8(ascii: "a") && self <= UInt8(ascii: "f") }
}
