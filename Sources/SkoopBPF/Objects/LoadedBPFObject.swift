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

    /// The names of its programs, in the order of the file, with those that were disabled.
    public var programNames: [String] { handle.programNames }

    /// A map, as long as this object is borrowed. Use `mapHandle` for one that outlives it.
    @_lifetime(borrow self)
    public func map<Key, Value>(_ name: BPFMapName<Key, Value>) throws(BPFError) -> BPFMap<Key, Value> {
        BPFMap(try descriptor(of: name), owner: self)
    }

    /// A map with a value for each CPU, as long as this object is borrowed.
    @_lifetime(borrow self)
    public func map<Key, Value>(_ name: BPFPerCPUMapName<Key, Value>) throws(BPFError) -> BPFPerCPUMap<Key, Value> {
        let map = try descriptor(of: name.description)
        try map.info.check(key: Key.self, value: Value.self, perCPU: true)
        return try BPFPerCPUMap(map, owner: self)
    }

    /// A map that outlives this object and may go to other threads.
    public func mapHandle<Key, Value>(_ name: BPFMapName<Key, Value>) throws(BPFError) -> BPFMapHandle<Key, Value> {
        try BPFMapHandle(duplicating: try descriptor(of: name))
    }

    /// The reading end of a ring buffer, which may outlive this object.
    public func ringBuffer(_ name: BPFRingBufferName) throws(BPFError) -> RingBuffer {
        try RingBuffer(try descriptor(of: name.description))
    }

    /// A read-only view of an array map in memory, for maps with the flag `BPF_F_MMAPABLE` (5.5).
    public func mapping<Value>(of name: BPFMapName<UInt32, Value>) throws(BPFError) -> MappedArray<Value> {
        try MappedArray(try descriptor(of: name))
    }

    func descriptor<Key, Value>(of name: BPFMapName<Key, Value>) throws(BPFError) -> MapDescriptor {
        let map = try descriptor(of: name.description)
        try map.info.check(key: Key.self, value: Value.self, perCPU: false)
        return map
    }

    func descriptor(of name: String) throws(BPFError) -> MapDescriptor {
        let map = unsafe try handle.map(name)
        let info = unsafe BPFMapInfo(opened: map, name: name)
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
