// SPDX-License-Identifier: Apache-2.0
import SkoopHTTP
import SkoopIdentity
import SkoopYAML

/// A kubeconfig file: clusters, users, and which user goes to which cluster.
///
/// The format is that of https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/. Programs that it names for getting
/// credentials are not run; that, and whatever would make another request of it than is meant, is refused.
struct Kubeconfig {
    private let path: String
    private let root: YAMLNode

    /// Reads a file.
    static func read(_ path: String) throws(IdentityStatus.Failure) -> Kubeconfig {
        let text: String
        do throws(DocumentError) {
            text = try DocumentFile.text(path)
        } catch {
            throw IdentityStatus.Failure(.credentials, "\(error)")
        }
        return try Kubeconfig(text, path: path)
    }

    /// - Parameter path: where it is from; files that it names are relative to its folder.
    init(_ text: String, path: String) throws(IdentityStatus.Failure) {
        self.path = path
        do throws(YAMLError) {
            root = try YAMLDocument.parse(text)
        } catch {
            throw IdentityStatus.Failure(.malformed, "\(path):\(error.line): \(error.message)")
        }
    }

    /// The way to the cluster of a context.
    ///
    /// - Parameter context: its name; nil for the current one.
    func access(of context: String?) throws(IdentityStatus.Failure) -> ClusterAccess {
        guard let name = context ?? root["current-context"]?.string else {
            throw failure("there is no current-context; name one")
        }
        let entry = try self.entry("contexts", name, "context")
        guard let clusterName = entry["cluster"]?.string else { throw failure("the context '\(name)' has no cluster") }
        let cluster = try self.entry("clusters", clusterName, "cluster")
        guard let server = cluster["server"]?.string else {
            throw failure("the cluster '\(clusterName)' has no server")
        }
        if cluster["proxy-url"]?.string != nil {
            throw IdentityStatus.Failure(
                .refused, "\(path): the cluster '\(clusterName)' has a proxy-url; proxies are not used")
        }
        var access: ClusterAccess
        do throws(IdentityStatus.Failure) {
            access = try ClusterAccess(server: server)
        } catch {
            throw failure("cluster '\(clusterName)': \(error.message)")
        }
        access.endpoint.tls.ca = try data("certificate-authority-data", of: cluster)
        access.endpoint.tls.caFile = file("certificate-authority", of: cluster)
        access.endpoint.tls.isUnverified = cluster["insecure-skip-tls-verify"]?.bool ?? false
        access.endpoint.tls.serverName = cluster["tls-server-name"]?.string
        if let user = entry["user"]?.string { try identify(&access, as: user) }
        return access
    }

    private func identify(_ access: inout ClusterAccess, as name: String) throws(IdentityStatus.Failure) {
        let user = try entry("users", name, "user")
        for (key, what) in [
            ("exec", "a program that gets credentials"), ("auth-provider", "a provider of credentials"),
            ("as", "the right of somebody else (as)"),
        ] where user[key] != nil {
            throw IdentityStatus.Failure(
                .credentials,
                "\(path): the user '\(name)' has \(what), which is not used; allowed are token, tokenFile, "
                    + "client-certificate with client-key, and username with password")
        }
        access.endpoint.tls.cert = try data("client-certificate-data", of: user)
        access.endpoint.tls.certFile = file("client-certificate", of: user)
        access.endpoint.tls.key = try data("client-key-data", of: user)
        access.endpoint.tls.keyFile = file("client-key", of: user)
        if let file = file("tokenFile", of: user) {
            access.endpoint.credentials = .bearer(.file(file))
        } else if let token = user["token"]?.string {
            access.endpoint.credentials = .bearer(.text(token))
        } else if let word = user["username"]?.string {
            access.endpoint.credentials = .basic(word, .text(user["password"]?.string ?? ""))
        }
    }

    private func failure(_ message: String) -> IdentityStatus.Failure {
        IdentityStatus.Failure(.malformed, "\(path): \(message)")
    }

    /// What is below `key` of the entry of a name in a list.
    private func entry(
        _ list: String, _ name: String, _ key: String
    ) throws(IdentityStatus.Failure) -> YAMLNode {
        guard let entry = (root[list]?.sequence ?? []).first(where: { $0["name"]?.string == name })?[key] else {
            throw failure("there is no \(key) '\(name)' under \(list)")
        }
        return entry
    }

    private func data(_ key: String, of node: YAMLNode) throws(IdentityStatus.Failure) -> [UInt8]? {
        guard let text = node[key]?.string else { return nil }
        guard let bytes = decoded(base64: text) else { throw failure("\(key) is not in base 64") }
        return bytes
    }

    private func file(_ key: String, of node: YAMLNode) -> String? {
        guard let name = node[key]?.string else { return nil }
        guard !name.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return name }
        return path[...slash] + name
    }
}

extension YAMLNode {
    /// The value of a key; nil where this is no mapping or has none, or nothing is written there.
    fileprivate subscript(key: String) -> YAMLNode? {
        mapping?.first { $0.key == key }.flatMap { $0.value.isNull ? nil : $0.value }
    }
}
