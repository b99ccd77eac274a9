// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopTesting
import Synchronization

/// The API server of a cluster of a test's own: the real kube-apiserver with etcd where `scripts/build-cluster.sh` has built it, else a stand-in; see APIServer/cluster.py.
///
/// What stands before either can break, hold back and refuse connections. A real one is used again by the next test, emptied.
final class TestCluster {
    /// Which of the two it is.
    enum Kind: String {
        case real
        case standIn = "stand-in"
    }

    /// What the server has given an object.
    struct Applied: Decodable {
        var uid: String
        var resourceVersion: String
    }

    /// A request as the server got it.
    struct Request: Decodable {
        /// Whose it was; empty when it could not be told.
        var user: String
        /// Path and query.
        var uri: String
        /// The client, as it names itself.
        var agent: String
    }

    /// An answer to be given in place of the true one.
    struct Answer: Encodable {
        private var `do` = "answer"
        /// A regular expression found in path and query.
        var path = "^/(api|apis)/"
        var status: Int
        var headers: [String: String] = [:]
        var body = ""
        /// How often.
        var times = 1

        init(status: Int) { self.status = status }
    }

    /// What tests run against unless they ask for the stand-in: `SKOOP_CLUSTER`, else the real one where there is one.
    static let kind: Kind = {
        if let wish = ProcessInfo.processInfo.environment["SKOOP_CLUSTER"] {
            guard let kind = Kind(rawValue: wish) else {
                fatalError("SKOOP_CLUSTER is real or stand-in, not '\(wish)'")
            }
            return kind
        }
        return (try? TestTools.clusterProgram("kube-apiserver")) != nil ? .real : .standIn
    }()

    /// May do everything.
    static let adminToken = "admin-token"
    /// May do what the manifests let the agent do, and nothing else.
    static let agentToken = "agent-token"
    /// May list and watch pods and nodes; services and their slices are forbidden.
    static let limitedToken = "limited-token"

    private static let idle = Mutex<[ClusterEngine]>([])
    private static let isAnnounced = Mutex(false)

    private let engine: ClusterEngine
    /// Which of the two this one is.
    let kind: Kind
    /// The certificate authority's certificate, a path.
    let authority: String
    /// A client's certificate and key, paths; whose is the user `agent`.
    let client: (certificate: String, key: String)

    /// The server's port on loopback.
    var port: UInt16 { engine.port }
    /// The server's URL.
    var server: String { "https://127.0.0.1:\(port)" }
    /// What the server says its version is.
    var version: String { engine.version }

    /// Starts a server, or empties a real one that was started before.
    init(_ kind: Kind = TestCluster.kind) throws {
        self.kind = kind
        if kind == .real, let engine = Self.idle.withLock({ $0.popLast() }) {
            self.engine = engine
            try engine.tell("reset")
        } else {
            engine = try ClusterEngine(kind)
        }
        authority = engine.files.withLock { $0.authority.certificate }
        client = try engine.files.withLock { try $0.authority.issue("agent", for: "DNS:agent") }
        let name = "\(kind == .real ? "kube-apiserver" : "a stand-in for kube-apiserver") \(engine.version)"
        Self.isAnnounced.withLock { isAnnounced in
            if !isAnnounced { print("cluster tests run against \(name)") }
            isAnnounced = true
        }
    }

