// SPDX-License-Identifier: Apache-2.0
internal import CLibbpf
import Glibc

/// A function of a module, as programs are attached to it.
struct ModuleFunction: ~Copyable {
    /// The number of its type.
    let type: UInt32
    /// The descriptor of the module's type information.
    let object: CInt

    /// Finds a function; nil where no module that is loaded has one of this name and type information about it, which
    /// modules have since 5.11.
    init?(_ name: String) throws(BPFError) {
        guard let module = Self.module(of: name), unsafe access("/sys/kernel/btf/\(module)", R_OK) == 0,
            let type = try KernelBTF.identifier(of: .function, name, inModule: module),
            let object = Self.typeInformation(of: module)
        else { return nil }
        self.type = type
        self.object = object
    }

    deinit { close(object) }

    /// The module that has this function.
    private static func module(of function: String) -> String? {
        guard let file = unsafe fopen("/proc/kallsyms", "re") else { return nil }
        defer { unsafe fclose(file) }
        var line = unsafe UnsafeMutablePointer<CChar>?.none
        var capacity = 0
        defer { unsafe free(line) }
        // "ffffffff81000000 t name", for modules "name	[module]".
        while unsafe getline(&line, &capacity, file) > 0, let text = unsafe line {
            // Splitting each of some hundred thousand lines would be most of the cost.
            guard unsafe strstr(text, function) != nil else { continue }
            let fields = unsafe String(cString: text).split { $0 == " " || $0 == "\t" || $0 == "\n" }
            guard fields.count == 4, fields[2] == function else { continue }
            return String(fields[3].dropFirst().dropLast())
        }
        return nil
    }

    /// A descriptor of what the kernel has under the module's name.
    private static func typeInformation(of module: String) -> CInt? {
        var id: UInt32 = 0
        while unsafe bpf_btf_get_next_id(id, &id) == 0 {
            let descriptor = bpf_btf_get_fd_by_id(id)
            // One that has gone since.
            guard descriptor >= 0 else { continue }
            if name(of: descriptor) == module { return descriptor }
            close(descriptor)
        }
        return nil
    }

    private static func name(of descriptor: CInt) -> String? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { name in
            unsafe name.initialize(repeating: 0)
            guard let place = name.baseAddress else { return nil }
            var information = bpf_btf_info()
            information.name = UInt64(UInt(bitPattern: place))
            information.name_len = UInt32(name.count)
            var size = UInt32(MemoryLayout<bpf_btf_info>.size)
            guard unsafe bpf_obj_get_info_by_fd(descriptor, &information, &size) == 0, information.kernel_btf == 1
            else {
                return nil
            }
            return unsafe String(cString: place)
        }
    }
}
