// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf

/// The owner of a `bpf_object`: closing it closes its maps and programs. What is attached or pinned stays.
@safe
struct ObjectHandle: ~Copyable, @unchecked Sendable {
    let pointer: OpaquePointer
    /// What messages call the object.
    let name: String

    init(pointer: OpaquePointer, name: String) {
        unsafe self.pointer = unsafe pointer
        self.name = name
    }

    deinit { unsafe bpf_object__close(pointer) }

    func program(_ name: BPFProgramName) throws(BPFError) -> OpaquePointer {
        guard let program = unsafe bpf_object__find_program_by_name(pointer, name.description) else {
            throw BPFError(.name, subject: self.name, "no program '\(name)', there are: \(list(programNames))")
        }
        return unsafe program
    }

    func map(_ name: String) throws(BPFError) -> OpaquePointer {
        guard let map = unsafe bpf_object__find_map_by_name(pointer, name) else {
            throw BPFError(.name, subject: self.name, "no map '\(name)', there are: \(list(mapNames))")
        }
        return unsafe map
    }

    var programNames: [String] {
        var names: [String] = []
        var program = unsafe bpf_object__next_program(pointer, nil)
        while let current = unsafe program {
            if let name = unsafe bpf_program__name(current) { names.append(unsafe String(cString: name)) }
            unsafe program = unsafe bpf_object__next_program(pointer, current)
        }
        return names
    }

    var mapNames: [String] {
        var names: [String] = []
        var map = unsafe bpf_object__next_map(pointer, nil)
        while let current = unsafe map {
            if let name = unsafe bpf_map__name(current) { names.append(unsafe String(cString: name)) }
            unsafe map = unsafe bpf_object__next_map(pointer, current)
        }
        return names
    }

    private func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }
}
