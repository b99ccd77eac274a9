// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopBPF
internal import SkoopBPFHeaders
internal import SkoopIdentity
internal import SkoopModel
internal import SkoopSystem
internal import Synchronization

/// The program `births.bpf.c`, attached, and the reading end of what it tells.
final class BirthSource: Sendable {
    /// What the program is attached to.
    let hook: String
    private let program: AttachedProgram
    private let ring: Mutex<RingBuffer>
    private let descriptor: Int32
    private let bell: WakeUp
    private let node: NamespaceID
    private static let lost: BPFGlobalName<UInt64> = "births_lost"

    /// Loads the program and attaches it.
    init(_ host: ProbeEnvironment.HostPaths) throws(ProbeError) {
        let node = try ProbeError.wrap { () throws(SystemError) in
            try FileDescriptor(open: host.proc, flags: O_DIRECTORY).nodeNamespace()
        }
        let program = try AttachedProgram(
            .births, ProbeEnvironment(host: host), needs: [.init(tracepoint: "sched_process_exec", "tell_birth")])
        let ring = try program.access { object throws(BPFError) in try object.ringBuffer("births") }
        bell = try ProbeError.wrap { () throws(SystemError) in try WakeUp() }
        hook = program.choice.hooks.joined()
        descriptor = ring.fileDescriptor
        self.node = node
        self.program = program
        self.ring = Mutex(ring)
    }

    /// Births that the kernel could not tell of.
    var lost: UInt64 {
        (try? program.access { object throws(BPFError) in try object.global(Self.lost) }) ?? 0
    }

    /// Waits until there is something to read, or somebody has called ``wake()``; false where that cannot be waited for.
    func wait() -> Bool {
        var set = DescriptorSet()
        set.add(descriptor)
        set.add(bell.fileDescriptor)
        while !set.wait(milliseconds: -1) { if errno != EINTR { return false } }
        bell.clear()
        return true
    }

    /// Ends a wait.
    func wake() { bell.call() }

    /// Hands over what there is, and whether its namespace is the node's.
    func drain(_ body: (NamespaceBirth, Bool) -> Void) {
        _ = ring.withLock { ring in
            try? ring.drain(atMost: 1024) { record in
                if let birth = NamespaceBirth(record) { body(birth, birth.namespace == node) }
            }
        }
    }
}

extension NamespaceBirth {
    /// Reads a record; nil for one that is too short.
    fileprivate init?(_ record: RawSpan) {
        let hierarchy = Int(SKOOP_BIRTH_DEPTH) * Int(SKOOP_BIRTH_NAME)
        let head = MemoryLayout<skoop_birth>.size
        guard let birth = record.load(as: skoop_birth.self), record.byteCount >= head + 2 * hierarchy else {
            return nil
        }
        let paths = [head, head + hierarchy].map { record.cgroupPath(at: $0) }
        let path = paths.first { ContainerID(cgroup: $0) != nil } ?? paths.first { $0.count > 1 } ?? "/"
        self.init(
            time: birth.time,
            process: HostProcess(
                pid: Int32(truncatingIfNeeded: birth.pid),
                startTime: birth.start_boottime / (1_000_000_000 / Host.clockTicksPerSecond),
                namespace: NamespaceID(rawValue: birth.group.namespace), cgroup: path),
            cookie: birth.cookie, groups: TaskGroup(birth.group).groups)
    }
}

extension RawSpan {
    /// The path that names of directories make, the innermost first.
    fileprivate func cgroupPath(at start: Int) -> String {
        var path = ""
        for level in 0..<Int(SKOOP_BIRTH_DEPTH) {
            let name = text(at: start + level * Int(SKOOP_BIRTH_NAME), atMost: Int(SKOOP_BIRTH_NAME))
            guard !name.isEmpty else { break }
            path = "/" + name + path
        }
        return path.isEmpty ? "/" : path
    }

    private func text(at start: Int, atMost length: Int) -> String {
        var bytes: [UInt8] = []
        for offset in start..<start + length {
            guard let byte = load(as: UInt8.self, at: offset), byte != 0 else { break }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
