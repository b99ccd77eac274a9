// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopModel
import SkoopTesting
import Testing

@testable import SkoopKubernetes

struct ClusterObjectTests {
    private func object(_ text: String) throws -> ClusterObject { try ClusterObject(parsing: Array(text.utf8)) }

    private func addresses(_ texts: String...) -> [IPAddress] { texts.compactMap { IPAddress($0) } }

    @Test func readsAPod() throws {
        let pod = try object(
            #"""
            {"kind":"Pod","apiVersion":"v1","metadata":{"name":"web-7d4b9c6f5-x2x4q","generateName":"web-7d4b9c6f5-",
            "namespace":"shop","uid":"9b0f6d8e-0f25-4f0a-8a52-7c1f9e2f7a10","resourceVersion":"4711",
            "creationTimestamp":"2026-11-23T08:00:00Z","labels":{"app":"web","pod-template-hash":"7d4b9c6f5"},
            "annotations":{"kubernetes.io/config.source":"api"},
            "ownerReferences":[{"apiVersion":"v1","kind":"Thing","name":"other","uid":"u"},
            {"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-7d4b9c6f5","uid":"u","controller":true}],
            "managedFields":[{"manager":"kubelet","fieldsV1":{"f:status":{"f:podIPs":{"k:{\"ip\":\"10.9.9.9\"}":{}}}}}]},
            "spec":{"nodeName":"worker-1","containers":[{"name":"main","env":[{"name":"podIP","value":"10.8.8.8"}]}],
            "hostNetwork":false},
            "status":{"phase":"Running","hostIP":"192.0.2.1","podIP":"10.0.3.7","podIPs":[{"ip":"10.0.3.7"},{"ip":"fd00::3:7"}],
            "startTime":"2026-11-23T08:00:01Z","containerStatuses":[{"name":"main","containerID":"containerd://abc1"},
            {"name":"waits","state":{"waiting":{}}}],"initContainerStatuses":[{"name":"init","containerID":"cri-o://abc2"}]}}
            """#)
        #expect(pod.namespace == "shop" && pod.name == "web-7d4b9c6f5-x2x4q" && pod.version == "4711")
        #expect(pod.node == "worker-1" && !pod.isHostNetwork && !pod.isFinished)
        #expect(pod.addresses == addresses("10.0.3.7", "fd00::3:7"))
        #expect(pod.created == 1_795_420_800_000_000_000 && pod.started == pod.created + 1_000_000_000)
        #expect(pod.annotations.isEmpty && pod.labels == ["app": "web", "pod-template-hash": "7d4b9c6f5"])
        let own = pod.pod
        #expect(own.uid == "9b0f6d8e-0f25-4f0a-8a52-7c1f9e2f7a10" && own.isReady)
        #expect(own.containers == [.init(id: "abc1", name: "main"), .init(id: "abc2", name: "init")])
        #expect(own.workload == Workload(kind: "Deployment", name: "web"))
    }

    @Test func readsWhatOlderServersSay() throws {
        let pod = try object(#"{"metadata":{"name":"a"},"spec":{},"status":{"phase":"Failed","podIP":"10.0.0.1"}}"#)
        #expect(pod.addresses == addresses("10.0.0.1") && pod.isFinished && pod.started == 0)
        let service = try object(#"{"metadata":{"name":"a"},"spec":{"clusterIP":"10.96.0.1"}}"#)
        #expect(service.addresses == addresses("10.96.0.1"))
    }

    @Test func readsNodesServicesAndSlices() throws {
        let node = try object(
            #"""
            {"metadata":{"name":"n","annotations":{"projectcalico.org/IPv4Address":"192.0.2.9/24","other":"192.0.2.10"}},
            "status":{"addresses":[{"type":"InternalIP","address":"192.0.2.1"},{"type":"Hostname","address":"n"},
            {"type":"ExternalIP","address":"2001:db8::1"}],"phase":null}}
            """#)
        #expect(node.addresses == addresses("192.0.2.1", "2001:db8::1"))
        #expect(node.annotations == ["projectcalico.org/IPv4Address": "192.0.2.9/24"])
        let service = try object(
            #"""
            {"metadata":{"name":"s"},"spec":{"clusterIP":"10.96.0.7","clusterIPs":["10.96.0.7","fd01::7"],"externalIPs":
            ["198.51.100.1"],"ports":[{"port":80}]},"status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.1"},{"hostname":"x"}]}}}
            """#)
        #expect(service.addresses == addresses("10.96.0.7", "fd01::7"))
        #expect(service.externalAddresses == addresses("198.51.100.1", "203.0.113.1"))
        let headless = try object(#"{"metadata":{"name":"s"},"spec":{"clusterIP":"None","clusterIPs":["None"]}}"#)
        #expect(headless.addresses.isEmpty)
        let slice = try object(
            #"""
            {"addressType":"IPv4","metadata":{"name":"s-abc","labels":{"kubernetes.io/service-name":"s"}},"endpoints":[
            {"addresses":["10.0.0.1"],"conditions":{"ready":true}},{"addresses":["10.0.0.2","name.example"],"topology":{}}],
            "ports":[]}
            """#)
        #expect(slice.addresses == addresses("10.0.0.1", "10.0.0.2"))
        #expect(slice.labels["kubernetes.io/service-name"] == "s")
    }

    @Test(arguments: [
        ("Job", "report-29923680", "CronJob", "report"), ("Job", "report-1795420800", "CronJob", "report"),
        ("Job", "migrate-20261123", "Job", "migrate-20261123"), ("Job", "once", "Job", "once"),
        ("Job", "-1", "Job", "-1"),
        ("ReplicaSet", "bare", "ReplicaSet", "bare"), ("ReplicaSet", "web-h4sh", "Deployment", "web"),
        ("DaemonSet", "agent", "DaemonSet", "agent"), ("StatefulSet", "db", "StatefulSet", "db"),
    ]) func tellsWhatMadeAPod(kind: String, name: String, expectedKind: String, expectedName: String) throws {
        var pod = try object(#"{"metadata":{"name":"p","labels":{"pod-template-hash":"h4sh"}}}"#)
        pod.created = 1_795_420_811_000_000_000
        pod.owner = .init(kind: kind, name: name)
        #expect(pod.workload == Workload(kind: expectedKind, name: expectedName))
    }

    /// The kubelet shows pods of files on its node, whose UID there is another one, with the node as their owner.
    @Test func readsAPodOfAFile() throws {
        let pod = try object(
            #"""
            {"metadata":{"name":"kube-proxy-n","uid":"u1","annotations":{"kubernetes.io/config.hash":"0123abcd",
            "kubernetes.io/config.mirror":"0123abcd"},"ownerReferences":[{"kind":"Node","name":"n","controller":true}]}}
            """#
        ).pod
        #expect(pod.uid == "0123abcd" && pod.workload == nil)
    }

    @Test func readsEventsAndEnds() throws {
        let event = try WatchEvent(
            parsing: Array(
                #"{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old","status":"Failure"}}"#.utf8))
        #expect(event.kind == .error && event.object.code == 410 && event.object.message == "too old")
        let bookmark = try WatchEvent(
            parsing: Array(#"{"object":{"metadata":{"resourceVersion":"12"}},"type":"BOOKMARK"}"#.utf8))
        #expect(bookmark.kind == .bookmark && bookmark.object.version == "12")
        for text in [
            "{}", #"{"type":"ADDED"}"#, #"{"type":"X","object":{}}"#, "[]", "", "{\"type\":\"ADDED\",\"object\":{}",
        ] {
            #expect(throws: JSONError.self) { try WatchEvent(parsing: Array(text.utf8)) }
        }
        let end = try ListEnd(
            parsing: Array(
                #"{"items":[],"metadata":{"resourceVersion":"9","continue":"x=","remainingItemCount":3}}"#.utf8))
        #expect(end.version == "9" && end.next == "x=")
        for text in ["{}", #"{"metadata":{"resourceVersion":"9"}}"#, #"{"items":[]}"#, "no JSON"] {
            #expect(throws: JSONError.self) { try ListEnd(parsing: Array(text.utf8)) }
        }
    }

    /// Members of a wrong form are as if they were missing, and nothing makes it stop.
    @Test func anythingMayCome() throws {
        let odd = try object(
            #"{"metadata":7,"spec":[],"status":{"podIPs":{"ip":"10.0.0.1"},"addresses":["10.0.0.1",3]}}"#)
        #expect(odd.name.isEmpty && odd.addresses.isEmpty)
        let text = Array(
            #"{"metadata":{"name":"a","labels":{"k":"v"}},"spec":{"clusterIPs":["10.0.0.1"]},"status":{"podIPs":[{"ip":"::1"}]}}"#
                .utf8)
        var random = SeededGenerator()
        var read = 0
        for damaged in mutations(of: text, count: 3000, using: &random)
        where (try? ClusterObject(parsing: damaged)) != nil { read += 1 }
        #expect(read > 0)
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-11-23T08:00:00Z", 1_795_420_800),
        ("2024-02-29T23:59:59.123456Z", 1_709_251_199),
    ]) func readsTimes(text: String, seconds: UInt64) {
        #expect(ClusterTime.parse(text) == seconds * 1_000_000_000)
    }

    @Test(arguments: [
        "", "null", "2026-11-23", "2026-11-23T08:00:00+01:00", "2026-13-23T08:00:00Z", "2026-11-23T2x:00:00Z",
    ])
    func refusesOtherTimes(text: String) { #expect(ClusterTime.parse(text) == nil) }
}
