// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopHTTP
import SkoopIdentity

/// What the kubelet gives the processes of a pod to ask the API server with.
public struct ServiceAccount: Sendable, Hashable {
    /// Host and port of the server.
    public var server: String
    /// The folder with `token`, which is replaced every hour or so, and `ca.crt`.
    public var folder: String

    /// Makes one.
    public init(server: String, folder: String = "/var/run/secrets/kubernetes.io/serviceaccount") {
        self.server = server
        self.folder = folder
    }

    /// That of this process, by the environment's `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`.
    static var ofProcess: ServiceAccount? {
        guard let host = getenv("KUBERNETES_SERVICE_HOST").map({ String(cString: $0) }), !host.isEmpty,
            let port = getenv("KUBERNETES_SERVICE_PORT").map({ String(cString: $0) }), !port.isEmpty
        else { return nil }
        return ServiceAccount(server: "\(host.contains(":") ? "[\(host)]" : host):\(port)")
    }

    func access() throws(IdentityStatus.Failure) -> ClusterAccess {
        var access = try ClusterAccess(server: server)
        access.endpoint.credentials = .bearer(.file(folder + "/token"))
        access.endpoint.tls.caFile = folder + "/ca.crt"
        return access
    }
}
