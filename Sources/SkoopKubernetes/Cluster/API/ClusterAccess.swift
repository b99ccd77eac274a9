// SPDX-License-Identifier: Apache-2.0
import SkoopHTTP
import SkoopIdentity

/// Where a cluster's API server is and how one identifies oneself to it, as far as that is known at the moment.
struct ClusterAccess: Sendable {
    /// The server, and what is shown to it.
    var endpoint: HTTPEndpoint
    /// What comes before the paths of the API, without a slash at its end: behind a proxy of several clusters.
    var prefix: String

    /// How long connecting may take, and an answer's beginning.
    static let timeout: Duration = .seconds(15)

    /// Reads what says so again; files and their contents may have been replaced.
    static func current(_ settings: ClusterSettings) throws(IdentityStatus.Failure) -> ClusterAccess {
        var access: ClusterAccess
        if let path = settings.kubeconfig {
            access = try Kubeconfig.read(path).access(of: settings.context)
        } else if let account = settings.serviceAccount {
            access = try account.access()
        } else if let server = settings.server {
            return try ClusterAccess(server: server)
        } else {
            throw IdentityStatus.Failure(.absent, "neither a kubeconfig nor a service account of a pod is there")
        }
        if let server = settings.server {
            let other = try ClusterAccess(server: server)
            access.endpoint.target = other.endpoint.target
            access.prefix = other.prefix
        }
        return access
    }

    /// An access to a server that wants to know nothing.
    init(server: String) throws(IdentityStatus.Failure) {
        do throws(HTTPTarget.Mistake) {
            // Kubernetes' own programs take an address without a scheme for https.
            let text = server.contains("://") ? server : "https://" + server
            let target = try HTTPTarget(text, port: 443, path: "/")
            endpoint = HTTPEndpoint(target, timeout: Self.timeout)
            prefix = String(target.path.reversed().drop { $0 == "/" }.reversed())
        } catch {
            let what =
                switch error {
                case .form(let what): what
                case .credentials: "has a name or a password, which belong elsewhere"
                }
            throw IdentityStatus.Failure(.malformed, "the server's address \(what)")
        }
    }
}

extension IdentityStatus.Failure {
    /// Why a server gave no answer.
    init(_ error: HTTPError, _ what: String) {
        let reason: IdentityStatus.Reason =
            switch error.reason {
            case .unreachable: .unreachable
            case .untrusted: .untrusted
            case .timeout: .timeout
            case .credentials, .certificates: .credentials
            case .tooLarge: .malformed
            }
        self.init(reason, "\(what): \(error)")
    }
}
