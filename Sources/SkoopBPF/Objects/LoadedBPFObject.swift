// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf

/// An object whose maps and programs are in the kernel.
///
/// Going out of scope takes them out again, except programs that are still attached through a `BPFLink` and what is
/// pinned. All calls may be made from several threads at once.
@safe
public struct LoadedBPFObject: ~Copyable, Sendable {
    let handle: ObjectHandle

    init(handle: consuming ObjectHandle) { self.handle = handle }

    /// What messages call the object.
    public var name: String { handle.name }

    /// A map, as long as this object is borrowed. Use `mapHandle` for one that outlives it.
    @_lifetime(borrow self)
    public func map<Key, Value>(_ name: BPFMapName<Key, Value>) throws(BPFError) -> BPFMap<Key, Value> {
        BPFMap(try descriptor(of: name), owner: self)
    }

    /// A read-only view of an array map in memory, for maps with the flag `BPF_F_MMAPABLE` (5.5).
    public func mapping<Value>(of name: BPFMapName<UInt32, Value>) throws(BPFError) -> MappedArray<Value> {
        try MappedArray(try descriptor(of: name))
    }

    func descriptor<Key, Value>(of name: BPFMapName<Key, Value>) throws(BPFError) -> MapDescriptor {
        let map = unsafe try handle.map(name.description)
        let info = unsafe BPFMapInfo(opened: map, name: name.description)
        try info.check(key: Key.self, value: Value.self)
        return MapDescriptor(fileDescriptor: unsafe bpf_map__fd(map), info: info)
    }

    func fileDescriptor(of program: BPFProgramName) throws(BPFError) -> CInt {
        let descriptor = unsafe bpf_program__fd(try handle.program(program))
        guard descriptor >= 0 else {
            throw BPFError(.name, subject: "\(name).\(program)", "the program was disabled before loading")
        }
        return descriptor
    }
}
