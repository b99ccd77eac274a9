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
        let place = unsafe try handle.place(of: name)
        return unsafe place.loadUnaligned(as: Value.self)
    }
}

extension ObjectHandle {
    /// Where a variable is in this process: libbpf's copy before loading, the map's memory after it (5.5).
    func place<Value>(of name: BPFGlobalName<Value>) throws(BPFError) -> UnsafeMutableRawPointer {
        guard let variable = try variables()[name.description] else {
            throw BPFError(.name, subject: self.name, "no global variable '\(name)'")
        }
        guard variable.size == MemoryLayout<Value>.stride else {
            throw BPFError(
                .type, subject: "\(self.name).\(name)",
                "the variable has \(variable.size) bytes, \(Value.self) has \(MemoryLayout<Value>.stride)")
        }
        var size = 0
        let map = unsafe try map(variable.section)
        guard let start = unsafe bpf_map__initial_value(map, &size), variable.offset + variable.size <= size else {
            throw BPFError(.map, subject: "\(self.name)\(variable.section)", "cannot be accessed in memory")
        }
        return unsafe UnsafeMutableRawPointer(mutating: start) + variable.offset
    }

    private struct Variable {
        var section: String
        var offset: Int
        var size: Int
    }

    private func variables() throws(BPFError) -> [String: Variable] {
        var size: UInt32 = 0
        guard let btf = unsafe bpf_object__btf(pointer), let bytes = unsafe btf__raw_data(btf, &size) else {
            throw BPFError(.btf, subject: name, "was compiled without -g, so it does not describe its variables")
        }
        let data = try BTFData(path: name, bytes: unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(size))))
        var names: [UInt32: UInt32] = [:]
        var variables: [String: Variable] = [:]
        try data.forEachType { type throws(BPFError) in
            if type.kind == .variable { names[type.id] = type.name }
            guard type.kind == .section else { return true }
            let section = data.name(type.name)
            for index in 0..<type.count {
                let entry = type.members + 12 * index
                guard let name = names[try data.load(UInt32.self, at: entry)] else { continue }
                variables[data.name(name)] = Variable(
                    section: section, offset: Int(try data.load(UInt32.self, at: entry + 4)),
                    size: Int(try data.load(UInt32.self, at: entry + 8)))
            }
            return true
        }
        return variables
    }
}
