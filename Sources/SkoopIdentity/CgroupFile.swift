// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// `/proc/<pid>/cgroup`: one line `<hierarchy>:<controllers>:<path>` for each hierarchy; source: cgroups(7).
enum CgroupFile {
    /// The hierarchies by which a process is attributed, the best first; empty is version 2.
    private static let controllers: [StaticString] = ["", "memory", "cpu", "pids", "name=systemd"]

    /// The path that says most: the first that names a container, otherwise the first that is not the root.
    ///
    /// On a host with both versions a container may be in the hierarchies of version 1 only, while the line of version 2
    /// shows its runtime's service.
    static func path(in bytes: Span<UInt8>) -> String {
        var first: String?
        for controller in controllers {
            guard let path = path(of: controller, in: bytes), path.count > 1 else { continue }
            if CgroupWalk(path, from: 0).isInContainer { return path.text }
            if first == nil { first = path.text }
        }
        return first ?? "/"
    }

    /// The path in the hierarchy of version 1 that has the controller `cpu`; nil where there is none.
    static func cpuPath(in bytes: Span<UInt8>) -> String? { path(of: "cpu", in: bytes)?.text }

    @_lifetime(copy bytes)
    private static func path(of controller: StaticString, in bytes: Span<UInt8>) -> Span<UInt8>? {
        var scanner = ByteScanner(bytes)
        while let line = scanner.line() {
            var fields = ByteScanner(line)
            guard fields.field(before: UInt8(ascii: ":")) != nil,
                let names = fields.field(before: UInt8(ascii: ":")), contains(names, controller),
                fields.rest.starts(with: "/")
            else { continue }
            let path = fields.rest
            // The process outlived its control group.
            let deleted: StaticString = " (deleted)"
            return path.ends(with: deleted) ? path.extracting(droppingLast: deleted.utf8CodeUnitCount) : path
        }
        return nil
    }

    /// Whether a list such as `cpu,cpuacct` has `controller`.
    private static func contains(_ names: Span<UInt8>, _ controller: StaticString) -> Bool {
        var scanner = ByteScanner(names)
        while let name = scanner.field(before: UInt8(ascii: ",")) {
            if name.equals(controller) { return true }
        }
        return scanner.rest.equals(controller)
    }
}
