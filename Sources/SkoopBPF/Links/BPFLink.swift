// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
import Glibc

/// A program's attachment to a hook. Going out of scope detaches it.
///
/// It keeps its program in the kernel, so it may outlive the object, and it may go to another thread.
@safe
public struct BPFLink: ~Copyable, @unchecked Sendable {
    @safe
    enum Storage {
        /// A `bpf_link` of libbpf.
        case libbpf(OpaquePointer)
        /// A link of the kernel that this version of libbpf has no function for.
        case descriptor(CInt)
        /// A clsact filter, which knows no descriptor.
        case filter(TrafficControlFilter)
        /// Given away.
        case none
    }

    private var storage: Storage
    /// What messages call it: object, program and hook.
    public let name: String

    init(_ storage: Storage, name: String) {
        self.storage = storage
        self.name = name
    }

    deinit { _ = Self.end(storage) }

    /// Detaches the program, and unlike going out of scope, says what went wrong.
    public consuming func detach() throws(BPFError) {
        let result = Self.end(storage)
        storage = .none
        guard result == 0 else { throw BPFError(.link, errno: -result, subject: name, "cannot be detached") }
    }

    /// Makes the attachment stay under a path of a bpf file system, also after this process has ended, until that file
    /// is removed. A tracepoint, kprobe or uprobe needs 5.15 for it. If it fails, the program is detached.
    public consuming func pin(at path: String) throws(BPFError) {
        let result: CInt
        switch storage {
        case .libbpf(let link):
            result = unsafe bpf_link__pin(link, path)
            if result == 0 {
                // Destroying the link of a perf event would disable the event, pinned or not.
                unsafe bpf_link__disconnect(link)
                close(unsafe bpf_link__fd(link))
            }
        case .descriptor(let descriptor): result = unsafe bpf_obj_pin(descriptor, path)
        case .filter, .none: result = -EOPNOTSUPP
        }
        guard result == 0 else { throw BPFError(.link, errno: -result, subject: name, "cannot be pinned at \(path)") }
    }

    /// Leaves the program attached until this process ends, or as long as the kernel does, which is for ever with a
    /// clsact filter.
    public consuming func leak() {
        storage = .none
    }

    private static func end(_ storage: Storage) -> CInt {
        switch storage {
        case .libbpf(let link): unsafe bpf_link__destroy(link)
        case .descriptor(let descriptor): close(descriptor)
        case .filter(let filter): filter.remove()
        case .none: 0
        }
    }
}
