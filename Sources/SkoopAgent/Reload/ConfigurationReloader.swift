// SPDX-License-Identifier: Apache-2.0
public import SkoopSystem
import SkoopYAML

/// Reads an agent's configuration again whenever its file, or one that it names, has changed, and when it is told to.
///
/// What is read is looked at as a whole before any of it is used; with a fault nothing changes. The outcome is in the log,
/// in ``AgentStatus`` and in metrics.
public final class ConfigurationReloader: Sendable {
    private let follower: FileFollower
    private let request = Monitor<String?>(nil)

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - agent: whose configuration it is.
    ///   - file: the file, which the agent was started with.
    ///   - known: the names that it may use.
    ///   - isDebug: whether the agent is in debug mode whatever the file says.
    ///   - isSidecar: whether it is a sidecar whatever the file says.
    /// - Throws: when a thread cannot be made, or the system gives no notice of changes.
    public init(
        _ agent: Agent, file: String, known: KnownProbes = KnownProbes(), isDebug: Bool = false, isSidecar: Bool = false
    ) throws(SystemError) {
        let follower = try FileFollower()
        self.follower = follower
        let request = request
        let first = Reading(agent: agent, file: file, known: known, isDebug: isDebug, isSidecar: isSidecar)
        let thread = try WorkerThread(name: "configuration", stackSize: 4 << 20) {
            var reading = first
            follower.follow(reading.files)
            // It may have changed since the agent was started with it, or is being written just now.
            follower.settle()
            repeat {
                let reason = request.update { request in
                    defer { request = nil }
                    return request
                }
                reading.read(reason, follower)
            } while follower.wait()
        }
        _ = consume thread
    }

    deinit { follower.stop() }

    /// Has the configuration read again, changed or not; returns at once.
    ///
    /// - Parameter reason: why, for the log.
    public func reload(_ reason: String) {
        request.update { $0 = reason }
        follower.call()
    }

    /// Lets the thread end after what it is doing.
    public func stop() { follower.stop() }
}

/// Reads once and again. Owned by the thread.
private struct Reading: Sendable {
    let agent: Agent
    let file: String
    let known: KnownProbes
    let isDebug: Bool
    let isSidecar: Bool
    /// What the files held that were read last.
    private var seen: [String: Int] = [:]

    init(agent: Agent, file: String, known: KnownProbes, isDebug: Bool, isSidecar: Bool) {
        self.agent = agent
        self.file = file
        self.known = known
        self.isDebug = isDebug
        self.isSidecar = isSidecar
        files = [file] + LoadedConfiguration.files(of: agent.configuration)
    }

    /// What is followed.
    private(set) var files: [String]

    mutating func read(_ reason: String?, _ follower: FileFollower) {
        let contents = FileContents.hashes(of: files)
        guard reason != nil || contents != seen else { return }
        let reason = reason ?? (seen.isEmpty ? "start" : "changed")
        seen = contents
        agent.log.debug("reading \(file): \(reason)")
        do throws(ConfigurationErrors) {
            var loaded = try load()
            let others = [file] + LoadedConfiguration.files(of: loaded.configuration)
            if others != files {
                // Once more, so that no change of the new ones is missed.
                follow(others, follower)
                loaded = try load()
            }
            try agent.apply(loaded, reason: reason)
        } catch {
            // Mended in a file that it names, it is to be read again.
            let named = error.errors.map(\.file) + LoadedConfiguration.files(namedIn: file, known: known)
            let more = Set(named).subtracting(files).subtracting([""])
            if !more.isEmpty { follow(files + more.sorted(), follower) }
            // Started without what it misses, the agent has said so.
            if reason == "start", isStillMissing { return }
            agent.refuse(error, reason: reason)
        }
    }

    /// Whether nothing is wrong but that files are missing without which the agent was started.
    private var isStillMissing: Bool {
        let loaded = try? LoadedConfiguration(
            file: file, known: known, isDebug: isDebug, isSidecar: isSidecar, passesOverMissing: true)
        return loaded.map { $0.configuration.missing == agent.configuration.missing } ?? false
    }

    private mutating func follow(_ others: [String], _ follower: FileFollower) {
        files = others
        follower.follow(files)
        seen = FileContents.hashes(of: files)
    }

    private func load() throws(ConfigurationErrors) -> LoadedConfiguration {
        // Written in place it is empty for a moment, and nobody means to have all defaults by that.
        if let content = try? FileContent.read(file, atMost: 4096).bytes,
            content.allSatisfy({ [0x20, 0x0a].contains($0) })
        {
            throw ConfigurationErrors([
                ConfigurationError(
                    file: file, "is empty, which only counts at the start; allowed is {} for the defaults")
            ])
        }
        return try LoadedConfiguration(file: file, known: known, isDebug: isDebug, isSidecar: isSidecar)
    }
}

/// Tells whether files have other contents than before.
enum FileContents {
    /// A number for the content of each file; 0 for one that cannot be read.
    static func hashes(of paths: [String]) -> [String: Int] {
        var hashes: [String: Int] = [:]
        for path in paths {
            let content = try? FileContent.read(path, atMost: 64 << 20).bytes
            hashes[path] = content.map { $0.hashValue | 1 } ?? 0
        }
        return hashes
    }
}
