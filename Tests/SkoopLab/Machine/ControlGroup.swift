// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// A control group of the lab with one limit, removed when the value goes or this process dies.
///
/// Works with version 1, where the controller has a hierarchy of its own below `/sys/fs/cgroup`, and with version 2.
final class ControlGroup: Sendable {
    /// Its directory.
    let path: String
    /// Whether it belongs to version 1.
    let isVersion1: Bool
    private let change: MachineChange
    private static let counter = Atomic<Int>(0)

    /// Makes a group.
    ///
    /// - Parameters:
    ///   - controllers: its name in version 1 and in version 2.
    ///   - limits: the file of the limit and what is written there, in either version.
    init(
        controllers: (version1: String, version2: String),
        limits: (version1: [(file: String, value: String)], version2: [(file: String, value: String)])
    ) throws {
        let mount = "/sys/fs/cgroup"
        isVersion1 = FileManager.default.fileExists(atPath: "\(mount)/\(controllers.version1)/tasks")
        let parent = isVersion1 ? "\(mount)/\(controllers.version1)" : mount
        path = "\(parent)/skoop-lab-\(getpid())-\(Self.counter.add(1, ordering: .relaxed).newValue)"
        if !isVersion1 { try "+\(controllers.version2)".write(toFile: "\(mount)/cgroup.subtree_control") }
        // Whoever is still in it goes back to the parent: a group can only be removed when it is empty.
        change = try MachineChange(
            making: "mkdir \"$1\"; echo made",
            undoing: """
                for attempt in 1 2 3 4 5 6 7 8 9; do
                    while read -r task; do echo "$task" > "${1%/*}/$2"; done < "$1/$2"
                    rmdir "$1" && break
                    sleep 0.1
                done
                """, path, isVersion1 ? "tasks" : "cgroup.procs")
        for limit in isVersion1 ? limits.version1 : limits.version2 {
            try limit.value.write(toFile: "\(path)/\(limit.file)")
        }
    }

    /// Moves a process with all its threads into the group.
    func add(process pid: Int32) throws { try "\(pid)".write(toFile: "\(path)/cgroup.procs") }

    /// Moves the calling thread into the group; version 1 only.
    func enter() throws {
        guard isVersion1 else { throw LabError("version 2 of control groups takes whole processes only: \(path)") }
        try "0".write(toFile: "\(path)/tasks")
    }

    /// The values of a file with a name and a number per line.
    func values(of file: String) throws -> [String: Int] {
        try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8).split(separator: "\n").reduce(into: [:]) {
            let words = $1.split(separator: " ")
            if words.count == 2 { $0[String(words[0])] = Int(words[1]) }
        }
    }
}

extension String {
    /// Writes into a file of the kernel's, which must be there, in one call.
    fileprivate func write(toFile path: String) throws {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw LabError("open \(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        guard Glibc.write(file, self, utf8.count) == utf8.count else {
            throw LabError("write \(self) to \(path): \(String(cString: strerror(errno)))")
        }
    }
}
