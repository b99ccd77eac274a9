// SPDX-License-Identifier: Apache-2.0
#if HTTPServer
    import Foundation
    import SkoopIdentity
    import SkoopModel
    import SkoopProbes
    import SkoopTesting
    import Testing

    @testable import SkoopAgent

    /// How a runtime calls a container's control group.
    struct CgroupStyle: Sendable, CustomTestStringConvertible {
        var path: @Sendable (String) -> String
        var runtime: ContainerID.Runtime
        var podUID = ""

        var testDescription: String { path("<id>") }

        static let uid = "0f6a1f0e-3a5b-4f9b-9d5e-6d1c1f2e3a4b"
        static let slice =
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0f6a1f0e_3a5b_4f9b_9d5e_6d1c1f2e3a4b.slice"

        static let all = [
            CgroupStyle(path: { "/default/\($0)" }, runtime: .containerd),
            CgroupStyle(path: { "/k8s.io/\($0)" }, runtime: .containerd),
            CgroupStyle(path: { "/kubepods/burstable/pod\(uid)/\($0)" }, runtime: .unknown, podUID: uid),
            CgroupStyle(path: { "\(slice)/cri-containerd-\($0).scope" }, runtime: .containerd, podUID: uid),
            CgroupStyle(path: { "\(slice)/crio-\($0).scope" }, runtime: .crio, podUID: uid),
            CgroupStyle(path: { "/docker/\($0)" }, runtime: .docker),
            CgroupStyle(path: { "/system.slice/docker-\($0).scope" }, runtime: .docker),
            CgroupStyle(path: { "/libpod_parent/libpod-\($0)" }, runtime: .podman),
            CgroupStyle(path: { "/machine.slice/libpod-\($0).scope" }, runtime: .podman),
        ]
    }

    /// Containers that a real runtime has started, as the agent shows them.
    @Suite(.serialized, .requiresRoot) struct ContainerTests {
        let configuration = "metrics: {deadline: 60s, probes: [{name: udp}, {name: io}]}"

        /// An identifier as runtimes draw them.
        func identifier() -> String {
            (0..<32).map { _ in String(format: "%02x", UInt8.random(in: 0...255)) }.joined()
        }

        /// A program that sends datagrams to a port nobody listens on, and stays.
        func sender(_ count: Int) -> String {
            """
            import socket, time
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for i in range(\(count)): s.sendto(b'x', ('127.0.0.1', 9))
            time.sleep(1000)
            """
        }

        /// Asks until a series has a value.
        func isServed(_ host: borrowing HostAgent, _ metric: String, pod: String, _ value: UInt64) throws -> Bool {
            try eventually { HostAgent.value(metric, pod: pod, in: try host.page()) == value }
        }

        @Test(arguments: CgroupStyle.all, [false, true])
        func aContainerIsKnownByItsControlGroup(_ style: CgroupStyle, unified: Bool) throws {
            let id = identifier()
            let container = try TestContainer(
                cgroup: style.path(id), unified: unified, "python3", "-c", sender(7))
            let host = try HostAgent(configuration)
            let pod = "container:" + id.prefix(12)
            #expect(try isServed(host, "kubeskoop_udp_noports", pod: pod, 7))
            #expect(HostAgent.value("kubeskoop_io_readsyscall", pod: pod, in: try host.page()) ?? 0 > 0)
            for source in [Source.onePass, .procfs] {
                var reader = HostInventoryReader(required: source)
                let process = try reader.read().processes.first { $0.pid == container.pid }
                let found = ContainerID(cgroup: try #require(process?.cgroup))
                #expect(found?.id == id && found?.runtime == style.runtime && found?.podUID == style.podUID)
            }
        }

        @Test func theContainersOfAPodAreOneEntity() throws {
            let uid = CgroupStyle.uid
            let sandbox = try TestContainer(
                cgroup: "/kubepods/pod\(uid)/\(identifier())", "python3", "-c", sender(3))
            let main = try TestContainer(
                cgroup: "/kubepods/pod\(uid)/\(identifier())", network: .process(sandbox.pid), "python3", "-c",
                sender(4))
            /// Knows pods by their UID, as one that asks Kubernetes will.
            struct Pods: EntityProvider {
                func identity(of subject: EntitySubject) -> EntityIdentity? {
                    subject.container?.podUID == CgroupStyle.uid ? .pod(namespace: "", name: "web") : nil
                }
            }
            let host = try HostAgent(configuration, providers: [Pods()] + EntityResolver.builtInProviders)
            #expect(try isServed(host, "kubeskoop_udp_noports", pod: "web", 7))
            let census = try EntityResolver.census(providers: [Pods()])
            #expect(census.entityName(of: main.pid) == "web" && census.entityName(of: sandbox.pid) == "web")
        }

        @Test func aContainerOnTheHostsNetworkHasItsOwnInputAndOutput() throws {
            let id = identifier()
            let container = try TestContainer(
                cgroup: "/docker/\(id)", network: .host, "python3", "-c", "import time; time.sleep(1000)")
            let host = try HostAgent(configuration)
            let page = try host.page()
            let pod = "container:" + id.prefix(12)
            #expect(HostAgent.value("kubeskoop_io_readsyscall", pod: pod, in: page) ?? 0 > 0)
            #expect(HostAgent.value("kubeskoop_udp_noports", pod: pod, in: page) == nil)
            withExtendedLifetime(container.pid) {}
        }

        @Test func theMappingFileNamesAContainerByThePrefixOfItsIdentifier() throws {
            let id = identifier()
            let container = try TestContainer(cgroup: "/docker/\(id)", "python3", "-c", sender(5))
            let host = try HostAgent(
                configuration, mapping: "pods: [{container: \"\(id.prefix(12))\", k8s_namespace: \"\", k8s_pod: db-0}]")
            #expect(try isServed(host, "kubeskoop_udp_noports", pod: "db-0", 5))
            withExtendedLifetime(container.pid) {}
        }
    }

    extension EntityResolver {
        /// A census of this host.
        fileprivate static func census(providers: [any EntityProvider]) throws -> Census {
            var reader = HostInventoryReader()
            var resolver = EntityResolver(node: "bench", providers: providers)
            return resolver.resolve(try reader.read())
        }
    }

    extension Census {
        /// What the entity of a process is called.
        fileprivate func entityName(of pid: Int32) -> String? {
            inventory.processes.firstIndex { $0.pid == pid }.map { entities.entities[Int(entityOfProcess[$0])].podName }
        }
    }
#endif
