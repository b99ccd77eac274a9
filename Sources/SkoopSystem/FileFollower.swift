// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Waits until what some paths lead to may have changed: written in place, replaced by a rename, behind a symbolic link
/// that leads elsewhere, gone or back.
///
/// The kernel tells of changes; every ten seconds the files are looked at besides, for file systems that do not tell. A
/// value is for one thread, except ``stop()``.
public final class FileFollower: Sendable {
    /// What one path led to.
    private struct Sight: Hashable {
        var identity: FileIdentity
        var size: Int
        var seconds: Int
        var nanoseconds: Int

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            identity = FileIdentity(status)
            size = Int(status.st_size)
            // Two modules declare `timespec`, and which one this is depends on what was compiled first.
            (seconds, nanoseconds) = unsafe withUnsafeBytes(of: status.st_mtim) { time in
                unsafe (time.load(as: Int.self), time.load(fromByteOffset: MemoryLayout<Int>.size, as: Int.self))
            }
        }
    }

    /// How long nothing may happen before a change is taken to be complete, and how long one is waited for at most.
    private static let quiet: Duration = .milliseconds(200)
    private static let patience: Duration = .seconds(2)

    private struct State: Sendable {
        var paths: [String] = []
        var sights: [Sight?] = []
        var isCalled = false
        var isStopped = false
    }

    private let look: Duration
    private let directories: DirectoryWatch
    private let wakeUp: WakeUp
    private let state = Monitor(State())

    /// Watches nothing yet.
    ///
    /// - Parameter look: how often the files are looked at besides.
    public init(lookingEvery look: Duration = .seconds(10)) throws(SystemError) {
        self.look = look
        directories = try DirectoryWatch()
        wakeUp = try WakeUp()
    }

    /// Watches these files instead of those before; a change from now on is told.
    public func follow(_ paths: [String]) {
        state.update { state in
            state.paths = paths
            state.sights = paths.map { Sight($0) }
        }
        arm()
    }

    /// Waits for a change that is complete, or for ``call()``.
    ///
    /// - Returns: false after ``stop()``.
    public func wait() -> Bool {
        var descriptors = DescriptorSet()
        descriptors.add(directories.fileDescriptor)
        descriptors.add(wakeUp.fileDescriptor)
        while true {
            wait(&descriptors, until: .now + look)
            if isStopped { return false }
            if state.update({ state in
                defer { state.isCalled = false }
                return state.isCalled
            }) {
                wakeUp.clear()
                return true
            }
            guard takeChanges() || hasOtherSight() else { continue }
            settle()
            // Links may lead elsewhere now; what happens there after this is told.
            arm()
            state.update { state in state.sights = state.paths.map { Sight($0) } }
            return true
        }
    }

    /// Waits until nothing has happened for a moment, since a file that is being written is not whole; two seconds at most.
    public func settle() {
        var descriptors = DescriptorSet()
        descriptors.add(directories.fileDescriptor)
        descriptors.add(wakeUp.fileDescriptor)
        let end = MonotonicTime.now + Self.patience
        var quiet = MonotonicTime.now + Self.quiet
        while MonotonicTime.now < min(quiet, end), !isStopped {
            wait(&descriptors, until: min(quiet, end))
            if takeChanges() { quiet = .now + Self.quiet }
            wakeUp.clear()
        }
    }

    /// Ends one wait as if there were a change, from any thread.
    public func call() {
        state.update { $0.isCalled = true }
        wakeUp.call()
    }

    /// Ends the wait for ever, from any thread.
    public func stop() {
        state.update { $0.isStopped = true }
        wakeUp.call()
    }

    private func wait(_ descriptors: inout DescriptorSet, until end: MonotonicTime) {
        let now = MonotonicTime.now
        guard now < end else { return }
        _ = descriptors.wait(milliseconds: CInt(clamping: (end.nanoseconds - now.nanoseconds) / 1_000_000 + 1))
    }

    private var isStopped: Bool { state.update { $0.isStopped } }

    /// Whether one of the names on the way was told to have changed.
    private func takeChanges() -> Bool {
        guard let changes = try? directories.changes(), !changes.isEmpty else { return false }
        let names = Set(steps.map(\.name))
        return changes.contains { $0.name.isEmpty || names.contains($0.name) }
    }

    private func hasOtherSight() -> Bool {
        let (paths, sights) = state.update { ($0.paths, $0.sights) }
        return paths.map { Sight($0) } != sights
    }

    private var steps: [PathTrail.Step] { state.update { $0.paths }.flatMap { PathTrail($0).steps } }

    private func arm() {
        // A directory that cannot be watched is looked at.
        for directory in Set(steps.map(\.directory)) { try? directories.watch(directory) }
    }
}
