// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
import Glibc

/// A map that does not depend on the object it came from: it keeps the map in the kernel while it lives.
///
/// It may be passed between threads and used by several at once.
@safe
public struct BPFMapHandle<Key: BitwiseCopyable, Value: BitwiseCopyable>: BPFMapAccess, ~Copyable, Sendable {
    /// What the map is.
    public let info: BPFMapInfo
    /// The map's file descriptor, closed with this value.
    public let fileDescriptor: CInt

    init(duplicating map: MapDescriptor) throws(BPFError) {
        fileDescriptor = try duplicate(map.fileDescriptor, of: map.info.name)
        info = map.info
    }

    /// A map that was pinned under a path of a bpf file system.
    public init(pinnedAt path: String, as name: BPFMapName<Key, Value>) throws(BPFError) {
        let descriptor = unsafe bpf_obj_get(path)
        guard descriptor >= 0 else { throw BPFError(.map, errno: -descriptor, subject: path, "no pinned map") }
        let info: BPFMapInfo
        do throws(BPFError) {
            info = try BPFMapInfo(fileDescriptor: descriptor, name: name.description)
            try info.check(key: Key.self, value: Value.self, perCPU: false)
        } catch {
            close(descriptor)
            throw error
        }
        self.info = info
        fileDescriptor = descriptor
    }

    deinit { close(fileDescriptor) }
}

extension BPFMapAccess where Self: ~Copyable & ~Escapable {
    /// Makes the map stay in the kernel under a path of a bpf file system, until that file is removed.
    public func pin(at path: String) throws(BPFError) {
        let result = unsafe bpf_obj_pin(fileDescriptor, path)
        guard result == 0 else { throw descriptor.error("cannot be pinned at \(path)", result) }
    }
}

func duplicate(_ descriptor: CInt, of subject: String) throws(BPFError) -> CInt {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw BPFError(.map, errno: errno, subject: subject, "no file descriptor is left") }
    return copy
}
