// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
import Glibc
import Synchronization

/// Whether the running kernel has something.
public enum KernelSupport: Sendable, Hashable {
    /// It does.
    case supported
    /// It does not: it is older than the version named, or was built without it.
    case unsupported(since: KernelVersion)
    /// It cannot be told, usually for lack of privilege (`EPERM`).
    case inconclusive(errno: CInt)
}

/// Something of eBPF that kernels have or lack, found out by trying.
///
/// Trying needs the privilege to load programs; an answer is remembered for the life of the process, except an
/// inconclusive one.
public struct KernelFeature: Sendable, Hashable, CustomStringConvertible {
    private enum Kind: Hashable {
        case program(BPFProgramKind)
        case map(BPFMapKind)
        case helper(BPFHelper, BPFProgramKind)
        case kernelFunction(String)
        case kernelBTF
        case mapBatches
    }

    private static let answers = Mutex<[KernelFeature: KernelSupport]>([:])

    private let kind: Kind
    /// The first kernel that has it.
    public let since: KernelVersion

    /// A kind of program.
    public static func program(_ kind: BPFProgramKind) -> KernelFeature {
        KernelFeature(kind: .program(kind), since: kind.since)
    }

    /// A kind of map; of a kind without a constant in `BPFMapKind`, the answer is inconclusive.
    public static func map(_ kind: BPFMapKind) -> KernelFeature {
        KernelFeature(kind: .map(kind), since: kind.since)
    }

    /// A helper in programs of a kind.
    public static func helper(_ helper: BPFHelper, in kind: BPFProgramKind) -> KernelFeature {
        KernelFeature(kind: .helper(helper, kind), since: max(helper.since, kind.since))
    }

    /// A function that the kernel offers to programs (kfunc), such as `bpf_rcu_read_lock` (6.2), by its BTF. Whether a
    /// given kind of program may call it, loading tells.
    public static func kernelFunction(_ name: String, since: KernelVersion) -> KernelFeature {
        KernelFeature(kind: .kernelFunction(name), since: since)
    }

    /// The kernel's own type information, at `KernelBTF.systemPath`.
    public static let kernelBTF = KernelFeature(kind: .kernelBTF, since: KernelVersion(5, 4))

    /// Reading many entries of a hash at once.
    public static let mapBatches = KernelFeature(kind: .mapBatches, since: KernelVersion(5, 6))

    /// Whether the running kernel has it.
    public var support: KernelSupport {
        if let answer = Self.answers.withLock({ $0[self] }) { return answer }
        let answer = probe()
        if case .inconclusive = answer { return answer }
        Self.answers.withLock { $0[self] = answer }
        return answer
    }

    /// Why it cannot be used, in one line; nil if it can.
    public var hindrance: String? {
        switch support {
        case .supported: nil
        case .unsupported(let since): "the kernel has no \(self), which takes \(since) and a kernel built with it"
        case .inconclusive(let number): "cannot tell whether the kernel has \(self): \(describe(errno: number))"
        }
    }

    /// What it is.
    public var description: String {
        switch kind {
        case .program(let kind): "programs of the kind \(kind)"
        case .map(let kind): "maps of the kind \(kind.rawValue)"
        case .helper(let helper, let kind): "helper \(helper) in programs of the kind \(kind)"
        case .kernelFunction(let name): "kernel function \(name)"
        case .kernelBTF: "type information of its own (BTF)"
        case .mapBatches: "batches of map entries"
        }
    }

    private func probe() -> KernelSupport {
        switch kind {
        case .program(let kind): probe(kind)
        case .map(let kind): probe(kind)
        case .helper(let helper, let kind): probe(helper, kind)
        case .kernelFunction(let name): probeFunction(name)
        case .kernelBTF: answer(unsafe access(KernelBTF.systemPath, R_OK) == 0 ? 0 : -errno, no: ENOENT)
        case .mapBatches: probeBatches()
        }
    }

    /// Success is yes, the error that an older kernel gives is no, anything else tells nothing.
    private func answer(_ result: CInt, no: CInt...) -> KernelSupport {
        if result >= 0 { return .supported }
        return no.contains(-result) ? .unsupported(since: since) : .inconclusive(errno: -result)
    }

