// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopSystem

/// A socket at which a container runtime answers.
public struct RuntimeSocket: Sendable, Hashable {
    /// What is spoken there.
    public enum Language: String, Sendable, Hashable {
        /// The Container Runtime Interface of Kubernetes, by gRPC.
        case cri
        /// The Docker Engine's own API, by HTTP.
        case docker
    }

    /// Where it is.
    public var path: String
    /// What is spoken there.
    public var language: Language

    /// Makes one.
    public init(path: String, language: Language) {
        self.path = path
        self.language = language
    }

    /// Makes one from what an operator writes: a path, also as `unix:///run/…`. A socket whose name begins with `docker.`
    /// speaks Docker's language, every other one the CRI.
    ///
    /// - Returns: nil where the text is no absolute path.
    public init?(_ text: String) {
        var path = text[...]
        if path.hasPrefix("unix://") { path = path.dropFirst(7) }
        guard path.hasPrefix("/"), path.count > 1 else { return nil }
        let name = path.split(separator: "/").last ?? ""
        self.init(path: String(path), language: name.hasPrefix("docker.") ? .docker : .cri)
    }

    /// Where the runtimes of the field put their sockets, the likeliest first. K3s and RKE2 share one path. Docker's own
    /// comes last: where the kubelet uses Docker through cri-dockerd, that one knows the pods by all their names.
    public static let wellKnown: [RuntimeSocket] = [
        RuntimeSocket(path: "/run/k3s/containerd/containerd.sock", language: .cri),
        RuntimeSocket(path: "/run/crio/crio.sock", language: .cri),
        RuntimeSocket(path: "/run/cri-dockerd.sock", language: .cri),
        RuntimeSocket(path: "/var/run/dockershim.sock", language: .cri),
        RuntimeSocket(path: "/run/containerd/containerd.sock", language: .cri),
        RuntimeSocket(path: "/run/docker.sock", language: .docker),
    ]

    /// The sockets to try: the one that is wanted, else the well-known ones that exist.
    ///
    /// - Parameters:
    ///   - wanted: what the configuration or the environment's `RUNTIME_SOCK` names; nil for none.
    ///   - roots: where the host's files may be. An agent in a container has them, without any mount, as process 1 does;
    ///     that needs its process namespace and `CAP_SYS_PTRACE`.
    public static func candidates(
        wanted: RuntimeSocket?, roots: [String] = ["", "/proc/1/root"]
    ) -> [RuntimeSocket] {
        if let wanted { return [wanted] }
        return wellKnown.compactMap { socket in
            let paths = roots.map { $0 + socket.path }
            return paths.first(where: FileIdentity.isSocket).map { RuntimeSocket(path: $0, language: socket.language) }
        }
    }
}
