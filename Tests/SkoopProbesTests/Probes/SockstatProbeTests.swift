// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopTesting
import Testing

@Suite struct SockstatProbeTests {
    @Test func readsTheFixture() throws {
        var probe = try SockstatProbe(ProbeEnvironment(host: .fixture, requiredSource: .procfs))
        let scrape = Scrape(number: 1, census: .test(node: .fixture))
        let families = try probe.collect(scrape)
        #expect(SockstatMetric.allCases.map { families.value($0) } == [20, 9, 2, 2, 0, 0, 0, 0, 7, 2, 0, 0, 0, 0])
        #expect(scrape.problems.all.isEmpty)
    }

    @Test func damagedFilesAreSurvived() throws {
        var random = SeededGenerator()
        let original = try Fixtures.bytes("procfs/proc/4242/net/sockstat")
        let directory = try TemporaryDirectory()
        try directory.link("4242/ns/net", to: "net:[4026532999]")
        for bytes in mutations(of: original, count: 100, using: &random) {
            try directory.write(bytes, to: "4242/net/sockstat")
            var probe = try SockstatProbe(
                ProbeEnvironment(host: .init(proc: directory.path), requiredSource: .procfs))
            let families = try probe.collect(Scrape(number: 1, census: .test(node: .fixture)))
            #expect(families.count == SockstatMetric.allCases.count, "seed \(random.seed)")
        }
    }
}

@Suite(.serialized, .requiresRoot) struct SockstatProbeLiveTests {
    /// Sockets of every kind, the same over both IP versions.
    private static let sockets = """
        import socket
        keep = []
        for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
            for i in range(3):
                s = socket.socket(family, socket.SOCK_DGRAM); s.bind((address, 0)); keep.append(s)
            keep.append(socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_UDP))
            keep.append(socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_UDP))
            try:
                for i in range(4):
                    s = socket.socket(family, socket.SOCK_DGRAM, 136); s.bind((address, 0)); keep.append(s)
            except OSError as error:
                if error.errno != 93: raise
            s = socket.socket(family); s.bind((address, 7000)); s.listen(5); keep.append(s)
            keep.append(socket.create_connection((address, 7000))); keep.append(s.accept()[0])
            for i in range(4):
                socket.create_connection((address, 7000)).close(); s.accept()[0].close()
        """

    /// What stays in a namespace after the process has gone: TIME_WAIT, and packets of which one fragment has come.
    private static let remains = """
        import socket, struct
        for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
            s = socket.socket(family); s.bind((address, 7000)); s.listen(5)
            for i in range(2):
                c = socket.create_connection((address, 7000)); a = s.accept()[0]; c.close(); a.recv(1); a.close()
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        for number in (7, 8, 9):
            header = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 44, number, 0x2000, 64, 17, 0,
                                 socket.inet_aton('127.0.0.1'), socket.inet_aton('127.0.0.1'))
            raw.sendto(header + bytes(24), ('127.0.0.1', 0))
        raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
        me = socket.inet_pton(socket.AF_INET6, '::1')
        for number in (7, 8):
            header = struct.pack('!IHBB', 6 << 28, 32, 44, 64) + me + me + struct.pack('!BBHI', 17, 0, 1, number)
            raw.sendto(header + bytes(24), ('::1', 0))
        """

    private static let lines: [(SockstatMetric, String, String)] = [
        (.socketsUsed, "sockets:", "used"), (.tcpInuse, "TCP:", "inuse"), (.tcpTimeWait, "TCP:", "tw"),
        (.udpInuse, "UDP:", "inuse"), (.udpliteInuse, "UDPLITE:", "inuse"), (.rawInuse, "RAW:", "inuse"),
        (.fragInuse, "FRAG:", "inuse"), (.fragMemory, "FRAG:", "memory"), (.tcp6Inuse, "TCP6:", "inuse"),
        (.udp6Inuse, "UDP6:", "inuse"), (.udplite6Inuse, "UDPLITE6:", "inuse"), (.raw6Inuse, "RAW6:", "inuse"),
        (.frag6Inuse, "FRAG6:", "inuse"), (.frag6Memory, "FRAG6:", "memory"),
    ]

    /// The kernel's files, read by means other than ours.
    private func file(_ namespace: borrowing TestNamespace) throws -> [SockstatMetric: UInt64] {
        let text = try namespace.run("cat", "/proc/net/sockstat", "/proc/net/sockstat6")
        var values: [SockstatMetric: UInt64] = [:]
        for line in text.split(separator: "\n").map({ $0.split(separator: " ").map(String.init) }) {
            for (metric, name, key) in Self.lines where name == line[0] {
                values[metric] = line.firstIndex(of: key).flatMap { UInt64(line[$0 + 1]) }
            }
        }
        return values
    }

