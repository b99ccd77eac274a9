// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// What the directories of a control group's path tell, from the root downwards.
///
/// Works on bytes and positions, since every process's path is looked at and few name a container.
struct CgroupWalk {
    private struct Match {
        var name: Range<Int>
        var runtime: ContainerID.Runtime
        var podUID: Range<Int>
        var end: Int
    }

    private var match: Match?
    /// The container around it.
    private var outer: Match?
    private var podUID = 0..<0
    private var isUnderKubepods = false
    /// Whose containers are directly below the directory entered last, where the name alone tells.
    private var owner = ContainerID.Runtime.unknown

    /// Walks down `path` from position `start`.
    init(_ path: Span<UInt8>, from start: Int) {
        var start = start
        for end in start...path.count where end == path.count || path[end] == UInt8(ascii: "/") {
            if start < end { enter(start..<end, of: path) }
            start = end + 1
        }
    }

    /// Whether the path names a container.
    var isInContainer: Bool { match != nil }

    /// The innermost container.
    func container(in path: Span<UInt8>) -> ContainerID? {
        guard let match else { return nil }
        let name = path.extracting(match.name)
        return ContainerID(
            id: match.runtime == .machine ? Self.unescapeUnitName(name) : name.text, runtime: match.runtime,
            podUID: Self.withDashes(path.extracting(match.podUID)), cgroup: path.extracting(first: match.end).text)
    }

    private mutating func enter(_ range: Range<Int>, of path: Span<UInt8>) {
        let segment = path.extracting(range)
        if let kubepods = segment.firstIndex(of: "kubepods") {
            isUnderKubepods = true
            if let uid = Self.podUID(ofSlice: segment, after: kubepods) { podUID = uid.shifted(by: range.lowerBound) }
        } else if isUnderKubepods, segment.starts(with: "pod"), Self.isPodUID(segment.extracting(3...)) {
            podUID = 3 + range.lowerBound..<range.upperBound
        }
        if let (name, runtime) = hexadecimalID(segment) ?? lxcName(segment) ?? machineName(segment) {
            outer = match
            match = Match(
                name: name.shifted(by: range.lowerBound), runtime: runtime, podUID: podUID, end: range.upperBound)
        } else if segment.equals("supervisor"), match?.runtime == .machine {
            // What only watches over a machine is in a control group within the machine's.
            match = outer
        }
        owner = Self.owner(below: segment)
    }

    /// `<64 digits>`, `docker-<64 digits>.scope`, `crio-<64 digits>`, `….slice:cri-containerd:<64 digits>`.
    private func hexadecimalID(_ segment: Span<UInt8>) -> (Range<Int>, ContainerID.Runtime)? {
        let end = segment.ends(with: ".scope") ? segment.count - 6 : segment.count
        let start = end - ContainerID.digits
        guard start >= 0, segment.extracting(start..<end).isLowerHexadecimal else { return nil }
        if start == 0 { return (0..<end, owner == .lxc ? .unknown : owner) }
        let separator = segment[start - 1]
        guard separator == UInt8(ascii: "-") || separator == UInt8(ascii: "_") || separator == UInt8(ascii: ":") else {
            return nil
        }
        let prefix = segment.extracting(first: start - 1)
        // A monitor has a control group of its own beside the container's, named after the container.
        return prefix.firstIndex(of: "conmon") == nil ? (start..<end, Self.runtime(ofPrefix: prefix)) : nil
    }

    private static func owner(below segment: Span<UInt8>) -> ContainerID.Runtime {
        if segment.equals("docker") { return .docker }
        if segment.equals("k8s.io") || segment.equals("default") || segment.equals("moby") { return .containerd }
        if segment.equals("libpod_parent") { return .podman }
        return segment.equals("lxc") || segment.equals("lxc.payload") ? .lxc : .unknown
    }

    private static func runtime(ofPrefix prefix: Span<UInt8>) -> ContainerID.Runtime {
        if prefix.ends(with: "containerd") || prefix.equals("nerdctl") { return .containerd }
        if prefix.ends(with: "docker") { return .docker }
        if prefix.ends(with: "crio") { return .crio }
        return prefix.starts(with: "libpod") ? .podman : .unknown
    }

    /// `/lxc/<name>`, `/lxc.payload/<name>` and `/lxc.payload.<name>`.
    private func lxcName(_ segment: Span<UInt8>) -> (Range<Int>, ContainerID.Runtime)? {
        if owner == .lxc { return (0..<segment.count, .lxc) }
        let prefix: StaticString = "lxc.payload."
        guard segment.starts(with: prefix), segment.count > prefix.utf8CodeUnitCount else { return nil }
        return (prefix.utf8CodeUnitCount..<segment.count, .lxc)
    }

    /// `machine-<name>.scope` and `systemd-nspawn@<name>.service`, the names with systemd's escapes.
    private func machineName(_ segment: Span<UInt8>) -> (Range<Int>, ContainerID.Runtime)? {
        let forms: [(StaticString, StaticString)] = [("machine-", ".scope"), ("systemd-nspawn@", ".service")]
        for (prefix, suffix) in forms where segment.starts(with: prefix) && segment.ends(with: suffix) {
            let (start, end) = (prefix.utf8CodeUnitCount, segment.count - suffix.utf8CodeUnitCount)
            if start < end { return (start..<end, .machine) }
        }
        return nil
    }

    /// `kubepods-burstable-pod<uid>.slice`, also with something behind it.
    private static func podUID(ofSlice segment: Span<UInt8>, after start: Int) -> Range<Int>? {
        let rest = segment.extracting(start...)
        guard let pod = rest.firstIndex(of: "-pod"), let end = rest.firstIndex(of: ".slice"), pod + 4 < end,
            isPodUID(rest.extracting(pod + 4..<end))
        else { return nil }
        return start + pod + 4..<start + end
    }

    /// 36 characters for a pod of the API server, 32 for one of a file on the node.
    private static func isPodUID(_ text: Span<UInt8>) -> Bool {
        guard text.count == 36 || text.count == 32 else { return false }
        return text.indices.allSatisfy { index in
            text[index].isLowerHexadecimalDigit || text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "_")
        }
    }

    /// The UID as Kubernetes writes it; the name of a slice has underscores in it.
    private static func withDashes(_ uid: Span<UInt8>) -> String {
        String(decoding: uid.array.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }, as: UTF8.self)
    }

    /// Replaces `\x2d` and the like; see systemd-escape(1).
    private static func unescapeUnitName(_ name: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        var index = 0
        while index < name.count {
            let rest = name.extracting(index...)
            if rest.count >= 4, rest.starts(with: "\\x"), let value = rest.extracting(2..<4).hexadecimal {
                bytes.append(UInt8(value))
                index += 4
            } else {
                bytes.append(name[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Range<Int> {
    fileprivate func shifted(by offset: Int) -> Range<Int> { lowerBound + offset..<upperBound + offset }
}

extension Span<UInt8> {
    fileprivate var isLowerHexadecimal: Bool {
        for index in indices where !self[index].isLowerHexadecimalDigit { return false }
        return true
    }

    func ends(with suffix: StaticString) -> Bool {
        count >= suffix.utf8CodeUnitCount && extracting((count - suffix.utf8CodeUnitCount)...).starts(with: suffix)
    }

    fileprivate func firstIndex(of text: StaticString) -> Int? {
        guard count >= text.utf8CodeUnitCount else { return nil }
        for index in 0...count - text.utf8CodeUnitCount where extracting(index...).starts(with: text) { return index }
        return nil
    }
}
