// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SkoopBPF
import SkoopSystem
import SkoopTesting
import Testing

extension KernelTests {
    @Suite struct Netfilter {
        private static let accepted: BPFGlobalName<UInt64> = "accepted"
        private static let dropped: BPFGlobalName<UInt64> = "dropped"

        private static func send(_ namespace: borrowing TestNamespace, to host: String) throws {
            try namespace.run(
                "python3", "-c",
                """
                import socket, sys
                family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
                receiver = socket.socket(family, socket.SOCK_DGRAM); receiver.bind((sys.argv[1], 4242))
                for _ in range(3): socket.socket(family, socket.SOCK_DGRAM).sendto(b'x', (sys.argv[1], 4242))
                """, host)
        }

        /// Attaches in the namespace of a moment's stay.
        private static func attach(
            _ object: borrowing LoadedBPFObject, _ program: BPFProgramName, _ place: NetfilterPlace,
            in namespace: borrowing TestNamespace
        ) throws -> BPFLink {
            let handle = try NamespaceHandle(path: namespace.path)
            let home = try NamespaceHandle.current()
            try handle.enter()
            defer { try? home.enter() }
            return try object.attach(program, to: .netfilter(place))
        }

        @Test(arguments: [(NetfilterPlace.Family.ipv4, "127.0.0.1"), (.ipv6, "::1")])
        func seesThePacketsOfItsNamespace(family: NetfilterPlace.Family, host: String) throws {
            let place = NetfilterPlace(family, .localIn, priority: 7)
            guard Hook.netfilter(place).hindrance == nil else {
                #expect(KernelVersion.running < KernelVersion(6, 4))
                return
            }
            let namespace = try TestNamespace()
            let other = try TestNamespace()
            let object = try BPFObject(.netfilter).load()
            let link = try Self.attach(object, "accept", place, in: namespace)
            try Self.send(namespace, to: host)
            try Self.send(other, to: host)
            #expect(try object.global(Self.accepted) == 3)

            let error = #expect(throws: BPFError.self) {
                _ = try Self.attach(object, "drop", place, in: namespace)
            }
            #expect(error?.errno == EBUSY)
            #expect(error?.subject == "netfilter.drop at netfilter/\(family)/localIn/7")

            let earlier = NetfilterPlace(family, .localIn, priority: 6)
            let dropping = try Self.attach(object, "drop", earlier, in: namespace)
            try Self.send(namespace, to: host)
            #expect(try object.global(Self.dropped) == 3)
            #expect(try object.global(Self.accepted) == 3)

            try dropping.detach()
            try link.detach()
            try Self.send(namespace, to: host)
            #expect(try object.global(Self.dropped) == 3)
            #expect(try object.global(Self.accepted) == 3)
        }
    }
}
