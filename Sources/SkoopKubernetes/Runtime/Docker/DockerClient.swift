// SPDX-License-Identifier: Apache-2.0
import SkoopExport
import SkoopHTTP
import SkoopIdentity
import SkoopSystem

/// Asks the Docker Engine, whose containers carry the kubelet's labels where dockershim or a kubelet before 1.24 made
/// them. Containers that are nobody's pod are left out.
///
/// The API is that of https://docs.docker.com/reference/api/engine/, `GET /version`, `GET /containers/json` and
/// `GET /containers/{id}/json`, without a version in the path, so that every engine answers with its own.
struct DockerClient: RuntimeClient {
    /// The engine's socket.
    let path: String
    private static let timeout: Duration = .seconds(5)
    private static let longestAnswer = 64 << 20

    func greeting() throws(IdentityStatus.Failure) -> String {
        let answer = try get("/version")
        guard let version = answer["Version"]?.string else {
            throw IdentityStatus.Failure(.malformed, "/version: there is no version in the answer")
        }
        return "Docker \(version)"
    }

    func pods() throws(IdentityStatus.Failure) -> [Pod] {
        guard let containers = try get("/containers/json?all=1").elements else {
            throw IdentityStatus.Failure(.malformed, "/containers/json: the answer is no list")
        }
        return Pod.pods(docker: containers)
    }

    func networkNamespace(of pod: Pod) throws(IdentityStatus.Failure) -> String? {
        let path = try get("/containers/\(pod.sandbox)/json")["NetworkSettings"]?["SandboxKey"]?.string
        return path?.isEmpty == false ? path : nil
    }

    /// The engine's events are not used: what is asked for is listed at once, the rest at every interval.
    func follow(_ body: @escaping @Sendable (RuntimeNews) -> Void) { body(.unsupported) }

    func close() {}

    private func get(_ what: String) throws(IdentityStatus.Failure) -> JSONValue {
        let reply: HTTPReply
        do throws(HTTPError) {
            reply = try PlainHTTPClient.get(what, of: "docker", limit: Self.longestAnswer, timeout: Self.timeout) {
                () throws(SystemError) in try StreamSocket(unix: path, timeout: Self.timeout)
            }
        } catch {
            let reason: IdentityStatus.Reason =
                switch error.reason {
                case .timeout: .timeout
                case .tooLarge: .malformed
                case .unreachable, .untrusted, .credentials, .certificates: .unreachable
                }
            throw IdentityStatus.Failure(reason, "\(what): \(error)")
        }
        guard reply.status == 200 else {
            let isDenied = [401, 403].contains(reply.status)
            throw IdentityStatus.Failure(isDenied ? .denied : .refused, "\(what): status \(reply.status)")
        }
        do throws(JSONError) {
            return try JSONValue(parsing: reply.body)
        } catch {
            throw IdentityStatus.Failure(.malformed, "\(what): \(error)")
        }
    }
}