    /// What programs of the kind are verified against, 0 where nothing is; nil if the kernel has no BTF.
    private func target(_ kind: BPFProgramKind) -> UInt32? {
        guard let target = kind.trialTarget else { return 0 }
        return try? KernelBTF.identifier(of: target.kind, target.name)
    }

    private func probe(_ kind: BPFProgramKind) -> KernelSupport {
        // Without the kernel's BTF, programs of these kinds cannot be loaded at all.
        guard let target = target(kind) else { return .unsupported(since: since) }
        let descriptor = TrialProgram.empty(kind, target: target).load()
        if descriptor >= 0 { close(descriptor) }
        return answer(descriptor, no: EINVAL, EOPNOTSUPP)
    }

    private func probe(_ helper: BPFHelper, _ kind: BPFProgramKind) -> KernelSupport {
        switch KernelFeature.program(kind).support {
        case .supported: break
        // Programs that do not exist have no helpers.
        case .unsupported: return .unsupported(since: since)
        case .inconclusive(let number): return .inconclusive(errno: number)
        }
        guard let target = target(kind) else { return .unsupported(since: since) }
        let (result, log) = TrialProgram.calling(helper.rawValue, kind, target: target).verify()
        // A known helper called without its arguments is refused for that; an unknown one for what it is.
        if result == 0 || log.contains("!read_ok") || log.contains("type=") { return .supported }
        let refusals = ["unknown func", "invalid func", "cannot use helper"]
        if refusals.contains(where: log.contains) { return .unsupported(since: since) }
        return log.isEmpty ? .inconclusive(errno: -result) : .supported
    }

    private func probe(_ kind: BPFMapKind) -> KernelSupport {
        guard let shape = kind.trialShape else { return .inconclusive(errno: EOPNOTSUPP) }
        var options = bpf_map_create_opts()
        options.sz = MemoryLayout<bpf_map_create_opts>.stride
        options.map_flags = shape.flags
        let descriptor = unsafe bpf_map_create(
            bpf_map_type(rawValue: kind.rawValue), nil, shape.key, shape.value, shape.entries, &options)
        if descriptor >= 0 { close(descriptor) }
        return answer(descriptor, no: EINVAL)
    }

    private func probeFunction(_ name: String) -> KernelSupport {
        do throws(BPFError) {
            return try KernelBTF().has(.function, name) ? .supported : .unsupported(since: since)
        } catch {
            return .inconclusive(errno: error.errno == 0 ? EINVAL : error.errno)
        }
    }

    private func probeBatches() -> KernelSupport {
        let map = bpf_map_create(BPF_MAP_TYPE_HASH, nil, 4, 4, 1, nil)
        guard map >= 0 else { return .inconclusive(errno: -map) }
        defer { close(map) }
        var token: UInt64 = 0
        var key: UInt32 = 0
        var value: UInt32 = 0
        var count: UInt32 = 1
        let result = unsafe bpf_map_lookup_batch(map, nil, &token, &key, &value, &count, nil)
        return result == -ENOENT ? .supported : answer(result, no: EINVAL, EOPNOTSUPP, 524)
    }
}

extension BPFMapKind {
    /// The first kernel that has it.
    var since: KernelVersion {
        switch self {
        case .perCPUHash, .perCPUArray: KernelVersion(4, 6)
        case .lruHash, .lruPerCPUHash: KernelVersion(4, 10)
        case .lpmTrie: KernelVersion(4, 11)
        case .ringBuffer: KernelVersion(5, 8)
        default: KernelVersion(3, 19)
        }
    }

    /// The smallest map of the kind.
    var trialShape: (key: UInt32, value: UInt32, entries: UInt32, flags: UInt32)? {
        switch self {
        case .hash, .array, .perCPUHash, .perCPUArray, .lruHash, .lruPerCPUHash: (4, 8, 1, 0)
        // A trie is never allocated in advance: BPF_F_NO_PREALLOC.
        case .lpmTrie: (8, 8, 1, 1)
        case .ringBuffer: (0, 0, UInt32(sysconf(CInt(_SC_PAGESIZE))), 0)
        default: nil
        }
    }
}
