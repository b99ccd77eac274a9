// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

/// The one pass finds all TCP sockets, however many and in whichever table.
@Suite(.serialized, .requiresRoot)
struct SocketEqualityTests {
    @Test func countsThousandsOfSockets() throws {
        let namespace = try TestNamespace()
        let holder = try namespace.hold(
            python: """
                import resource, socket
                resource.setrlimit(resource.RLIMIT_NOFILE, (5000, 5000))
                held = []
                for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
                    listener = socket.create_server((host, 0), family=family, backlog=700)
                    held.append(listener)
                    for number in range(500):
                        client = socket.create_connection(listener.getsockname()[:2])
                        client.send(b"x" * number)
                        held.append(client)
                        if number % 5:
                            held.append(listener.accept()[0])
                """)
        defer { holder.kill() }
        let census = try Census.live([NetworkNamespace(mountOf: namespace)])
        var pass = try ProbeBench(["tcpsummary"], .onePass, census)
        let (read, shown) = try quietly {
            try Iproute2.sockets(namespace, 1)
        } _: {
            try pass.read()
        }
        #expect(read.differences(from: shown) == [])
        #expect(read[Series(metric: TCPSummaryMetric.tcpestablishedconn.metric.name, entity: 1)] == 2000)
        #expect(read[Series(metric: TCPSummaryExtraMetric.acceptQueueLength.metric.name, entity: 1)] == 200)
        #expect(read[Series(metric: TCPSummaryExtraMetric.acceptQueueLimit.metric.name, entity: 1)] == 1400)
    }

    /// A freed socket can at once be another one in another chain; whoever stands on it must not go on from there.
    @Test func socketsThatStayAreCountedRightWhileOthersComeAndGo() throws {
        let parent = try TestNamespace()
        let directory = try TemporaryDirectory()
        let file = URL(filePath: directory.path).appending(path: "pid").path()
        let holder = try parent.hold(
            python: """
                import ctypes, fcntl, os, resource, socket, struct
                resource.setrlimit(resource.RLIMIT_NOFILE, (5000, 5000))
                # A table of 64 chains, so that those which come and go stand among those which stay.
                with open("/proc/sys/net/ipv4/tcp_child_ehash_entries", "w") as file:
                    file.write("64")
                libc = ctypes.CDLL(None)
                def come_and_go(listener):
                    pid = os.fork()
                    if pid != 0:
                        return pid
                    libc.prctl(1, 9)  # dies with its parent
                    while True:
                        pair = [socket.create_connection(listener.getsockname()), listener.accept()[0]]
                        for end in pair:  # a reset, so that it is freed and used again at once
                            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                            end.close()
                # What is freed here is used again in the other namespace, and lends the walk a way from table to table.
                for _ in range(3):
                    come_and_go(socket.create_server(("127.0.0.1", 0), backlog=2000))
                assert libc.unshare(0x40000000) == 0
                any = socket.socket()
                fcntl.ioctl(any, 0x8914, struct.pack("16sH22x", b"lo", 1))  # up
                listener = socket.create_server(("127.0.0.1", 0), backlog=2000)
                clients = [socket.create_connection(listener.getsockname()) for _ in range(1000)]
                held = [listener.accept()[0] for _ in clients]
                pid = come_and_go(listener)
                open("\(file)", "w").write(str(pid))
                """)
        defer { holder.kill() }
        let pid = try #require(Int32(try String(contentsOfFile: file, encoding: .utf8)))
        let census = try Census.live([NetworkNamespace(id: try .ofProcess(pid), pid: pid)])
        var witness = try ProbeBench(["tcp"], .onePass, census)
        func opened() throws -> UInt64 {
            try witness.read()[Series(metric: TCPMetric.activeopens.metric.name, entity: 1)] ?? 0
        }
        var pass = try ProbeBench(["tcpsummary"], .onePass, census)
        let established = Series(metric: TCPSummaryMetric.tcpestablishedconn.metric.name, entity: 1)
        let before = try opened()
        var counts: Set<UInt64> = []
        for _ in 0..<400 { counts.insert(try pass.read()[established] ?? 0) }
        // Both ends of what is just there, and of what has just come in another chain.
        #expect(counts.isSubset(of: 2000...2010), "\(counts.sorted())")
        #expect(try eventually { try opened() > before + 400 }, "the others came and went")
    }

    /// `net.ipv4.tcp_child_ehash_entries` gives new namespaces tables of their own; 80 of them, some very small.
    @Test func findsTheTablesOfNamespacesThatHaveTheirOwn() throws {
        let parent = try TestNamespace()
        let directory = try TemporaryDirectory()
        let list = URL(filePath: directory.path).appending(path: "pids").path()
        let holder = try parent.hold(
            python: """
                import ctypes, fcntl, os, socket, struct, time
                libc = ctypes.CDLL(None)
                pids = []
                for number in range(80):
                    with open("/proc/sys/net/ipv4/tcp_child_ehash_entries", "w") as file:
                        file.write(str((1, 16, 4096)[number % 3]))
                    opened, told = os.pipe()
                    pid = os.fork()
                    if pid == 0:
                        libc.prctl(1, 9)  # dies with its parent
                        assert libc.unshare(0x40000000) == 0
                        any = socket.socket()
                        fcntl.ioctl(any, 0x8914, struct.pack("16sH22x", b"lo", 1))  # up
                        listener = socket.create_server(("127.0.0.1", 0))
                        clients = [socket.create_connection(listener.getsockname()) for _ in range(number % 5 + 1)]
                        clients[0].send(b"unread")
                        os.write(told, b"x")
                        time.sleep(1000)
                        os._exit(0)
                    os.close(told)
                    assert os.read(opened, 1) == b"x"
                    pids.append(pid)
                open("\(list)", "w").write(" ".join(map(str, pids)))
                """)
        defer { holder.kill() }
        let pids = try String(contentsOfFile: list, encoding: .utf8).split(separator: " ").compactMap { Int32($0) }
        #expect(pids.count == 80)
        let census = try Census.live(
            try pids.map { NetworkNamespace(id: try .ofProcess($0), pid: $0) } + [NetworkNamespace(mountOf: parent)])
        var pass = try ProbeBench(["tcpsummary"], .onePass, census)
        var files = try ProbeBench(["tcpsummary"], .procfs, census)
        let limit = TCPSummaryExtraMetric.acceptQueueLimit.metric.name
        let (read, shown) = try quietly {
            try files.read()
        } _: {
            try pass.read().filter { $0.key.metric != limit }
        }
        #expect(read.differences(from: shown) == [])
        let established = TCPSummaryMetric.tcpestablishedconn.metric.name
        for number in 0..<80 {
            let found = read[Series(metric: established, entity: EntityTable.Index(number + 1))]
            let opened = UInt64(number % 5 + 1) * 2
            #expect(found == opened, "namespace \(number)")
        }
    }
}
