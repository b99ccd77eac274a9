// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopIdentity
import SkoopModel
import SkoopSystem
import SkoopTesting
import Synchronization
import Testing

@testable import SkoopProbes

/// What the kernel tells of containers that a real runtime starts, however short they live.
@Suite(.serialized, .requiresRoot) struct BirthWatchTests {
    private static let uid = "0f6a1f0e-3a5b-4f9b-9d5e-6d1c1f2e3a4b"
    private static let slices =
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0f6a1f0e_3a5b_4f9b_9d5e_6d1c1f2e3a4b.slice"

    /// Control groups as the drivers cgroupfs and systemd call them, also below those of another kubelet.
    private static let styles = [
        "/kubepods/burstable/pod\(uid)/<id>", "\(slices)/cri-containerd-<id>.scope", "\(slices)/crio-<id>.scope",
        "/a/b/c\(slices)/cri-containerd-<id>.scope/inner",
    ]

    private func identifier() -> String {
        (0..<32).map { _ in String(format: "%02x", UInt8.random(in: 0...255)) }.joined()
    }

    private func watch() throws -> BirthWatch {
        let watch = BirthWatch()
        watch.begin(.init())
        try #require(watch.status.error == nil, "\(watch.status)")
        #expect(watch.status.hook == "tp_btf/sched_process_exec")
        return watch
    }

    /// The births of a container, however long the test takes. A runtime's own programs may be run in the container's control
    /// group before it enters the namespaces.
    private func births(_ watch: BirthWatch, of container: String, onNode: Bool = false) -> [NamespaceBirth] {
        watch.births(at: MonotonicTime(nanoseconds: 0)).filter { birth in
            guard ContainerID(cgroup: birth.process.cgroup)?.id == container else { return false }
            return onNode
                || (try? NamespaceID.ofProcess(1)) != birth.namespace && (try? .ofProcess(getpid())) != birth.namespace
        }
    }

    @Test(arguments: styles, [false, true])
    func aContainerIsToldByItsFirstProgram(style: String, unified: Bool) throws {
        let watch = try watch()
        let calls = Atomic<Int>(0)
        let call = watch.listen { calls.add(1, ordering: .relaxed) }
        let id = identifier()
        let begin = MonotonicTime.now.nanoseconds
        let container = try TestContainer(
            cgroup: style.replacing("<id>", with: id), unified: unified, "sleep", "1000")
        #expect(eventually { births(watch, of: id).count == 1 })
        let birth = try #require(births(watch, of: id).first)
        let link = try NamespaceID.ofProcess(container.pid)
        #expect(birth.namespace == link && birth.process.pid == container.pid)
        #expect(birth.time > begin && birth.time < MonotonicTime.now.nanoseconds)
        #expect(ContainerID(cgroup: birth.process.cgroup)?.podUID == Self.uid)
        // The same as who looks at it says.
        var reader = HostInventoryReader(readers: SharedReaders())
        let inventory = try reader.read()
        let process = try #require(inventory.processes.first { $0.pid == container.pid })
        #expect(birth.process.startTime == process.startTime && process.cgroup.hasSuffix(birth.process.cgroup))
        let cookie = try #require(inventory.namespaces.first { $0.id == link }?.cookie)
        #expect(cookie != 0 && birth.cookie == cookie)
        #expect(eventually { calls.load(ordering: .relaxed) >= 2 })
        _ = call

        // Further programs there are nothing new.
        try run("nsenter", "--target=\(container.pid)", "--net", "true")
        #expect(births(watch, of: id).count == 1 && watch.status.lost == 0)
    }

    @Test func aContainerThatHasGoneIsTold() throws {
        let watch = try watch()
        let id = identifier()
        var inode = NamespaceID.nowhere
        do {
            let container = try TestContainer(cgroup: "/k8s.io/\(id)", "sleep", "0.05")
            inode = (try? NamespaceID.ofProcess(container.pid)) ?? .nowhere
        }
        #expect(births(watch, of: id).count == 1)
        if inode != .nowhere { #expect(births(watch, of: id).first?.namespace == inode) }
        // Its inventory has it as well, for a minute.
        let readers = SharedReaders()
        var reader = HostInventoryReader(readers: readers)
        let short = identifier()
        do { _ = try TestContainer(cgroup: "/k8s.io/\(short)", "sleep", "0.05") }
        var resolver = EntityResolver(node: "node")
        let census = resolver.resolve(try reader.read())
        let names = census.departed.map { census.entities.entities[Int($0.entity)].podName }
        #expect(names.contains("container:\(short.prefix(12))"), "\(names)")
        #expect(readers.births.births(at: .now + .seconds(61)).isEmpty)
    }

    @Test func eachControlGroupOfANamespaceIsTold() throws {
        let watch = try watch()
        let ids = (0..<3).map { _ in identifier() }
        let sandbox = try TestContainer(cgroup: "/kubepods/pod\(Self.uid)/\(ids[0])", "sleep", "1000")
        let main = try TestContainer(
            cgroup: "/kubepods/pod\(Self.uid)/\(ids[1])", network: .process(sandbox.pid), "sleep", "1000")
        let host = try TestContainer(cgroup: "/kubepods/pod\(Self.uid)/\(ids[2])", network: .host, "sleep", "1000")
        let own = try NamespaceID.ofProcess(sandbox.pid)
        #expect(births(watch, of: ids[0]).map(\.namespace) == [own])
        #expect(births(watch, of: ids[1]).map(\.namespace) == [own])
        #expect(births(watch, of: ids[2], onNode: true).map(\.namespace) == [try NamespaceID.ofProcess(host.pid)])
        let groups = Set(ids.flatMap { births(watch, of: $0, onNode: true).map(\.groups) })
        #expect(groups.count == 3)
        _ = main.pid
    }

    @Test func whatCannotBeWatchedSaysWhy() {
        let watch = BirthWatch()
        watch.begin(.init(proc: "/nonexistent"))
        #expect(watch.status.error?.reason == .unreadable && watch.births().isEmpty && watch.status.hook.isEmpty)
    }
}
