// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// A container started by a real OCI runtime, `runc`, deleted with its control groups when the value goes; needs root.
///
/// Its root has the host's `/usr`, read only, so that it can run what the host can.
public struct TestContainer: ~Copyable {
    /// Which network a container is on.
    public enum Network: Sendable {
        /// A namespace of its own.
        case own
        /// That of the host.
        case host
        /// That of a process, as the containers of a pod share one.
        case process(Int32)
    }

    /// Its first process.
    public let pid: Int32
    private let name: String
    private let runtime: [String]
    private let bundle: TemporaryDirectory

    private static let counter = Atomic<Int>(0)
    /// A control group around those of all containers of this run.
    private static let root = "/skoop-test-\(getpid())"

    /// Starts a container.
    ///
    /// - Parameters:
    ///   - cgroup: its control group below one that is this run's, as a runtime would call it; begins with a slash.
    ///   - network: its network.
    ///   - unified: shows the runtime control groups version 2 only, whatever the host has.
    ///   - command: what it runs.
    public init(cgroup: String, network: Network = .own, unified: Bool = false, _ command: String...) throws {
        let bundle = try TemporaryDirectory()
        let name = "skoop-\(getpid())-\(Self.counter.add(1, ordering: .relaxed).newValue)"
        let runtime =
            (unified
                ? ["unshare", "--mount", "sh", "-c", "mount -t cgroup2 none /sys/fs/cgroup && exec \"$@\"", "sh"] : [])
            + ["runc", "--root", bundle.path + "/state"]
        try FileManager.default.createDirectory(
            atPath: bundle.path + "/rootfs/usr", withIntermediateDirectories: true)
        for name in ["bin", "lib", "lib64"] { try bundle.link("rootfs/" + name, to: "usr/" + name) }
        try SkoopTesting.run("runc", "spec", "--bundle", bundle.path)
        let file = URL(filePath: bundle.path + "/config.json")
        try Self.configure(file, cgroup: Self.root + cgroup, network: network, command)
        try SkoopTesting.run(runtime + ["run", "--detach", "--bundle", bundle.path, name])
        let state = try SkoopTesting.run(runtime + ["state", name])
        let process = (try JSONSerialization.jsonObject(with: Data(state.utf8)) as? [String: Any])?["pid"] as? Int32
        pid = process ?? 0
        self.name = name
        self.runtime = runtime
        self.bundle = bundle
    }

    /// What differs from the configuration that the runtime proposes.
    private static func configure(_ file: URL, cgroup: String, network: Network, _ command: [String]) throws {
        typealias Object = [String: Any]
        var configuration = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? Object ?? [:]
        var process = configuration["process"] as? Object ?? [:]
        process["terminal"] = false
        process["args"] = command
        configuration["process"] = process
        let mount: Object = ["destination": "/usr", "source": "/usr", "type": "bind", "options": ["rbind", "ro"]]
        configuration["mounts"] = (configuration["mounts"] as? [Object] ?? []) + [mount]
        var linux = configuration["linux"] as? Object ?? [:]
        linux["cgroupsPath"] = cgroup
        linux["namespaces"] = (linux["namespaces"] as? [[String: String]] ?? []).compactMap { namespace in
            guard namespace["type"] == "network" else { return namespace }
            return switch network {
            case .own: namespace
            case .host: nil
            case .process(let pid): ["type": "network", "path": "/proc/\(pid)/ns/net"]
            }
        }
        configuration["linux"] = linux
        try JSONSerialization.data(withJSONObject: configuration).write(to: file)
    }

    deinit {
        _ = try? SkoopTesting.run(runtime + ["delete", "--force", name])
        // The runtime leaves the groups around the container's; those of others are not empty and stay.
        _ = try? SkoopTesting.run(
            "find", "/sys/fs/cgroup", "-depth", "-type", "d", "-path", "*\(Self.root)*", "-exec", "rmdir", "{}", ";")
    }
}
