// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf

extension BPFObject {
    /// Sets a global variable before loading. A `const volatile` one (`.rodata`) is a constant for the verifier, which
    /// then leaves out the code that it switches off.
    public mutating func setGlobal<Value>(_ name: BPFGlobalName<Value>, to value: Value) throws(BPFError) {
        let place = unsafe try handle.place(of: name)
        unsafe place.storeBytes(of: value, as: Value.self)
    }

    /// Checks the name and the size of a global variable.
    public func check<Value>(_ name: BPFGlobalName<Value>) throws(BPFError) {
        _ = unsafe try handle.place(of: name)
    }
}

extension LoadedBPFObject {
    /// The present value of a global variable; programs may change it at any time.
    public func global<Value>(_ name: BPFGlobalName<Value>) throws(BPFError) -> Value {
        let variable = try handle.variable(name)
        let map = try descriptor(of: variable.section)
        let section = UnsafeMutableRawBufferPointer.allocate(byteCount: map.info.valueSize, alignment: 8)
        defer { unsafe section.deallocate() }
        var key: UInt32 = 0
        let result = unsafe bpf_map_lookup_elem(map.fileDescriptor, &key, section.baseAddress)
        guard result == 0 else { throw map.error("cannot be read", result) }
        guard variable.offset + variable.size <= section.count else {
            throw BPFError(.btf, subject: "\(self.name).\(name)", "the variable lies outside of its section")
        }
        return unsafe section.loadUnaligned(fromByteOffset: variable.offset, as: Value.self)
    }
}

/// Where a variable is: the name of its section is that of its map.
struct GlobalVariable {
    var section: String
    var offset: Int
    var size: Int
}

extension ObjectHandle {
    /// Where a variable's first value is, before loading.
    func place<Value>(of name: BPFGlobalName<Value>) throws(BPFError) -> UnsafeMutableRawPointer {
        let variable = try variable(name)
        var size = 0
        let map = unsafe try map(variable.section)
        guard let start = unsafe bpf_map__initial_value(map, &size), variable.offset + variable.size <= size else {
            throw BPFError(.map, subject: "\(self.name)\(variable.section)", "cannot be accessed in memory")
        }
        return unsafe UnsafeMutableRawPointer(mutating: start) + variable.offset
    }

    func variable<Value>(_ name: BPFGlobalName<Value>) throws(BPFError) -> GlobalVariable {
        guard let variable = try variables()[name.description] else {
            throw BPFError(.name, subject: self.name, "no global variable '\(name)'")
        }
        guard variable.size == MemoryLayout<Value>.stride else {
            throw BPFError(
                .type, subject: "\(self.name).\(name)",
                "the variable has \(variable.size) bytes, \(Value.self) has \(MemoryLayout<Value>.stride)")
        }
        return variable
    }

    private func variables() throws(BPFError) -> [String: GlobalVariable] {
        var size: UInt32 = 0
        guard let btf = unsafe bpf_object__btf(pointer), let bytes = unsafe btf__raw_data(btf, &size) else {
            throw BPFError(.btf, subject: name, "was compiled without -g, so it does not describe its variables")
        }
        let data = try BTFData(
            path: name, bytes: unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(size))))
        var names: [UInt32: UInt32] = [:]
        var variables: [String: GlobalVariable] = [:]
        try data.forEachType { type throws(BPFError) in
            if type.kind == .variable { names[type.id] = type.name }
            guard type.kind == .section else { return true }
            let section = data.name(type.name)
            for index in 0..<type.count {
                let entry = type.members + 12 * index
                guard let name = names[try data.load(UInt32.self, at: entry)] else { continue }
                variables[data.name(name)] = GlobalVariable(
                    section: section, offset: Int(try data.load(UInt32.self, at: entry + 4)),
                    size: Int(try data.load(UInt32.self, at: entry + 8)))
            }
            return true
        }
        return variables
    }
}
