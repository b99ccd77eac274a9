// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopSystem
import SkoopTesting
import Testing

@Suite(.serialized, .requiresRoot) struct NamespaceWalkerTests {
    private func currentInode() throws -> UInt64 { try NamespaceHandle.current().inode }

    /// The names of the devices in the namespace of a socket.
    private func devices(_ socket: inout NetlinkSocket) throws(SystemError) -> [String] {
        var request = NetlinkRequest("RTM_GETLINK", type: 18, isDump: true)
        for _ in 0..<4 { request.append(UInt32(0)) }
        var buffer = [UInt8](repeating: 0, count: 32 << 10)
        var names: [String] = []
        try socket.perform(&request, buffer: &buffer, restart: { names = [] }) { message in
            if let name = message.attributes(after: 16)?.first(3) { names.append(name.payload.zeroTerminatedText) }
        }
        return names
    }

    private func walk(_ walker: NamespaceWalker, _ doors: [NamespaceDoor]) throws -> (
        names: [Int: [String]], failures: [NamespaceWalker.Failure]
    ) {
        var names: [Int: [String]] = [:]
        let failures = try walker.walk(doors, opening: .route) { index, socket in
            names[index] = try? devices(&socket)
        }
        return (names, failures)
    }

    @Test func bodiesRunInsideAndTheThreadComesBack() throws {
        let namespace = try TestNamespace()
        let before = try currentInode()
        let inside = try NamespaceHandle(path: namespace.path).withEntered { Result { try currentInode() } }.get()
        #expect(inside == namespace.inode && inside != before)
        #expect(try currentInode() == before)
    }

    @Test func mountsAndProcessesAreDoorsAlike() throws {
        let mounted = try TestNamespace()
        let lived = try TestNamespace()
        try run("ip", "-n", mounted.name, "link", "add", "skoop-m", "type", "veth", "peer", "name", "skoop-n")
        try run("ip", "-n", lived.name, "link", "add", "skoop-p", "type", "veth", "peer", "name", "skoop-q")
        let process = try lived.start("sleep", "1000")
        let home = try currentInode()
        let doors = [
            NamespaceDoor(inode: mounted.inode, mountPath: mounted.path),
            NamespaceDoor(inode: lived.inode, pid: process.pid),
            NamespaceDoor(inode: home, pid: getpid()),
        ]
        let walker = NamespaceWalker()
        // From the second walk on, processes are entered by their pidfd.
        for _ in 0..<3 {
            let (names, failures) = try walk(walker, doors)
            #expect(failures.isEmpty)
            #expect(names[0]?.contains("skoop-m") == true && names[0]?.contains("skoop-p") == false)
            #expect(names[1]?.contains("skoop-p") == true && names[1]?.contains("skoop-m") == false)
            #expect(names[2]?.contains("skoop-p") == false && names[2]?.contains("skoop-m") == false)
            #expect(try currentInode() == home)
        }
    }

    /// Process 1 may be hidden from an agent that shares its namespace.
    @Test func theOwnNamespaceNeedsNoDoor() throws {
        let namespace = try TestNamespace()
        let home = try currentInode()
        let doors = [
            NamespaceDoor(inode: namespace.inode, mountPath: namespace.path), NamespaceDoor(inode: home, pid: -1),
        ]
        var cookies: [Int: UInt64?] = [:]
        let failures = try NamespaceWalker().walk(doors, opening: .route) { index, socket in
            cookies[index] = socket.namespaceCookie
        }
        #expect(failures.isEmpty)
        let own = try NetlinkSocket(.route).namespaceCookie
        #expect(cookies[1] == own && cookies[0] != own)
        #expect(try currentInode() == home)
    }

    @Test func aDoorWithAnotherNamespaceBehindItIsNotEntered() throws {
        let namespace = try TestNamespace()
        let home = try currentInode()
        let walker = NamespaceWalker()
        let doors = [
            NamespaceDoor(inode: namespace.inode, pid: getpid()), NamespaceDoor(inode: 1, mountPath: namespace.path),
            NamespaceDoor(inode: 1, pid: Int32.max), NamespaceDoor(inode: 1),
            NamespaceDoor(inode: namespace.inode, pid: getpid(), mountPath: namespace.path),
        ]
        for _ in 0..<2 {
            let (names, failures) = try walk(walker, doors)
            #expect(names.keys.sorted() == [4])
            #expect(failures.map(\.index) == [0, 1, 2, 3])
            #expect(failures.filter { !$0.error.isAbsence }.isEmpty)
            #expect(try currentInode() == home)
        }
    }

