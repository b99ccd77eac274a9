// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import SkoopProbes

@Suite struct DNSTextTests {
    @Test(
        arguments: [
            ([0], "."),
            ([1, 97, 0], "a"),
            ([3, 119, 119, 119, 7, 101, 120, 97, 109, 112, 108, 101, 0], "www.example"),
            ([2, 46, 92, 0], "\\.\\\\"),
            ([3, 0, 7, 255, 1, 32, 0], "\\000\\007\\255.\\032"),
            // Cut in a label, between labels, before everything; a pointer, which no question has.
            ([5, 97, 98], "ab…"),
            ([1, 97], "a…"),
            ([], "…"),
            ([1, 97, 0xc0, 12], "a…"),
            // What follows the end is no part of it.
            ([1, 97, 0, 0, 1, 0, 1], "a"),
        ] as [([UInt8], String)])
    func writesNames(bytes: [UInt8], text: String) {
        #expect(DNSText.name(bytes) == text)
    }

    @Test func namesNumbers() {
        #expect(DNSText.code(0) == "NOERROR")
        #expect(DNSText.code(3) == "NXDOMAIN")
        #expect(DNSText.code(11) == "DSOTYPENI")
        #expect(DNSText.code(15) == "RCODE15")
        #expect(DNSText.type(28) == "AAAA")
        #expect(DNSText.type(65280) == "TYPE65280")
    }
}
