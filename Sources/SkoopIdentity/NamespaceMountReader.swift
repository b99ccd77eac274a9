// SPDX-License-Identifier: Apache-2.0
import Glibc
public import SkoopModel
import SkoopSystem

/// Finds the bind mounts of network namespaces, and so the namespaces in which no process lives.
///
/// They are in the mount tables of process 1 and of this process, and under the directories where `ip netns`, CNI and
/// Docker put them; the latter also where no table can be read, and for names that are symbolic links. Tables are kept open
/// and polled: what follows is read only when a mount has come or gone. A value is owned by one thread.
public struct NamespaceMountReader: ~Copyable, Sendable {
    /// The directories in which names are looked for beside the mount tables.
    public static let usualDirectories = ["/run/netns", "/var/run/netns", "/run/docker/netns"]

    private let proc: String
    private let directories: [String]
    /// The file system of all namespaces.
    private let device: UInt64?
    private var initial: MountTable?
    private var own: MountTable?
    private var entries = DirectoryReader()
    private var buffer = FileBuffer(capacity: 64 << 10)
    private var last: [NamespaceID: [String]] = [:]

    /// Makes a reader.
    ///
    /// - Parameters:
    ///   - proc: where `/proc` is.
    ///   - directories: where names are looked for beside the mount tables.
    public init(proc: String = "/proc", directories: [String] = NamespaceMountReader.usualDirectories) {
        self.proc = proc
        self.directories = directories
        device =
            ((try? FileIdentity(path: proc + "/self/ns/net")) ?? (try? FileIdentity(path: "/proc/self/ns/net")))?.device
    }

    /// All mounted network namespaces with the paths by which this process can open them, the best first.
    ///
    /// A path seen by process 1 only is given below `/proc/1/root`. A namespace whose mounts this process cannot reach
    /// has no path.
    public mutating func read() -> [NamespaceID: [String]] {
        if initial == nil { initial = try? MountTable(ofProcess: "1", proc: proc) }
        if own == nil { own = try? MountTable(ofProcess: "self", proc: proc) }
        let initialChanged = initial?.hasChanged() ?? false
        let ownChanged = own?.hasChanged() ?? false
        if !initialChanged, !ownChanged, initial != nil || own != nil { return last }

        var paths: [NamespaceID: Set<String>] = [:]
        initial?.forEachMount(using: &buffer) { Self.add($0, to: &paths) }
        own?.forEachMount(using: &buffer) { Self.add($0, to: &paths) }
        var found: [NamespaceID: Set<String>] = paths.mapValues { _ in [] }
        for (namespace, paths) in paths {
            for path in paths { if let door = door(to: namespace, at: path) { found[namespace]?.insert(door) } }
        }
        var known = Set(found.values.joined())
        for directory in directories { addNames(in: directory, beside: &known, to: &found) }
        last = found.mapValues { $0.sorted { Self.preference($0) < Self.preference($1) } }
        return last
    }

    private static func add(_ mount: NamespaceMount, to paths: inout [NamespaceID: Set<String>]) {
        paths[mount.namespace, default: []].formUnion(mount.path.map { [$0] } ?? [])
    }

    /// The path by which the namespace can be opened here, `nil` where there is none.
    private func door(to namespace: NamespaceID, at path: String) -> String? {
        var isAbsent = true
        for candidate in [path, "\(proc)/1/root\(path)"] {
            do {
                let file = try FileIdentity(path: candidate)
                // Numbers of namespaces are unique among all types, so there is no need to open it and ask for its type.
                if file.device == device, file.inode == namespace.rawValue { return candidate }
                isAbsent = false
            } catch {
                if !error.isAbsence && !error.isDenial { isAbsent = false }
            }
        }
        // Something else in its place would lead into the wrong namespace; nothing at all still is its name.
        return isAbsent ? path : nil
    }

    private mutating func addNames(
        in directory: String, beside known: inout Set<String>, to found: inout [NamespaceID: Set<String>]
    ) {
        guard let open = try? FileDescriptor(open: directory, flags: O_DIRECTORY) else { return }
        var names: [String] = []
        try? entries.forEach(in: open) { names.append($0.name) }
        for name in names {
            let path = "\(directory)/\(name)"
            guard !known.contains(path), !known.contains(path.withoutVar),
                let handle = try? NamespaceHandle(path: path)
            else { continue }
            found[NamespaceID(rawValue: handle.inode), default: []].insert(path)
            known.insert(path)
        }
    }

    /// Names that people gave before those that Docker made up before everything else.
    private static func preference(_ path: String) -> (Int, Int, String) {
        let rank = path.contains("/run/netns/") ? 0 : path.contains("/run/docker/netns/") ? 1 : 2
        return (rank, path.utf8.count, path)
    }
}

/// The mounts of one process's mount namespace, kept open so that a change shows without reading it again.
private struct MountTable: ~Copyable, Sendable {
    private let file: FileDescriptor
    private var isNew = true

    init(ofProcess process: String, proc: String) throws(SystemError) {
        file = try FileDescriptor(open: "\(proc)/\(process)/mountinfo")
    }

    /// Whether there may be something new since the last call.
    mutating func hasChanged() -> Bool {
        defer { isNew = false }
        // The kernel reports a change as POLLPRI, and this file is never writable (`mounts_poll`); a plain copy of one
        // is always, and cannot tell.
        return isNew || ((try? file.pendingEvents(POLLPRI | POLLOUT)) ?? POLLPRI) != 0
    }

    func forEachMount(using buffer: inout FileBuffer, _ body: (NamespaceMount) -> Void) {
        try? buffer.forEachLine(of: file) { line in if let mount = NamespaceMount(line) { body(mount) } }
    }
}

extension String {
    /// The path without the `/var` of `/var/run`, which is the same directory as `/run` by convention.
    var withoutVar: String { hasPrefix("/var/run/") ? String(dropFirst(4)) : self }
}
