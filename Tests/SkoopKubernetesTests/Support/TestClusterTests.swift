// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopTesting
import Testing

/// That a stand-in answers `curl` as a real API server does, and that either does what tests order.
@Suite(.serialized) struct TestClusterTests {
    static let kinds: [TestCluster.Kind] = TestCluster.kind == .real ? [.real, .standIn] : [.standIn]

    /// Any answer, as far as it is looked at here.
    struct Answer: Decodable {
        struct Metadata: Decodable {
            struct Managed: Decodable {}
            var name, namespace, uid, resourceVersion, `continue`, deletionTimestamp: String?
            var remainingItemCount: Int?
            var managedFields: [Managed]?
        }
        struct Status: Decodable {
            struct Address: Decodable { var ip: String }
            var podIPs: [Address]?
        }
        struct Endpoint: Decodable {
            var nodeName: String?
            var topology: [String: String]?
        }
        var kind, apiVersion, reason, message: String?
        var code: Int?
        var metadata: Metadata?
        var endpoints: [Endpoint]?
        var items: [Answer]?

        var name: String? { metadata?.name }
    }
    struct Event: Decodable {
        var type: String
        var object: Answer
    }

    static func curl(
        _ cluster: TestCluster, _ path: String, _ more: [String] = [], token: String? = TestCluster.agentToken
    ) throws -> (status: Int, body: String) {
        var words = ["curl", "-s", "-w", "%{http_code}", "--cacert", cluster.authority] + more
        if let token { words += ["-H", "Authorization: Bearer \(token)"] }
        let text = try run(words + [cluster.server + path])
        return (Int(text.suffix(3)) ?? 0, String(text.dropLast(3)))
    }

    static func get(
        _ cluster: TestCluster, _ path: String, _ more: [String] = [], token: String? = TestCluster.agentToken
    ) throws -> Answer {
        try JSONDecoder().decode(Answer.self, from: Data(try curl(cluster, path, more, token: token).body.utf8))
    }

    static func watch(_ cluster: TestCluster, _ path: String) throws -> [Event] {
        try curl(cluster, path).body.split(separator: "\n").map {
            try JSONDecoder().decode(Event.self, from: Data($0.utf8))
        }
    }

    @Test(arguments: kinds) func listsInPartsAndOfOneNode(kind: TestCluster.Kind) throws {
        let cluster = try TestCluster(kind)
        try cluster.apply(
            (0..<5).map { position in
                ClusterManifest.pod(
                    "pod-\(position)", in: "shop", node: position == 3 ? "east" : "west",
                    addresses: ["10.7.0.\(position + 1)", "fd07::\(position + 1)"])
            })
        let first = try Self.get(cluster, "/api/v1/pods?limit=2")
        #expect(first.kind == "PodList" && first.apiVersion == "v1")
        #expect(first.items?.map(\.name) == ["pod-0", "pod-1"] && first.metadata?.remainingItemCount == 3)
        #expect(first.items?.allSatisfy { $0.kind == nil && $0.metadata?.managedFields != nil } == true)
        let token = try #require(first.metadata?.continue)
        let second = try Self.get(cluster, "/api/v1/pods?limit=9&continue=\(token)")
        #expect(second.items?.map(\.name) == ["pod-2", "pod-3", "pod-4"] && second.metadata?.continue ?? "" == "")
        #expect(second.metadata?.resourceVersion == first.metadata?.resourceVersion)

        let east = try Self.get(cluster, "/api/v1/pods?fieldSelector=spec.nodeName%3Deast")
        #expect(east.items?.map(\.name) == ["pod-3"])
        let form = "Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
        let partial = try Self.get(cluster, "/api/v1/pods?limit=1", ["-H", form])
        #expect(partial.kind == "PartialObjectMetadataList" && partial.items?.first?.name == "pod-0")
        #expect(try Self.curl(cluster, "/api/v1/pods", ["--compressed"]).status == 200)

        try cluster.compact()
        let late = try Self.get(cluster, "/api/v1/pods?limit=2&continue=\(token)")
        #expect(late.code == 410 && late.reason == "Expired")
    }

