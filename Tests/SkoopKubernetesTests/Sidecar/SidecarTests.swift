// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SkoopIdentity
import SkoopModel
import SkoopProbes
import SkoopSystem
import SkoopTesting
import Testing

@testable import SkoopKubernetes

struct SidecarTests {
    private static let account = "var/run/secrets/kubernetes.io/serviceaccount"

    /// A token as the kubelet has it, without a valid signature.
    private static func token(_ claims: String) -> String {
        let text = Data(claims.utf8).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
        return "eyJhbGciOiJSUzI1NiJ9.\(text).c2lnbmF0dXJl"
    }

    private static func facts(
        _ environment: [String: String], _ files: [String: String] = [:], hostName: String = "host"
    ) throws -> SidecarFacts {
        let directory = try TemporaryDirectory()
        for (path, text) in files { try directory.write(text, to: path) }
        return SidecarFacts(environment: { environment[$0] }, root: directory.path, hostName: hostName)
    }

    private static let claims = """
        {"iss": "https://kubernetes", "exp": 1, "kubernetes.io": {"namespace": "of-token", "node": {"name": "n1"}, \
        "pod": {"name": "token-pod", "uid": "u"}, "serviceaccount": {"name": "default"}}, "x": "ÿ?~>"}
        """

    @Test func theEnvironmentComesFirst() throws {
        let files = [
            "etc/podinfo/name": "volume-pod\n", "etc/podinfo/namespace": "of-volume",
            "\(Self.account)/namespace": "of-account", "\(Self.account)/token": Self.token(Self.claims),
        ]
        var environment = [
            "KUBESKOOP_POD_NAME": "a", "KUBESKOOP_POD_NAMESPACE": "b", "INSPECTOR_PODNAME": "c",
            "INSPECTOR_PODNAMESPACE": "d", "POD_NAME": "e", "POD_NAMESPACE": "f",
        ]
        func name() throws -> String {
            let facts = try Self.facts(environment, files)
            return "\(facts.namespace)/\(facts.name)"
        }
        #expect(try name() == "b/a")
        environment["KUBESKOOP_POD_NAME"] = ""
        #expect(try name() == "b/c")
        environment["KUBESKOOP_POD_NAMESPACE"] = nil
        environment["INSPECTOR_PODNAME"] = nil
        #expect(try name() == "d/e")
        environment = ["POD_NAMESPACE": "f"]
        #expect(try name() == "f/volume-pod")
        environment = [:]
        #expect(try name() == "of-volume/volume-pod")
    }

    @Test func theServiceAccountAndTheHostNameDo() throws {
        let token = ["\(Self.account)/token": Self.token(Self.claims)]
        var facts = try Self.facts([:], token.merging(["\(Self.account)/namespace": "of-account"]) { $1 })
        #expect(facts.namespace == "of-account" && facts.name == "token-pod")
        #expect(facts.sources == ["the service account", "the service account's token"])
        facts = try Self.facts([:], token)
        #expect(facts.namespace == "of-token" && facts.name == "token-pod")
        facts = try Self.facts([:], ["\(Self.account)/namespace": "of-account"], hostName: "web-1")
        #expect(facts.namespace == "of-account" && facts.name == "web-1")
        facts = try Self.facts([:], hostName: "web-1")
        #expect(facts.namespace.isEmpty && facts.name == "web-1" && facts.sources == ["the host name"])
    }

    @Test(arguments: [
        "", "x", "a.b", "a.b.c", "..", "a.!!.c", "a.e30.c", "a.bnVsbA.c", "a.eyJrdWJlcm5ldGVzLmlvIjogN30.c",
        "a.eyJrdWJlcm5ldGVzLmlvIjogeyJwb2QiOiBbXX19.c", String(repeating: "A", count: 100_000), "\u{0}.\u{0}.\u{0}",
    ]) func aTokenThatIsNoneSaysNothing(token: String) throws {
        let facts = try Self.facts([:], ["\(Self.account)/token": token])
        #expect(facts.name == "host" && facts.namespace.isEmpty)
    }

    @Test(arguments: ["Web", "a b", "-a", ".a", "a/b", "é", String(repeating: "a", count: 254), "a\nb"])
    func whatIsNoNameIsPassedOver(name: String) throws {
        #expect(try Self.facts(["POD_NAME": name, "POD_NAMESPACE": name], hostName: "h").name == "h")
        #expect(try Self.facts(["POD_NAME": name, "POD_NAMESPACE": name], hostName: "h").namespace.isEmpty)
    }

    @Test func labelsAreThoseOfTheVolume() throws {
        let text =
            "app=\"web\"\nexample.com/tier=\"front\"\nempty=\"\"\nbroken\n=\"x\"\nopen=\"y\nbare=z\nq=\"a\\\"b\"\n"
        let facts = try Self.facts([:], ["etc/podinfo/labels": text])
        #expect(facts.labels == ["app": "web", "example.com/tier": "front", "empty": "", "q": "a\"b"])
        #expect(try Self.facts([:], ["etc/podinfo/labels": ""]).labels.isEmpty)
    }

    /// The own namespace is the pod's, and nothing else is seen.
    @Test func theOwnNamespaceIsThePods() throws {
        let labels = Monitor(["app": "web"])
        let source = SidecarIdentity {
            var facts = SidecarFacts(environment: { _ in nil }, root: "/nowhere", hostName: "web-1")
            facts.namespace = "shop"
            facts.labels = labels.update { $0 }
            return facts
        }
        var resolver = EntityResolver(
            node: "n1", providers: [source.provider] + EntityResolver.builtInProviders,
            additionalLabels: try AdditionalLabels(["app=${labels:app}"]))
        var reader = OwnInventoryReader()
        let census = resolver.resolve(try reader.read())
        let own = NamespaceID(rawValue: try NamespaceHandle.current().inode)
        #expect(census.inventory.namespaces.map(\.id) == [own])
        let entity = try #require(census.entityOfNamespace[own])
        #expect(census.entities.entities[Int(entity)].podName == "web-1")
        #expect(census.entities.entities[Int(entity)].podNamespace == "shop")
        #expect(Array(census.entities.additionalLabels(of: entity)) == ["web"])
        #expect(census.inventory.processes.contains { $0.pid == getpid() })
        #expect(census.inventory.processes.allSatisfy { $0.namespace == own })
        let position = try #require(census.inventory.processes.firstIndex { $0.pid == getpid() })
        #expect(census.entityOfProcess[position] == entity)
        #expect(source.status.failure == nil && source.status.pods == 1 && source.status.peer == "the host name")
        // The volume follows the pod's labels.
        labels.update { $0 = ["app": "shop"] }
        let later = resolver.resolve(try reader.read())
        #expect(Array(later.entities.additionalLabels(of: entity)) == ["shop"])
    }

    @Test func whatIsNotKnownIsSaid() throws {
        let source = SidecarIdentity { SidecarFacts(environment: { _ in nil }, root: "/nowhere", hostName: "web-1") }
        #expect(source.status.failure?.reason == .absent)
        #expect(
            source.status.failure?.message == "nothing says the pod's namespace; set POD_NAMESPACE by the downward API")
        #expect(source.status.failures == [.absent: 1])
    }
}
