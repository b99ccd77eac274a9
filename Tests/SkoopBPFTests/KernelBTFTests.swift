// SPDX-License-Identifier: Apache-2.0
import SkoopBPF
import Testing

@Suite struct KernelBTFTests {
    @Test func enumeratorsOfTheRunningKernel() throws {
        let names = [
            "LINUX_MIB_LISTENDROPS", "LINUX_MIB_LISTENOVERFLOWS", "TCP_ESTABLISHED", "BPF_MAP_TYPE_RINGBUF", "NO_SUCH",
        ]
        let values = try KernelBTF.enumerators(names)
        #expect(values["TCP_ESTABLISHED"] == 1)
        #expect(values["BPF_MAP_TYPE_RINGBUF"] == 27)
        #expect(values["NO_SUCH"] == nil)
        #expect(values["LINUX_MIB_LISTENDROPS"] == values["LINUX_MIB_LISTENOVERFLOWS"].map { $0 + 1 })
    }

    @Test func structuresOfTheRunningKernel() throws {
        let btf = try KernelBTF()
        #expect(try btf.bitOffset(of: "skc_family", in: "sock_common") == 16 * 8)
        #expect(try btf.bitOffset(of: "no_such", in: "sock_common") == nil)
        #expect(try btf.bitOffset(of: "x", in: "no_such") == nil)
        #expect(try btf.has(.structure, "task_struct"))
        #expect(try btf.has(.function, "tcp_v4_connect"))
        #expect(try !btf.has(.function, "no_such_function"))
    }
}
