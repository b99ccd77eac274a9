// SPDX-License-Identifier: Apache-2.0
#if HTTPSinks
    import Foundation
    import SkoopIdentity
    import SkoopModel
    import SkoopSystem
    import SkoopTesting
    import Testing

    @testable import SkoopKubernetes

    /// Whose addresses there are, as an API server tells, and what becomes of that when it does not.
    @Suite(.serialized) struct ClusterWatchTests {
        /// A source that asks a server, more impatient than usual.
        final class Trial {
            let source: ClusterWatch
            let account: TemporaryDirectory

            init(
                _ cluster: TestCluster, token: String = TestCluster.agentToken,
                _ change: (inout ClusterSettings, String) throws -> Void = { _, _ in }
            ) throws {
                account = try TemporaryDirectory()
                try cluster.writeServiceAccount(to: account, token: token)
                var settings = ClusterSettings()
                settings.serviceAccount = ServiceAccount(server: "127.0.0.1:\(cluster.port)", folder: account.path)
                settings.node = "west"
                settings.pace.silence = .seconds(2)
                settings.pace.firstRetry = .milliseconds(50)
                settings.pace.longestRetry = .milliseconds(500)
                settings.pace.part = 3
                try change(&settings, account.path)
                source = ClusterWatch(settings)
                try source.start {}
            }

            deinit { source.stop() }

            func who(_ address: String, at moment: UInt64? = nil) throws -> Peer {
                source.peer(of: try #require(IPAddress(address)), at: moment)
            }

            func isInSync(_ count: Int = 4) -> Bool {
                let parts = source.status.parts
                return parts.count == count && parts.allSatisfy { $0.lastAnswer > 0 && $0.failure == nil }
            }

            func failure(of resource: ClusterResource = .pods) -> IdentityStatus.Failure? {
                source.status.parts.first { $0.name == resource.rawValue }?.failure
            }
        }

        private static func named(_ name: String) -> Peer { Peer(kind: .pod, namespace: "shop", pod: name) }

        private static func pod(_ name: String, _ addresses: String..., node: String = "west") -> String {
            ClusterManifest.pod(name, in: "shop", node: node, addresses: addresses)
        }

        private static let shop = [
            ClusterManifest.node("west", addresses: ["192.0.2.1", "2001:db8::1"]),
            pod("web", "10.7.0.1", "fd07::1"), pod("db", "10.7.0.2", "fd07::2", node: "east"),
            ClusterManifest.pod(
                "proxy", in: "shop", node: "west", addresses: ["192.0.2.1"], isOnHostNetwork: true),
            ClusterManifest.pod("done", in: "shop", node: "west", addresses: ["10.7.0.3"], phase: "Succeeded"),
            ClusterManifest.service("web", in: "shop", addresses: ["10.96.3.4"], external: ["198.51.100.7"]),
            ClusterManifest.slice(
                "web-1", of: "web", in: "shop",
                endpoints: [("10.7.0.1", "web", "west"), ("203.0.113.9", nil, "east")]),
        ]

        @Test func knowsWhoHasWhichAddress() throws {
            let cluster = try TestCluster()
            try cluster.apply(Self.shop)
            let trial = try Trial(cluster)
            #expect(eventually { trial.isInSync() }, "\(trial.source.status)")
            for address in ["10.7.0.1", "fd07::1"] { #expect(try trial.who(address) == Self.named("web")) }
            #expect(try trial.who("10.7.0.2") == Self.named("db"))
            #expect(try trial.who("10.7.0.3") == .unknown && trial.who("10.7.0.4") == .unknown)
            for address in ["192.0.2.1", "2001:db8::1"] {
                #expect(try trial.who(address) == Peer(kind: .node, node: "west"))
            }
            for address in ["10.96.3.4", "198.51.100.7", "203.0.113.9"] {
                #expect(try trial.who(address) == Peer(service: "web", namespace: "shop"))
            }
            #expect(
                trial.source.services(behind: try #require(IPAddress("10.7.0.1"))) == [
                    Peer(service: "web", namespace: "shop")
                ])
            let status = trial.source.status
            #expect(
                status.peer == "Kubernetes \(cluster.version) at https://127.0.0.1:\(cluster.port)/"
                    && status.mode == "events")
            #expect(status.pods == 4 && status.failure == nil && status.failures.isEmpty)
            // The pods of this node with all that is known of them.
            #expect(Set(trial.source.pods.pods.map(\.name)) == ["web", "proxy", "done"])

            // What comes, changes and goes.
            try cluster.apply(Self.pod("late", "10.7.0.9", "fd07::9"))
            #expect(eventually { (try? trial.who("fd07::9")) == Self.named("late") })
            let before = MonotonicTime.now.nanoseconds
            try cluster.delete("Pod", "late", in: "shop")
            #expect(eventually { (try? trial.who("fd07::9")) == .unknown })
            // Times of the API are of whole seconds.
            usleep(1_100_000)
            try cluster.apply(Self.pod("heir", "10.7.0.9"))
            #expect(eventually { (try? trial.who("10.7.0.9")) == Self.named("heir") })
            #expect(try trial.who("10.7.0.9", at: before) == Self.named("late"))
            try cluster.apply(
                ClusterManifest.pod("heir", in: "shop", node: "west", addresses: ["10.7.0.9"], phase: "Failed"))
            #expect(eventually { (try? trial.who("10.7.0.9")) == .unknown })
            try cluster.delete("EndpointSlice", "web-1", in: "shop")
            #expect(eventually { (try? trial.who("203.0.113.9")) == .unknown })
            try cluster.delete("Service", "web", in: "shop")
            #expect(eventually { (try? trial.who("10.96.3.4")) == .unknown })
        }

        /// A lost connection costs nothing but time: the watch goes on where it was.
        @Test func resumesWhereItWas() throws {
            let cluster = try TestCluster()
            try cluster.apply(Self.shop)
            let trial = try Trial(cluster)
            #expect(eventually { trial.isInSync() })
            for round in 1...3 {
                try cluster.refuse()
                #expect(eventually { trial.source.status.failures[.unreachable, default: 0] >= UInt64(4 * round) })
                #expect(
                    try trial.who("10.7.0.1") == Self.named("web")
                        && trial.source.status.failure?.reason == .unreachable)
                try cluster.apply(Self.pod("new-\(round)", "10.7.1.\(round)"))
                try cluster.accept()
                #expect(eventually { (try? trial.who("10.7.1.\(round)")) == Self.named("new-\(round)") })
                #expect(eventually { trial.isInSync() })
            }
            let lists = try cluster.requests().filter { $0.agent == "skoop" && $0.uri.contains("pods?limit") }
            #expect(lists.count == 1, "\(lists)")
        }

        /// Who was away for too long lists anew, and forgets nobody meanwhile.
        @Test func listsAnewWhatIsTooOld() throws {
            let cluster = try TestCluster(.standIn)
            try cluster.apply(Self.shop)
            let trial = try Trial(cluster)
            #expect(eventually { trial.isInSync() })
            let before = MonotonicTime.now.nanoseconds
            try cluster.refuse()
            try cluster.delete("Pod", "web", in: "shop")
            try cluster.delete("EndpointSlice", "web-1", in: "shop")
            try cluster.apply((1...9).map { Self.pod("new-\($0)", "10.7.1.\($0)") })
            try cluster.compact()
            #expect(try trial.who("10.7.0.1") == Self.named("web"))
            try cluster.accept()
            #expect(eventually { (try? trial.who("10.7.1.9")) == Self.named("new-9") })
            #expect(eventually { (try? trial.who("10.7.0.1")) == .unknown })
            #expect(
                try trial.who("10.7.0.1", at: before) == Self.named("web") && trial.who("10.7.0.2") == Self.named("db"))
            #expect(eventually { trial.isInSync() })
            #expect(trial.source.status.failures[.refused] == nil, "\(trial.source.status.failures)")
            let lists = try cluster.requests().filter { $0.agent == "skoop" && $0.uri.contains("pods?limit") }
            // Not from what the server has in memory this time, and so in parts.
            #expect(lists.count >= 4 && lists.count { $0.uri.contains("resourceVersion=0") } == 1, "\(lists)")
            #expect(lists.contains { $0.uri.contains("continue=") })
            try cluster.apply(Self.pod("after", "10.7.2.1"))
            #expect(eventually { (try? trial.who("10.7.2.1")) == Self.named("after") })
        }

        @Test func noticesThatNothingComesAnyMore() throws {
            let cluster = try TestCluster(.standIn)
            try cluster.apply(Self.shop)
            let trial = try Trial(cluster)
            #expect(eventually { trial.isInSync() })
            try cluster.bookmark()
            let answers = trial.source.status.answers
            #expect(eventually { trial.source.status.answers >= answers + 4 })
            try cluster.hang()
            #expect(eventually { trial.source.status.failures[.timeout, default: 0] >= 4 })
            #expect(trial.source.status.failure?.reason == .timeout)
            #expect(try trial.who("10.7.0.1") == Self.named("web"))
            try cluster.accept()
            try cluster.apply(Self.pod("new", "10.7.1.1"))
            #expect(eventually { (try? trial.who("10.7.1.1")) == Self.named("new") })
            #expect(eventually { trial.isInSync() })
        }

        @Test func aForbiddenResourceLeavesTheOthers() throws {
            let cluster = try TestCluster()
            try cluster.apply(Self.shop)
            let trial = try Trial(cluster, token: TestCluster.limitedToken)
            #expect(eventually { trial.failure(of: .services) != nil && trial.failure(of: .endpointSlices) != nil })
            let failure = try #require(trial.failure(of: .services))
            #expect(
                failure.reason == .denied
                    && failure.message.contains("status 403, services is forbidden: User \"limited\""))
            #expect(eventually { (try? trial.who("10.7.0.1")) == Self.named("web") })
            #expect(try trial.who("192.0.2.1") == Peer(kind: .node, node: "west") && trial.who("10.96.3.4") == .unknown)
            #expect(trial.source.status.failure?.reason == .denied && trial.source.status.lastAnswer > 0)
            #expect(trial.failure(of: .pods) == nil)
        }

        @Test func credentialsComeAndGo() throws {
            let cluster = try TestCluster(.standIn)
            try cluster.apply(Self.shop)
            let trial = try Trial(cluster) { settings, folder in
                try FileManager.default.removeItem(atPath: folder + "/token")
            }
            #expect(eventually { trial.failure()?.reason == .credentials })
            #expect(trial.failure()?.message.contains("/token") == true)
            // A wrong one, then the right one: the kubelet replaces the file.
            try trial.account.write("wrong", to: "token")
            #expect(eventually { trial.failure()?.message.hasPrefix("pods: status 401") == true })
            #expect(trial.failure()?.reason == .credentials)
            try trial.account.write(TestCluster.agentToken + "\n", to: "token")
            #expect(eventually { trial.isInSync() })
            #expect(try trial.who("10.7.0.1") == Self.named("web"))
            try cluster.revoke("agent")
            try cluster.drop()
            #expect(eventually { trial.failure()?.reason == .credentials })
            #expect(try trial.who("10.7.0.1") == Self.named("web"))
            try trial.account.write(TestCluster.adminToken, to: "token")
            #expect(eventually { trial.isInSync() })
        }

        @Test func onlyTheRightServerIsTrusted() throws {
            let cluster = try TestCluster(.standIn)
            try cluster.apply(Self.shop)
            let trial = try Trial(cluster)
            #expect(eventually { trial.isInSync() })
            for (names, days) in [("IP:127.0.0.1", -1), ("DNS:elsewhere.example", 2)] {
                try cluster.serve(names: names, days: days)
                try cluster.drop()
                #expect(eventually { trial.failure()?.reason == .untrusted })
                #expect(try trial.who("10.7.0.1") == Self.named("web"))
                try cluster.serve()
                #expect(eventually { trial.isInSync() })
            }
            let stranger = try TestAuthority("other")
            let other = try Trial(cluster) { settings, folder in
                try FileManager.default.removeItem(atPath: folder + "/ca.crt")
                try FileManager.default.copyItem(atPath: stranger.certificate, toPath: folder + "/ca.crt")
            }
            #expect(eventually { other.failure()?.reason == .untrusted })
        }

        @Test func takesAKubeconfig() throws {
            let cluster = try TestCluster()
            try cluster.apply(Self.shop)
            for token in [TestCluster.agentToken, nil] {
                let trial = try Trial(cluster) { settings, folder in
                    try cluster.kubeconfig(token: token).write(
                        toFile: folder + "/config", atomically: true, encoding: .utf8)
                    settings.serviceAccount = nil
                    settings.kubeconfig = folder + "/config"
                }
                #expect(eventually { (try? trial.who("10.7.0.1")) == Self.named("web") }, "\(trial.source.status)")
            }
            #expect(try cluster.requests().contains { $0.user == "agent" && $0.uri.contains("watch=1") })
            let trial = try Trial(cluster) { settings, _ in
                settings.serviceAccount = nil
                settings.kubeconfig = "/nonexistent/config"
            }
            #expect(eventually { trial.failure()?.reason == .credentials })
        }

        @Test func asksForOneNodeOnly() throws {
            let cluster = try TestCluster()
            try cluster.apply(Self.shop)
            let trial = try Trial(cluster) { settings, _ in settings.scope = .node }
            #expect(eventually { trial.isInSync(1) })
            #expect(try trial.who("10.7.0.1") == Self.named("web"))
            #expect(try trial.who("10.7.0.2") == .unknown && trial.who("192.0.2.1") == .unknown)
            try cluster.apply([Self.pod("new", "10.7.1.1"), Self.pod("far", "10.7.1.2", node: "east")])
            #expect(eventually { (try? trial.who("10.7.1.1")) == Self.named("new") })
            #expect(try trial.who("10.7.1.2") == .unknown && trial.source.status.pods == 4)
        }

        @Test func takesTheOlderSlices() throws {
            let cluster = try TestCluster(.standIn)
            try cluster.serveSlices(["discovery.k8s.io/v1beta1"])
            try cluster.apply(Self.shop)
            let trial = try Trial(cluster)
            #expect(eventually { trial.isInSync() })
            #expect(try trial.who("203.0.113.9") == Peer(service: "web", namespace: "shop"))
            #expect(trial.source.status.failures.isEmpty)
        }

        @Test(arguments: [
            ("{\"type\":\"ADDED\",\"object\":{\"metadata\"}}\n", IdentityStatus.Reason.malformed),
            ("garbage\n", .malformed),
            ("{\"type\":\"WHAT\",\"object\":{}}\n", .malformed), ("]", .malformed),
            (#"{"type":"ERROR","object":{"code":500,"message":"etcd is away"}}"#, .refused),
        ]) func goesOnAfterNonsense(text: String, reason: IdentityStatus.Reason) throws {
            let cluster = try TestCluster(.standIn)
            try cluster.apply(Self.shop)
            let trial = try Trial(cluster)
            #expect(eventually { trial.isInSync() })
            // Some have only listed until now.
            let isNoticed = try eventually {
                try cluster.emit(text)
                return trial.source.status.failures[reason, default: 0] >= 4
            }
            #expect(isNoticed, "\(trial.source.status.failures)")
            #expect(try trial.who("10.7.0.1") == Self.named("web"))
            try cluster.apply(Self.pod("new", "10.7.1.1"))
            #expect(eventually { (try? trial.who("10.7.1.1")) == Self.named("new") && trial.isInSync() })
        }

        @Test(arguments: [
            (500, "oops", IdentityStatus.Reason.refused), (429, "", .refused), (504, "", .timeout),
            (200, "{", .malformed),
            (200, "no JSON", .malformed), (200, "{}", .malformed),
        ]) func asksAgainAfterABadAnswer(status: Int, body: String, reason: IdentityStatus.Reason) throws {
            let cluster = try TestCluster(.standIn)
            try cluster.apply(Self.shop)
            var answer = TestCluster.Answer(status: status)
            answer.body = body
            answer.path = "/pods"
            answer.times = 2
            try cluster.answer(answer)
            let trial = try Trial(cluster)
            #expect(eventually { trial.source.status.failures[reason] == 2 }, "\(trial.source.status.failures)")
            #expect(eventually { trial.isInSync() })
            #expect(try trial.who("10.7.0.1") == Self.named("web"))
        }

        @Test func saysThatNobodyIsThere() throws {
            var settings = ClusterSettings()
            settings.serviceAccount = nil
            let source = ClusterWatch(settings)
            try source.start {}
            defer { source.stop() }
            #expect(eventually { source.status.failure?.reason == .absent })
        }
    }
#endif
