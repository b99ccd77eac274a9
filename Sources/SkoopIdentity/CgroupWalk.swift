// SPDX-License-Identifier: Apache-2.0

/// What the directories of a control group's path have told so far, from the root downwards.
struct CgroupWalk {
    /// The innermost container so far.
    private(set) var container: ContainerID?
    private var podUID = ""
    private var underKubepods = false
    private var parent: Substring = ""

    /// Takes the next directory of `path` into account.
    mutating func enter(_ segment: Substring, of path: String) {
        defer { parent = segment }
        if segment.contains("kubepods") { underKubepods = true }
        if let uid = Self.podUID(of: segment, underKubepods: underKubepods) { podUID = uid }
        if let (id, runtime) = hexadecimalID(segment) ?? lxcName(segment) ?? machineName(segment) {
            container = ContainerID(
                id: id, runtime: runtime, podUID: podUID, cgroup: String(path[..<segment.endIndex]))
        } else if isMonitor(segment) {
            container = nil
        }
    }

    /// `<64 digits>`, `docker-<64 digits>.scope`, `crio-<64 digits>`, `….slice:cri-containerd:<64 digits>`.
    private func hexadecimalID(_ segment: Substring) -> (String, ContainerID.Runtime)? {
        let stem = segment.hasSuffix(".scope") ? segment.dropLast(6) : segment
        guard stem.utf8.count >= ContainerID.digits else { return nil }
        let id = stem.utf8.suffix(ContainerID.digits)
        guard id.allSatisfy(\.isLowerHexadecimalDigit) else { return nil }
        let prefix = stem[..<id.startIndex]
        guard let separator = prefix.utf8.last else { return (String(stem), bareRuntime) }
        guard separator == UInt8(ascii: "-") || separator == UInt8(ascii: "_") || separator == UInt8(ascii: ":") else {
            return nil
        }
        // A monitor has a control group of its own beside the container's, named after the container.
        guard !prefix.contains("conmon") else { return nil }
        return (String(stem[id.startIndex...]), Self.runtime(of: prefix.dropLast()))
    }

    /// Whose a directory is that is named by the identifier alone.
    private var bareRuntime: ContainerID.Runtime {
        switch parent {
        case "docker": .docker
        case "k8s.io", "default", "moby": .containerd
        case "libpod_parent": .podman
        default: .unknown
        }
    }

    private static func runtime(of prefix: Substring) -> ContainerID.Runtime {
        let name = prefix.split(separator: ":").last ?? prefix
        return switch name {
        case "docker": .docker
        case "cri-containerd", "nerdctl": .containerd
        case "crio": .crio
        case "libpod", "libpod-payload": .podman
        default: .unknown
        }
    }

    /// `/lxc/<name>`, `/lxc.payload/<name>` and `/lxc.payload.<name>`.
    private func lxcName(_ segment: Substring) -> (String, ContainerID.Runtime)? {
        if parent == "lxc" || parent == "lxc.payload" { return (String(segment), .lxc) }
        let payload = "lxc.payload."
        guard segment.hasPrefix(payload), segment.utf8.count > payload.utf8.count else { return nil }
        return (String(segment.dropFirst(payload.count)), .lxc)
    }

    /// `machine-<name>.scope` and `systemd-nspawn@<name>.service`, both with systemd's escapes.
    private func machineName(_ segment: Substring) -> (String, ContainerID.Runtime)? {
        for (prefix, suffix) in [("machine-", ".scope"), ("systemd-nspawn@", ".service")] {
            guard segment.hasPrefix(prefix), segment.hasSuffix(suffix) else { continue }
            let name = segment.dropFirst(prefix.count).dropLast(suffix.count)
            guard !name.isEmpty else { return nil }
            return (Self.unescapeUnitName(name), .machine)
        }
        return nil
    }

    /// Whether the processes here only watch over the container whose directory this one is in.
    private func isMonitor(_ segment: Substring) -> Bool { segment == "supervisor" && container?.runtime == .machine }

    /// Replaces `\x2d` and the like; see systemd-escape(1).
    private static func unescapeUnitName(_ name: Substring) -> String {
        guard name.contains("\\") else { return String(name) }
        var bytes: [UInt8] = []
        var rest = name.utf8[...]
        while let byte = rest.first {
            if rest.starts(with: "\\x".utf8),
                let value = UInt8(String(decoding: rest.dropFirst(2).prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(4)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `pod<uid>` under `kubepods`, or `kubepods-burstable-pod<uid>.slice` with underscores for dashes.
    private static func podUID(of segment: Substring, underKubepods: Bool) -> String? {
        guard underKubepods else { return nil }
        var uid = segment
        if uid.hasPrefix("pod") {
            uid = uid.dropFirst(3)
        } else {
            guard let slice = uid.firstRange(of: ".slice") else { return nil }
            uid = uid[..<slice.lowerBound]
            guard let pod = uid.ranges(of: "-pod").last else { return nil }
            uid = uid[pod.upperBound...]
        }
        // 36 characters for a pod of the API server, 32 for one of a file on the node.
        guard uid.utf8.count == 36 || uid.utf8.count == 32 else { return nil }
        var bytes: [UInt8] = []
        for byte in uid.utf8 {
            let isSeparator = byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            guard isSeparator || byte.isLowerHexadecimalDigit else { return nil }
            bytes.append(isSeparator ? UInt8(ascii: "-") : byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
