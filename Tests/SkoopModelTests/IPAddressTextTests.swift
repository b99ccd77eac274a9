// SPDX-License-Identifier: Apache-2.0
import Glibc
import SkoopModel
import SkoopTesting
import Testing

@Suite struct IPAddressTextTests {
    /// What the C library makes of a text.
    private func oracle(_ text: String) -> [UInt8]? {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 { return withUnsafeBytes(of: &v4) { Array($0) } }
        var v6 = in6_addr()
        return inet_pton(AF_INET6, text, &v6) == 1 ? withUnsafeBytes(of: &v6) { Array($0) } : nil
    }

    @Test(arguments: [
        "10.0.0.1", "255.255.255.255", "::", "::1", "1::", "fd00::1:2", "::ffff:10.0.0.1", "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:1.2.3.4",
        "1:2:3:4:5:6:7::", "", "10.0.0", "10.0.0.256", "10.0.0.01", "1.2.3.4.5", ":", ":::", "1::2::3", "12345::",
        "g::",
        "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1.2.3", "1.2.3.4::", "fe80::1%eth0", " 1.2.3.4", "+1.2.3.4",
        "::+1",
    ])
    func agreesWithTheCLibrary(text: String) {
        #expect(IPAddress(text)?.bytes == oracle(text), "\(text)")
    }

    @Test func readsWhatItWrites() {
        var random = SeededGenerator()
        for _ in 0..<500 {
            let mask = UInt128(random.next()) << 64 | UInt128(random.next() & random.next() & random.next())
            let address =
                Bool.random(using: &random)
                ? IPAddress(v6: mask & (UInt128(random.next()) << 64 | UInt128(random.next())))
                : IPAddress(v4: UInt32(truncatingIfNeeded: random.next()))
            #expect(IPAddress(address.description) == address)
        }
    }
}
