// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopSystem
import SkoopTesting
import Testing

@Suite struct ProcInventoryReaderTests {
    private func reader(_ fixture: borrowing ProcFixture) -> ProcInventoryReader {
        ProcInventoryReader(proc: fixture.path, nameDirectories: [])
    }

    @Test("processes and namespaces are found, each once, by number")
    func inventory() throws {
        let fixture = try ProcFixture()
        try fixture.process(1, start: 2)
        try fixture.process(70, start: 50, namespace: 4_026_532_222)
        try fixture.process(8, start: 60, namespace: 4_026_532_222)
        try fixture.process(4_194_303, start: .max, cgroup: "0::/a.slice")
        var reader = reader(fixture)
        let inventory = try reader.read()
        #expect(inventory.nodeNamespace == NamespaceID(rawValue: 4_026_531_833))
        #expect(
            inventory.namespaces == [
                NetworkNamespace(id: NamespaceID(rawValue: 4_026_531_833), pid: 1),
                NetworkNamespace(id: NamespaceID(rawValue: 4_026_532_222), pid: 70),
            ])
        #expect(Set(inventory.processes.map(\.pid)) == [1, 8, 70, 4_194_303])
        let last = inventory.processes.first { $0.pid == 4_194_303 }
        #expect(last?.startTime == .max)
        #expect(last?.cgroup == "/a.slice")
        #expect(reader.unreadableProcesses == 0)
        #expect(try reader.read() == inventory)
    }

    @Test(
        "the name of a process may hold anything",
        arguments: ["a b", "(a) b", "a) S 1 2 3", ") (", "\n", "a\n) S", "", "((((", "))))"])
    func names(comm: String) throws {
        let fixture = try ProcFixture()
        try fixture.process(1, start: 4711, comm: comm)
        var reader = reader(fixture)
        #expect(try reader.read().processes.first?.startTime == 4711)
    }

    @Test(
        "of the control groups the one that says most is taken",
        arguments: [
            ("0::/system.slice/x.service", "/system.slice/x.service"),
            ("0::/", "/"),
            ("", "/"),
            ("rubbish\n1:2\n:::\n", "/"),
            ("12:pids:/p\n4:memory:/m\n3:cpu,cpuacct:/c\n0::/", "/m"),
            ("12:pids:/p\n3:cpuacct,cpu:/c\n1:name=systemd:/s", "/c"),
            ("12:pids:/p\n3:cpuset:/c\n1:name=systemd:/s", "/p"),
            ("3:cpuset:/c\n1:name=systemd:/s", "/s"),
            ("3:cpuset:/c", "/"),
            ("5:memory:/docker/x\n0::/system.slice/docker.service", "/system.slice/docker.service"),
            (
                "5:memory:/docker/\(containerDigits("ab"))\n0::/system.slice/containerd.service",
                "/docker/\(containerDigits("ab"))"
            ),
            ("0::/a:b:c", "/a:b:c"),
            ("0::/system.slice/x.service (deleted)", "/system.slice/x.service"),
        ])
    func cgroups(file: String, path: String) throws {
        let fixture = try ProcFixture()
        try fixture.process(1, cgroup: file)
        var reader = reader(fixture)
        #expect(try reader.read().processes.first?.cgroup == path)
    }

    @Test(
        "the path in the hierarchy of the CPU limits is told where it is another one",
        arguments: [
            ("5:memory:/m\n2:cpu,cpuacct:/c\n0::/", "/m", "/c"), ("5:memory:/m\n2:cpu:/\n0::/", "/m", "/"),
            ("5:memory:/m\n2:cpu:/m\n0::/", "/m", nil), ("5:cpuset:/s\n0::/v", "/v", nil),
        ] as [(String, String, String?)])
    func cpuGroups(file: String, path: String, cpu: String?) throws {
        let fixture = try ProcFixture()
        try fixture.process(1, cgroup: file)
        var reader = reader(fixture)
        let process = try #require(try reader.read().processes.first)
        #expect(process.cgroup == path && process.cpuCgroup == cpu)
    }

    @Test("what is incomplete is left out, the rest stays")
    func vanishing() throws {
        let fixture = try ProcFixture()
        try fixture.process(1)
        try fixture.process(2, start: nil)
        try fixture.process(3, cgroup: nil)
        try fixture.process(4, namespace: nil)
        try fixture.process(5)
        try fixture.write("5 (x) S 1 2 3", to: "5/stat")
        try fixture.process(6)
        try fixture.write("", to: "6/stat")
        try fixture.process(7)
        try fixture.remove("7/ns/net")
        try fixture.link("7/ns/net", to: "net:[12")
        try fixture.process(9)
        var reader = reader(fixture)
        #expect(try Set(reader.read().processes.map(\.pid)) == [1, 9])
        try fixture.remove("9")
        #expect(try reader.read().processes.map(\.pid) == [1])
    }

    @Test("a process whose main thread has ended lives where its other threads do")
    func endedMainThread() throws {
        let fixture = try ProcFixture()
        try fixture.process(1)
        try fixture.process(20, namespace: nil)
        try fixture.thread(21, of: 20, namespace: 77)
        var reader = reader(fixture)
        #expect(try reader.read().processes.first { $0.pid == 20 }?.namespace == NamespaceID(rawValue: 77))
    }

    @Test("a number that is used again is another process")
    func reusedNumber() throws {
        let fixture = try ProcFixture()
        try fixture.process(1)
        try fixture.process(30, start: 10, cgroup: "0::/old")
        try fixture.process(31, start: 20, cgroup: "0::/new")
        var reader = reader(fixture)
        for _ in 0..<3 { _ = try reader.read() }
        try fixture.replace(30, by: 31)
        let process = try reader.read().processes.first { $0.pid == 30 }
        #expect(process?.startTime == 20)
        #expect(process?.cgroup == "/new")
    }

    @Test("a move to another control group is seen at once after the start, later within sixteen scans")
    func movedProcess() throws {
        let fixture = try ProcFixture()
        try fixture.process(1, cgroup: "0::/first")
        var reader = reader(fixture)
        #expect(try reader.read().processes.first?.cgroup == "/first")
        try fixture.write("0::/second\n", to: "1/cgroup")
        #expect(try reader.read().processes.first?.cgroup == "/second")
        try fixture.write("0::/third\n", to: "1/cgroup")
        var paths: [String] = []
        for _ in 0..<16 { paths.append(try reader.read().processes.first?.cgroup ?? "") }
        #expect(paths.last == "/third")
        #expect(paths.first == "/second", "reading it at every scan is what the cache is to avoid")
    }

    @Test("where process 1 hides its namespace, the node's is this process's")
    func hiddenInit() throws {
        let fixture = try ProcFixture()
        try fixture.remove("self")
        try fixture.process(1, namespace: nil, cgroup: "0::/init.scope")
        try fixture.link("self", to: "9")
        try fixture.process(9, namespace: 55)
        var reader = reader(fixture)
        let inventory = try reader.read()
        #expect(inventory.nodeNamespace == NamespaceID(rawValue: 55))
        #expect(inventory.processes.first { $0.pid == 1 }?.namespace == NamespaceID(rawValue: 55))
    }

    @Test("without any process that can be read there is an error, not an empty host")
    func nothing() throws {
        let fixture = try ProcFixture()
        var reader = reader(fixture)
        #expect(throws: SystemError.self) { try reader.read() }
        var absent = ProcInventoryReader(proc: fixture.path + "/absent")
        #expect(throws: SystemError("open", fixture.path + "/absent", errno: ENOENT)) { try absent.read() }
    }

    @Test("mount tables give namespaces in which nobody lives")
    func mounts() throws {
        let fixture = try ProcFixture()
        try fixture.process(1)
        try fixture.write(
            """
            22 27 0:21 / /proc rw,relatime - proc proc rw
            31 22 0:4 net:[101] /run/netns/none\\040such rw shared:7 master:2 - nsfs nsfs rw
            32 22 0:4 net:[101] /x/absent-102 rw - nsfs nsfs rw
            33 22 0:4 mnt:[103] /run/netns/mnt rw - nsfs nsfs rw
            34 22 0:4 net:[104] /run/netns/gone\\134//deleted rw - nsfs nsfs rw
            35 22 0:4 net:[x] /run/netns/bad rw - nsfs nsfs rw
            36 22 0:4 net:[106] /run/netns/other rw - tmpfs tmpfs rw
            37 22 0:4 net:[107] /run/netns/short rw
            38 22

            39 22 0:4 net:[108] /run/netns/\\999\\0 rw - nsfs nsfs
            """, to: "1/mountinfo")
        var reader = reader(fixture)
        let inventory = try reader.read()
        #expect(
            inventory.namespaces.filter { $0.id != inventory.nodeNamespace } == [
                NetworkNamespace(
                    id: NamespaceID(rawValue: 101), mountPath: "/run/netns/none such",
                    otherMountPaths: ["/x/absent-102"]),
                NetworkNamespace(id: NamespaceID(rawValue: 104)),
                NetworkNamespace(id: NamespaceID(rawValue: 108), mountPath: "/run/netns/\\999\\0"),
            ])
        try fixture.write("", to: "1/mountinfo")
        #expect(try reader.read().namespaces.count == 1)
    }
}