    @Test(arguments: kinds) func watchesFromAVersionOn(kind: TestCluster.Kind) throws {
        let cluster = try TestCluster(kind)
        func pod(_ name: String, _ address: String) -> String {
            ClusterManifest.pod(name, in: "shop", node: "west", addresses: [address])
        }
        try cluster.apply([pod("old", "10.7.0.1"), ClusterManifest.pod("far", in: "shop", node: "east", addresses: [])])
        let path = "/api/v1/pods?watch=1&allowWatchBookmarks=true&timeoutSeconds=4&fieldSelector=spec.nodeName%3Dwest"
        let version = try #require(try Self.get(cluster, "/api/v1/pods").metadata?.resourceVersion)
        let new = try cluster.apply(pod("new", "10.7.0.2"))
        try cluster.delete("Pod", "old", in: "shop")
        try cluster.delete("Pod", "new", in: "shop", grace: 30)
        let events = try Self.watch(cluster, path + "&resourceVersion=\(version)")
        let lines = events.filter { $0.type != "BOOKMARK" }.map { "\($0.type) \($0.object.name ?? "")" }
        // A real server takes the status of an object apart from the object.
        let status = kind == .real ? ["MODIFIED new"] : []
        #expect(lines == ["ADDED new"] + status + ["MODIFIED old", "DELETED old", "MODIFIED new"])
        #expect(events.first?.object.metadata?.uid == new.uid)
        #expect(events.last { $0.object.name == "new" }?.object.metadata?.deletionTimestamp != nil)
        let versions = events.compactMap { $0.object.metadata?.resourceVersion.flatMap { Int($0) } }
        #expect(versions == versions.sorted() && versions.count == events.count)
        if kind == .standIn {
            // A real one sends none as long as nothing changes that the watch does not see.
            let bookmark = try #require(events.last)
            #expect(bookmark.type == "BOOKMARK" && bookmark.object.kind == "Pod" && bookmark.object.name == nil)
        }

        // Without a version it begins with what there is.
        let all = try Self.watch(cluster, path).filter { $0.type != "BOOKMARK" }
        #expect(all.map { "\($0.type) \($0.object.name ?? "")" } == ["ADDED new"])

        try cluster.compact()
        let late = try Self.watch(cluster, path + "&resourceVersion=\(version)")
        #expect(late.count == 1 && late.first?.type == "ERROR")
        #expect(late.first?.object.kind == "Status" && late.first?.object.code == 410)
    }

    @Test(arguments: kinds) func knowsWhoMayWhat(kind: TestCluster.Kind) throws {
        let cluster = try TestCluster(kind)
        try cluster.apply([
            ClusterManifest.node("west", addresses: ["192.0.2.1"]),
            ClusterManifest.service("web", in: "shop", addresses: ["10.96.7.1", "fd96::7"]),
            ClusterManifest.service("db", in: "shop", addresses: []),
            ClusterManifest.slice("web-1", of: "web", in: "shop", endpoints: [("10.7.0.1", "pod", "west")]),
        ])
        let slices = "/apis/discovery.k8s.io/v1beta1/endpointslices"
        #expect(try Self.get(cluster, "/api/v1/services").items?.contains { $0.name == "web" } == true)
        let slice = try #require(try Self.get(cluster, slices).items?.first)
        #expect(slice.endpoints?.first?.topology?["kubernetes.io/hostname"] == "west")
        if kind == .real {
            #expect(try Self.curl(cluster, "/apis/discovery.k8s.io/v1/endpointslices").status == 404)
        } else {
            let newer = try Self.get(cluster, "/apis/discovery.k8s.io/v1/endpointslices")
            #expect(newer.items?.first?.endpoints?.first?.nodeName == "west")
            try cluster.serveSlices(["discovery.k8s.io/v1"])
            #expect(try Self.curl(cluster, slices).status == 404)
        }
        for path in ["/api/v1/services", slices] {
            let answer = try Self.get(cluster, path, token: TestCluster.limitedToken)
            #expect(answer.code == 403 && answer.reason == "Forbidden")
            #expect(answer.message?.contains(#"User "limited" cannot list resource"#) == true)
        }
        #expect(try Self.get(cluster, "/api/v1/nodes", token: TestCluster.limitedToken).items?.first?.name == "west")
        #expect(try Self.get(cluster, "/api/v1/secrets").code == 403)
        #expect(try Self.get(cluster, "/api/v1/nodes", token: nil).code == 403)
        #expect(try Self.get(cluster, "/api/v1/nodes", token: "unknown").code == 401)
        let identity = ["--cert", cluster.client.certificate, "--key", cluster.client.key]
        #expect(try Self.get(cluster, "/api/v1/nodes", identity, token: nil).items?.first?.name == "west")
        #expect(try cluster.requests().contains { $0.user == "limited" && $0.uri == "/api/v1/nodes" })

        try cluster.revoke("agent")
        #expect(try Self.get(cluster, "/api/v1/nodes").code == 401)
        try cluster.serve(days: -1)
        #expect(throws: CommandError.self) { try Self.curl(cluster, "/api/v1/nodes") }
    }

    @Test(arguments: kinds) func breaksConnections(kind: TestCluster.Kind) throws {
        let cluster = try TestCluster(kind)
        try cluster.refuse()
        #expect(throws: CommandError.self) { try Self.curl(cluster, "/readyz") }
        try cluster.accept()
        #expect(try Self.curl(cluster, "/readyz", token: TestCluster.adminToken).body == "ok")
        try cluster.hang()
        #expect(throws: CommandError.self) { try Self.curl(cluster, "/readyz", ["-m", "0.5"]) }
        try cluster.accept()
        #expect(try cluster.connections() > 1)
    }

    @Test func standsInForBrokenServers() throws {
        let cluster = try TestCluster(.standIn)
        var answer = TestCluster.Answer(status: 429)
        answer.headers = ["Retry-After": "7"]
        try cluster.answer(answer)
        let (status, body) = try Self.curl(cluster, "/api/v1/pods", ["-i"])
        #expect(status == 429 && body.contains("Retry-After: 7\r\n"))
        #expect(try Self.curl(cluster, "/api/v1/pods").status == 200)
    }
}
