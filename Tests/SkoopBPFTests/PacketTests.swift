// SPDX-License-Identifier: Apache-2.0
import CSkoopSystem
import Foundation
import Glibc
import SkoopBPF
import SkoopTesting
import Testing

extension KernelTests {
    @Suite struct Packets {
        static let passed: BPFGlobalName<UInt64> = "passed"

        @Test func runsOnAGivenPacket() throws {
            let object = try BPFObject(.packets).load()
            var packet = [UInt8](repeating: 0, count: 64)
            (packet[12], packet[13]) = (0x86, 0xDD)
            let passed = try object.run("only_ipv6", on: &packet, repetitions: 100)
            #expect(passed.returnValue == 2)
            #expect(packet.count == 64)
            #expect(packet[0] == 0x5A)
            packet[13] = 0
            #expect(try object.run("only_ipv6", on: &packet).returnValue == 1)
            var short = [UInt8](repeating: 0, count: 3)
            let error = try #require(throws: BPFError.self) { try object.run("only_ipv6", on: &short) }
            #expect(error.code == .run && error.errno == EINVAL)
        }

        @Test func watchesADevice() async throws {
            let namespace = try TestNamespace()
            let path = namespace.path
            let object = try BPFObject(.packets).load()
            try await onThread {
                let file = open(path, O_RDONLY)
                try #require(setns(file, 0x4000_0000) == 0)
                close(file)
                let loopback = Int(if_nametoindex("lo"))
                for direction in [Hook.Direction.ingress, .egress] {
                    let hook = Hook.trafficControl(interface: loopback, direction)
                    #expect(hook.hindrance == nil)
                    let link = try object.attach("count", to: hook)
                    let before = try object.global(Self.passed)
                    sendDatagram()
                    #expect(try object.global(Self.passed) == before + 1)
                    try link.detach()
                    sendDatagram()
                    #expect(try object.global(Self.passed) == before + 1)
                }
                let link = try object.attach("only_ipv6", to: .xdp(interface: loopback))
                try link.detach()
                #expect(Hook.xdp(interface: 9999).hindrance == "no network device has the index 9999")
            }
            withExtendedLifetime(namespace) {}
        }

        @Test func watchesTheSocketLookupsOfANamespace() async throws {
            let namespace = try TestNamespace()
            let path = namespace.path
            let object = try BPFObject(.packets).load()
            let hook = Hook.networkNamespace(path)
            #expect(hook.hindrance == nil)
            let link = try object.attach("look", to: hook)
            // Not in ours: nothing is seen.
            sendDatagram()
            #expect(try object.global(Self.passed) == 0)
            try await onThread {
                let file = open(path, O_RDONLY)
                try #require(setns(file, 0x4000_0000) == 0)
                close(file)
                sendDatagram()
                #expect(try object.global(Self.passed) == 1)
            }
            try link.detach()
            withExtendedLifetime(namespace) {}
        }

        /// The tree of version 2 is mounted for this test alone, because a host may have version 1 only.
        @Test func watchesAControlGroup() async throws {
            try await onThread {
                try #require(unshare(0x20000) == 0)
                try #require(mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0)
                let directory = try TemporaryDirectory()
                try #require(mount("none", directory.path, "cgroup2", 0, nil) == 0)
                defer { umount(directory.path) }
                let group = "\(directory.path)/skoop-test-\(getpid())-packets"
                try #require(mkdir(group, 0o755) == 0)
                defer { rmdir(group) }
                let object = try BPFObject(.packets).load()
                let hook = Hook.cgroup(group)
                #expect(hook.hindrance == nil)
                let link = try object.attach("leave", to: hook)
                sendDatagram()
                #expect(try object.global(Self.passed) == 0)
                try run("bash", "-c", "echo 0 > \(group)/cgroup.procs; echo x > /dev/udp/127.0.0.1/9")
                #expect(try object.global(Self.passed) >= 1)
                try link.detach()
            }
        }
    }
}

/// One UDP datagram to loopback's port 9, to which nobody listens: with the ICMP answer it would be two packets, so the
/// receiving socket exists.
private func sendDatagram() {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    withUnsafeMutableBytes(of: &address) { bytes in
        guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return }
        var size = socklen_t(bytes.count)
        _ = bind(descriptor, address, size)
        _ = getsockname(descriptor, address, &size)
        _ = sendto(descriptor, "x", 1, 0, address, size)
        var byte: UInt8 = 0
        _ = recv(descriptor, &byte, 1, 0)
    }
}
