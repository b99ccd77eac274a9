// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct RealHostTests {
    private func census() throws -> Census {
        var reader = ProcInventoryReader()
        var resolver = EntityResolver(node: "n1")
        return resolver.resolve(try reader.read())
    }

    /// Starts a process in a new namespace that nothing else holds.
    private func unshared() throws -> TestProcess {
        let process = try TestProcess("unshare", "-n", "sleep", "1000")
        let entered = eventually {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process.pid)/exe"))?.hasSuffix("sleep")
                ?? false
        }
        try #require(entered)
        try #require(try link("\(process.pid)") != link("self"))
        return process
    }

    private func link(_ process: String) throws -> UInt64 {
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/net")
        return try #require(UInt64(target.dropFirst(5).dropLast()))
    }

    @Test("a mounted namespace without a process has its name, and its mount opens it")
    func mounted() throws {
        let namespace = try TestNamespace()
        let census = try census()
        let found = census.inventory.namespaces.first { $0.id.rawValue == namespace.inode }
        #expect(found?.mountPath == namespace.path)
        #expect(found?.pid == nil)
        #expect(census.entity(ofNamespace: namespace.inode)?.podName == "netns:" + namespace.name)
        #expect(census.entity(ofNamespace: namespace.inode)?.kind == .namespace)
    }

    @Test("a process's namespace without a mount is known by its number")
    func processOnly() throws {
        let process = try unshared()
        let inode = try link("\(process.pid)")
        let census = try census()
        let found = census.inventory.namespaces.first { $0.id.rawValue == inode }
        #expect(found == NetworkNamespace(id: NamespaceID(rawValue: inode), pid: process.pid))
        #expect(census.entity(ofNamespace: inode)?.podName == "netns:[\(inode)]")
        #expect(census.entity(ofProcess: process.pid)?.podName == "netns:[\(inode)]")
        process.kill()
        // Another test may have a namespace of this number by now, but no process.
        #expect(try self.census().inventory.namespaces.allSatisfy { $0.id.rawValue != inode || $0.pid != process.pid })
        #expect(try self.census().entity(ofProcess: process.pid) == nil)
    }

    @Test("a mount that comes or goes shows at the next read, and nothing is read when none does")
    func changes() throws {
        var mounts = NamespaceMountReader()
        // By path: numbers are given again, also to namespaces of other tests.
        func paths() -> Set<String> { Set(mounts.read().values.joined()) }
        let before = paths()
        let path: String
        do {
            let namespace = try TestNamespace()
            path = namespace.path
            #expect(!before.contains(path))
            #expect(mounts.read()[NamespaceID(rawValue: namespace.inode)] == [path])
            let process = try unshared()
            let other = try link("\(process.pid)")
            // A name that is a symbolic link is no mount; it shows when the mounts are looked at again.
            let alias = "/run/netns/skoop-alias-\(getpid())"
            try FileManager.default.createSymbolicLink(
                atPath: alias, withDestinationPath: "/proc/\(process.pid)/ns/net")
            defer { try? FileManager.default.removeItem(atPath: alias) }
            let second = try TestNamespace()
            let now = mounts.read()
            #expect(now[NamespaceID(rawValue: second.inode)] == [second.path])
            #expect(now[NamespaceID(rawValue: other)] == [alias])
        }
        #expect(!paths().contains(path))
    }

    @Test("names are found where no mount table can be read")
    func directoriesOnly() throws {
        let namespace = try TestNamespace()
        let fixture = try ProcFixture()
        try fixture.process(1)
        var reader = ProcInventoryReader(proc: fixture.path)
        let found = try reader.read().namespaces.first { $0.id.rawValue == namespace.inode }
        #expect(found?.mountPath == namespace.path)
    }

    @Test("a mount that another namespace hides is no door to it")
    func hiddenMount() throws {
        let below = try TestNamespace()
        let above = try TestNamespace()
        try run("mount", "--bind", above.path, below.path)
        defer { _ = try? run("umount", below.path) }
        let namespaces = try census().inventory.namespaces
        let hidden = namespaces.first { $0.id.rawValue == below.inode }
        #expect(hidden == NetworkNamespace(id: NamespaceID(rawValue: below.inode)))
        let visible = namespaces.first { $0.id.rawValue == above.inode }
        #expect(Set([visible?.mountPath ?? ""] + (visible?.otherMountPaths ?? [])) == [above.path, below.path])
    }

    @Test("every process is where ps says it is")
    func witness() throws {
        let process = try unshared()
        let inode = try link("\(process.pid)")
        let namespace = try TestNamespace()
        let inside = try namespace.start("sleep", "1000")
        var reader = ProcInventoryReader()
        let before = try run("ps", "-e", "-o", "pid=,netns=")
        let inventory = try reader.read()
        let found = Dictionary(uniqueKeysWithValues: inventory.processes.map { ($0.pid, $0.namespace.rawValue) })
        #expect(found[process.pid] == inode)
        #expect(found[inside.pid] == namespace.inode)
        var compared = 0
        for line in before.split(separator: "\n") {
            let columns = line.split(separator: " ")
            guard columns.count == 2, let pid = Int32(columns[0]), let netns = UInt64(columns[1]) else { continue }
            // Processes of others may come, go and move meanwhile; those that are still there must agree.
            guard let now = try? link("\(pid)"), now == netns else { continue }
            #expect(found[pid] == netns, "process \(pid)")
            compared += 1
        }
        #expect(compared >= 3)
    }

    @Test("a number that is used again is another process to the real kernel too")
    func reusedNumber() throws {
        var reader = ProcInventoryReader()
        for _ in 0..<200 {
            let first = try TestProcess("sleep", "1000")
            let number = first.pid
            for _ in 0..<3 { _ = try reader.read() }
            first.kill()
            try Data("\(number - 1)".utf8).write(to: URL(filePath: "/proc/sys/kernel/ns_last_pid"))
            let second = try TestProcess("sleep", "1000")
            guard second.pid == number else { continue }
            let text = try String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8)
            let fields = text[text.index(after: try #require(text.lastIndex(of: ")")))...].split(separator: " ")
            let process = try reader.read().processes.first { $0.pid == number }
            #expect(process?.startTime == UInt64(fields[19]))
            return
        }
        Issue.record("no process got the number of one before it in 200 attempts")
    }

    @Test("a process in a container's control group makes its namespace that container")
    func container() throws {
        let table = try String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)
        let line = try #require(table.split(separator: "\n").first { $0.contains(" - cgroup2 ") }, "no cgroup2 mount")
        let root = String(line.split(separator: " ")[4])
        let id = containerDigits(String(format: "%012x", getpid()))
        let parent = "\(root)/skoop-test-\(getpid())-container"
        let directory = "\(parent)/cri-containerd-\(id).scope"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { for path in [directory, parent] { rmdir(path) } }
        let process = try unshared()
        let inode = try link("\(process.pid)")
        defer {
            process.kill()
            // The kernel lets a control group go when the last process has.
            _ = eventually { rmdir(directory) == 0 || errno == ENOENT }
        }
        try Data("\(process.pid)".utf8).write(to: URL(filePath: directory + "/cgroup.procs"))
        let census = try census()
        let entity = census.entity(ofNamespace: inode)
        #expect(entity?.kind == .container)
        #expect(entity?.container == id)
        #expect(entity?.podName == "container:\(id.prefix(12))")
        #expect(census.entity(ofProcess: process.pid) == entity)
    }
}