    private func values(_ source: Source, _ scrape: Scrape, _ entity: Int) throws -> [SockstatMetric: UInt64] {
        var probe = try SockstatProbe(ProbeEnvironment(requiredSource: source))
        #expect(probe.source.source == source)
        let families = try probe.collect(scrape)
        #expect(scrape.problems.all.isEmpty)
        var values: [SockstatMetric: UInt64] = [:]
        for metric in SockstatMetric.allCases { values[metric] = families.value(metric, EntityTable.Index(entity)) }
        return values
    }

    @Test func everySourceShowsWhatTheKernelsFilesShow() throws {
        let busy = try TestNamespace()
        // No process is in this one when it is read.
        let left = try TestNamespace()
        let holder = try busy.hold(python: Self.sockets)
        try left.run("python3", "-c", Self.remains)
        let scrape = Scrape(
            number: 1,
            census: try .live([
                NetworkNamespace(id: NamespaceID(rawValue: busy.inode), pid: holder.pid),
                NetworkNamespace(mountOf: left),
            ]))
        // Nothing changes in them any more, unless a minute goes by; but whoever asks a namespace for its addresses has
        // a socket there for a moment.
        let expected = (busy: try file(busy), left: try file(left))
        for source in SockstatProbe.definition.sources {
            #expect(try eventually { try values(source, scrape, 1) == file(busy) }, "\(source)")
            #expect(try eventually { try values(source, scrape, 2) == file(left) }, "\(source)")
        }
        for metric: SockstatMetric in [.tcpInuse, .tcp6Inuse, .udpInuse, .udp6Inuse] {
            #expect(expected.busy[metric] == 3)
        }
        for metric: SockstatMetric in [.rawInuse, .raw6Inuse] { #expect(expected.busy[metric] == 2) }
        #expect([4, nil].contains(expected.busy[.udpliteInuse]) && [4, nil].contains(expected.busy[.udplite6Inuse]))
        #expect(expected.left[.tcpTimeWait] == 4 && expected.left[.tcpInuse] == 0 && expected.left[.tcp6Inuse] == 0)
        #expect(expected.left[.fragInuse] == 3 && expected.left[.frag6Inuse] == 2)
        #expect(try #require(expected.left[.fragMemory]) > 0 && #require(expected.left[.frag6Memory]) > 0)
        // iproute2 reads the same: its table has IPv4 and IPv6 in the last two columns.
        let summary = try busy.run("ss", "-s").split(separator: "\n").first { $0.hasPrefix("TCP\t") }
        #expect(summary?.split(separator: " ").suffix(3).map(String.init) == ["6", "3", "3"])
    }

    @Test func theOnePassIsChosenWhereItAgrees() throws {
        var probe = try SockstatProbe(ProbeEnvironment())
        #expect(probe.source == SourceChoice(.onePass))
        let census = try Census.live()
        let families = try probe.collect(Scrape(number: 1, census: census))
        // Other namespaces of the host are none of this census.
        for metric in SockstatMetric.allCases { #expect(families.rows(metric) <= 1, "\(metric)") }
        #expect(families.rows(SockstatMetric.socketsUsed) == 1)
    }

    /// A file that shows something else than the kernel counts, in which the one pass must not be believed.
    @Test func theFilesAreReadWhereTheOnePassDiffers() throws {
        let directory = try TemporaryDirectory()
        let text = try run("cat", "/proc/net/sockstat").replacing(/FRAG: inuse \d+/, with: "FRAG: inuse 123456")
        let id = try NamespaceID.ofProcess(getpid())
        try directory.link("\(getpid())/ns/net", to: "net:[\(id.rawValue)]")
        try directory.write(Array(text.utf8), to: "\(getpid())/net/sockstat")
        try directory.write(
            Array(try run("cat", "/proc/net/sockstat6").utf8), to: "\(getpid())/net/sockstat6")
        let host = ProbeEnvironment.HostPaths(proc: directory.path)
        var probe = try SockstatProbe(ProbeEnvironment(host: host))
        #expect(probe.source.source == .procfs)
        #expect(probe.source.reason.contains("differ in frag_inuse"), "\(probe.source.reason)")
        let families = try probe.collect(Scrape(number: 1, census: try .live()))
        #expect(families.value(SockstatMetric.fragInuse) == 123_456)
        let error = #expect(throws: ProbeError.self) {
            try SockstatProbe(ProbeEnvironment(host: host, requiredSource: .onePass))
        }
        #expect(error?.reason == .unsupportedKernel)
    }

    /// In a process of its own, because other tests open sockets beside this one.
    @Test func noSocketStaysOpen() async {
        await #expect(processExitsWith: .success) {
            func sockets() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
                    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))?
                        .hasPrefix("socket:") == true
                }
            }
            let before = try sockets()
            let probe = try SockstatProbe(ProbeEnvironment(requiredSource: .onePass))
            try #require(try sockets() == before)
            try #require(probe.source.source == .onePass)
        }
    }
}