    /// Makes objects, or changes them to what is said here.
    ///
    /// - Parameter objects: JSON of whole objects; namespaces are made, `status` is taken too.
    @discardableResult
    func apply(_ objects: [String]) throws -> [Applied] {
        let lines = objects.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") }
        return try engine.ask(text: #"{"do": "apply", "objects": [\#(lines.joined(separator: ","))]}"#)
    }

    /// Makes one object, or changes it.
    @discardableResult
    func apply(_ object: String) throws -> Applied { try apply([object])[0] }

    /// Ends an object.
    ///
    /// - Parameter grace: with more than 0 seconds a pod on a node is only told to end, as the kubelet then sees to it.
    func delete(_ kind: String, _ name: String, in namespace: String = "default", grace: Int = 0) throws {
        struct Order: Encodable {
            var `do` = "delete"
            var kind, namespace, name: String
            var grace: Int
        }
        try engine.tell(Order(kind: kind, namespace: namespace, name: name, grace: grace))
    }

    /// Forgets what was before: who watches from an older version is told 410, and old lists cannot be continued.
    func compact() throws { try engine.tell("compact") }

    /// Ends all connections at once, with resets.
    func drop() throws { try engine.tell("drop") }

    /// Says nothing any more, on old connections and new ones, until ``accept()``.
    func hang() throws { try engine.tell("hang") }

    /// Ends all connections and takes no new ones, until ``accept()``.
    func refuse() throws { try engine.tell("refuse") }

    /// Takes connections again and passes on what was held back.
    func accept() throws { try engine.tell("accept") }

    /// How many connections there have been since the server was started.
    func connections() throws -> Int { try engine.ask("accepted") }

    /// The requests of clients since the start of this test.
    func requests() throws -> [Request] { try engine.ask("requests") }

    /// Whose token has been used until now may no longer do anything: 401.
    func revoke(_ user: String) throws {
        struct Order: Encodable {
            var `do` = "revoke"
            var user: String
        }
        try engine.tell(Order(user: user))
    }

    /// From now on new connections are shown another certificate, an expired one with `days` below zero.
    func serve(names: String = "IP:127.0.0.1,DNS:localhost", days: Int = 2) throws {
        struct Order: Encodable {
            var `do` = "serve"
            var certificate, key: String
        }
        let issued = try engine.files.withLock { try $0.authority.issue("other", for: names, days: days) }
        try engine.tell(Order(certificate: issued.certificate, key: issued.key))
    }

    /// Makes what the manifests of a folder say; a real server refuses what is no part of the API.
    func apply(manifests folder: String) throws -> [Applied] {
        struct Order: Encodable {
            var `do` = "manifests"
            var folder: String
        }
        return try engine.ask(text: String(decoding: JSONEncoder().encode(Order(folder: folder)), as: UTF8.self))
    }

    /// Starts a kubelet that has a container runtime make the pods of a node, and waits until the node is ready; the real one only.
    func startNode(_ name: String, runtime: String) throws {
        struct Order: Encodable {
            var `do` = "node"
            var name, runtime: String
        }
        try engine.tell(Order(name: name, runtime: runtime))
    }

    /// Ends the kubelets; what they had made stays.
    func endNodes() throws { try engine.tell("end_nodes") }

    /// Sends a bookmark to all who watch; the stand-in only.
    func bookmark() throws { try engine.tell("bookmark") }

    /// Sends text to all who watch, whatever it is; the stand-in only.
    func emit(_ text: String) throws {
        struct Order: Encodable {
            var `do` = "emit"
            var text: String
        }
        try engine.tell(Order(text: text))
    }

    /// The versions in which endpoint slices are served, the preferred one first; the stand-in only.
    func serveSlices(_ versions: [String]) throws {
        struct Order: Encodable {
            var `do` = "slices"
            var versions: [String]
        }
        try engine.tell(Order(versions: versions))
    }

    /// The next requests get this answer in place of the true one; the stand-in only.
    func answer(_ answer: Answer) throws { try engine.tell(answer) }

    /// A kubeconfig with a token, or with the client's certificate.
    func kubeconfig(token: String?) -> String {
        let user =
            token.map { "token: \($0)" } ?? "client-certificate: \(client.certificate), client-key: \(client.key)"
        return """
            apiVersion: v1
            kind: Config
            current-context: test
            clusters:
            - {name: bed, cluster: {server: "\(server)", certificate-authority: \(authority)}}
            contexts:
            - {name: test, context: {cluster: bed, user: tester}}
            users:
            - {name: tester, user: {\(user)}}

            """
    }

    /// A token of the service account that the manifests make for the agent, as its pods get one.
    func accountToken() throws -> String { try engine.ask("account") }

    /// Writes what a pod finds in `/var/run/secrets/kubernetes.io/serviceaccount`.
    func writeServiceAccount(to directory: borrowing TemporaryDirectory, token: String = agentToken) throws {
        try directory.write(token, to: "token")
        try directory.write("skoop", to: "namespace")
        try directory.write(String(contentsOfFile: authority, encoding: .utf8), to: "ca.crt")
    }

    deinit {
        if kind == .real { Self.idle.withLock { $0.append(engine) } }
    }
}
