// SPDX-License-Identifier: Apache-2.0
import Foundation
import SkoopSystem
import SkoopTesting
import Testing

@Suite struct KernelSymbolsTests {
    private static let text = """
        ffffffff81000000 T _text
        ffffffff81000000 T startup_64
        ffffffff81000100 t tcp_v4_rcv
        ffffffff81000900 t tcp_v4_rcv.cold
        ffffffff81000a00 D not_code
        ffffffff81000a00 W weak_one
        ffffffff81400000 T far_away
        ffffffffc0002000 t module_late\t[late]
        ffffffffc0001000 t module_early\t[early]

        """

    private func symbols(_ text: String = Self.text) throws -> KernelSymbols {
        let directory = try TemporaryDirectory()
        try directory.write(text, to: "kallsyms")
        return try KernelSymbols(path: "\(directory.path)/kallsyms")
    }

    @Test func findsTheFunctionOfAnAddress() throws {
        let symbols = try symbols()
        #expect(symbols.count == 7)
        #expect(!symbols.isHidden)
        #expect(symbols.place(of: 0xffff_ffff_8100_0000)?.description == "_text+0x0")
        #expect(symbols.place(of: 0xffff_ffff_8100_08ff)?.description == "tcp_v4_rcv+0x7ff")
        #expect(symbols.place(of: 0xffff_ffff_8100_0901)?.symbol == "tcp_v4_rcv.cold")
        #expect(symbols.place(of: 0xffff_ffff_8100_0901)?.function == "tcp_v4_rcv")
        #expect(symbols.place(of: 0xffff_ffff_8100_0a00)?.symbol == "weak_one")
        #expect(symbols.place(of: 0xffff_ffff_c000_1fff)?.symbol == "module_early")
        #expect(symbols.place(of: 0xffff_ffff_c000_2001)?.symbol == "module_late")
        #expect(symbols.isDoubtful(0xffff_ffff_c000_3001) && !symbols.isDoubtful(0xffff_ffff_c000_2001))
    }

    @Test func knowsNothingOutsideOfFunctions() throws {
        let symbols = try symbols()
        for address: UInt64 in [0, 0xffff_ffff_80ff_ffff, 0xffff_ffff_8130_0000, 0xffff_ffff_c001_2000, .max] {
            #expect(symbols.place(of: address) == nil)
        }
    }

    @Test func saysWhereFunctionsAre() throws {
        let ranges = try symbols().ranges(of: ["tcp_v4_rcv", "far_away", "not_code", "none"])
        #expect(ranges.map(\.function) == ["tcp_v4_rcv", "tcp_v4_rcv", "far_away"])
        #expect(ranges[0].range == 0xffff_ffff_8100_0100..<0xffff_ffff_8100_0900)
        #expect(ranges[1].range == 0xffff_ffff_8100_0900..<0xffff_ffff_8100_0a00)
        #expect(ranges[2].range.count == 1 << 16)
    }

    @Test func seesThatAddressesAreHidden() throws {
        let symbols = try symbols("0000000000000000 T _text\n0000000000000000 t tcp_v4_rcv\n")
        #expect(symbols.isHidden)
        #expect(symbols.count == 0)
        #expect(symbols.place(of: 0x1000) == nil)
        #expect(try !self.symbols("").isHidden)
    }

    @Test func damagedTextNeverTraps() throws {
        var random = SeededGenerator()
        for copy in mutations(of: Array(Self.text.utf8), count: 300, using: &random) {
            let directory = try TemporaryDirectory()
            try directory.write(copy, to: "kallsyms")
            let symbols = try KernelSymbols(path: "\(directory.path)/kallsyms")
            for address: UInt64 in [0, 0xffff_ffff_8100_08ff, 0x99, .max] { _ = symbols.place(of: address) }
            _ = symbols.ranges(of: ["tcp_v4_rcv"])
        }
    }

    @Test(.requiresRoot) func readsThoseOfTheRunningKernel() throws {
        let symbols = try KernelSymbols()
        #expect(symbols.count > 10_000)
        let range = try #require(symbols.ranges(of: ["kfree_skb_partial"]).first?.range)
        #expect(symbols.place(of: range.lowerBound)?.description == "kfree_skb_partial+0x0")
        #expect(symbols.place(of: range.upperBound - 1)?.function == "kfree_skb_partial")
    }
}