    @Test func aProcessThatMovesIsNoticed() throws {
        let one = try TestNamespace()
        let two = try TestNamespace()
        // Moves from the first namespace to the second when told so.
        let fifo = NSTemporaryDirectory() + "skoop-\(UUID().uuidString)"
        try run("mkfifo", fifo)
        defer { unlink(fifo) }
        let process = try one.start(
            "python3", "-c",
            """
            import ctypes, os, time
            open('\(fifo)').read()
            ctypes.CDLL(None, use_errno=True).setns(os.open('\(two.path)', os.O_RDONLY), 0x40000000) == 0 or exit(1)
            time.sleep(1000)
            """)
        let door = NamespaceDoor(inode: one.inode, pid: process.pid)
        let walker = NamespaceWalker()
        for _ in 0..<2 { #expect(try walk(walker, [door]).failures.isEmpty) }
        try Data().write(to: URL(filePath: fifo))
        let link = "/proc/\(process.pid)/ns/net"
        #expect(
            try eventually { try FileManager.default.destinationOfSymbolicLink(atPath: link) == "net:[\(two.inode)]" })
        let (names, failures) = try walk(walker, [door])
        #expect(names.isEmpty && failures.count == 1)
    }

    /// What a walk keeps must not keep a namespace, nor therefore the devices in it.
    @Test func aVisitedNamespaceGoesWhenItIsDeleted() throws {
        let other = try TestNamespace()
        let walker = NamespaceWalker()
        do {
            let namespace = try TestNamespace()
            try run(
                "ip", "-n", other.name, "link", "add", "skoop-here", "type", "veth", "peer", "name", "skoop-gone",
                "netns",
                namespace.name)
            let process = try namespace.start("sleep", "1000")
            let doors = [
                NamespaceDoor(inode: namespace.inode, pid: process.pid),
                NamespaceDoor(inode: namespace.inode, mountPath: namespace.path),
            ]
            for _ in 0..<2 { #expect(try walk(walker, doors).names[1]?.contains("skoop-gone") == true) }
        }
        // The kernel takes a veth down with the namespace of its peer.
        #expect(try eventually { try !run("ip", "-n", other.name, "-br", "link").contains("skoop-here") })
        #expect(try walk(walker, []).failures.isEmpty)
    }

    /// Namespaces go while walks are under way: each is visited or reported gone, and the thread comes back.
    @Test func namespacesMayGoDuringAWalk() throws {
        let home = try currentInode()
        let kept = try TestNamespace()
        var doors = [NamespaceDoor(inode: kept.inode, mountPath: kept.path)]
        var names: [String] = []
        for number in 0..<20 {
            let name = "skoop-test-\(getpid())-walk\(number)"
            try run("ip", "netns", "add", name)
            names.append(name)
            var status = stat()
            #expect(stat("/run/netns/" + name, &status) == 0)
            doors.append(NamespaceDoor(inode: UInt64(status.st_ino), mountPath: "/run/netns/" + name))
        }
        let walker = NamespaceWalker()
        #expect(try walk(walker, doors).names.count == doors.count)
        let isDone = Monitor(false)
        let deleted = names
        let thread = try WorkerThread(name: "deleter") {
            for name in deleted { _ = try? run("ip", "netns", "del", name) }
            isDone.update { $0 = true }
        }
        repeat {
            let (names, failures) = try walk(walker, doors)
            #expect(names.count + failures.count == doors.count)
            #expect(names[0] == ["lo"])
            #expect(failures.filter { !$0.error.isAbsence }.isEmpty)
            #expect(try currentInode() == home)
        } while !isDone.update { $0 }
        thread.join()
        #expect(try walk(walker, doors).names.keys.sorted() == [0])
    }

    @Test func anotherThreadStaysWhereItWas() throws {
        let namespace = try TestNamespace()
        let home = try currentInode()
        let walker = NamespaceWalker()
        let seen = Monitor<UInt64?>(nil)
        _ = try walker.walk([NamespaceDoor(inode: namespace.inode, mountPath: namespace.path)], opening: .route) {
            _, _ in
            guard
                let thread = try? WorkerThread(
                    name: "elsewhere", { seen.update { $0 = try? NamespaceHandle.current().inode } })
            else { return }
            thread.join()
        }
        // A new thread inherits the namespace; the others do not move.
        #expect(seen.update { $0 } == namespace.inode)
        #expect(try currentInode() == home)
    }

    @Test func refusalsCarryTheKernelsWords() throws {
        var socket = try NetlinkSocket(.route, options: [.strictChecking, .explainedErrors])
        var request = NetlinkRequest("RTM_GETSTATS", type: 94, isDump: true)
        for _ in 0..<3 { request.append(UInt32(0)) }
        var buffer = [UInt8](repeating: 0, count: 32 << 10)
        let error = #expect(throws: SystemError.self) { try socket.perform(&request, buffer: &buffer) { _ in } }
        #expect(error?.errno == EINVAL)
        #expect(error?.subject.hasPrefix("RTM_GETSTATS (") == true, "\(String(describing: error))")
    }
}
