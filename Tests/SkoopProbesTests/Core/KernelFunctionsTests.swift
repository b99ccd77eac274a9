// SPDX-License-Identifier: Apache-2.0
import SkoopSystem
import SkoopTesting
import Testing

@testable import SkoopProbes

@Suite struct KernelFunctionsTests {
    private static let before = """
        ffffffffc0001000 t first_of_early\t[early]
        ffffffffc0001100 t last_of_early\t[early]

        """
    private static let late = "ffffffffc0003000 t nft_do_chain\t[late]\n"

    /// The addresses behind one module's functions are those of the next module, once there is one.
    @Test func namesFunctionsOfModulesThatCameLater() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.before, to: "kallsyms")
        try directory.write("early 16384 0 - Live 0xffffffffc0001000\n", to: "modules")
        let functions = KernelFunctions(
            path: directory.path + "/kallsyms", modules: directory.path + "/modules", patience: .seconds(3600))
        #expect(functions.place(of: 0xffff_ffff_c000_1110)?.symbol == "last_of_early")
        try directory.write(Self.before + Self.late, to: "kallsyms")
        try directory.write("late 16384 0 - Live 0xffffffffc0003000\nearly 16384 0 - Live 0x0\n", to: "modules")
        #expect(functions.place(of: 0xffff_ffff_c000_1110)?.symbol == "last_of_early")
        #expect(functions.place(of: 0xffff_ffff_c000_347f)?.description == "nft_do_chain+0x47f")
    }
}
