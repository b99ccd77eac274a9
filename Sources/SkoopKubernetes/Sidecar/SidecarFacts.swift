// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopExport
import SkoopHTTP
import SkoopSystem

/// What a container can find out about the pod that it is part of, without asking anybody.
public struct SidecarFacts: Sendable, Hashable {
    /// The namespace; empty where nothing says it.
    public var namespace = ""
    /// The name; empty where nothing says it.
    public var name = ""
    /// The labels of the downward API's volume.
    public var labels: [String: String] = [:]
    /// Where namespace and name are from, for people.
    public var sources: [String] = []

    /// Variables of the environment that give a pod's name and namespace, in the order in which they count: those that
    /// KubeSkoop's program reads, those that its documents name, those that manifests mostly have.
    static let variables = [
        (name: "KUBESKOOP_POD_NAME", namespace: "KUBESKOOP_POD_NAMESPACE"),
        (name: "INSPECTOR_PODNAME", namespace: "INSPECTOR_PODNAMESPACE"),
        (name: "POD_NAME", namespace: "POD_NAMESPACE"),
    ]
    /// Where the manifests mount the downward API's volume.
    public static let podInfo = "/etc/podinfo"
    /// Where the kubelet puts what a pod is to show to the API server.
    static let serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// A variable of this process's environment.
    @Sendable public static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    /// The host name as the kernel has it.
    public static var hostName: String { Host.nodeName }

    /// Finds out.
    ///
    /// In this order: the environment, the downward API's volume, the service account (its namespace file, then what its
    /// token says), and for the name the host name, which the kubelet makes that of the pod.
    ///
    /// - Parameters:
    ///   - environment: gives the value of a variable; nil where there is none.
    ///   - root: what all files are below; empty for the file system's root.
    ///   - hostName: the host name as the kernel has it.
    public init(
        environment: @escaping (String) -> String? = Self.environment, root: String = "",
        hostName: String = Self.hostName
    ) {
        func file(_ path: String) -> String? {
            let bytes = try? FileContent.read(root + path, atMost: 1 << 20).bytes
            let text = bytes.flatMap { String(validating: $0, as: UTF8.self) }?.split(separator: "\n").first
            return text.map(String.init)
        }
        let claims = file(Self.serviceAccount + "/token").flatMap(Self.claims)
        let names: [(String, () -> String?)] =
            Self.variables.map { variable in (variable.name, { environment(variable.name) }) } + [
                ("\(Self.podInfo)/name", { file(Self.podInfo + "/name") }),
                ("the service account's token", { claims?["pod"]?["name"]?.string }), ("the host name", { hostName }),
            ]
        let namespaces: [(String, () -> String?)] =
            Self.variables.map { variable in (variable.namespace, { environment(variable.namespace) }) } + [
                ("\(Self.podInfo)/namespace", { file(Self.podInfo + "/namespace") }),
                ("the service account", { file(Self.serviceAccount + "/namespace") }),
                ("the service account's token", { claims?["namespace"]?.string }),
            ]
        namespace = note(namespaces)
        name = note(names)
        labels = Self.labels(root + Self.podInfo + "/labels")
    }

    /// The first that is a name of Kubernetes.
    private mutating func note(_ candidates: [(source: String, value: () -> String?)]) -> String {
        for (source, value) in candidates {
            guard let name = value(), Self.isName(name) else { continue }
            sources.append(source)
            return name
        }
        return ""
    }

    /// Whether a text is the name of a pod or a namespace: RFC 1123, at most 253 characters.
    static func isName(_ text: String) -> Bool {
        let isAllowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isAllowed && !text.isEmpty && text.utf8.count <= 253 && !text.hasPrefix("-") && !text.hasPrefix(".")
    }

    /// What a token says of Kubernetes (RFC 7519, the claim `kubernetes.io` of bound tokens); it is not verified, since it
    /// is the pod's own.
    static func claims(_ token: String) -> JSONValue? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = bytes(ofBase64URL: parts[1]) else { return nil }
        return (try? JSONValue(parsing: payload))?["kubernetes.io"]
    }

    /// RFC 4648 section 5, without what fills up the end.
    private static func bytes(ofBase64URL text: Substring) -> [UInt8]? {
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        return decoded(base64: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
    }

    /// The labels of the downward API's volume: lines `key="value"`, the value as Go writes it.
    static func labels(_ path: String) -> [String: String] {
        guard let bytes = try? FileContent.read(path, atMost: 1 << 20).bytes else { return [:] }
        var labels: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else { continue }
            // A label's value has nothing that Go and JSON would write in two ways.
            if let value = (try? JSONValue(parsing: parts[1].utf8))?.string { labels[String(parts[0])] = value }
        }
        return labels
    }
}
